package planning

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"
)

// cubeAgreement is how two cubes differ.
type cubeAgreement struct {
	rmse, mean, sd      float64 // the latter two of the wanted cells
	judged              int     // wanted cells of which something usual is known
	want, got, both     float64 // changed cells, in the same direction where both
	diurnalJSD, flatJSD float64 // mean over zones by people: of got, of a flat day
}

// compare walks the zones of either cube; a zone that one lacks is empty there.
func (x *Intensity) compare(got *Intensity) cubeAgreement {
	var out cubeAgreement
	hours := len(x.slot)
	none := make([]float32, hours)
	sum, square, diff, people, cells := 0.0, 0.0, 0.0, 0.0, 0.0
	changed := make([]int8, hours)
	for w, g := x.Hours, got.Hours; len(w) > 0 || len(g) > 0; {
		a, b := none, none
		takeW := len(w) > 0 && (len(g) == 0 || w[0].Zone <= g[0].Zone)
		takeG := len(g) > 0 && (len(w) == 0 || g[0].Zone <= w[0].Zone)
		if takeW {
			a, w = w[0].Persons, w[1:]
		}
		if takeG && len(g[0].Persons) == hours {
			b = g[0].Persons
		}
		if takeG {
			g = g[1:]
		}
		inZone := 0.0
		for h := range a {
			u, v := float64(a[h]), float64(b[h])
			inZone += u
			square += float64(u * u)
			diff += float64((u - v) * (u - v))
		}
		sum, cells = sum+inZone, cells+float64(hours)
		if inZone > 0 {
			day := x.diurnal(a)
			people += inZone
			out.diurnalJSD += float64(inZone * jsdOf(day, x.diurnal(b)))
			out.flatJSD += float64(inZone * jsdOf(day, x.flat()))
		}
		clear(changed)
		x.deviations(a, func(h int, _, dev float64) {
			out.judged++
			if math.Abs(dev) > x.Z {
				changed[h] = sign(dev)
				out.want++
			}
		})
		got.deviationsOf(x, b, func(h int, _, dev float64) {
			if math.Abs(dev) > x.Z {
				out.got++
				if changed[h] == sign(dev) {
					out.both++
				}
			}
		})
	}
	if cells > 0 {
		out.mean = sum / cells
		out.rmse, out.sd = math.Sqrt(diff/cells), math.Sqrt(max(0, square/cells-float64(out.mean*out.mean)))
	}
	if people > 0 {
		out.diurnalJSD, out.flatJSD = out.diurnalJSD/people, out.flatJSD/people
	}
	return out
}

// deviationsOf are the deviations by the days that are usual in want, with a phone as
// heavy as it is in x.
func (x *Intensity) deviationsOf(want *Intensity, persons []float32, f func(hour int, usual, z float64)) {
	like := Intensity{Weight: x.Weight, days: want.days, usual: want.usual}
	like.deviations(persons, f)
}

func sign(x float64) int8 {
	if x < 0 {
		return -1
	}
	return 1
}

// diurnal is a zone's people by slot, means over the days.
func (x *Intensity) diurnal(persons []float32) []float64 {
	out, n := make([]float64, slots), make([]float64, slots)
	for h, s := range x.slot {
		out[s] += float64(persons[h])
		n[s]++
	}
	for s := range out {
		out[s] = ratio(out[s], n[s])
	}
	return out
}

// flat is a day without hours: as many people in every slot that there is.
func (x *Intensity) flat() []float64 {
	out := make([]float64, slots)
	for _, s := range x.slot {
		out[s] = 1
	}
	return out
}

// parts are the parts of the score: the cube as against one that is everywhere its mean,
// the changed cells, and the days of zones as against flat ones.
func (a cubeAgreement) parts() (cube, changes, diurnal part) {
	return part{1 - errorShare(a.rmse, a.sd), true}, part{f1(a.both, a.want, a.got), a.judged > 0 && a.want+a.got > 0},
		part{1 - errorShare(a.diurnalJSD, a.flatJSD), a.flatJSD > 0 || a.diurnalJSD > 0}
}

// errorShare is an error as a share of that of a null predictor, 1 at most.
func errorShare(err, null float64) float64 {
	if err < 1e-12 {
		return 0
	}
	return min(1, ratio(err, max(null, 1e-12)))
}

// Score is the mean of 1 − RMSE as against a cube that is everywhere its mean, the F1 of
// changed cells, and 1 − the diurnal divergence as against flat days.
func (intensityTask) Score(want, got Answer) float64 {
	w, g, ok := both[Intensity](want, got)
	if !ok || (len(g.Hours) == 0 && len(w.Hours) > 0) {
		return 0
	}
	cube, changes, diurnal := w.compare(g).parts()
	return mean(cube, changes, diurnal)
}

func (intensityTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Intensity](want, got)
	if !ok {
		return nil
	}
	a := w.compare(g)
	out := map[string]float64{
		"nrmse":         errorRatio(a.rmse, a.mean),
		"diurnal_jsd":   a.diurnalJSD,
		"changed_f1":    f1(a.both, a.want, a.got),
		"changed_share": ratio(a.want, float64(a.judged)),
	}
	if len(w.Events) > 0 && len(w.Events) == len(g.Events) {
		square, sum := 0.0, 0.0
		for h, n := range w.Events {
			d := float64(g.Events[h] - n)
			square += float64(d * d)
			sum += float64(n)
		}
		hours := float64(len(w.Events))
		out["events_nrmse"] = errorRatio(math.Sqrt(square/hours), sum/hours)
	}
	return out
}

// errorRatio is an error over the mean of what is wanted: 0 for none, 1 where nothing is
// wanted and something got.
func errorRatio(err, mean float64) float64 {
	switch {
	case err == 0:
		return 0
	case mean == 0:
		return 1
	}
	return err / mean
}

// change is an hour of a zone that is not as usual.
type change struct {
	row, hour int
	usual, z  float64
}

// mostChanges is how many changes a sheet lists.
const mostChanges = 1000

// Sheets: the largest changes, the zones with how often they change, and the whole city
// by hour.
func (x *Intensity) Sheets(e *Env) []Sheet {
	zones := Sheet{Name: "zones", Title: "People present, mean of all hours", Columns: []string{"zone", "lon", "lat", "persons", "changed_hours"},
		Picture: Picture{Kind: Areas, Value: []string{"persons"}}}
	list := Sheet{Name: "changes", Title: "Most unusual hours", Columns: []string{"time", "date", "hour", "zone", "lon", "lat", "persons", "usual", "z", "strength"},
		Picture: Picture{Kind: Points, Value: []string{"strength"}}}
	curve := Sheet{Name: "hours", Title: "People present by hour", Columns: []string{"hour", "persons", "events"},
		Picture: Picture{Kind: Curves, Label: "hour", Value: []string{"persons"}}}
	moments := e.moments()
	all, changes := make([]float64, len(moments)), []change(nil)
	for i, r := range x.Hours {
		sum, changed := 0.0, 0
		for h, n := range r.Persons {
			sum += float64(n)
			all[h] += float64(n)
		}
		x.deviations(r.Persons, func(h int, usual, z float64) {
			if math.Abs(z) > x.Z {
				changed++
				changes = append(changes, change{i, h, usual, z})
			}
		})
		zones.Rows = append(zones.Rows, []any{zoneName(r.Zone), r.Lon, r.Lat, ratio(sum, float64(len(moments))), changed})
		zones.Shapes = append(zones.Shapes, e.zoneShape(r.Zone))
	}
	slices.SortFunc(changes, func(a, b change) int {
		return cmp.Or(cmp.Compare(math.Abs(b.z), math.Abs(a.z)), cmp.Compare(a.row, b.row), cmp.Compare(a.hour, b.hour))
	})
	for _, c := range changes[:min(len(changes), mostChanges)] {
		r, t := &x.Hours[c.row], moments[c.hour].time-1800
		day, second := e.Calendar.Clock(t)
		list.Rows = append(list.Rows, []any{t, e.Calendar.Date(day), second / 3600, zoneName(r.Zone), r.Lon, r.Lat, float64(r.Persons[c.hour]), c.usual, c.z, math.Abs(c.z)})
		list.Shapes = append(list.Shapes, orb.Point{r.Lon, r.Lat})
	}
	for h, n := range all {
		events := int64(0)
		if h < len(x.Events) {
			events = x.Events[h]
		}
		curve.Rows = append(curve.Rows, []any{h, n, events})
	}
	return []Sheet{zones, list, curve}
}
