package gen

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/population"
)

// TestOutside looks at one data set of a city with all kinds of lines, made
// without errors where a test wants to know whose they would be.
func TestOutside(t *testing.T) {
	city := metropolis(t)
	cfg := config(2500, 2, 2)
	all := population.ByAge{Child: 1, Young: 1, Middle: 1, Elder: 1}
	cfg.Outside.Checkins = CheckinSource{Coverage: all, PerWeek: 14, Home: 0.2, Leisure: 1, Restaurant: 0.5, Work: 0.3, Named: 0.3}
	cfg.Outside.Cards = CardSource{Coverage: all}
	f := generate(t, city, cfg)
	for name, test := range map[string]func(*testing.T, *dataset.Folder){
		"posts lie in stays": postsLieInStays, "taps are rides": tapsAreRides, "passages are rides and stays": passagesFollow, "purchases": purchasesHappen,
	} {
		t.Run(name, func(t *testing.T) { test(t, f) })
	}
	t.Run("errors", func(t *testing.T) { sourcesErr(t, newGeneratorOn(t, city, cfg, nil)) })
}

// rows are all rows of a table.
func rows[T any](t *testing.T, f *dataset.Folder, table string) []T {
	t.Helper()
	return list(t, dataset.ReadTable[T](t.Context(), f, table))
}

func list[T any](t *testing.T, in iter.Seq2[T, error]) (out []T) {
	t.Helper()
	for r, err := range in {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

// standsFor is who stands behind the numbers of a source.
func standsFor(t *testing.T, f *dataset.Folder, source string) map[uint32]uint32 {
	out := map[uint32]uint32{}
	for _, r := range rows[dataset.Identity](t, f, dataset.TableIdentities) {
		if r.Source == source {
			out[r.Entry] = r.Person
		}
	}
	if len(out) == 0 {
		t.Fatalf("nobody in %s", source)
	}
	return out
}

// staysOf are the stays by person.
func staysOf(t *testing.T, f *dataset.Folder) map[uint32][]dataset.Activity {
	out := map[uint32][]dataset.Activity{}
	for _, r := range rows[dataset.Activity](t, f, dataset.TableActivities) {
		out[r.Person] = append(out[r.Person], r)
	}
	return out
}

func postsLieInStays(t *testing.T, f *dataset.Folder) {
	posts, err := dataset.Checkins(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	who, stays := standsFor(t, f, dataset.SourceCheckins), staysOf(t, f)
	names, kinds := map[uint32]string{}, map[string]int{}
	for _, p := range posts {
		person := who[p.Account]
		if !slices.ContainsFunc(stays[person], func(a dataset.Activity) bool {
			return a.Kind == p.Kind && a.Start <= p.Time && p.Time < a.End && a.Lon == p.Lon && a.Lat == p.Lat
		}) {
			t.Fatalf("post %+v of person %d lies in no stay", p, person)
		}
		if n, ok := names[p.Account]; ok && n != p.Name {
			t.Fatalf("account %d is %q and %q", p.Account, n, p.Name)
		}
		names[p.Account] = p.Name
		kinds[p.Kind]++
	}
	if len(posts) < 2000 || kinds["leisure"] == 0 || kinds["restaurant"] == 0 || kinds["work"] == 0 || kinds["shop"] > 0 || kinds["visit"] > 0 {
		t.Errorf("%d posts: %v", len(posts), kinds)
	}
	// 14 a week for two days, a fifth of them from home, where everybody is on every day.
	want := 0.2 * 2 * 2 * float64(len(who))
	if d := float64(kinds["home"]) - want; math.Abs(d) > 6*math.Sqrt(want) { // Poisson: a false failure in 5·10⁸
		t.Errorf("%d posts from home, want %.0f", kinds["home"], want)
	}
	// Files are in order of time, and of one day each.
	last := dataset.Checkin{}
	for i, r := range rows[dataset.Checkin](t, f, dataset.TableCheckins) {
		if len(f.Manifest().Parts) == 1 && i > 0 && r.Time < last.Time {
			t.Fatalf("post %+v after %+v", r, last)
		}
		last = r
	}
}

// expectedTaps are the taps of all rides: on board of buses and trams, at the
// gates of the rest, but for changes behind them.
func expectedTaps(t *testing.T, f *dataset.Folder) []dataset.CardTap {
	lines, stops := rows[dataset.Line](t, f, dataset.TableLines), rows[dataset.Stop](t, f, dataset.TableStops)
	card := map[uint32]uint32{}
	for number, person := range standsFor(t, f, dataset.SourceCards) {
		card[person] = number
	}
	station := func(stop uint32) string { // what one does not leave without a gate
		if h := stops[stop].Hub; h >= 0 {
			return fmt.Sprint("hub ", h)
		}
		return fmt.Sprint("stop ", stop)
	}
	var out []dataset.CardTap
	for _, trip := range rows[dataset.Trip](t, f, dataset.TableTrips) {
		number, ok := card[trip.Person]
		if !ok {
			continue
		}
		street := func(k int) bool {
			return lines[trip.Rides[k].Line].Mode == "bus" || lines[trip.Rides[k].Line].Mode == "tram"
		}
		for k, x := range trip.Rides {
			l := &lines[x.Line]
			on, off := l.Stops[x.Board], l.Stops[x.Alight]
			tap := dataset.CardTap{Time: x.Start, Card: number, Tap: "in", Mode: l.Mode, Line: int64(x.Line), Stop: int64(on), Hub: -1}
			if street(k) {
				out = append(out, tap)
				continue
			}
			gate := func(how string, stop uint32, at uint32) {
				g := dataset.CardTap{Time: at, Card: number, Tap: how, Mode: l.Mode, Line: -1, Stop: int64(stop), Hub: stops[stop].Hub}
				if g.Hub >= 0 {
					g.Stop = -1
				}
				out = append(out, g)
			}
			if k == 0 || street(k-1) || station(lines[trip.Rides[k-1].Line].Stops[trip.Rides[k-1].Alight]) != station(on) {
				gate("in", on, x.Reach)
			}
			if k == len(trip.Rides)-1 || street(k+1) || station(lines[trip.Rides[k+1].Line].Stops[trip.Rides[k+1].Board]) != station(off) {
				gate("out", off, x.End)
			}
		}
	}
	dataset.SortCardTaps(out)
	return out
}

func tapsAreRides(t *testing.T, f *dataset.Folder) {
	got, err := dataset.CardTaps(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	want := expectedTaps(t, f)
	if d := gocmp.Diff(want, got); d != "" {
		t.Errorf("%d taps, want %d: %s", len(got), len(want), d)
	}
	modes := map[string]int{}
	for _, x := range got {
		modes[x.Mode+" "+x.Tap]++
	}
	for _, m := range []string{"bus in", "tram in", "metro in", "metro out", "rail in", "rail out"} {
		if modes[m] == 0 {
			t.Errorf("no tap %s: %v", m, modes)
		}
	}
}

// sourcesErr compares what sources without errors learn with what those with
// some do. A false failure has a chance of 5·10⁸ to one against it wherever six
// deviations are allowed.
func sourcesErr(t *testing.T, g *generator) {
	bad := g.cfg.Outside
	bad.Checkins.Late, bad.Checkins.LateMeanS, bad.Checkins.ErrorM = 0.5, 3600, 40
	bad.Cards.Missed, bad.Cards.ClockS = 0.2, 30
	exact, rough := newInformants(g.pop, &g.cfg.Outside), newInformants(g.pop, &bad)
	within := func(what string, got, want, deviation float64) {
		t.Helper()
		if math.Abs(got-want) > 6*deviation {
			t.Errorf("%s: %.4g, want %.4g ± %.3g", what, got, want, 6*deviation)
		}
	}
	type reader struct{ line, stop, hub int64 }
	clocks := map[reader]int64{}
	taps, logged, posts, d2, late := 0, 0, 0, 0.0, 0
	livedBy(t, g, func(p *partRun, d day, person uint32, segs []Segment) {
		all, some := exact.taps(nil, person, segs), rough.taps(nil, person, segs)
		taps, logged = taps+len(all), logged+len(some)
		if len(all) == len(some) { // then they are the same ones
			for i, x := range some {
				r, e := reader{x.Line, x.Stop, x.Hub}, int64(x.Time)-int64(all[i].Time)
				if r.line >= 0 {
					r.stop = 0 // aboard
				}
				if old, ok := clocks[r]; ok && old != e {
					t.Fatalf("reader %+v is wrong by %d s and by %d", r, old, e)
				}
				clocks[r] = e
			}
		}
		for _, x := range rough.posts(nil, person, d, segs) {
			posts++
			at, best, inside := g.city.Proj.XY([2]float64{x.Lon, x.Lat}), math.Inf(1), false
			for i := range segs {
				if s := &segs[i]; s.Mode == Stay && s.Kind.String() == x.Kind && s.Start <= x.Time {
					best, inside = min(best, at.Dist2(s.From)), inside || x.Time < s.End
				}
			}
			if !inside {
				late++
			}
			if best > 36*2*bad.Checkins.ErrorM*bad.Checkins.ErrorM { // the chance of it is e⁻³⁶
				t.Fatalf("post %+v lies %.0f m from the stays that had begun", x, math.Sqrt(best))
			}
			d2 += best
		}
	})
	n := float64(taps)
	within("taps logged", float64(logged), 0.8*n, math.Sqrt(n*0.8*0.2))
	s2, k := 0.0, float64(len(clocks))
	for _, e := range clocks {
		s2 += float64(e * e)
	}
	within("variance of clocks", s2/k, 900, 900*math.Sqrt(2/k))
	within("squared error of posts", d2/float64(posts), 2*1600, 2*1600/math.Sqrt(float64(posts)))
	if s := float64(late) / float64(posts); len(clocks) < 40 || posts < 2000 || s < 0.1 || s > bad.Checkins.Late {
		t.Errorf("%d readers; %.2f of %d posts come after their stay, want some but no more than are late", len(clocks), s, posts)
	}
}

func passagesFollow(t *testing.T, f *dataset.Folder) {
	lines, stops := rows[dataset.Line](t, f, dataset.TableLines), rows[dataset.Stop](t, f, dataset.TableStops)
	type key struct {
		person  uint32
		hub     int64
		at      uint32
		purpose string
	}
	leaves, arrives := map[key]bool{}, map[key]bool{} // what boards and what gets off or begins
	for _, trip := range rows[dataset.Trip](t, f, dataset.TableTrips) {
		n := len(trip.Rides)
		for k, x := range trip.Rides {
			l := &lines[x.Line]
			on, off := stops[l.Stops[x.Board]].Hub, stops[l.Stops[x.Alight]].Hub
			changed := k > 0 && on >= 0 && stops[lines[trip.Rides[k-1].Line].Stops[trip.Rides[k-1].Alight]].Hub == on
			changes := k+1 < n && off >= 0 && stops[lines[trip.Rides[k+1].Line].Stops[trip.Rides[k+1].Board]].Hub == off
			if on >= 0 {
				p := dataset.PassDepart
				if changed {
					p = dataset.PassTransfer
				}
				leaves[key{trip.Person, on, x.Start, p}] = true
			}
			if off >= 0 {
				p := dataset.PassArrive
				if changes {
					p = dataset.PassTransfer
				}
				arrives[key{trip.Person, off, x.End, p}] = true
			}
		}
	}
	at := map[int64]int64{}
	for _, h := range rows[dataset.Hub](t, f, dataset.TableHubs) {
		if h.Place >= 0 {
			at[h.Place] = int64(h.ID)
		}
	}
	work := map[key]uint32{}
	for _, a := range rows[dataset.Activity](t, f, dataset.TableActivities) {
		if h, ok := at[a.Place]; ok && a.Kind == dataset.ActWork {
			work[key{a.Person, h, a.Start, dataset.PassWork}] = a.End
		}
	}
	counts := map[string]int{}
	last := map[uint32]uint32{}
	for _, p := range rows[dataset.HubPassage](t, f, dataset.TableHubPassages) {
		if p.Leave < p.Arrive || p.Arrive < last[p.Person] {
			t.Fatalf("passage %+v after one from %d on", p, last[p.Person])
		}
		last[p.Person] = p.Arrive
		counts[p.Purpose]++
		from, to := key{p.Person, int64(p.Hub), p.Arrive, p.Purpose}, key{p.Person, int64(p.Hub), p.Leave, p.Purpose}
		ok := true
		switch p.Purpose {
		case dataset.PassDepart:
			ok = leaves[to]
		case dataset.PassArrive:
			ok = arrives[from]
		case dataset.PassTransfer:
			ok = leaves[to] && arrives[from]
		case dataset.PassWork:
			ok = work[from] == p.Leave
		}
		if !ok {
			t.Fatalf("passage %+v is none of a ride or stay", p)
		}
	}
	if n := counts[dataset.PassDepart] + counts[dataset.PassTransfer]; n != len(leaves) || n == 0 {
		t.Errorf("%d passages lead on board, %d do by the trips", n, len(leaves))
	}
	if n := counts[dataset.PassArrive] + counts[dataset.PassTransfer]; n != len(arrives) {
		t.Errorf("%d passages begin on board, %d do by the trips", n, len(arrives))
	}
	if counts[dataset.PassWork] != len(work) || counts[dataset.PassTransfer] == 0 || counts[dataset.PassThrough] == 0 {
		t.Errorf("passages %v, %d stays at work", counts, len(work))
	}
}

func purchasesHappen(t *testing.T, f *dataset.Folder) {
	c := DefaultConfig().Purchases
	stays := staysOf(t, f)
	age := map[uint32]int32{}
	for _, p := range rows[dataset.Person](t, f, dataset.TablePersons) {
		age[p.ID] = p.Age
	}
	bought, all := map[string]int{}, map[string]int{}
	for person, of := range stays {
		for _, a := range of {
			if age[person] >= buyersFrom {
				all[a.Kind]++
			}
		}
	}
	paid := map[uint32][]dataset.Purchase{}
	for _, p := range rows[dataset.Purchase](t, f, dataset.TablePurchases) {
		if !slices.ContainsFunc(stays[p.Person], func(a dataset.Activity) bool {
			return a.Kind == p.Kind && a.Place == p.Place && a.Start <= p.Time && p.Time < a.End
		}) || age[p.Person] < buyersFrom {
			t.Fatalf("purchase %+v in no stay of a person of %d years", p, age[p.Person])
		}
		bought[p.Kind]++
		paid[p.Person] = append(paid[p.Person], p)
	}
	for _, k := range []struct {
		kind   Kind
		chance float64
	}{{Shop, c.Shop}, {Store, c.Store}, {Restaurant, c.Restaurant}, {Salon, c.Salon}, {Leisure, c.Leisure}} {
		n, name := float64(all[k.kind.String()]), k.kind.String()
		// Six deviations, a false failure in 5·10⁸, and the few stays that run through midnight.
		if d := float64(bought[name]) - n*k.chance; math.Abs(d) > 6*math.Sqrt(n*k.chance*(1-k.chance))+0.01*n+2 || n == 0 {
			t.Errorf("%d purchases on %.0f stays at a %s, want a share of %g", bought[name], n, name, k.chance)
		}
	}
	// Who pays by phone asks for data at that second, or is connected.
	request := map[[2]uint32]bool{}
	owner := map[sigcity.UserID]uint32{}
	for _, s := range rows[dataset.SIM](t, f, dataset.TableSIMs) {
		owner[sigcity.UserID(s.User)] = s.Person
	}
	for tr, err := range f.Users(t.Context(), sigcity.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range tr.Records {
			if r.Type == sigcity.ServiceRequest {
				request[[2]uint32{owner[tr.User], r.Time}] = true
			}
		}
	}
	n, hits := map[bool]int{}, map[bool]int{}
	for person, list := range paid {
		for _, p := range list {
			n[p.Mobile]++
			if request[[2]uint32{person, p.Time}] {
				hits[p.Mobile]++
			}
		}
	}
	if rate := func(m bool) float64 { return float64(hits[m]) / float64(n[m]) }; n[true] < 200 || rate(true) < 0.6 || rate(false) > 0.1 {
		t.Errorf("a request at the second of %d of %d mobile and %d of %d other purchases", hits[true], n[true], hits[false], n[false])
	}
}

// Posts that come on a later day are filed there, and none is lost or doubled:
// the first days of a longer run are held by TestFirstDaysOfALongerRun.
func TestLatePosts(t *testing.T) {
	cfg := config(300, 4, 2)
	cfg.Outside.Checkins.Coverage, cfg.Outside.Checkins.PerWeek = population.ByAge{Child: 1, Young: 1, Middle: 1, Elder: 1}, 20
	cfg.Outside.Checkins.Late, cfg.Outside.Checkins.LateMeanS = 1, 86400
	f := generate(t, town(t), cfg)
	cal, err := f.Meta().Calendar()
	if err != nil {
		t.Fatal(err)
	}
	perDay := map[int]int{}
	posts := rows[dataset.Checkin](t, f, dataset.TableCheckins)
	for _, p := range posts {
		perDay[cal.Day(p.Time)]++
	}
	for _, file := range f.Manifest().Files {
		for d := range cal.Days() {
			if file.Path == fmt.Sprintf("outside/checkins/date=%s/part-0000.parquet", cal.Date(d)) && file.Rows != int64(perDay[d]) {
				t.Errorf("%s has %d rows, %d posts are of that day", file.Path, file.Rows, perDay[d])
			}
		}
	}
	if len(posts) == 0 || perDay[3] <= perDay[0] || slices.MaxFunc(posts, func(a, b dataset.Checkin) int { return cmp.Compare(a.Time, b.Time) }).Time >= cal.Start(4) {
		t.Errorf("posts by day: %v", perDay)
	}
}

// What is drawn of a person-day beside the plan and the records.
func BenchmarkRest(b *testing.B) {
	g := newGeneratorOn(b, metropolis(b), config(4000, 1, 1), nil)
	p := g.newPartRun(0)
	d := newDay(g.cal, 0)
	if err := p.live(d); err != nil {
		b.Fatal(err)
	}
	r := p.rest
	var taps []dataset.CardTap
	var posts []dataset.Checkin
	var passages []dataset.HubPassage
	b.ReportAllocs()
	for b.Loop() {
		r.buy(&p.tools[0], 0, len(r.persons), d, d)
		taps, posts, passages = taps[:0], posts[:0], passages[:0]
		for i, person := range r.persons {
			passages = r.hubs.day(passages, person, r.segs[i])
			taps = r.sources.taps(taps, person, r.segs[i])
			posts = r.sources.posts(posts, person, d, r.segs[i])
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(r.persons)), "ns/person-day")
}
