package gen

import (
	"cmp"
	"fmt"
	"iter"
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/population"
)

// TestOutside looks at one data set of a city with all kinds of lines, made
// without errors where a test wants to know whose they would be.
func TestOutside(t *testing.T) {
	city := preset(t, "medium")
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
	g := newGeneratorOn(b, preset(b, "medium"), config(4000, 1, 1), nil)
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
