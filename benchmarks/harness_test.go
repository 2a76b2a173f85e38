package benchmarks

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

// testArena is an arena over the fixture: 80 persons, of whom about a fifth are controls.
func testArena(t testing.TB, subset Subset) *arena {
	t.Helper()
	c, err := loadCity(context.Background(), folder(t, 80, 2, 8))
	if err != nil {
		t.Fatal(err)
	}
	g := testGrid("identity")
	a, err := newArena(context.Background(), c, g, subset, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	if a.targets, err = newTargetPool(context.Background(), a, g.Targets); err != nil {
		t.Fatal(err)
	}
	return a
}

// Machines, and SIMs of another time, are in nobody's hands: methods do not get
// them and no target has them; a judge of the whole data set has them as nobody's.
func TestMachinesAreNobodys(t *testing.T) {
	x := fixture.New(80, 2, 8)
	add := func(s dataset.SIM) {
		u := len(x.Truth.SIMs)
		s.User, s.IMSI, s.Operator, s.Household, s.Place = uint32(u), 999020000000000+int64(u), "999-02", -1, -1
		x.Truth.SIMs = append(x.Truth.SIMs, s)
		x.Data.Rows, x.Data.Keys = append(x.Data.Rows, slices.Clone(x.Data.Rows[u-80])), append(x.Data.Keys, uint64(u))
		x.Data.Info.Users++
		x.Truth.Meta.Users++
	}
	add(dataset.SIM{Kind: dataset.KindIoT, Use: "meter", Person: -1, Previous: -1})
	add(dataset.SIM{Kind: dataset.KindPhone, Person: 5, Previous: 5, From: x.Calendar.Start(2), Change: dataset.ChangeSwap})
	c, err := loadCity(t.Context(), outside(t, x))
	if err != nil {
		t.Fatal(err)
	}
	if c.phones() != 80 || len(c.holders()) != 80 || c.personOf[80] != nobody || c.personOf[81] != nobody {
		t.Errorf("%d phones of %d persons; the others are of %v", c.phones(), len(c.holders()), c.personOf[80:])
	}
	g := testGrid("identity")
	a, err := newArena(t.Context(), c, g, Subset{Persons: 80}, 1, false)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(a.person, nobody) || slices.ContainsFunc(a.source, func(u sigcity.UserID) bool { return u >= 80 }) {
		t.Errorf("methods get %v", a.source)
	}
	whole, err := newArena(t.Context(), c, g, Subset{}, 1, true)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.source) != 82 || whole.rawShares(80, 0, 0) != nil || whole.rawShares(3, 0, 0) == nil {
		t.Errorf("%d SIMs, machine stands for %v", len(whole.source), whole.rawShares(80, 0, 0))
	}
	if _, ok := whole.subscriber(80); ok {
		t.Error("a machine has a subscriber")
	}
	if pool, err := newTargetPool(t.Context(), whole, 80); err != nil || len(pool.persons) == 0 || slices.Contains(pool.persons, nobody) {
		t.Errorf("targets %v, %v", pool, err)
	}
}

func TestSplit(t *testing.T) {
	a := testArena(t, Subset{})
	if len(a.members)+len(a.controls) != 80 || len(a.controls) < 5 || len(a.controls) > 30 {
		t.Errorf("%d members and %d controls of 80 persons", len(a.members), len(a.controls))
	}
	for _, c := range a.controls {
		if a.isMember[c] || slices.Contains(a.person, c) {
			t.Errorf("control %d is in the raw data", c)
		}
	}
	for _, x := range [][]dataset.Activity{a.memTruth.Activities} {
		for _, s := range x {
			if !a.isMember[s.Person] {
				t.Fatalf("truth of control %d is among the members'", s.Person)
			}
		}
	}
	// Targets are members and controls in an order that does not tell which.
	who := a.targets.persons
	first := 0
	for _, p := range who[:len(who)/2] {
		first += int(btof(a.isMember[p]))
	}
	if first == len(who)/2 || len(who) != 80 {
		t.Errorf("the first %d of %d targets hold %d members: not mixed", len(who)/2, len(who), first)
	}
	b := testArena(t, Subset{Persons: 30, Days: 1})
	if len(b.members)+len(b.controls) != 30 || b.meta.Days != 1 || b.to-b.from != 86400 {
		t.Errorf("subset: %d members, %d controls, %d days", len(b.members), len(b.controls), b.meta.Days)
	}
	for tr, err := range b.raw.Users(context.Background(), sigcity.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(dataset.Window(tr.Records, b.from, b.to)) != len(tr.Records) {
			t.Fatalf("SIM %d has records outside the subset's day", tr.User)
		}
	}
}

func TestKnowledge(t *testing.T) {
	a := testArena(t, Subset{})
	points := adversary{kind: SameRecord, points: 4, needs: []attacks.Source{attacks.SomePoints}}
	k, who := a.targets.knowledge(points)
	for i, target := range k.Targets {
		rows := a.targets.records[who[i]]
		if len(target.Points) != 4 || int(target.ID) != i {
			t.Fatalf("target %d has %d points", i, len(target.Points))
		}
		for _, p := range target.Points {
			if !slices.ContainsFunc(rows, func(r sigcity.Record) bool {
				return r.Time == p.Time && a.data.Areas()[r.Area].Center == p.Place
			}) {
				t.Fatalf("a same-record point of target %d is no record of theirs", i)
			}
		}
	}
	points.kind, points.noiseM, points.timeErr = Realistic, 0, 60
	k, who = a.targets.knowledge(points)
	if k.ErrorS != 60 {
		t.Errorf("the adversary does not know its error: %+v", k.ErrorS)
	}
	for i, target := range k.Targets {
		for _, p := range target.Points {
			if !slices.ContainsFunc(a.targets.activity[who[i]], func(s dataset.Activity) bool {
				near := geo.Distance(p.Place, [2]float64{s.Lon, s.Lat}) < 1
				return near && p.Time+60 >= s.Start && p.Time <= s.End+60
			}) {
				t.Fatalf("target %d was not seen where they were: %+v", i, p)
			}
		}
	}
	k, who = a.targets.knowledge(adversary{kind: Realistic, places: 2, needs: []attacks.Source{attacks.TopPlaces}})
	for i, target := range k.Targets {
		if len(target.Places) == 0 || len(target.Places) > 2 {
			t.Fatalf("target %d has %d places", i, len(target.Places))
		}
		var home dataset.Anchor
		for _, x := range a.anchors[who[i]] {
			if x.Kind == dataset.ActHome {
				home = x
			}
		}
		// Of two weekdays 14 h a day or more are spent at home.
		if d := geo.Distance(target.Places[0], [2]float64{home.Lon, home.Lat}); d > 1 {
			t.Errorf("target %d: the top place is %.0f m from home", i, d)
		}
	}
}

// Shares of a token add up to 1 over any window that it carries somebody in.
func TestShares(t *testing.T) {
	a := &arena{from: 100, to: 1000, groups: 7, person: []uint32{5, 5, 6, 7}, meta: sigcity.Meta{Users: 4}}
	rapid.Check(t, func(t *rapid.T) {
		var links []sigcity.Link
		for range rapid.IntRange(0, 6).Draw(t, "n") {
			from := rapid.Uint32Range(0, 1100).Draw(t, "from")
			links = append(links, sigcity.Link{Token: sigcity.UserID(rapid.IntRange(0, 2).Draw(t, "token")),
				Source: sigcity.UserID(rapid.IntRange(0, 3).Draw(t, "source")), From: from, To: from + rapid.Uint32Range(1, 500).Draw(t, "length")})
		}
		x := newLinkIndex(links, 3, a)
		token, from := rapid.Uint32Range(0, 4).Draw(t, "asked"), rapid.Uint32Range(0, 1100).Draw(t, "since")
		to := from + rapid.Uint32Range(0, 500).Draw(t, "window")
		sum, seen := 0.0, map[uint32]bool{}
		for _, s := range x.shares(token, from, to) {
			if seen[s.User] || s.Weight <= 0 {
				t.Fatalf("share %+v is double or empty", s)
			}
			seen[s.User] = true
			sum += s.Weight
		}
		if len(seen) > 0 && !near(sum, 1, 1e-9) {
			t.Fatalf("shares add up to %g", sum)
		}
	})
	x := newLinkIndex([]sigcity.Link{{Token: 0, Source: 0, From: 0, To: 400}, {Token: 0, Source: 3, From: 400, To: 5000}}, 1, a)
	got := x.shares(0, 300, 600)
	if len(got) != 2 || !near(got[0].Weight, 1.0/3, 1e-12) || got[1].User != 7 {
		t.Errorf("a token of two users over 100 s and 200 s: %+v", got)
	}
}

func TestMeasure(t *testing.T) {
	plane := geo.NewProjection([2]float64{10, 50})
	var cells []sigcity.Area
	for i := range 4 {
		cells = append(cells, sigcity.Area{ID: sigcity.AreaID(i), Center: plane.LonLat(geo.XY{X: float64(i) * 1000})})
	}
	areas := geo.NewAreas(cells, plane)
	raw := []sigcity.Record{{Time: 100, Area: 0}, {Time: 200, Area: 1}, {Time: 300, Area: 2}, {Time: 900, Area: 3}}
	found := map[[2]uint32]kept{}
	// The release holds a box at area 0 until 250 with an instant at area 1 in
	// it, then area 2; the link ends at 500.
	released := []sigcity.Record{{Time: 100, Span: 150, Area: 0}, {Time: 150, Area: 1}, {Time: 260, Area: 2}}
	sampled{sigcity.Link{Source: 9, From: 0, To: 500}, raw}.measure(released, areas, areas, found)
	want := map[[2]uint32]kept{{9, 0}: {0, true}, {9, 1}: {1000, true}, {9, 2}: {0, false}}
	if len(found) != len(want) {
		t.Fatalf("found %v, want %v", found, want)
	}
	for k, v := range want {
		if !near(found[k].off, v.off, 0.01) || found[k].covered != v.covered {
			t.Errorf("record %d: %+v, want %+v", k[1], found[k], v)
		}
	}
	// Two records of one second in two cells: the same two in the release are no displacement.
	twins := []sigcity.Record{{Time: 100, Area: 0}, {Time: 100, Area: 3}}
	clear(found)
	sampled{sigcity.Link{Source: 9, From: 0, To: 500}, twins}.measure(twins, areas, areas, found)
	for k, v := range found {
		if v.off != 0 || !v.covered {
			t.Errorf("twin %d: %+v, want no displacement", k[1], v)
		}
	}
}

func TestAudit(t *testing.T) {
	a := &arena{groups: 2, person: []uint32{0, 0, 1, 2}, meta: sigcity.Meta{Users: 4}, to: 1000}
	rows := [][]sigcity.Record{{{Time: 1, Area: 2}}, {{Time: 1, Area: 2}}, {{Time: 1, Area: 3}}, {{Time: 1, Area: 3}}, nil}
	var links []sigcity.Link
	s := &scan{tokens: 4}
	for i, r := range rows {
		s.records = append(s.records, uint32(len(r)))
		s.digest = append(s.digest, digestSequence(r))
		if i < 4 {
			links = append(links, sigcity.Link{Token: sigcity.UserID(i), Source: sigcity.UserID(i), To: 1000})
		}
	}
	o := &opened{kind: sigcity.Boxes, scan: s, links: newLinkIndex(links, 5, a)}
	claim := func(unit string, k int) string {
		o.claims = []sigcity.Guarantee{{Kind: "k-anonymity", Unit: unit, K: k}}
		_, verdict, _, _ := a.audit(o)
		return verdict
	}
	// Tokens 0 and 1 are two SIMs of one person.
	if got := []string{claim("SIM", 2), claim("person", 2), claim("SIM", 3)}; !slices.Equal(got, []string{Holds, Broken, Broken}) {
		t.Errorf("audits %v, want holds per SIM, broken per person and for k = 3", got)
	}
	o.claims = append(o.claims, sigcity.Guarantee{Kind: "differential-privacy", Unit: "person", Epsilon: 1})
	o.claims[0].K = 2
	if text, verdict, _, _ := a.audit(o); verdict != Unchecked || !strings.Contains(text, "ε=1") {
		t.Errorf("a claim that no recount can check beside one that holds: %q is %q", text, verdict)
	}
	o.claims = nil
	if _, verdict, _, _ := a.audit(o); verdict != NoClaim {
		t.Errorf("no claim is %q", verdict)
	}
	if digestSequence(rows[0]) == digestSequence([]sigcity.Record{{Time: 1, Area: 2, Span: 1}}) {
		t.Error("the digest does not see the span")
	}
}

func TestSelfTestsFail(t *testing.T) {
	row := func(method, probe, metric string, drawn int, value float64) Result {
		return Result{Method: method, Probe: probe, Metric: metric, Status: OK, N: 500, Drawn: drawn, Value: value, Baseline: 0.001,
			ControlN: 400, CtlDrawn: 200, Headline: true}
	}
	good := []Result{row("identity", "plan/U09", MetricUtility, 0, 1), row("identity", "attack/x", MetricHit1, 200, 0.4), row("noise", "attack/x", MetricHit1, 205, 0.41),
		row("random", "attack/x", MetricHit1, 2, 0.004), row("random", "attack/y", "attribute:sex "+MetricResidual, 255, 0)}
	for i, s := range SelfTests(good) {
		if !s.Run || !s.Pass {
			t.Errorf("sound rows fail self-test %d: %+v", i, s)
		}
	}
	for _, c := range []struct {
		at   int
		edit func(*Result)
		fail string
	}{
		{0, func(r *Result) { r.Value = 0.999 }, "identity"},
		{0, func(r *Result) { r.Value = math.NaN() }, "identity"},
		{2, func(r *Result) { r.Drawn = 400 }, "identity"},
		{3, func(r *Result) { r.Drawn = 20 }, "random"},
		{4, func(r *Result) { r.Drawn = 400 }, "random"},
	} {
		rows := slices.Clone(good)
		c.edit(&rows[c.at])
		for _, s := range SelfTests(rows) {
			if (s.Name == c.fail) == s.Pass {
				t.Errorf("row %d: self-test %s passes: %v, %s", c.at, s.Name, s.Pass, s.Text)
			}
		}
		if s := Summarise(rows, testGrid("identity"), DatasetFacts{}); s.Sound() || !strings.Contains(s.Verdict, "FAILED") {
			t.Errorf("row %d: the verdict does not say that a self-test failed: %s", c.at, s.Verdict)
		}
	}
	for _, s := range SelfTests(nil) {
		if s.Run || s.Pass {
			t.Errorf("nothing was run, and %s says %+v", s.Name, s)
		}
	}
}

func TestDominate(t *testing.T) {
	mark := func(label string, u, r float64) Mark {
		return Mark{Label: label, Utility: &Estimate{Value: u}, Risk: &Estimate{Value: r}, Status: OK}
	}
	marks := []Mark{mark("a", 0.9, 0.5), mark("b", 0.8, 0.6), mark("c", 0.5, 0.1), mark("d", 0.5, 0.1), mark("e", 0.99, 0.01)}
	marks[4].Subset = "30 persons × 1 day"
	dominate(marks)
	if !marks[1].Dominated || marks[1].DominatedBy != "a" || marks[0].Dominated || marks[2].Dominated || marks[3].Dominated || marks[4].Dominated {
		t.Errorf("dominated: %+v, want b only, by a", marks)
	}
	if text := tradeText(marks[:4]); !strings.Contains(text, "a, utility 90 %") || strings.Contains(text, "b, utility") || !strings.Contains(text, "none keeps") {
		t.Errorf("trades %q", text)
	}
	good := mark("good", 0.9, 0.02)
	good.Utility.Lo, good.Risk.Hi = 0.85, 0.04
	if text := tradeText([]Mark{good}); !strings.Contains(text, "good keep at least 80 %") {
		t.Errorf("trades %q", text)
	}
	good.Informative, good.Answered = 4, 2 // useful for half the tasks only
	if text := tradeText([]Mark{good}); !strings.Contains(text, "none keeps") {
		t.Errorf("trades %q", text)
	}
}

func TestHull(t *testing.T) {
	pts := []geo.XY{{X: 0, Y: 0}, {X: 2000, Y: 0}, {X: 2000, Y: 3000}, {X: 0, Y: 3000}, {X: 500, Y: 700}, {X: 1000, Y: 0}}
	if got := hullKm2(pts); !near(got, 6, 1e-9) {
		t.Errorf("hull of 2 km × 3 km is %g km²", got)
	}
	if hullKm2(nil) != 0 || hullKm2(pts[:1]) != 0 || hullKm2(pts[:2]) != 0 {
		t.Error("a hull of fewer than three points has an area")
	}
}

// Reading never panics, and what it takes for sound is: the same text up to the
// good offset reads to the same rows.
func FuzzReadResults(f *testing.F) {
	f.Add([]byte(`{"schema":"sigcity.result/1","key":"a","probe":"release","status":"ok"}` + "\n" + `{"schema":"sig`))
	f.Add([]byte("\n"))
	f.Add([]byte(`{"schema":"sigcity.result/1","key":"a","probe":"p","status":"ok"} trailing` + "\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "results.jsonl")
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		rows, good, err := ReadResults(path)
		if err != nil {
			if !strings.Contains(err.Error(), "results.jsonl:") {
				t.Fatalf("%v names no line", err)
			}
			return
		}
		if good > int64(len(text)) || (good > 0 && text[good-1] != '\n') || slices.Contains(text[good:], '\n') {
			t.Fatalf("%d bytes of %q are not the sound lines", good, text)
		}
		if err := os.WriteFile(path, text[:good], 0o644); err != nil {
			t.Fatal(err)
		}
		again, _, err := ReadResults(path)
		if err != nil || len(again) != len(rows) {
			t.Fatalf("%d rows, then %d, %v", len(rows), len(again), err)
		}
	})
}
