package recognition

// left is the silence before cluster i less the travel across it, in seconds.
func (f *StayFinder) left(i int) float64 {
	a, b := &f.clusters[i-1], &f.clusters[i]
	travel := a.center.Dist(b.center) / f.p.SpeedMS
	for _, c := range []*cluster{a, b} {
		if c.stay {
			travel += float64(f.p.AccessS) / 2
		}
	}
	return max(0, float64(b.first-a.last)-travel)
}

// outer is how far the first and the last cluster reach out to the bounds.
func (f *StayFinder) outer() (before, after uint32) {
	if f.p.To == 0 {
		return 0, 0
	}
	if d := f.clusters[0].first; d > f.p.From && d-f.p.From <= f.p.GapS {
		before = d - f.p.From
	}
	if d := f.clusters[len(f.clusters)-1].last; d < f.p.To && f.p.To-d <= f.p.GapS {
		after = f.p.To - d
	}
	return before, after
}

// label decides which clusters are stays: those that last long enough even
// if their neighbours are stays too.
func (f *StayFinder) label() {
	if len(f.clusters) == 0 {
		return
	}
	before, after := f.outer()
	for i := range f.clusters {
		f.clusters[i].stay = true
	}
	prev := float64(before)
	for i := range f.clusters {
		c := &f.clusters[i]
		next, onward := float64(after), 0.0
		if i+1 < len(f.clusters) {
			next, onward = f.split(i + 1)
		}
		c.sure = prev+float64(c.last-c.first)+next >= float64(f.p.MinS)
		prev = onward
	}
	for i := range f.clusters {
		f.clusters[i].stay = f.clusters[i].sure
	}
}

// split is what the two clusters around the silence before i get of it, in
// seconds, if both are stays.
func (f *StayFinder) split(i int) (before, after float64) {
	left := f.left(i)
	if left <= float64(f.p.GapS) && f.clusters[i].entered {
		return left, 0
	}
	half := min(left, float64(f.p.GapS)) / 2
	return half, half
}

// strayS, seconds: who really was elsewhere for longer left a second record there,
// the periodic update after 54 minutes (the default of T3412, TS 24.301).
const strayS = 2 * 54 * 60

// join makes one of two stays at one place with at most a single record elsewhere
// between them; a stay of a single record does not hold others together.
func (f *StayFinder) join() {
	kept := f.clusters[:0] // never overtakes the loop below
	last := -1             // in kept: the last stay of more than one record
	for _, c := range f.clusters {
		if c.stay && last >= 0 && f.onePlace(&kept[last], &c, kept[last+1:]) {
			kept[last].absorb(c)
			kept = kept[:last+1]
			continue
		}
		kept = append(kept, c)
		if c.stay && c.records > 1 {
			last = len(kept) - 1
		}
	}
	f.clusters = kept
}

// onePlace reports whether two stays are one, interrupted by strayS at most.
func (f *StayFinder) onePlace(a, b *cluster, between []cluster) bool {
	return len(between) <= 1 && (len(between) == 0 || between[0].records == 1) && b.first-a.last <= strayS &&
		(a.area == b.area || a.center.Dist(b.center) <= max(f.radius[a.area], f.radius[b.area]))
}

// absorb takes a later cluster's records.
func (c *cluster) absorb(d cluster) {
	c.center = c.center.Lerp(d.center, float64(d.records)/float64(c.records+d.records))
	if d.records > c.records {
		c.area = d.area
	}
	c.records += d.records
	c.last = d.last
}

// drawOut estimates when clusters begin and end.
func (f *StayFinder) drawOut() {
	for i := range f.clusters {
		c := &f.clusters[i]
		c.start, c.end = c.first, c.last
		if i == 0 {
			continue
		}
		prev, left := &f.clusters[i-1], f.left(i)
		half := uint32(min(left, float64(f.p.GapS)) / 2)
		switch {
		case prev.stay && c.stay:
			out, in := f.split(i)
			prev.end, c.start = prev.end+uint32(out), c.start-uint32(in)
		case left > float64(f.p.GapS) && prev.stay:
			prev.end += half
		case left > float64(f.p.GapS) && c.stay:
			c.start -= half
		case prev.stay:
			prev.end += uint32(left)
		case c.stay:
			c.start -= uint32(left)
		}
	}
	if n := len(f.clusters); n > 0 {
		before, after := f.outer()
		if f.clusters[0].stay {
			f.clusters[0].start -= before
		}
		if f.clusters[n-1].stay {
			f.clusters[n-1].end += after
		}
	}
}
