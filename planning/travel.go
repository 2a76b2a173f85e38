package planning

import (
	"context"
	"math"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "travel-characteristics", ID: "U11",
		Doc:      "trips a day, their lengths, durations and hours; radius of gyration and entropy of people",
		Citation: "Yuan et al. 2012; Lu et al. 2019; trips between stays after Hariharan & Toyama 2004; entropy after Song et al. 2010",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 60, Max: 86400, Doc: "shortest stay; shorter stops are part of a trip, in truth too"},
			{Name: "min_trip_m", Type: plugin.Float, Default: 500.0, Min: 0, Max: 20000, Doc: "shortest trip, in a straight line: cells cannot tell shorter ones"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			p := recognition.DefaultStayParams()
			p.MinS = uint32(v.Duration("min_stay").Seconds())
			return travelTask{p, v.Float("min_trip_m")}, nil
		},
	})
}

// Travel is the answer of U11.
type Travel struct {
	Measures []Distribution `json:"measures"`
}

// The measures of U11.
const (
	tripsADay = iota
	tripLength
	tripDuration
	tripStart
	gyrationKM
	placeEntropy
	travelMeasures
)

// travelDistributions are empty ones. Their ends are what a person of a large city
// may do (assumed); what lies beyond counts at the end.
func travelDistributions() []Distribution {
	return []Distribution{
		tripsADay:    newDistribution("trips_a_day", 1, 10),
		tripLength:   newDistribution("length_km", 0.5, 30),
		tripDuration: newDistribution("duration_min", 5, 180),
		tripStart:    newDistribution("start_hour", 1, 24),
		gyrationKM:   newDistribution("gyration_km", 0.5, 20),
		placeEntropy: newDistribution("entropy_bits", 0.1, 4),
	}
}

// travelTask describes the travel of a population without naming anybody.
type travelTask struct {
	p      recognition.StayParams
	leastM float64
}

func (travelTask) Needs() Need { return Need{Horizon: Week} }

// travelledStay is a stay, of records or of truth.
type travelledStay struct {
	at    geo.XY
	start uint32
	end   uint32
}

// Fold counts the stays and trips of every phone. One that never leaves its place
// is a machine or lies in a drawer: it does not count.
func (t travelTask) Fold(env *Env) Fold {
	var measure travelMeasure
	return newTallyFold(env, "travel-characteristics/1", func(counts tally[binned], v *View) {
		stays, trips := v.Stays(t.p)
		if len(trips) == 0 {
			return
		}
		m := measure.start(env, t, counts)
		for _, s := range stays {
			m.stay(travelledStay{env.areas().Centers[s.Area], s.Start, s.End})
		}
		for _, x := range trips {
			m.trip(env.areas().Dist(x.From, x.To), x.Start, x.End)
		}
		w := v.Window()
		m.finish(w.From, w.To)
	}, env.travelOf)
}

// travelMeasure measures one user.
type travelMeasure struct {
	env    *Env
	task   travelTask
	counts tally[binned]
	shape  []Distribution
	stays  []travelledStay
	daily  []int32 // trips that begin on each day
}

func (travelMeasure) start(e *Env, t travelTask, counts tally[binned]) *travelMeasure {
	return &travelMeasure{env: e, task: t, counts: counts, shape: travelDistributions(), daily: make([]int32, e.Calendar.Days())}
}

func (m *travelMeasure) put(measure int, x float64) {
	m.counts[binned{int32(measure), int32(m.shape[measure].bin(x))}]++
}

func (m *travelMeasure) stay(s travelledStay) { m.stays = append(m.stays, s) }

// trip counts a trip of some metres, unless it is too short to be told.
func (m *travelMeasure) trip(metres float64, start, end uint32) {
	day, second := m.env.Calendar.Clock(start)
	if metres < m.task.leastM || day < 0 || day >= len(m.daily) {
		return
	}
	m.daily[day]++
	m.put(tripLength, metres/1000)
	m.put(tripDuration, float64(end-start)/60)
	m.put(tripStart, float64(second)/3600)
}

// finish counts the days known whole, and the space of the person.
func (m *travelMeasure) finish(from, to uint32) {
	for d, n := range m.daily {
		if m.env.Calendar.Start(d) >= from && m.env.Calendar.Start(d+1) <= to {
			m.put(tripsADay, float64(n))
		}
	}
	if len(m.stays) == 0 {
		return
	}
	// Time-weighted radius of gyration, and entropy of the time at places that
	// lie apart by more than what a trip must be.
	var center geo.XY
	total := 0.0
	for _, s := range m.stays {
		w := float64(s.end - s.start)
		center, total = geo.XY{X: center.X + float64(w*s.at.X), Y: center.Y + float64(w*s.at.Y)}, total+w
	}
	center = geo.XY{X: center.X / total, Y: center.Y / total}
	square := 0.0
	var places []travelledStay // of which start counts the seconds
	for _, s := range m.stays {
		w := s.end - s.start
		square += float64(float64(w) * s.at.Dist2(center))
		i := 0
		for i < len(places) && places[i].at.Dist(s.at) >= m.task.leastM {
			i++
		}
		if i == len(places) {
			places = append(places, travelledStay{at: s.at})
		}
		places[i].start += w
	}
	entropy := 0.0
	for _, p := range places {
		if share := float64(p.start) / total; share > 0 {
			entropy -= float64(share * math.Log2(share))
		}
	}
	m.put(gyrationKM, math.Sqrt(square/total)/1000)
	m.put(placeEntropy, max(0, entropy))
}

func (e *Env) travelOf(counts []tallied[binned]) (Answer, error) {
	out := &Travel{Measures: travelDistributions()}
	for _, c := range counts {
		if m := int(c.key.Measure); m < travelMeasures && int(c.key.Bin) < len(out.Measures[m].Count) {
			out.Measures[m].Count[c.key.Bin] += float64(c.count)
		}
	}
	return out, nil
}

// FromTruth measures everybody with a SIM who travels at all, as the records'
// phones are.
func (t travelTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	counts := tally[binned]{}
	w := env.window()
	var measure travelMeasure
	err := env.lives(ctx, truth, t.p.MinS, func(l *life) error {
		if len(l.trips) == 0 {
			return nil
		}
		m := measure.start(env, t, counts)
		for _, s := range l.stays {
			m.stay(travelledStay{s.at, s.start, s.end})
		}
		for _, x := range l.trips {
			m.trip(l.stays[x.from].at.Dist(l.stays[x.to].at), x.start, x.end)
		}
		m.finish(w.From, w.To)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return env.travelOf(counts.sorted())
}

// Null says that every value of a measure is as likely as any other.
func (travelTask) Null(*Env) Answer {
	out := &Travel{Measures: travelDistributions()}
	for i := range out.Measures {
		out.Measures[i] = out.Measures[i].uniform()
	}
	return out
}

// Score is the mean over the measures of 1 − W1/W1 of the uniform distribution.
func (travelTask) Score(want, got Answer) float64 {
	w, g, ok := both[Travel](want, got)
	if !ok || len(w.Measures) != len(g.Measures) {
		return 0
	}
	sum := 0.0
	for i := range w.Measures {
		sum += w.Measures[i].score(&g.Measures[i])
	}
	return sum / float64(len(w.Measures))
}

// Detail: per measure its 1-Wasserstein distance and the relative error of its mean.
func (travelTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Travel](want, got)
	if !ok || len(w.Measures) != len(g.Measures) {
		return nil
	}
	out := map[string]float64{}
	for i := range w.Measures {
		a, b := &w.Measures[i], &g.Measures[i]
		out["w1_"+a.Name] = wasserstein(a.weighted(), b.weighted())
		if m := a.mean(); m > 0 {
			out["mean_error_"+a.Name] = math.Abs(b.mean()-m) / m
		}
	}
	return out
}

// Sheets: a chart of each measure.
func (t *Travel) Sheets(*Env) []Sheet {
	titles := []string{"Trips a day", "Length of trips, km", "Duration of trips, min", "Hour at which trips begin", "Radius of gyration, km", "Entropy of places, bits"}
	var out []Sheet
	for i := range t.Measures {
		out = append(out, t.Measures[i].sheet(titles[i]))
	}
	return out
}
