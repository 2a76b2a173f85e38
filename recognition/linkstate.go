package recognition

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// LinkStateParams are the parameters of P13, docs/methods.md. Zero values take the
// defaults of DefaultLinkStateParams.
type LinkStateParams struct {
	Baseline  float64 // shortest way in light traffic in the time between two crossings, in standard deviations of positions at both together
	Slack     float64 // largest doubt about the time between two crossings, as a share of it
	MinMPS    float64 // slower is a stop, not traffic, m/s
	MaxShare  float64 // of the free speed; faster is an error: the path leads another way than the trip did
	MinProbes int     // fewer tell no state
	FreeShare float64 // of the free speed; not less is free
	JamShare  float64 // of the free speed; less is a jam
}

// DefaultLinkStateParams are the cell-level defaults.
func DefaultLinkStateParams() LinkStateParams {
	return LinkStateParams{Baseline: 2, Slack: 0.25, MinMPS: 1.5, MaxShare: 1.5, MinProbes: 5, FreeShare: 0.7, JamShare: 0.4}
}

// LinkState is how a link is in a slot of time.
type LinkState uint8

// The states of a link.
const (
	Unknown LinkState = iota // too few probes
	Free
	Slow
	Jam
)

// String is the state in one lower-case word.
func (s LinkState) String() string { return [...]string{"unknown", "free", "slow", "jam"}[s] }

// LinkSlot is a link in a slot of time.
type LinkSlot struct{ Link, Slot int32 }

// LinkFlow is what is known of a link in a slot. Its sums are whole numbers, so
// that their order tells nothing.
type LinkFlow struct {
	LinkSlot
	Probes       int64 // vehicles
	Decimetres   int64 // passed on the link
	Milliseconds int64 // that this took
	FreeMillis   int64 // that it takes in light traffic
}

// Speed is the harmonic mean of the probes' speeds weighted by what they passed, in m/s.
func (f LinkFlow) Speed() float64 { return float64(f.Decimetres) * 100 / float64(f.Milliseconds) }

// Ratio is the speed as a share of that in light traffic.
func (f LinkFlow) Ratio() float64 { return float64(f.FreeMillis) / float64(f.Milliseconds) }

// LinkStates gathers the speeds on links (P13) from matched trips by car. Two
// crossings of area borders on an unbroken path give the time that the links in
// between took; it is shared out among them as in light traffic. The
// place of a crossing is uncertain, so the time between two must suffice to go far enough
// in light traffic; else, and where the times are in doubt, the first is paired with a
// later one. (Time decides, which is certain: to ask for a long way would choose the
// pairs whose ways are thought too long.) It is for one goroutine at a time.
type LinkStates struct {
	p     LinkStateParams
	sums  map[LinkSlot]*LinkFlow
	begin []course // of the passages of a match, and where the last one ends
}

// course is how far a match has come.
type course struct{ metres, free float64 }

// NewLinkStates starts without probes.
func NewLinkStates(p LinkStateParams) (*LinkStates, error) {
	def := DefaultLinkStateParams()
	for _, v := range []struct{ p, def *float64 }{{&p.Baseline, &def.Baseline}, {&p.Slack, &def.Slack}, {&p.MinMPS, &def.MinMPS},
		{&p.MaxShare, &def.MaxShare}, {&p.FreeShare, &def.FreeShare}, {&p.JamShare, &def.JamShare}} {
		if *v.p == 0 {
			*v.p = *v.def
		}
		if !(*v.p > 0) || math.IsInf(*v.p, 1) {
			return nil, fmt.Errorf("link states: parameter %g, must be positive", *v.p)
		}
	}
	p.MinProbes = cmp.Or(p.MinProbes, def.MinProbes)
	switch {
	case p.MinProbes < 1:
		return nil, fmt.Errorf("link states: %d probes, must be at least 1", p.MinProbes)
	case p.JamShare > p.FreeShare || p.FreeShare > p.MaxShare:
		return nil, fmt.Errorf("link states: jam below %g, free from %g and error above %g of the free speed, must ascend", p.JamShare, p.FreeShare, p.MaxShare)
	}
	return &LinkStates{p: p, sums: map[LinkSlot]*LinkFlow{}}, nil
}

// Add takes up the probes of a match; slot numbers the slots of time (Unix
// seconds), negative where none is wanted.
func (s *LinkStates) Add(m *Match, slot func(t uint32) int32) {
	at := course{}
	s.begin = append(s.begin[:0], at)
	for _, p := range m.Passages {
		at = course{at.metres + p.Metres, at.free + p.Seconds}
		s.begin = append(s.begin, at)
	}
	cs := m.Crossings
	counted, in := -1, LinkSlot{} // the passage and slot of the last probe
	for i := 0; i < len(cs); {
		j := i + 1
		for j < len(cs) && cs[j].Part == cs[i].Part && !s.fits(cs[i], cs[j]) {
			j++
		}
		if j == len(cs) || cs[j].Part != cs[i].Part {
			i++
			continue
		}
		a, b := cs[i], cs[j]
		i = j
		from, to := s.at(a.Metres), s.at(b.Metres)
		pace := (b.Time - a.Time) / (to.free - from.free)
		if b.Metres-a.Metres < s.p.MinMPS*(b.Time-a.Time) || pace*s.p.MaxShare < 1 {
			continue
		}
		first, _ := slices.BinarySearchFunc(s.begin, from.metres, func(c course, metres float64) int { return cmp.Compare(c.metres, metres) })
		for k := max(first-1, 0); k < len(m.Passages) && s.begin[k].metres < to.metres; k++ {
			f, t := s.begin[k], s.begin[k+1]
			f, t = course{max(f.metres, from.metres), max(f.free, from.free)}, course{min(t.metres, to.metres), min(t.free, to.free)}
			key := LinkSlot{m.Passages[k].Link, slot(uint32(a.Time + float64(((f.free+t.free)/2-from.free)*pace)))}
			if t.metres <= f.metres || key.Slot < 0 {
				continue
			}
			flow := s.of(key)
			flow.Decimetres += int64(math.Round((t.metres - f.metres) * 10))
			flow.Milliseconds += int64(math.Round((t.free - f.free) * pace * 1000))
			flow.FreeMillis += int64(math.Round((t.free - f.free) * 1000))
			if k != counted || key != in { // the pair before may have ended on the same passage
				flow.Probes++
			}
			counted, in = k, key
		}
	}
}

// at is how far the match has come some metres after its begin.
func (s *LinkStates) at(metres float64) course {
	k, _ := slices.BinarySearchFunc(s.begin, metres, func(c course, metres float64) int { return cmp.Compare(c.metres, metres) })
	if k == 0 {
		return s.begin[0]
	}
	if k == len(s.begin) {
		return s.begin[k-1]
	}
	a, b := s.begin[k-1], s.begin[k]
	return course{metres, a.free + float64((b.free-a.free)*(metres-a.metres)/(b.metres-a.metres))}
}

// fits reports whether two crossings are far enough apart in time.
func (s *LinkStates) fits(a, b Crossing) bool {
	way, free := b.Metres-a.Metres, s.at(b.Metres).free-s.at(a.Metres).free
	return free > 0 && (b.Time-a.Time)*way/free >= s.p.Baseline*(a.Sigma+b.Sigma) && a.Slack+b.Slack <= s.p.Slack*(b.Time-a.Time)
}

func (s *LinkStates) of(key LinkSlot) *LinkFlow {
	f := s.sums[key]
	if f == nil {
		f = &LinkFlow{LinkSlot: key}
		s.sums[key] = f
	}
	return f
}

// Reset forgets what was gathered.
func (s *LinkStates) Reset() { clear(s.sums) }

// Put adds sums gathered elsewhere.
func (s *LinkStates) Put(o LinkFlow) {
	f := s.of(o.LinkSlot)
	f.Probes += o.Probes
	f.Decimetres += o.Decimetres
	f.Milliseconds += o.Milliseconds
	f.FreeMillis += o.FreeMillis
}

// Merge adds what other has gathered; other is not changed.
func (s *LinkStates) Merge(other *LinkStates) {
	for _, f := range other.sums { // sums of whole numbers: in any order
		s.Put(*f)
	}
}

// Flows lists the sums by link and slot.
func (s *LinkStates) Flows() []LinkFlow {
	out := make([]LinkFlow, 0, len(s.sums))
	for _, f := range s.sums {
		out = append(out, *f)
	}
	slices.SortFunc(out, func(a, b LinkFlow) int { return cmp.Or(cmp.Compare(a.Link, b.Link), cmp.Compare(a.Slot, b.Slot)) })
	return out
}

// State tells how a link is.
func (s *LinkStates) State(f LinkFlow) LinkState {
	switch v := f.Ratio(); {
	case f.Probes < int64(s.p.MinProbes) || f.Milliseconds == 0:
		return Unknown
	case v >= s.p.FreeShare:
		return Free
	case v < s.p.JamShare:
		return Jam
	}
	return Slow
}
