package gen

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
)

// plainUse is traffic.use as one would write it: a draw for each thing that is
// left to chance, by the rhythm's own day, and a sort.
func plainUse(t *traffic, r *rand.Rand, u *user, d day, segs []Segment) (out []demand) {
	p := t.phone
	log := func(lo, hi float64) uint32 { return uint32(math.Round(lo * math.Pow(hi/lo, r.Float64()))) }
	mood := math.Exp(0.3*r.NormFloat64() - 0.045)
	for v := r.ExpFloat64() / (p.Bursts * u.data * mood); v < 1; v += r.ExpFloat64() / (p.Bursts * u.data * mood) {
		at := d.at(t.rhythm.at(v) + u.shift)
		k := slices.IndexFunc(segs, func(s Segment) bool { return s.Start <= at && at < s.End })
		if r.Float64() >= appetite(&segs[k]) {
			continue
		}
		for more := true; more; at += log(p.GapMinS, p.GapMaxS) {
			if r.Float64() < p.Streams {
				long := uint32(math.Round(min(p.StreamS*math.Exp(r.NormFloat64()), maxStreamS)))
				out = append(out, newDemand(at, sigcity.ServiceRequest, long))
				at += long
			} else {
				for e := sigcity.ServiceRequest; ; e = reconnect {
					long := uint32(math.Round(2 + p.ConnectionS*r.ExpFloat64()))
					out = append(out, newDemand(at, e, long))
					if at += long; r.Float64() >= p.Reconnects {
						break
					}
					at += log(p.PauseMinS, p.PauseMaxS)
				}
			}
			more = r.Float64() < p.BurstMore
		}
	}
	rate := p.Background * min(u.data, 1) / 3600
	for s := r.ExpFloat64() / rate; s < float64(d.length); s += r.ExpFloat64() / rate {
		out = append(out, newDemand(d.midnight+uint32(s), sigcity.ServiceRequest, 4+uint32(r.ExpFloat64()*6)))
	}
	slices.Sort(out)
	return out
}

// Data use is distributed as by plain draws, in how much there is of it and when,
// for users whose days begin early and late: two-sample Kolmogorov-Smirnov
// tests on independent days. Each of the 18 fails by chance once in a million
// runs (P(D > ε) ≤ 2 exp(−ε² n) for two samples of n, Wei & Dudley 2012), all
// together less often than once in 50,000.
func TestUseIsPlainUse(t *testing.T) {
	const n, alpha = 4_000, 1e-6
	cfg := DefaultConfig().Phone
	traffic, r := newTraffic(&cfg), rand.New(rand.NewPCG(3, 4))
	d := day{midnight: 1_000_000, length: 86400}
	at := func(h float64) uint32 { return d.midnight + uint32(h*3600) }
	segs := []Segment{
		{Start: at(0), End: at(8), Kind: Home}, {Start: at(8), End: at(8.5), Mode: Walk}, {Start: at(8.5), End: at(16), Kind: Work},
		{Start: at(16), End: at(17), Mode: Car}, {Start: at(17), End: at(19), Kind: Hospital}, {Start: at(19), End: at(24), Kind: Home},
	}
	figures := []struct {
		name string
		of   func(day []demand) float64
	}{
		{"connections", func(x []demand) float64 { return float64(len(x)) }},
		{"sessions", func(x []demand) (n float64) {
			for _, d := range x {
				n += float64(d.first())
			}
			return n
		}},
		{"seconds connected", func(x []demand) (s float64) {
			for _, d := range x {
				s += float64(d.seconds())
			}
			return s
		}},
		{"first second", func(x []demand) float64 { return float64(x[0].time()) }},
		{"median second", func(x []demand) float64 { return float64(x[len(x)/2].time()) }},
		{"last second", func(x []demand) float64 { return float64(x[len(x)-1].time()) }},
		{"gap in the middle", func(x []demand) float64 { return float64(x[len(x)/2].time() - x[len(x)/2-1].time()) }},
		{"seconds of one", func(x []demand) float64 { return float64(x[len(x)/3].seconds()) }},
		{"seconds between 12 and 13 h", func(x []demand) (s float64) {
			for _, d := range x {
				if d.time() >= at(12) && d.time() < at(13) {
					s += float64(d.seconds())
				}
			}
			return s
		}},
	}
	for _, u := range []user{{data: 0.6, shift: -0.08}, {data: 1.3, shift: 0.06}} {
		got, want := make([][]float64, len(figures)), make([][]float64, len(figures))
		take := func(to [][]float64, day []demand) {
			if !slices.IsSorted(day) {
				t.Fatal("a day out of order")
			}
			if len(day) > 1 {
				for i, f := range figures {
					to[i] = append(to[i], f.of(day))
				}
			}
		}
		for i := range n {
			take(got, traffic.day(sigcity.Hash(1, "test.use", uint64(i)), &u, d, segs, &wants{}, nil, nil, nil).data)
			take(want, plainUse(traffic, r, &u, d, segs))
		}
		for i, f := range figures {
			slices.Sort(got[i])
			slices.Sort(want[i])
			t.Logf("%s: mean %.5g, plainly %.5g; quartiles %g %g %g, plainly %g %g %g", f.name, stat.Mean(got[i], nil), stat.Mean(want[i], nil),
				got[i][n/4], got[i][n/2], got[i][3*n/4], want[i][n/4], want[i][n/2], want[i][3*n/4])
			if D, most := stat.KolmogorovSmirnov(got[i], nil, want[i], nil), math.Sqrt(math.Log(2/alpha)/float64(min(len(got[i]), len(want[i])))); D > most {
				t.Errorf("data %g, %s: D = %.4f, want at most %.4f", u.data, f.name, D, most)
			}
		}
	}
}

// A run that is merged ends up in its place.
func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOf(rapid.Uint64Range(0, 100))
		var list []demand
		for _, part := range [2][]uint64{some.Draw(t, "before"), some.Draw(t, "added")} {
			slices.Sort(part)
			for _, x := range part {
				list = append(list, demand(x))
			}
			from := len(list) - len(part)
			want := slices.Sorted(slices.Values(list))
			if merge(list, from, nil); !slices.Equal(list, want) {
				t.Fatalf("merged %v, want %v", list, want)
			}
		}
	})
}
