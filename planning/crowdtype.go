package planning

import (
	"context"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "crowd-type", ID: "T20",
		Doc:      "commuters, students, carers, elderly people, drivers and tourists, by what their days look like",
		Citation: "our definition, named after the patent's title; not the patented method. Clusters by k-means++, Arthur & Vassilvitskii 2007",
		Params: []plugin.Param{
			{Name: "work_share", Type: plugin.Float, Default: 0.5, Min: 0.05, Max: 1, Doc: "share of the weekdays seen that a commuter is at work (assumed)"},
			{Name: "school_share", Type: plugin.Float, Default: 0.5, Min: 0.05, Max: 1, Doc: "share of the weekdays seen that a student is at school (assumed)"},
			{Name: "carer_share", Type: plugin.Float, Default: 0.4, Min: 0.05, Max: 1, Doc: "share of the weekdays seen that a carer goes to the kindergarten (assumed)"},
			{Name: "driver_moving", Type: plugin.Float, Default: 0.5, Min: 0.05, Max: 1, Doc: "share of the hours of work that a driver is on the move (assumed)"},
			{Name: "elderly_home", Type: plugin.Float, Default: 0.7, Min: 0.05, Max: 1, Doc: "share of the time in stays that elderly people are at home (assumed)"},
			{Name: "elderly_km", Type: plugin.Float, Default: 3.0, Min: 0.1, Max: 100, Doc: "largest radius of gyration of elderly people (assumed)"},
		},
		Complexity: "O(n) in records, O(N) per round of k-means",
		New: func(v plugin.Values) (Task, error) {
			r := recognition.DefaultTypeRules()
			r.WorkShare, r.SchoolShare, r.CarerShare = v.Float("work_share"), v.Float("school_share"), v.Float("carer_share")
			r.DriverMoving, r.ElderlyHome, r.ElderlyKM = v.Float("driver_moving"), v.Float("elderly_home"), v.Float("elderly_km")
			return crowdTask{r}, nil
		},
	})
}

// crowdTask tells people by what their days look like (P14), by rules; beside them
// it groups the phones that are alike.
type crowdTask struct{ rules recognition.TypeRules }

func (crowdTask) Needs() Need { return Need{Horizon: Week} }

// crowdFeatures is how many features users are grouped by: all of P14 but the
// hours of single records.
const crowdFeatures = 21

type crowdRow struct {
	Typed    typeRow
	Features [crowdFeatures]float32
}

func (r crowdRow) compare(o crowdRow) int { return r.Typed.compare(o.Typed) }

func (r crowdRow) check(*Env) error {
	for _, x := range r.Features {
		if err := checkNumber(float64(x)); err != nil {
			return err
		}
	}
	return nil
}

func (t crowdTask) Fold(env *Env) Fold {
	var vector []float64
	return &rowFold[crowdRow]{env: env, tag: "crowd-type/1", take: func(dst []crowdRow, v *View) []crowdRow {
		p, _ := v.Profile()
		row := crowdRow{Typed: typed(v, &p, uint8(t.rules.Crowd(p, v.days())))}
		vector = p.Vector(vector[:0])
		for i := range row.Features {
			row.Features[i] = float32(vector[i])
		}
		return append(dst, row)
	}, answer: env.crowdOf}
}

func (e *Env) crowdOf(rows []crowdRow) (Answer, error) {
	typed := make([]typeRow, len(rows))
	for i, r := range rows {
		typed[i] = r.Typed
	}
	out, err := e.userTypes(typeNames(recognition.CrowdTypes()), typed)
	if err != nil {
		return nil, err
	}
	of, err := clusterCrowds(rows, len(out.Types))
	for i, c := range of {
		out.Users[i].Cluster = uint8(c)
	}
	return out, err
}

// clusterCrowds groups the phones by their features, in standard deviations from the
// mean, into k clusters; those that never move, machines most of them, are cluster 0.
// One run of k-means, over the points in order of their features, so that numbers of users do not show; its seed is that
// of no data set, since the answer is one of the rows alone.
func clusterCrowds(rows []crowdRow, k int) ([]int, error) {
	of := make([]int, len(rows))
	var points [][]float64
	var which []int
	for i, r := range rows {
		if !r.Typed.Still {
			which = append(which, i)
		}
	}
	if len(which) < k {
		return of, nil
	}
	slices.SortFunc(which, func(i, j int) int { return slices.Compare(rows[i].Features[:], rows[j].Features[:]) })
	for _, i := range which {
		p := make([]float64, crowdFeatures)
		for j, x := range rows[i].Features {
			p[j] = float64(x)
		}
		points = append(points, p)
	}
	column := make([]float64, len(points))
	for j := range crowdFeatures {
		for i := range points {
			column[i] = points[i][j]
		}
		recognition.Standardize(column)
		for i := range points {
			points[i][j] = column[i]
		}
	}
	found, err := recognition.KMeans(points, k, 1, sigcity.Rand(0, "planning.crowd-type"))
	if err != nil {
		return nil, err
	}
	for i, at := range which {
		of[at] = found.Of[i]
	}
	return of, nil
}

// elderlyAge is from when on people are elderly, years: the retirement age of men in China
// until 2024, and the age from which on the census counts people as old.
const elderlyAge = 60

// FromTruth looks at who people are and what they do, in the order of the rules.
func (t crowdTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	names := typeNames(recognition.CrowdTypes())
	out := &UserTypes{Types: names, Share: make([]float64, len(names))}
	kind := map[uint32]recognition.CrowdType{}
	err := env.lives(ctx, truth, 0, func(l *life) error {
		kind[l.person.ID] = t.crowdOf(l, env)
		return nil
	})
	if err != nil {
		return nil, err
	}
	phone, span := withPhone(truth), env.window()
	for _, p := range truth.Persons {
		if phone[p.ID] {
			out.put(p.ID, span, uint8(kind[p.ID])) // other where nothing is known
		}
	}
	out.share()
	return out, nil
}

// crowdOf is the type of a life: tourists are visitors; drivers are on the move for
// most of the hours of work; students and pupils; carers stop at a kindergarten on
// enough of the weekdays; commuters have work; elderly are 60 or older.
func (t crowdTask) crowdOf(l *life, env *Env) recognition.CrowdType {
	p := l.person
	switch p.Kind {
	case dataset.KindVisitor:
		return recognition.Tourist
	case dataset.KindPassing:
		return recognition.OtherCrowd
	}
	stayed, moved := 0.0, 0.0
	carer, weekdays := map[int]bool{}, map[int]bool{}
	for _, s := range l.stays {
		for d, sec := range env.officeHours(s.start, s.end) {
			weekdays[d] = true
			stayed += sec
		}
		if d := env.Calendar.Day(s.start); s.kind == string(dataset.Kindergarten) && d >= 0 && d < env.Calendar.Days() && env.Calendar.Kind(d) == sigcity.Weekday {
			carer[d] = true
		}
	}
	for _, x := range l.trips {
		for _, sec := range env.officeHours(x.start, x.end) {
			moved += sec
		}
	}
	student := []string{dataset.Student, dataset.Pupil, dataset.Preschool}
	switch {
	case moved > 0 && moved >= t.rules.DriverMoving*(stayed+moved):
		return recognition.Driver
	case slices.Contains(student, p.Employment):
		return recognition.Student
	case len(carer) > 0 && float64(len(carer)) >= t.rules.CarerShare*float64(len(weekdays)):
		return recognition.Carer
	case p.Employment == dataset.Employed || p.Kind == dataset.KindCommuter:
		return recognition.Commuter
	case p.Age >= elderlyAge || p.Employment == dataset.Retired:
		return recognition.Elderly
	}
	return recognition.OtherCrowd
}

// officeHours yields the weekdays that an interval touches between 08:00 and 18:00 and
// how many of these seconds it covers.
func (e *Env) officeHours(start, end uint32) func(yield func(day int, seconds float64) bool) {
	return func(yield func(int, float64) bool) {
		for d := max(0, e.Calendar.Day(start)); d < e.Calendar.Days() && e.Calendar.Start(d) < end; d++ {
			if e.Calendar.Kind(d) != sigcity.Weekday {
				continue
			}
			midnight := e.Calendar.Start(d)
			if from, to := max(start, midnight+8*3600), min(end, midnight+18*3600); from < to && !yield(d, float64(to-from)) {
				return
			}
		}
	}
}

// Null calls everybody a commuter, the majority class.
func (crowdTask) Null(*Env) Answer {
	return sameTypes(recognition.CrowdTypes(), recognition.Commuter)
}

// Score is the macro-F1 over the types.
func (crowdTask) Score(want, got Answer) float64 { return scoreTypes(want, got) }

func (crowdTask) Detail(want, got Answer) map[string]float64 { return detailTypes(want, got) }
