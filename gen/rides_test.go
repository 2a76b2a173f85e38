package gen

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/network/synthcity"
)

// All on one city with all kinds of lines.
func TestRides(t *testing.T) {
	city := preset(t, "medium")
	for name, test := range map[string]func(*testing.T, *network.City){
		"along lines": ridersFollowLines, "truth": truthTellsRides, "determined": ridesAreDetermined, "choice": choice, "allocations": journeysAllocateNothing,
	} {
		t.Run(name, func(t *testing.T) { test(t, city) })
	}
}

// preset is a procedural city.
func preset(t testing.TB, name string) *network.City {
	t.Helper()
	p, err := synthcity.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := synthcity.Make(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	city, err := network.LoadObjects(t.Context(), made.Objects(), network.Options{Name: name, TimeZone: p.TimeZone, Seed: 1, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// offLine is how far p lies from a line's shape, in metres.
func offLine(l *network.Line, p geo.XY) float64 {
	best := math.Inf(1)
	for k := 1; k < len(l.Shape); k++ {
		a, b := l.Shape[k-1], l.Shape[k]
		f := 0.0
		if d := a.Dist2(b); d > 0 {
			f = min(max(((p.X-a.X)*(b.X-a.X)+(p.Y-a.Y)*(b.Y-a.Y))/d, 0), 1)
		}
		best = min(best, p.Dist(a.Lerp(b, f)))
	}
	return best
}

// Riders go along their lines, in the cells of what they are in.
func ridersFollowLines(t *testing.T, city *network.City) {
	c := course{graph: city.Graph()}
	phone := DefaultConfig().Phone
	camper := newCamper(city, &phone, nil, newTracks(city))
	trips, in := map[Mode]int{}, map[network.Medium]float64{} // m
	livedBy(t, newGeneratorOn(t, city, config(6000, 1, 2), nil), func(p *partRun, d day, person uint32, segs []Segment) {
		for i := range segs {
			s := &segs[i]
			if s.Mode.rides() != (s.Journey != nil) || s.Mode == Transit || s.Journey != nil && s.Path != nil {
				t.Fatalf("a trip by %s with journey %v and path %v", s.Mode, s.Journey, s.Path)
			}
			if s.Mode != Stay {
				trips[s.Mode]++
			}
			if s.Journey == nil {
				continue
			}
			checkJourney(t, city, s)
			c.lay(s)
			checkCourse(t, city, &c, s)
			for m, d := range checkCells(t, city, camper, s) {
				in[m] += d
			}
		}
	})
	t.Logf("trips %v, metres in each medium %v", trips, in)
	for m, least := range map[Mode]int{Bus: 100, Metro: 50, Rail: 5, Walk: 1000, Bike: 100, Car: 1000} {
		if trips[m] < least {
			t.Errorf("%d trips by %s, want %d at least", trips[m], m, least)
		}
	}
	if in[network.MetroTunnel] < 1e5 || in[network.HighSpeedTrain] < 1e4 || in[network.Surface] < 1e5 {
		t.Errorf("metres in each medium: %v", in)
	}
}

// checkJourney: times are in order, and rides go from stop to stop in the time of
// the line.
func checkJourney(t *testing.T, city *network.City, s *Segment) {
	t.Helper()
	now, modes := int32(0), []Mode(nil)
	for _, x := range s.Journey.Rides {
		l := &city.Lines[x.Line]
		if x.Reach < now || x.Start < x.Reach || x.End <= x.Start {
			t.Fatalf("times turn back: %+v after %d", x, now)
		}
		if took, want := float64(x.End-x.Start), l.Seconds(int(x.Board), int(x.Alight)); math.Abs(took-want) > 1 {
			t.Fatalf("a ride of %g s, the line takes %g", took, want)
		}
		if wait := float64(x.Start - x.Reach); wait > 2*l.Wait()+61 {
			t.Fatalf("a wait of %g s for a line with a mean of %g", wait, l.Wait())
		}
		now, modes = x.End, append(modes, on(l.Mode))
	}
	if int32(s.End-s.Start) < now || !slices.Contains(modes, s.Mode) || len(modes) == 0 {
		t.Fatalf("%s of %d s with rides by %v until %d", s.Mode, s.End-s.Start, modes, now)
	}
}

// checkCourse: the course joins the ends, time never turns back, and on board it
// is on the line, at each second of a ride.
func checkCourse(t *testing.T, city *network.City, c *course, s *Segment) {
	t.Helper()
	if c.pts[0] != s.From || c.pts[len(c.pts)-1] != s.To || c.at[len(c.at)-1] != float64(s.End-s.Start) {
		t.Fatalf("the course does not join the ends of %+v", s)
	}
	for k := 1; k < len(c.at); k++ {
		if c.at[k] < c.at[k-1] {
			t.Fatalf("time turns back at point %d of %d", k, len(c.at))
		}
		if v := c.pts[k].Dist(c.pts[k-1]) / (c.at[k] - c.at[k-1]); c.pts[k].Dist(c.pts[k-1]) > 0.01 && v > 110 {
			t.Fatalf("%g m/s to point %d of %v", v, k, s.Journey.Rides)
		}
	}
	for _, x := range s.Journey.Rides {
		l := &city.Lines[x.Line]
		for at := x.Start; at <= x.End; at += max(1, (x.End-x.Start)/7) {
			if off := offLine(l, c.position(float64(at))); off > 0.1 {
				t.Fatalf("%d s after the start of %+v the rider is %.1f m off the line", at, x, off)
			}
		}
	}
}

// checkCells: wherever the medium has been the same for 100 m, the phone is in a
// cell of that medium. It returns the metres in each.
func checkCells(t *testing.T, city *network.City, c *camper, s *Segment) map[network.Medium]float64 {
	t.Helper()
	kinds := map[network.Medium]network.SiteKind{network.MetroTunnel: network.MetroSite, network.HighSpeedTrain: network.CorridorSite}
	state := camping{serving: serving{cell: city.Serving(0, s.From)}}
	begin := state.cell
	c.out = c.out[:0]
	c.trip(&state, s)
	c.course.lay(s)
	in, since := map[network.Medium]float64{}, 0.0
	for i := 1; i < len(c.course.pts); i++ {
		m, d := c.course.mediumTo(i), c.course.pts[i-1].Dist(c.course.pts[i])
		if m != c.course.mediumTo(i-1) {
			since = 0
		}
		since += d
		in[m] += d
		if since < 100 {
			continue
		}
		cell, at := begin, s.Start+uint32(c.course.at[i])
		for _, move := range c.out {
			if move.time <= at {
				cell = move.cell
			}
		}
		changes := false // within this second
		for k := i + 1; k < len(c.course.pts) && c.course.at[k-1] < c.course.at[i]+1; k++ {
			changes = changes || c.course.mediumTo(k) != m
		}
		if changes {
			continue
		}
		got, want := city.Sites[city.Cells[cell].Site].Kind, kinds[m]
		if got != want && !(m == network.Surface && got == network.IndoorSite) {
			t.Fatalf("%d s after the start, %.0f m in medium %d, the phone is in a cell of kind %s", at-s.Start, since, m, got)
		}
	}
	return in
}

// What a reader makes of the truth on disk is where riders were: to about 3 m of
// simplified shapes and what these take from the length of the way.
func truthTellsRides(t *testing.T, city *network.City) {
	cfg := config(1500, 1, 2)
	cfg.Inhabitants = 1500
	truth, err := dataset.LoadTruth(t.Context(), generate(t, city, cfg), nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[[2]uint32]*dataset.Trip{}
	rides := 0
	for i := range truth.Trips {
		rows[[2]uint32{truth.Trips[i].Person, truth.Trips[i].Start}] = &truth.Trips[i]
		rides += len(truth.Trips[i].Rides)
	}
	r, err := newRoads(t.Context(), city, &cfg, cfg.Inhabitants)
	if err != nil {
		t.Fatal(err)
	}
	g := newGeneratorOn(t, city, cfg, r)
	c := course{graph: city.Graph()}
	seen := 0
	livedBy(t, g, func(p *partRun, d day, person uint32, segs []Segment) {
		for i := range segs {
			s := &segs[i]
			if s.Journey == nil {
				continue
			}
			row := rows[[2]uint32{person, s.Start}]
			if row == nil || row.Mode != s.Mode.String() || len(row.Rides) != len(s.Journey.Rides) {
				t.Fatalf("person %d: no row of the trip at %d, or another one: %+v", person, s.Start, row)
			}
			seen += len(row.Rides)
			c.lay(s)
			for at := s.Start; at < s.End; at += 7 {
				got, err := truth.Roads.At(row, at)
				if err != nil {
					t.Fatal(err)
				}
				if off := city.Proj.XY(got).Dist(c.position(float64(at - s.Start))); off > 12 {
					t.Fatalf("person %d at %d: %.2f m off: %+v", person, at-s.Start, off, row)
				}
			}
		}
	})
	if seen != rides || rides < 50 {
		t.Errorf("%d of %d rides seen", seen, rides)
	}
}

// A map without lines: nobody rides, and the manifest says so.
func TestCityWithoutLines(t *testing.T) {
	city := town(t)
	if len(city.Lines) > 0 {
		t.Fatal("the town has lines")
	}
	f := generate(t, city, config(500, 1, 2))
	truth, err := dataset.LoadTruth(t.Context(), f, nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range truth.Trips {
		if x := &truth.Trips[i]; !slices.Contains([]string{"walk", "bike", "car"}, x.Mode) || len(x.Rides) > 0 {
			t.Fatalf("a trip by %s with %d rides", x.Mode, len(x.Rides))
		}
	}
	if !slices.ContainsFunc(f.Manifest().Warnings, func(w string) bool { return strings.Contains(w, "nobody rides") }) || len(truth.Trips) < 500 {
		t.Errorf("%d trips, warnings %q", len(truth.Trips), f.Manifest().Warnings)
	}
}

// Rides do not depend on the number of workers, nor on the days after them.
func ridesAreDetermined(t *testing.T, city *network.City) {
	run := func(days, workers int) map[string]string {
		cfg := config(600, days, workers)
		cfg.Inhabitants = 600
		return hashes(generate(t, city, cfg), ofDays)
	}
	want := run(1, 1)
	if d := cmp.Diff(want, run(1, 7)); d != "" {
		t.Errorf("7 workers: %s", d)
	}
	long := run(2, 2)
	for path, sum := range want {
		if long[path] != sum {
			t.Errorf("%s differs in a longer run by 2 workers", path)
		}
	}
}

// Who has no car rides or is driven far, walks near; where and when nothing runs
// nobody rides; and the usual tastes make most ways those of the day before.
func choice(t *testing.T, city *network.City) {
	cfg := config(300, 1, 1)
	p := newPlanner(newGeneratorOn(t, city, cfg, nil).pop, &cfg.Life, nil)
	var from, far geo.XY // the ends of the longest bus line
	for i := range city.Lines {
		l := &city.Lines[i]
		if a, b := l.Shape[0], l.Shape[len(l.Shape)-1]; l.Mode == network.Bus && a.Dist(b) > from.Dist(far) {
			from, far = a, b
		}
	}
	count := func(who traveller, to geo.XY, at int32) map[Mode]int {
		out := map[Mode]int{}
		for i := range uint64(400) {
			who.taste = i
			u := tour{life: &cfg.Life, rider: p.rider, r: p.streams[0].Seed(i), home: from, who: who}
			u.begin(nil, atHome(from), 0, 24*3600)
			out[u.choose(to, at)]++
		}
		return out
	}
	const noon, night = 12 * 3600, 2 * 3600
	// Of 400 draws each bound is far beyond five standard deviations of the logit's shares.
	if got := count(traveller{}, far, noon); got[Transit] < 250 || got[Bike] > 0 {
		t.Errorf("without a car, along a bus line at noon: %v", got)
	}
	if got := count(traveller{}, far, night); got[Transit] > 0 || got[Car] < 200 {
		t.Errorf("without a car, along a bus line at night: %v", got)
	}
	drivers, others := count(traveller{car: true}, far, noon), count(traveller{driven: true}, far, noon)
	if drivers[Car] <= others[Car] || others[Transit] <= drivers[Transit] {
		t.Errorf("drivers %v, passengers %v", drivers, others)
	}
	near := geo.XY{X: from.X + 250, Y: from.Y}
	if got := count(traveller{}, near, noon); got[Walk] < 380 || got[Transit] > 0 {
		t.Errorf("250 m: %v", got)
	}
	if got := count(traveller{bike: true}, near, noon); got[Bike] < 10 {
		t.Errorf("250 m with a bicycle: %v", got)
	}
	same := 0
	for i := range uint64(400) {
		var modes []Mode
		for day := range uint64(2) {
			u := tour{life: &cfg.Life, rider: p.rider, r: p.streams[0].Seed(2*i + day), home: from, who: traveller{car: true, taste: i}}
			u.begin(nil, atHome(from), 0, 24*3600)
			modes = append(modes, u.choose(far, noon))
		}
		if modes[0] == modes[1] {
			same++
		}
	}
	if same < 250 || same == 400 {
		t.Errorf("%d of 400 go the same way on two days", same)
	}
}

func journeysAllocateNothing(t *testing.T, city *network.City) {
	life := DefaultConfig().Life
	r := newRider(city, &life, 1)
	n := len(city.Buildings)
	fifty := func() {
		r.reset()
		for i := range 50 {
			r.make(city.Buildings[i*37%n].Pos, city.Buildings[(i*101+n/2)%n].Pos, 0)
		}
	}
	fifty()
	if a := testing.AllocsPerRun(10, fifty); a != 0 || len(r.journeys) < 5 {
		t.Errorf("%g allocations for %d journeys", a, len(r.journeys))
	}
}
