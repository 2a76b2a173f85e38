package planning

import (
	"context"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "population-recognition", ID: "T08",
		Doc:      "who lives here, works here, visits or passes by",
		Citation: "our definition, named after the patent's title; not the patented method",
		Params: []plugin.Param{
			{Name: "visit", Type: plugin.Duration, Default: "3h", Min: 1800, Max: 86400, Doc: "longest stay from which on somebody is no passer-by (multimno's shortest stay of a tourist)"},
			{Name: "resident_nights", Type: plugin.Float, Default: 0.5, Min: 0.05, Max: 1, Doc: "share of the nights that a resident is at home (assumed)"},
			{Name: "work_share", Type: plugin.Float, Default: 0.5, Min: 0.05, Max: 1, Doc: "share of the weekdays seen that a worker is at work (assumed)"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			r := recognition.DefaultTypeRules()
			r.VisitSec, r.ResidentNights, r.WorkShare = v.Duration("visit").Seconds(), v.Float("resident_nights"), v.Float("work_share")
			return populationTask{r}, nil
		},
	})
}

// populationTask tells people by their ties to the city (P14).
type populationTask struct{ rules recognition.TypeRules }

func (populationTask) Needs() Need { return Need{Horizon: Week} }

func (t populationTask) Fold(env *Env) Fold {
	return &rowFold[typeRow]{env: env, tag: "population-recognition/1", take: func(dst []typeRow, v *View) []typeRow {
		p, _ := v.Profile()
		return append(dst, typed(v, &p, uint8(t.rules.Population(p, v.days()))))
	}, answer: func(rows []typeRow) (Answer, error) {
		return env.userTypes(typeNames(recognition.PopulationTypes()), rows)
	}}
}

// FromTruth takes the ties that truth knows, of everybody with a SIM.
func (populationTask) FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error) {
	names := typeNames(recognition.PopulationTypes())
	out := &UserTypes{Types: names, Share: make([]float64, len(names))}
	phone, span := withPhone(t), env.window()
	for i := range t.Persons {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p := &t.Persons[i]; phone[p.ID] {
			out.put(p.ID, span, uint8(populationOf(p)))
		}
	}
	out.share()
	return out, nil
}

func populationOf(p *dataset.Person) recognition.PopulationType {
	switch p.Kind {
	case dataset.KindVisitor:
		return recognition.Visitor
	case dataset.KindCommuter:
		return recognition.Worker
	case dataset.KindPassing:
		return recognition.PasserBy
	}
	return recognition.Resident
}

// Null calls everybody a resident, the majority class.
func (populationTask) Null(*Env) Answer {
	return sameTypes(recognition.PopulationTypes(), recognition.Resident)
}

// Score is the macro-F1 over the types.
func (populationTask) Score(want, got Answer) float64 { return scoreTypes(want, got) }

func (populationTask) Detail(want, got Answer) map[string]float64 { return detailTypes(want, got) }
