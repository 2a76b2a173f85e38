package gen

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// coverage is what phones see of the network. network.City is it.
type coverage interface {
	Camp(ue network.UE, q geo.XY) []network.Candidate
	Reselect(ue network.UE, q geo.XY, now sigcity.AreaID) (cell sigcity.AreaID, rank int)
}

// serving is the cell that a phone is in, and what is odd about its being there.
type serving struct {
	cell sigcity.AreaID
	why  flags
}

// A move is a change of the cell a phone is in, connected or not, or of what is
// odd about it.
type move struct {
	time uint32
	serving
}

// camper follows the best cell along a person's day. One per worker.
type camper struct {
	radio coverage
	phone *Phone
	// dense is, per cell, how much more often than at 800 m site spacing a
	// phone there fades to another one.
	dense []float64
	step  []float64 // m, per cell: how far to walk between two looks around
	// distant is, per site, the cells that a phone in its cells may drift to.
	distant [][]sigcity.AreaID
	site    []int32 // per cell
	tracks  *tracks
	rank    int      // where the phone looked last, of its cell among those that hold
	ahead   []ahead  // of the links of a path
	found   []change // on a link
	air     *air     // what is off the air; nil = nothing ever is
	live    []network.Candidate
	course  course
	out     []move
	before  serving // the cell before the last move
}

// stepShare is how far a phone goes, as a share of the site spacing, between
// two looks at the cells around.
const stepShare = 0.12

func newCamper(city *network.City, phone *Phone, distant [][]sigcity.AreaID, tracks *tracks) *camper {
	c := &camper{radio: city, phone: phone, tracks: tracks, dense: make([]float64, len(city.Cells)), step: make([]float64, len(city.Cells)),
		distant: distant, site: make([]int32, len(city.Cells)), course: course{graph: city.Graph()}}
	for i := range city.Cells {
		c.site[i] = int32(city.Cells[i].Site)
		spacing := max(city.Sites[c.site[i]].Spacing, 50)
		c.dense[i] = min(max(800/spacing, 0.2), 2.5)
		c.step[i] = min(max(stepShare*spacing, 20), 500)
	}
	return c
}

// camping is the part of a phone's state that the camper carries on.
type camping struct {
	ue network.UE
	serving
	base    serving // best cell of the present stay
	fadeEnd uint32  // when an excursion from it ends, 0 = none
}

// day lists the cell changes along the segments, in order.
func (c *camper) day(r *rand.Rand, s *camping, d day, segs []Segment) []move {
	c.out = c.out[:0]
	for i := range segs {
		switch {
		case segs[i].Mode == Stay && segs[i].Kind.away():
			c.away(s, d, &segs[i])
		case segs[i].Mode == Stay:
			c.stay(r, s, d, &segs[i])
		default:
			c.trip(s, &segs[i])
		}
	}
	return c.out
}

// take makes a cell the serving one. Of several changes within a second, the
// resolution of a record, the last one stands.
func (c *camper) take(s *camping, t uint32, now serving) {
	if now == s.serving {
		return
	}
	if n := len(c.out) - 1; n >= 0 && c.out[n].time == t {
		c.out = c.out[:n]
		if now == c.before {
			s.serving = now
			return
		}
	} else {
		c.before = s.serving
	}
	s.serving = now
	c.out = append(c.out, move{t, now})
}

// stay camps at one place, as long as the same sites are on the air.
func (c *camper) stay(r *rand.Rand, s *camping, d day, seg *Segment) {
	list := c.radio.Camp(s.ue, seg.From)
	for t := seg.Start; ; {
		live, why, until := list, flags(0), seg.End
		if c.air != nil {
			live, why, until = c.reach(s.ue, list, seg.From, t, seg.End)
			if s.fadeEnd > t {
				s.fadeEnd = c.air.goesDark(c.site[s.cell], t, s.fadeEnd)
			}
		}
		c.rest(r, s, d, t, until, live, why)
		if t = until; t >= seg.End {
			return
		}
	}
}

// rest: the best cell of the place, and now and then an excursion: a slow fade to
// another of its candidates, most often to the likeliest, or a drift to a
// distant cell. Where there is but one candidate, a phone does not fade: to and
// fro go those in overlaps.
func (c *camper) rest(r *rand.Rand, s *camping, d day, t, end uint32, list []network.Candidate, why flags) {
	s.base = serving{list[0].Cell, why}
	if s.fadeEnd > t { // from before midnight, or before the sites on the air changed
		if s.fadeEnd >= end {
			return
		}
		t = s.fadeEnd
	}
	s.fadeEnd = 0
	c.take(s, t, s.base)
	others, far, dense := list[1:], c.distant[c.site[s.base.cell]], c.dense[s.base.cell]
	fades, nightly, drifts := c.phone.Fades, c.phone.FadesNight, 0.0
	if len(others) == 0 {
		fades, nightly = 0, 0
	}
	if len(far) > 0 {
		drifts = c.phone.Drifts / dense
	}
	most := max(fades, nightly)
	rate := (most + drifts) * dense / 3600
	if rate <= 0 {
		return
	}
	for {
		// Thinning (Lewis & Shedler 1979): candidates at the highest rate.
		gap := r.ExpFloat64() / rate
		if gap >= float64(end-t) {
			return
		}
		t += uint32(gap)
		now := fades
		if t-d.midnight < 6*3600 {
			now = nightly
		}
		to, mean := serving{why: why | pingPong}, c.phone.FadeMeanS
		switch u := r.Float64() * (most + drifts); {
		case u < now:
			to.cell = draw(others, r.Float64())
		case u < most:
			continue
		default:
			to, mean = serving{far[r.IntN(len(far))], why | drift}, c.phone.DriftMeanS
		}
		back := t + 5 + uint32(min(r.ExpFloat64()*mean, 4*3600))
		if c.air != nil {
			// Sites of candidates last until end; a distant one may not.
			if back = min(back, c.air.goesDark(c.site[to.cell], t, back)); back == t {
				continue
			}
		}
		c.take(s, t, to)
		if back >= end {
			s.fadeEnd = back
			return
		}
		t = back
		c.take(s, t, s.base)
	}
}

// draw is the cell that u in [0, 1) picks by the candidates' probabilities.
func draw(list []network.Candidate, u float64) sigcity.AreaID {
	sum := float32(0)
	for i := range list {
		sum += list[i].Attach
	}
	left := float32(u) * sum
	for i := range list[:len(list)-1] {
		if left -= list[i].Attach; left < 0 {
			return list[i].Cell
		}
	}
	return list[len(list)-1].Cell
}

// trip: look around at even steps along the course, where a link ends, and where
// the cell's site goes off the air. Along links it takes what is known of them.
func (c *camper) trip(s *camping, seg *Segment) {
	s.fadeEnd = 0
	if seg.Path != nil && c.air == nil {
		c.drive(s, seg)
		return
	}
	c.course.lay(seg)
	looked := c.follow(s, seg)
	c.lose(s, seg, looked, seg.End)
	s.ue.Medium = network.Surface
}

// follow looks around along the course, and returns when it did so last.
func (c *camper) follow(s *camping, seg *Segment) (looked uint32) {
	looked = seg.Start + uint32(c.course.at[0])
	c.steps(s, func(second float64, q geo.XY) {
		t := seg.Start + uint32(second)
		c.lose(s, seg, looked, t)
		c.look(s, t, q)
		looked = t
	})
	return looked
}

// steps calls look where a phone on the course looks around: in even steps from
// the last turn on, and at turns.
func (c *camper) steps(s *camping, look func(second float64, q geo.XY)) {
	pts, at, turns := c.course.pts, c.course.at, c.course.turns
	passed, next := 0.0, c.step[s.cell] // m from the start
	for i := 1; i < len(pts); i++ {
		d := pts[i-1].Dist(pts[i])
		if m := c.course.mediumTo(i); m != s.ue.Medium { // in or out of a tunnel: at once
			s.ue.Medium, next = m, passed
		}
		for next < passed+d {
			f := (next - passed) / d
			look(at[i-1]+float64(f*(at[i]-at[i-1])), pts[i-1].Lerp(pts[i], f))
			next += c.step[s.cell]
		}
		passed += d
		for ; len(turns) > 0 && turns[0] == i; turns = turns[1:] {
			look(at[i], pts[i])
			next = passed + c.step[s.cell]
		}
	}
}

// look changes to what reselect says. A phone that keeps a cell of an excursion
// is back when that is the best one.
func (c *camper) look(s *camping, t uint32, q geo.XY) {
	var now serving
	if c.air == nil {
		now.cell, c.rank = c.radio.Reselect(s.ue, q, s.cell)
	} else {
		var list []network.Candidate
		list, now.why, _ = c.reach(s.ue, c.radio.Camp(s.ue, q), q, t, t)
		now.cell, c.rank = reselect(list, s.cell)
	}
	if c.rank > 0 {
		now.why |= s.why & strayed
	}
	c.take(s, t, now)
}

// reselect is the cell that a phone in the cell now goes for: the best of the
// candidates, unless its own is among them and holds; and where in the list it is.
func reselect(list []network.Candidate, now sigcity.AreaID) (cell sigcity.AreaID, rank int) {
	for i := range list {
		if list[i].Cell == now && list[i].Holds(list[0]) {
			return now, i
		}
	}
	return list[0].Cell, 0
}
