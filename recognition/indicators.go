package recognition

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// PositionFix is a moment at a point: the input of the individual indicators.
type PositionFix struct {
	Time uint32    // Unix seconds
	At   orb.Point // lon, lat in degrees
}

// FixesOfRecords appends one fix per record: the middle of its interval at the
// centre of its area.
func FixesOfRecords(dst []PositionFix, rows []sigcity.Record, areas []sigcity.Area) []PositionFix {
	for _, r := range rows {
		dst = append(dst, PositionFix{moment(r), areas[r.Area].Center})
	}
	return dst
}

// FixesOfStays appends one fix per stay: its start at the centre of its area.
func FixesOfStays(dst []PositionFix, stays []Stay, areas []sigcity.Area) []PositionFix {
	for _, s := range stays {
		dst = append(dst, PositionFix{s.Start, areas[s.Area].Center})
	}
	return dst
}

// Indicators are the individual mobility measures of one sequence of fixes, as
// scikit-mobility defines them (Pappalardo et al. 2022): distances are
// great-circle distances, entropies are in bits. A location is a point: fixes at
// equal coordinates are at one location.
type Indicators struct {
	Visits    int // fixes
	Locations int // different points

	Gyration  float64 // km; root mean square distance from the mean of the coordinates
	KGyration float64 // km; the same over the fixes at the K most visited locations (Pappalardo et al. 2015)

	RandomEntropy       float64 // log2 of the number of locations
	UncorrelatedEntropy float64 // Shannon entropy of the visits by location (Song et al. 2010)
	RealEntropy         float64 // of the sequence, by its Lempel–Ziv estimate (Kontoyiannis et al. 1998); 0 for fewer than two fixes

	Home     orb.Point // most fixes from 22:00 to 07:00 local time, else most of all; of equals the one visited first
	FromHome float64   // km; maximum distance of a fix from Home
	MaxJump  float64   // km; maximum distance between consecutive fixes
	Straight float64   // km; sum of the distances between consecutive fixes
}

// IndicatorFinder measures sequences of fixes. Its cost is quadratic in the
// number of fixes (real entropy). It reuses its memory; one per goroutine.
type IndicatorFinder struct {
	cal    *sigcity.Calendar
	k      int
	order  []int32 // fixes by point, then time
	seq    []int32 // location per fix
	counts []locationCount
	match  []int32
}

// locationCount is what one location saw.
type locationCount struct {
	at            orb.Point
	visits, night int
	first         int32 // its first fix
	rank          int
}

// NewIndicatorFinder takes local time from cal and the k-radius of gyration over
// the k most visited locations (0 = 2, as scikit-mobility).
func NewIndicatorFinder(cal *sigcity.Calendar, k int) *IndicatorFinder {
	return &IndicatorFinder{cal: cal, k: cmp.Or(max(k, 0), 2)}
}

// Find measures fixes, which are in ascending time. Without any all is zero.
func (f *IndicatorFinder) Find(fixes []PositionFix) Indicators {
	if len(fixes) == 0 {
		return Indicators{}
	}
	f.locate(fixes)
	out := Indicators{Visits: len(fixes), Locations: len(f.counts)}
	out.Gyration = gyration(fixes, func(int) bool { return true })
	out.RandomEntropy = math.Log2(float64(len(f.counts)))
	for _, c := range f.counts {
		p := float64(c.visits) / float64(len(fixes))
		out.UncorrelatedEntropy -= float64(p * math.Log2(p))
	}
	out.RealEntropy = f.realEntropy()
	out.Home = f.home()
	for i, x := range fixes {
		out.FromHome = max(out.FromHome, geo.Distance(x.At, out.Home)/1000)
		if i > 0 {
			d := geo.Distance(x.At, fixes[i-1].At) / 1000
			out.MaxJump = max(out.MaxJump, d)
			out.Straight += d
		}
	}
	f.rank()
	out.KGyration = gyration(fixes, func(i int) bool { return f.counts[f.seq[i]].rank < f.k })
	return out
}

// locate numbers the points in order of their first visit.
func (f *IndicatorFinder) locate(fixes []PositionFix) {
	f.order, f.seq = f.order[:0], slices.Grow(f.seq[:0], len(fixes))[:len(fixes)]
	for i := range fixes {
		f.order = append(f.order, int32(i))
	}
	slices.SortFunc(f.order, func(i, j int32) int {
		a, b := fixes[i].At, fixes[j].At
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(i, j))
	})
	// First the first fix of each point, then numbers in order of these.
	for k, i := range f.order {
		f.seq[i] = i
		if k > 0 && fixes[f.order[k-1]].At == fixes[i].At {
			f.seq[i] = f.seq[f.order[k-1]]
		}
	}
	f.counts = f.counts[:0]
	for i, x := range fixes {
		if first := f.seq[i]; first == int32(i) {
			f.counts = append(f.counts, locationCount{at: x.At, first: first})
			f.seq[i] = int32(len(f.counts) - 1)
		} else {
			f.seq[i] = f.seq[first] // already a number: first is earlier
		}
		c := &f.counts[f.seq[i]]
		c.visits++
		if second := timeOfDay(f.cal, x.Time); second >= 22*hour || second <= 7*hour {
			c.night++
		}
	}
}

// home is the location with most fixes at night, or of all where night has none.
func (f *IndicatorFinder) home() orb.Point {
	best := slices.MaxFunc(f.counts, func(a, b locationCount) int {
		return cmp.Or(cmp.Compare(a.night, b.night), cmp.Compare(b.first, a.first))
	})
	if best.night == 0 {
		best = slices.MaxFunc(f.counts, func(a, b locationCount) int {
			return cmp.Or(cmp.Compare(a.visits, b.visits), cmp.Compare(b.first, a.first))
		})
	}
	return best.at
}

// rank ranks the locations by visits; of equals the one visited first.
func (f *IndicatorFinder) rank() {
	f.order = f.order[:0]
	for i := range f.counts {
		f.order = append(f.order, int32(i))
	}
	slices.SortFunc(f.order, func(i, j int32) int {
		return cmp.Or(cmp.Compare(f.counts[j].visits, f.counts[i].visits), cmp.Compare(i, j))
	})
	for rank, i := range f.order {
		f.counts[i].rank = rank
	}
}

// gyration is the root mean square distance of the chosen fixes from the mean
// of their coordinates, km.
func gyration(fixes []PositionFix, chosen func(i int) bool) float64 {
	var mean orb.Point
	n := 0.0
	for i, x := range fixes {
		if chosen(i) {
			mean[0], mean[1], n = mean[0]+x.At[0], mean[1]+x.At[1], n+1
		}
	}
	mean[0], mean[1] = mean[0]/n, mean[1]/n
	sum := 0.0
	for i, x := range fixes {
		if chosen(i) {
			d := geo.Distance(x.At, mean) / 1000
			sum += float64(d * d)
		}
	}
	return math.Sqrt(sum / n)
}

// realEntropy is n·log2 n / ΣΛ, Λ(i) being the length of the shortest sequence
// from fix i on that does not occur before i. A match that runs into the end of
// the data counts one more, as scikit-mobility does.
func (f *IndicatorFinder) realEntropy() float64 {
	n := len(f.seq)
	if n < 2 {
		return 0
	}
	// match[p] is how far the sequences from p and from i agree; from the last i to the first.
	f.match = slices.Grow(f.match[:0], n+1)[:n+1]
	clear(f.match)
	sum := 0
	for i := n - 1; i >= 0; i-- {
		longest := int32(0)
		for p := range i {
			if f.seq[p] != f.seq[i] {
				f.match[p] = 0
				continue
			}
			f.match[p] = f.match[p+1] + 1
			longest = max(longest, min(f.match[p], int32(i-p)))
		}
		f.match[i] = 0
		sum += int(longest) + 1
	}
	return float64(n) * math.Log2(float64(n)) / float64(sum)
}
