package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sigcity/sigcity/geo"
)

// randomTransit is a network of straight lines between random stops, some of
// them loops.
func randomTransit(r *rand.Rand) *Transit {
	n := 2 + r.IntN(24)
	stops := make([]Stop, n)
	for i := range stops {
		stops[i] = Stop{Pos: randomPoint(r), Hub: -1}
	}
	lines := make([]Line, r.IntN(12))
	for i := range lines {
		l := Line{Mode: LineMode(r.IntN(int(HighSpeed) + 1)), Headway: 60 + 3000*r.Float64()}
		for _, s := range r.Perm(n)[:2+r.IntN(min(n, 8)-1)] {
			l.Stops = append(l.Stops, int32(s))
		}
		if len(l.Stops) > 2 && r.IntN(2) == 0 {
			l.Stops = append(l.Stops, l.Stops[0])
		}
		l.At, l.Ride = make([]float64, len(l.Stops)), make([]float64, len(l.Stops))
		for k, s := range l.Stops {
			l.Shape = append(l.Shape, stops[s].Pos)
			if k > 0 {
				l.At[k] = l.At[k-1] + stops[s].Pos.Dist(stops[l.Stops[k-1]].Pos)
				l.Ride[k] = l.Ride[k-1] + l.Mode.Dwell() + 10 + 300*r.Float64()
			}
		}
		if r.IntN(3) == 0 {
			for range l.Stops {
				l.Calls = append(l.Calls, CallUse(r.IntN(3)))
			}
		}
		lines[i] = l
	}
	return newTransit(lines, stops)
}

func randomPoint(r *rand.Rand) geo.XY {
	return geo.XY{X: 6000 * r.Float64(), Y: 4000 * r.Float64()}
}

// byHand is the least time to each stop with at most k boardings, on board and
// in all, by trying every pair of stops of every line and every walk.
func byHand(t *Transit, origin geo.XY) (rides, all []float64) {
	n := len(t.stops)
	type state struct {
		time float64
		ride bool
	}
	before := make([]state, n) // the best of fewer boardings
	rides = make([]float64, n)
	for s := range n {
		before[s], rides[s] = state{math.Inf(1), false}, math.Inf(1)
		if d := t.stops[s].Pos.Dist(origin); d <= t.reach[s] {
			before[s].time = d / metresASecond
		}
	}
	for range Boardings {
		now := append([]state(nil), before...)
		arrived := make([]float64, n)
		for s := range arrived {
			arrived[s] = math.Inf(1)
		}
		for _, l := range t.lines {
			for i := range len(l.Stops) - 1 {
				if l.Calls != nil && l.Calls[i] == AlightOnly {
					continue
				}
				b := before[l.Stops[i]]
				for j := range l.Stops {
					if j <= i && !(l.Stops[0] == l.Stops[len(l.Stops)-1] && len(l.Stops) > 2 && j > 0 && j < i) {
						continue
					}
					if l.Calls != nil && l.Calls[j] == BoardOnly {
						continue
					}
					at := b.time + min(l.Headway/2, 600) + l.Seconds(i, j)
					if b.ride {
						at += 60
					}
					arrived[l.Stops[j]] = min(arrived[l.Stops[j]], at)
				}
			}
		}
		sooner := make([]bool, n)
		for s := range now {
			sooner[s] = arrived[s] < rides[s]
			rides[s] = min(rides[s], arrived[s])
			if arrived[s] < now[s].time {
				now[s] = state{arrived[s], true}
			}
		}
		for s := range now {
			if !sooner[s] {
				continue
			}
			for w := range now {
				d := t.stops[s].Pos.Dist(t.stops[w].Pos)
				if at := arrived[s] + 60 + d/metresASecond; w != s && d <= transferM && t.reach[w] > 0 && at < now[w].time {
					now[w] = state{at, false}
				}
			}
		}
		before = now
	}
	for _, b := range before {
		all = append(all, b.time)
	}
	return rides, all
}

// TestRideIsOptimal: on random networks, the same ones in every run, times and
// journeys are those of trying everything.
func TestRideIsOptimal(t *testing.T) {
	journeys, changes, loops := 0, 0, 0
	for seed := range uint64(400) {
		rng := rand.New(rand.NewPCG(seed, 1))
		tr := randomTransit(rng)
		r := NewRide(tr)
		for range 5 { // a search must not see the one before
			origin := randomPoint(rng)
			r.From(origin)
			rides, all := byHand(tr, origin)
			for s, want := range all {
				if got := r.Time(s); !(math.Abs(got-want) <= 1e-6 || got == want) {
					t.Fatalf("seed %d: stop %d after %v s, want %v", seed, s, got, want)
				}
			}
			p := randomPoint(rng)
			want := math.Inf(1)
			if d := origin.Dist(p); d <= maxDirectM {
				want = d / metresASecond
			}
			for s, at := range rides {
				if d := tr.stops[s].Pos.Dist(p); d <= tr.reach[s] {
					want = min(want, at+d/metresASecond)
				}
			}
			legs, seconds, ok := r.To(nil, p)
			if ok != !math.IsInf(want, 1) || ok && math.Abs(seconds-want) > 1e-6 {
				t.Fatalf("seed %d: journey of %v s (%v), want %v", seed, seconds, ok, want)
			}
			if !ok {
				continue
			}
			if err := checkLegs(tr, legs, origin, p, seconds); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			n := 0
			for _, l := range legs {
				if l.Line >= 0 {
					n++
					if l.Alight <= l.Board {
						loops++
					}
				}
			}
			if n > 0 {
				journeys++
			}
			if n > 1 {
				changes++
			}
		}
	}
	if journeys < 200 || changes < 50 || loops < 10 {
		t.Errorf("%d journeys by line, %d with a change, %d past the end of a loop: too few to say anything", journeys, changes, loops)
	}
}

// checkLegs is an error where legs do not make a journey.
func checkLegs(t *Transit, legs []Leg, from, to geo.XY, seconds float64) error {
	rides, sum, at := 0, 0.0, from
	for _, l := range legs {
		if l.From.Dist(at) > 1e-9 {
			return fmt.Errorf("a leg from %v, one is at %v", l.From, at)
		}
		sum += l.Wait + l.Seconds
		if l.Line >= 0 {
			rides++
			line := &t.lines[l.Line]
			if l.Seconds <= 0 || t.stops[line.Stops[l.Board]].Pos != l.From || t.stops[line.Stops[l.Alight]].Pos != l.To {
				return fmt.Errorf("ride %+v of %v", l, line.Stops)
			}
			path := line.Stretch(nil, int(l.Board), int(l.Alight))
			if path[0].Dist(l.From) > 1e-6 || path[len(path)-1].Dist(l.To) > 1e-6 {
				return fmt.Errorf("ride from %v to %v along %v", l.From, l.To, path)
			}
		}
		at = l.To
	}
	if at.Dist(to) > 1e-9 || rides > Boardings || math.Abs(sum-seconds) > 1e-6 {
		return fmt.Errorf("%d rides of %v s to %v, want at most %d, %v s and %v", rides, sum, at, Boardings, seconds, to)
	}
	return nil
}

// TestNoLines: a city without lines has a transit that leads nowhere but on foot.
func TestNoLines(t *testing.T) {
	c := buildTown(t, town(6), Options{TimeZone: "UTC"})
	r := NewRide(c.Transit())
	r.From(geo.XY{})
	if legs, s, ok := r.To(nil, geo.XY{X: 300}); !ok || len(legs) != 1 || legs[0].Line != -1 || math.Abs(s-300/metresASecond) > 1e-9 {
		t.Errorf("300 m: %v, %v s, %v", legs, s, ok)
	}
	if legs, s, ok := r.To(nil, geo.XY{X: 30_000}); ok || len(legs) != 0 || !math.IsInf(s, 1) {
		t.Errorf("30 km: %v, %v s, %v", legs, s, ok)
	}
}

// Catchments find the stops that an index finds, in its order.
func TestStopsNear(t *testing.T) {
	found := 0
	for seed := range uint64(100) {
		rng := rand.New(rand.NewPCG(seed, 5))
		tr := randomTransit(rng)
		for range 20 {
			p := randomPoint(rng)
			if rng.IntN(4) == 0 { // beyond the stops too
				p = geo.XY{X: 5 * p.X, Y: -3 * p.Y}
			}
			var want []walkTo
			tr.index.Within(p, tr.far, func(s int, d float64) {
				if d <= tr.reach[s] {
					want = append(want, walkTo{int32(s), d / metresASecond})
				}
			})
			if got := tr.near(nil, p); !slices.Equal(got, want) {
				t.Fatalf("seed %d: near %v are %v, want %v", seed, p, got, want)
			}
			found += len(want)
		}
	}
	if found < 1000 {
		t.Errorf("%d stops: too few to say anything", found)
	}
}

// A skim tells, to the second, the fastest of the journeys that begin at each
// stop near the origin; and the search that follows it finds that one.
func TestSkim(t *testing.T) {
	none, some, changes := 0, 0, 0
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		tr := randomTransit(rng)
		r, one := NewRide(tr), NewRide(tr)
		for range 4 {
			a, b := randomPoint(rng), randomPoint(rng)
			want := math.Inf(1)
			if d := a.Dist(b); d <= maxDirectM {
				want = d / metresASecond
			}
			foot := want
			for _, w := range tr.near(nil, a) {
				one.search(a, []walkTo{w}, Boardings, math.Inf(1), nil)
				if _, s, ok := one.To(nil, b); ok {
					want = min(want, s)
				}
			}
			x, ok := r.Skim(a, b)
			if !ok {
				if want < foot-1 {
					t.Fatalf("seed %d: no journey, want one of %v s", seed, want)
				}
				none++
				continue
			}
			some++
			if math.Abs(x.Seconds-want) > 1 {
				t.Fatalf("seed %d: a journey of %v s, want %v", seed, x.Seconds, want)
			}
			legs, seconds, ok := r.Via(nil, a, b, x)
			one.search(a, []walkTo{{x.Board, a.Dist(tr.stops[x.Board].Pos) / metresASecond}}, x.Rides, x.Seconds+1, nil)
			if plain, s, _ := one.To(nil, b); !slices.Equal(plain, legs) || s != seconds {
				t.Fatalf("seed %d: toward the destination %v, a search everywhere finds %v", seed, legs, plain)
			}
			if !ok || math.Abs(seconds-x.Seconds) > 1 {
				t.Fatalf("seed %d: legs of %v s (%v), the skim has %v", seed, seconds, ok, x.Seconds)
			}
			if len(legs) == 1 { // within the second, on foot is as fast
				continue
			}
			if err := checkLegs(tr, legs, a, b, seconds); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			aboard, rides := 0.0, 0
			for _, l := range legs {
				if l.Line >= 0 {
					aboard, rides = aboard+l.Seconds, rides+1
				}
			}
			if changes += rides - 1; math.Abs(seconds-want) < 1e-6 && rides == x.Rides && math.Abs(aboard-x.Aboard) > 1 {
				t.Fatalf("seed %d: %v s aboard, the skim has %v", seed, aboard, x.Aboard)
			}
		}
	}
	if none < 40 || some < 200 || changes < 20 {
		t.Errorf("%d journeys with %d changes, %d times none: too few to say anything", some, changes, none)
	}
}
