package realism

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// pingPongRows are phones that go to and fro between cells.
func pingPongRows() []row {
	return []row{
		{id: "R08", figure: "share", name: "records of ping-pong, to another cell and back within 5 minutes", unit: "% of records", reference: "5–20 % of raw records",
			low: 3, high: 25, calibrated: true, measure: func(s *survey) value { return s.ratio(s.signals.pingPong, some, of, 100) }},
		{id: "R08", figure: "density", name: "share of ping-pong in dense networks over sparse ones", unit: "ratio", reference: "higher at dense sites",
			low: 1, high: open, source: "published comparison of dense networks and sparse Estonia", calibrated: true, measure: pingPongByDensity},
	}
}

// Site spacings of dense and of sparse networks, m: below and above what tells
// town from country in the radio models (TR 38.901: rural macro from 1.5 km on).
const (
	denseSpacing  = 1000
	sparseSpacing = 1500
)

// pingPongByDensity compares cells of a dense network with those of a sparse
// one, as the reference compares cities with a country of few people. Where
// sites stand half a kilometre or a whole one apart, both are of the first kind.
func pingPongByDensity(s *survey) value {
	type cell struct{ spacing, flips, records float64 }
	var all []cell
	for i := range s.cells {
		n := s.load(i)
		if sp := s.areas.Spacing(sigcity.AreaID(i)); n > 0 && sp > 0 {
			all = append(all, cell{sp, float64(s.signals.cellFlips[i]), n})
		}
	}
	slices.SortStableFunc(all, func(a, b cell) int { return cmp.Compare(a.spacing, b.spacing) })
	dense, _ := slices.BinarySearchFunc(all, denseSpacing, func(c cell, m float64) int { return cmp.Compare(c.spacing, m) })
	sparse, _ := slices.BinarySearchFunc(all, sparseSpacing, func(c cell, m float64) int { return cmp.Compare(c.spacing, m) })
	if dense < 30 || len(all)-sparse < 30 {
		return missing("%d cells with records where sites stand closer than %d m, and %d farther than %d m, want 30 each", dense, denseSpacing,
			len(all)-sparse, sparseSpacing)
	}
	share := func(list []cell) float64 {
		flips, records := 0.0, 0.0
		for _, c := range list {
			flips, records = flips+c.flips, records+c.records
		}
		return flips / records
	}
	near, far := share(all[:dense]), share(all[sparse:])
	c := single("Excursions of at most 5 minutes by density", "site spacing, m", "% of the cells' records", Series{Name: "tenths of the cells", Mark: Points})
	for d := range 10 {
		part := all[d*len(all)/10 : (d+1)*len(all)/10]
		c.Series[0].X, c.Series[0].Y = append(c.Series[0].X, part[len(part)/2].spacing), append(c.Series[0].Y, 100*share(part))
	}
	return value{v: near / far, n: int64(dense + len(all) - sparse), charts: []Chart{c.logX()},
		note: fmt.Sprintf("cells; %.2f %% where sites stand closer than %d m, %.2f %% where farther than %d m", 100*near, denseSpacing, 100*far, sparseSpacing)}
}

// load is the number of records of a cell.
func (s *survey) load(cell int) float64 {
	n := int64(0)
	for _, v := range s.signals.cellHours[cell*dayKinds*24 : (cell+1)*dayKinds*24] {
		n += v
	}
	return float64(n)
}

// positionRows are how far the network's word is from the truth (R41).
func positionRows() []row {
	found := func(name string, pick func(u *userFigures) float32) func(*survey) value {
		return func(s *survey) value {
			if s.people.of == nil {
				return missing(truthless)
			}
			p := newPerUser(s, func(u int) float64 { return float64(pick(&s.users[u])) })
			if len(p.v) < 30 {
				return missing("%d SIMs with a %s in town, want 30", len(p.v), name)
			}
			v := s.quantileOf(p, 0.85)
			v.note = fmt.Sprintf("SIMs whose %s is where sites stand less than %d m apart; found by the rule of P6a", name, townSpacing)
			h := newHistogram(geometric(10, 1e5, 1.1))
			for i, x := range p.v {
				h.put(p.group[i], x)
			}
			b := h.binned(whole())
			c := Series{Name: name, Mark: Line}
			for i, sum := 0, 0.0; i < len(b.n); i++ {
				sum += b.n[i]
				c.X, c.Y = append(c.X, b.edges[i+1]), append(c.Y, 100*sum/float64(len(p.v)))
			}
			v.charts = []Chart{single("Distance from the true to the found "+name, "m", "% of SIMs, up to", c).logX()}
			return v
		}
	}
	return []row{
		{id: "R41", figure: "cell", name: "homes and work places to the centre of their cell, in town, median", unit: "m", reference: "100–500 m in a city",
			low: 100, high: 600, calibrated: true, measure: anchorErrors},
		{id: "R41", figure: "home", name: "found home to true home, 85th percentile", unit: "m", reference: "at most 500 m for 85 % of volunteers", low: open, high: 500,
			source: "Hindawi 2021/5546329", days: 5, measure: found("home", func(u *userFigures) float32 { return u.homeErr })},
		{id: "R41", figure: "work", name: "found work place to the true one, 85th percentile", unit: "m", reference: "at most 565 m for 85 % of volunteers", low: open, high: 565,
			source: "Hindawi 2021/5546329", days: 5, measure: found("work place", func(u *userFigures) float32 { return u.workErr })},
	}
}

func anchorErrors(s *survey) value {
	p := s.people
	if p.persons == 0 {
		return missing(truthless)
	}
	h := newHistogram(geometric(5, 1e5, 1.02))
	n := int64(0)
	for i := range p.persons {
		for _, a := range []struct {
			cell int32
			d    func(c int32) float64
		}{{p.homeCell[i], func(c int32) float64 { return s.areas.Centers[c].Dist(p.home[i]) }},
			{p.workCell[i], func(c int32) float64 { return s.areas.Centers[c].Dist(p.work[i]) }}} {
			if a.cell >= 0 && s.areas.Spacing(sigcity.AreaID(a.cell)) < townSpacing {
				h.put(p.pgroup[i], math.Max(a.d(a.cell), 5))
				n++
			}
		}
	}
	if n < 30 {
		return missing("%d homes and work places where sites stand less than %d m apart, want 30", n, townSpacing)
	}
	v := s.estimate(n, func(w weights) float64 { return h.binned(w).quantile(0.5) })
	v.note = fmt.Sprintf("places where sites stand less than %d m apart, largest operator", townSpacing)
	return v
}

// nightRows are this project's own demands: phones at rest stay in their cell, and
// what two phones do together both show.
func nightRows() []row {
	const own = "this project's requirement"
	return []row{
		{id: "X01", figure: "same-cell", name: "consecutive records from 0 to 6 h in one cell", unit: "%", reference: "at least 85 %", low: 85, high: open, source: own,
			measure: func(s *survey) value {
				v := s.ratio(s.signals.night, some, of, 100)
				v.note = "pairs of records"
				return v
			}},
		{id: "X02", figure: "cells", name: "cells of a phone in a night, median", unit: "cells", reference: "at most 4", low: open, high: 4, source: own,
			measure: func(s *survey) value {
				h := s.signals.nightly
				v := s.estimate(h.total(0, h.width), func(w weights) float64 { return math.Floor(h.binned(w).quantile(0.5)) })
				v.note = "nights of SIMs"
				v.charts = []Chart{single("Cells of a phone from 0 to 6 h", "cells", "share of nights", density("nights", h.binned(whole()).between(0, 20)))}
				return v
			}},
		{id: "X03", figure: "both-ends", name: "answered calls between SIMs that both ends have a record of", unit: "%", reference: "all", low: 100, high: open, source: own,
			measure: bothEnds},
	}
}
