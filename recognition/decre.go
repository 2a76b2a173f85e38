package recognition

import "github.com/sigcity/sigcity"

// DecreParams are the parameters of DECRE. Zero values take the defaults of
// DefaultDecreParams.
type DecreParams struct {
	StableS uint32  // a run of records in one cell that lasts so long is a stable period, s
	SameS   uint32  // heuristic 1: longest time between two stable periods in one cell, s
	NextS   uint32  // heuristic 2: longest time between two stable periods in two cells, s
	NextM   float64 // heuristic 2: these are so near each other, and what lies between is farther from both, m
	LeapMS  float64 // heuristic 3: impossible speed, m/s
	LeapM   float64 // heuristic 3: over so far at least, m
	BurstS  uint32  // heuristic 4: within so many seconds …
	BurstN  int     // … so many records, in two cells at least
	ExpandS uint32  // what heuristics 3 and 4 find takes in the runs so near to it, s
}

// DefaultDecreParams are, for StableS, SameS, BurstS and BurstN, the values that
// the paper gives as examples; the others are assumed.
func DefaultDecreParams() DecreParams {
	return DecreParams{StableS: 600, SameS: 120, NextS: 120, NextM: 2000, LeapMS: 200 / 3.6, LeapM: 1000, BurstS: 60, BurstN: 3, ExpandS: 60}
}

func (p *DecreParams) fill(def DecreParams) {
	for _, v := range []struct{ p, def *uint32 }{{&p.StableS, &def.StableS}, {&p.SameS, &def.SameS}, {&p.NextS, &def.NextS},
		{&p.BurstS, &def.BurstS}, {&p.ExpandS, &def.ExpandS}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
	}
	for _, v := range []struct{ p, def *float64 }{{&p.NextM, &def.NextM}, {&p.LeapMS, &def.LeapMS}, {&p.LeapM, &def.LeapM}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
	}
	if p.BurstN == 0 {
		p.BurstN = def.BurstN
	}
}

// decre finds and removes oscillation by the four steps of Wu et al. (2014),
// "Oscillation Resolution for Mobile Phone Cellular Tower Data to Enable
// Mobility Modelling" (MDM 2014).
//
// Detect: (1) what lies between two consecutive stable periods in one cell,
// (2) what lies between two in neighbouring cells and far from both, (3) two
// runs with an impossible speed between them, (4) bursts of records in several
// cells. Expand: what (3) and (4) find takes in the runs around it. Check: it is
// oscillation if a cell is seen again after another. Remove: one cell stands for all of it,
// that with most records; of equals the one nearest to all the records in the mean
// (the paper scores cells; this score is our reading).
//
// Distant cells are left to P2, as with the other method.
func (c *Corrector) decre(rows []sigcity.Record) {
	c.betweenStable()
	c.linked = append(c.linked[:0], make([]bool, len(c.visits))...)
	c.detectLeaps()
	c.detectBursts(rows)
	done := 0 // runs before this one are settled
	for i := 0; i < len(c.visits); i++ {
		if !c.linked[i] {
			continue
		}
		end := i + 1
		for c.linked[end] {
			end++
		}
		from, to := c.expand(i, end, done)
		if c.cycle(from, to) {
			c.unite(from, to)
		}
		done, i = to+1, max(to, end)-1
	}
}

// betweenStable is heuristics 1 and 2.
func (c *Corrector) betweenStable() {
	before := -1
	for i := range c.visits {
		b := &c.visits[i]
		// Surely so long: from the end of the first record on.
		if b.last-b.first < c.p.Decre.StableS {
			continue
		}
		if before >= 0 && before < i-1 {
			a := &c.visits[before]
			gap := max(b.first, a.last) - min(a.last, b.start)
			near := c.areas.Dist(a.area, b.area) <= c.p.Decre.NextM
			for k := before + 1; k < i; k++ {
				v := &c.visits[k]
				switch {
				case a.area == b.area && gap <= c.p.Decre.SameS && !c.distant(a.area, v.area):
					c.move(v, a, MarkPingPong)
					b.back = MarkPingPong
				case a.area != b.area && gap <= c.p.Decre.NextS && near && !c.distant(a.area, v.area) &&
					apart(c.areas, a.area, v.area) > c.p.Decre.NextM && apart(c.areas, b.area, v.area) > c.p.Decre.NextM:
					home := a
					if b.dwell > a.dwell {
						home = b
					}
					c.move(v, home, MarkPingPong)
					b.back = MarkPingPong
				}
			}
		}
		before = i
	}
}

// detectLeaps is heuristic 3.
func (c *Corrector) detectLeaps() {
	for i := 1; i < len(c.visits); i++ {
		a, b := &c.visits[i-1], &c.visits[i]
		longest := max(b.first, a.last) - min(a.last, b.start)
		d := apart(c.areas, a.area, b.area)
		if d >= c.p.Decre.LeapM && d > c.p.Decre.LeapMS*float64(longest) {
			c.linked[i-1] = true
		}
	}
}

// detectBursts is heuristic 4: windows that slide over the records.
func (c *Corrector) detectBursts(rows []sigcity.Record) {
	lo, in := 0, 0 // first record of the window, and its run
	for i := range c.visits {
		v := &c.visits[i]
		for hi := v.from; hi < v.from+v.n; hi++ {
			for rows[hi].End()-min(rows[hi].End(), rows[lo].Time) > c.p.Decre.BurstS && lo < hi {
				if lo++; lo == c.visits[in].from+c.visits[in].n {
					in++
				}
			}
			if hi-lo+1 >= c.p.Decre.BurstN {
				for k := in; k < i; k++ {
					c.linked[k] = true
				}
			}
		}
	}
}

// expand takes in the runs that end or begin near the runs from i to end, from
// run low on.
func (c *Corrector) expand(i, end, low int) (from, to int) {
	from, to = max(i, low), end
	for from > low && c.visits[i].start-min(c.visits[i].start, c.visits[from-1].last) <= c.p.Decre.ExpandS {
		from--
	}
	for last := c.visits[end].last; to+1 < len(c.visits) && c.visits[to+1].first-min(c.visits[to+1].first, last) <= c.p.Decre.ExpandS; {
		to++
	}
	return from, to
}

// cycle reports whether a cell comes back among the runs.
func (c *Corrector) cycle(from, to int) bool {
	found := false
	for k := from; k <= to; k++ {
		a := c.visits[k].area
		found = found || c.dwell[a] != 0
		c.dwell[a] = 1
	}
	for k := from; k <= to; k++ {
		c.dwell[c.visits[k].area] = 0
	}
	return found
}

// unite puts the runs to the cell with most records.
func (c *Corrector) unite(from, to int) {
	part := c.visits[from : to+1]
	for _, v := range part {
		c.dwell[v.area] += float64(v.n)
	}
	best, least := &part[0], c.spread(part, part[0].area)
	for k := range part[1:] {
		v := &part[k+1]
		if v.area == best.area || c.dwell[v.area] < c.dwell[best.area] {
			continue
		}
		if d := c.spread(part, v.area); c.dwell[v.area] > c.dwell[best.area] || d < least {
			best, least = v, d
		}
	}
	for _, v := range part {
		c.dwell[v.area] = 0
	}
	home := *best
	for k := range part {
		v := &part[k]
		if v.area != home.area && !c.distant(home.area, v.area) {
			c.move(v, &home, MarkPingPong)
			if from+k+1 < len(c.visits) {
				c.visits[from+k+1].back = MarkPingPong
			}
		}
	}
}

// spread is the sum of the distances of the runs' records to an area, m.
func (c *Corrector) spread(part []visit, a sigcity.AreaID) float64 {
	sum := 0.0
	for _, v := range part {
		sum += float64(float64(v.n) * c.areas.Dist(a, v.area))
	}
	return sum
}
