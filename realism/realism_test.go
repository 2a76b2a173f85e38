package realism

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
)

var update = flag.Bool("update", false, "write golden files")

// city is the fixture with trips between its stays, some children, and land use.
func city(users, days int) *fixture.City {
	c := fixture.New(users, days, 1)
	proj := c.Map.Projection()
	acts := c.Truth.Activities
	for i := 1; i < len(acts); i++ {
		a, b := acts[i-1], acts[i]
		if a.Person != b.Person || a.Lon == b.Lon && a.Lat == b.Lat {
			continue
		}
		d := proj.XY([2]float64{a.Lon, a.Lat}).Dist(proj.XY([2]float64{b.Lon, b.Lat}))
		mode := "walk"
		if d > 1500 {
			mode = "car"
		}
		c.Truth.Trips = append(c.Truth.Trips, dataset.Trip{Person: b.Person, Mode: mode, Purpose: b.Kind, Start: b.Start - uint32(d/8), End: b.Start,
			FromLon: a.Lon, FromLat: a.Lat, ToLon: b.Lon, ToLat: b.Lat, DistanceM: 1.3 * d})
	}
	for i := range c.Truth.Persons {
		switch p := &c.Truth.Persons[i]; i % 10 {
		case 3:
			p.Age, p.Employment = 4, dataset.Preschool
		case 6:
			p.Age, p.Employment = 70, dataset.Retired
		}
	}
	for i, use := range []string{"residential", "industrial"} {
		x := float64(i) * fixture.Side * fixture.SpacingM / 2
		ring := proj.Ring([]geo.XY{{X: x}, {X: x + 5000}, {X: x + 5000, Y: 10000}, {X: x, Y: 10000}})
		l := dataset.LandUse{Use: use}
		for _, p := range ring {
			l.Lon, l.Lat = append(l.Lon, p[0]), append(l.Lat, p[1])
		}
		c.Map.LandUse = append(c.Map.LandUse, l)
	}
	return c
}

func measure(t *testing.T, f *dataset.Folder, o Options) *Scorecard {
	t.Helper()
	card, err := Measure(context.Background(), f, o)
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// TestGolden holds the scorecard of a small data set, and that it does not
// depend on the number of workers. go test -update writes it anew.
func TestGolden(t *testing.T) {
	f := city(200, 30).Folder(t, nil)
	last := int64(0)
	one := measure(t, f, Options{Workers: 1, Reference: milan(t), Progress: func(done, total int64) {
		if done <= last || done > total {
			t.Errorf("progress %d of %d after %d", done, total, last)
		}
		last = done
	}})
	if last != 400 {
		t.Errorf("progress ended at %d, want 2 × 200 users", last)
	}
	for _, workers := range []int{2, 7} {
		if diff := cmp.Diff(one, measure(t, f, Options{Workers: workers, Reference: milan(t)}), cmp.Comparer(func(a, b float64) bool { return a == b || a != a && b != b })); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
	var b bytes.Buffer
	if err := one.WriteText(&b, true); err != nil {
		t.Fatal(err)
	}
	const name = "testdata/scorecard.txt"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// TestJSON: what programs read has the promised fields, and null where there is
// nothing to say.
func TestJSON(t *testing.T) {
	card := measure(t, city(40, 1).Folder(t, nil), Options{})
	b, err := json.Marshal(card.Results)
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]any
	if err := json.Unmarshal(b, &rows); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		for _, key := range []string{"id", "figure", "name", "value", "reference", "low", "high", "pass", "calibrated", "source", "note", "unit", "n", "lo", "hi", "days_needed"} {
			if _, ok := r[key]; !ok {
				t.Fatalf("row %v lacks %s", r["id"], key)
			}
		}
		if len(r) != 16 {
			t.Errorf("row %v has %d fields, want 16", r["id"], len(r))
		}
		if r["value"] == nil && (r["pass"] != nil || r["note"] == "") {
			t.Errorf("row %v: no value, verdict %v, note %q: want no verdict and a reason", r["id"], r["pass"], r["note"])
		}
		if r["source"] == "" && r["pass"] != nil {
			t.Errorf("row %v: a verdict without a source", r["id"])
		}
		if r["id"] == "R18" && (r["days_needed"] != 90. || r["value"] != nil) {
			t.Errorf("R18 of one day: %v", r)
		}
		seen[r["id"].(string)] = true
	}
	if len(seen) != 41 {
		t.Errorf("%d rows of the table, want 41", len(seen))
	}
}

// find is one figure of a scorecard.
func find(t *testing.T, card *Scorecard, id, figure string) *Result {
	t.Helper()
	for i := range card.Results {
		if r := &card.Results[i]; r.ID == id && r.Figure == figure {
			return r
		}
	}
	t.Fatalf("no %s %s", id, figure)
	return nil
}

// TestKnown: figures of the fixture that can be told by hand.
func TestKnown(t *testing.T) {
	card := measure(t, city(200, 30).Folder(t, nil), Options{Workers: 2})
	for _, want := range []struct {
		id, figure string
		v, error   float64
	}{
		{"R01", "sims", 100, 0},
		{"R02", "records", 48, 0},          // two an hour
		{"R34", "sex", 100, 0},             // by turns
		{"R35", "household", 1, 0},         // everybody lives alone
		{"R36", "preschool", 100, 0},       // all children of 4
		{"R37", "employed", 80, 0},         // eight in ten
		{"R23", "work", 37.5 * 22 / 30, 1}, // 9 h on 22 weekdays of 30 days
		{"X02", "cells", 1, 0},
		{"R08", "share", 0, 0}, // nobody goes and comes back within minutes
	} {
		r := find(t, card, want.id, want.figure)
		if r.Value == nil || *r.Value < want.v-want.error-1e-9 || *r.Value > want.v+want.error+1e-9 {
			t.Errorf("%s %s = %s, want %g ± %g (%s)", want.id, want.figure, r.Measured(), want.v, want.error, r.Note)
		}
	}
	if r := find(t, card, "R31", "bus"); r.Value != nil || !strings.Contains(r.Note, "only car, walk") {
		t.Errorf("buses: %s, %q", r.Measured(), r.Note)
	}
}

// TestUnicity: of 90 SIMs 30 have a double that goes where they go. At four
// records a day nothing is thinned out, so exactly a third can be told.
func TestUnicity(t *testing.T) {
	c := city(90, 7)
	for u := range c.Data.Rows {
		var few []sigcity.Record
		for i := u % 12; i < len(c.Data.Rows[u]); i += 12 {
			few = append(few, c.Data.Rows[u][i])
		}
		if c.Data.Rows[u] = few; u >= 60 {
			c.Data.Rows[u] = c.Data.Rows[u-60]
		}
	}
	r := find(t, measure(t, c.Folder(t, nil), Options{Workers: 3}), "R24", "unicity")
	if r.Value == nil || r.N != 90 || *r.Value != 30./90 {
		t.Errorf("unicity %s of %d SIMs, want 1/3 of 90 (%s)", r.Measured(), r.N, r.Note)
	}
}

// TestPingPong counts the record of an excursion of four minutes and none of
// six, whatever their cells.
func TestPingPong(t *testing.T) {
	c := city(1, 1)
	day := c.Calendar.Start(0)
	c.Data.Rows[0] = nil
	for _, r := range [][3]uint32{{0, 1}, {60, 2}, {240, 1}, {3600, 1}, {3660, 3}, {4000, 1}} {
		c.Data.Rows[0] = append(c.Data.Rows[0], sigcity.Record{Time: day + r[0], Area: sigcity.AreaID(r[1]), Type: sigcity.ServiceRequest})
	}
	r := find(t, measure(t, c.Folder(t, nil), Options{}), "R08", "share")
	if r.Value == nil || *r.Value != 100./6 {
		t.Errorf("ping-pong %s %%, want one record of six", r.Measured())
	}
}

// TestTimer: a phone whose updates come every 54 minutes, and one that is used.
func TestTimer(t *testing.T) {
	c := city(10, 3)
	for u := range c.Data.Rows {
		c.Data.Rows[u] = nil
		for at := c.Calendar.Start(0) + uint32(100*u); at < c.Calendar.Start(3); at += 54 * 60 {
			c.Data.Rows[u] = append(c.Data.Rows[u], sigcity.Record{Time: at, Type: sigcity.PeriodicUpdate})
		}
	}
	card := measure(t, c.Folder(t, nil), Options{})
	if r := find(t, card, "R04", "timer"); r.Verdict() != "holds" || *r.Value != 54 {
		t.Errorf("timer %s %s", r.Measured(), r.Verdict())
	}
	if r := find(t, card, "R03", "idle"); r.Verdict() != "holds" || (*r.Value != 26 && *r.Value != 27) {
		t.Errorf("updates a day %s %s: %s", r.Measured(), r.Verdict(), r.Note)
	}
	if r := find(t, card, "R07", "connected"); r.Value != nil || r.Note != "no handovers" {
		t.Errorf("handovers %s: %q", r.Measured(), r.Note)
	}
}

// TestMachinesAside: figures do not hang on SIMs of no person, nor on those of
// other times; a SIM that takes another's place is no further one.
func TestMachinesAside(t *testing.T) {
	plain, more := city(60, 7), city(60, 7)
	add := func(s dataset.SIM, rows []sigcity.Record) {
		u := len(more.Truth.SIMs)
		s.User, s.IMSI, s.Operator = uint32(u), 999020000000000+int64(u), "999-02"
		more.Truth.SIMs = append(more.Truth.SIMs, s)
		more.Data.Rows, more.Data.Keys = append(more.Data.Rows, rows), append(more.Data.Keys, uint64(u))
		more.Data.Info.Users++
		more.Truth.Meta.Users++
	}
	begins, ends := more.Calendar.Start(0), more.Calendar.Start(7)
	var often []sigcity.Record
	for at := begins; at < ends; at += 100 {
		often = append(often, sigcity.Record{Time: at, Area: 7, Type: sigcity.ServiceRequest})
	}
	add(dataset.SIM{Kind: dataset.KindIoT, Use: "meter", Person: -1, Household: 3, Place: -1, Previous: -1}, often)
	add(dataset.SIM{Kind: dataset.KindPhone, Person: 1, Household: -1, Place: -1, Previous: 1, From: ends, Change: dataset.ChangeChurn}, nil)
	more.Truth.SIMs[1].To = ends
	want, got := measure(t, plain.Folder(t, nil), Options{}), measure(t, more.Folder(t, nil), Options{})
	if got.Users != want.Users || got.Records != want.Records {
		t.Errorf("%d records of %d SIMs, want %d of %d", got.Records, got.Users, want.Records, want.Users)
	}
	for _, r := range want.Results {
		if r.ID == "R24" { // whom it asks for hangs on the number of ids
			continue
		}
		x := find(t, got, r.ID, r.Figure)
		if (x.Value == nil) != (r.Value == nil) || x.Value != nil && *x.Value != *r.Value {
			t.Errorf("%s %s: %s (%s), want %s (%s)", r.ID, r.Figure, x.Measured(), x.Note, r.Measured(), r.Note)
		}
	}
	// A SIM that is valid for half of the time has twice its records a day.
	more.Truth.SIMs[1].To, more.Truth.SIMs[61].From = begins+(ends-begins)/2, begins+(ends-begins)/2
	half := measure(t, more.Folder(t, nil), Options{})
	if v := find(t, half, "R01", "sims"); v.Value == nil || *v.Value != 100 {
		t.Errorf("R01 %s with a change, want 100", v.Measured())
	}
	if v := find(t, half, "R02", "records"); v.Value == nil || *v.Value != 48 || !strings.Contains(v.Note, "mean 47.") && !strings.Contains(v.Note, "mean 48") {
		t.Errorf("R02 %s: %s", v.Measured(), v.Note)
	}
}

// TestBadInput: errors name the file and what was wanted.
func TestBadInput(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name, want string
		damage     func(c *fixture.City)
	}{
		{"trip of nobody", "truth/trips: trip of person 99", func(c *fixture.City) { c.Truth.Trips[0].Person = 99 }},
		{"stay that ends before it begins", "truth/activities: stay of person 0", func(c *fixture.City) { c.Truth.Activities[0].End = 1 }},
		{"anchor in no cell", "truth/anchors: person 0 in cell 1000", func(c *fixture.City) { c.Truth.Anchors[0].Cell = 1000 }},
		{"person without household", "no household 77", func(c *fixture.City) { c.Truth.Persons[1].Household = 77 }},
		{"person twice", "want each of 0 to 4 once", func(c *fixture.City) { c.Truth.Persons[1].ID = 0 }},
		{"SIM of nobody", "truth/sims: user 0 of person 9", func(c *fixture.City) { c.Truth.SIMs[0].Person = 9 }},
	} {
		x := city(5, 2)
		c.damage(x)
		if _, err := Measure(ctx, x.Folder(t, nil), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Measure(stopped, city(5, 2).Folder(t, nil), Options{}); err == nil {
		t.Error("a cancelled measure finished")
	}
}

// TestImported: data without truth, map and sites has the figures of its
// records, and says of the others why not.
func TestImported(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	f := city(60, 7).Folder(t, nil)
	if err := dataset.ExportCSV(ctx, dir, f, ""); err != nil {
		t.Fatal(err)
	}
	g, err := dataset.ImportCSV(ctx, filepath.Join(dir, "events.csv"), filepath.Join(dir, "areas.csv"), filepath.Join(dir, "data"), sigcity.Meta{Name: "imported", TimeZone: "Etc/UTC"})
	if err != nil {
		t.Fatal(err)
	}
	full, card := measure(t, f, Options{}), measure(t, g, Options{})
	for _, r := range full.Results {
		got := find(t, card, r.ID, r.Figure)
		if got.Value != nil && r.Value != nil && *got.Value != *r.Value && r.ID != "R24" && r.ID != "R15" && r.ID != "R16" {
			t.Errorf("%s %s: %s, without truth %s", r.ID, r.Figure, r.Measured(), got.Measured())
		}
	}
	for _, c := range []struct{ id, figure, note string }{{"R01", "sims", truthless}, {"R29", "trips", truthless}, {"R14", "sites", siteless},
		{"R40", "subscribers", truthless}, {"R11", "land-use", "not applicable: the data set's map has no land use"}} {
		if r := find(t, card, c.id, c.figure); r.Value != nil || r.Note != c.note {
			t.Errorf("%s: %s, %q, want %q", c.id, r.Measured(), r.Note, c.note)
		}
	}
	if s := card.Summary(); !strings.HasSuffix(s, "how large the city is was not told") {
		t.Errorf("summary %q", s)
	}
}

// milan is the published file where it is there, else one of the same shape as
// the fixture needs.
func milan(t testing.TB) *Reference {
	t.Helper()
	r, err := ReadReference(bytes.NewReader(week()), "week.csv")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestMilan reads the real file: the ratios that the table names come out.
func TestMilan(t *testing.T) {
	name := fixture.SharedFile(t, filepath.Join("mobility", "milan_output-grouped-times.csv"))
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := ReadReference(f, name)
	if err != nil {
		t.Fatal(err)
	}
	for class, want := range map[int]float64{cData: 0.33, cSMS: 0.04, cCalls: 0.01} {
		least, most := 1e18, 0.0
		for _, v := range r.weekday(class) {
			least, most = min(least, v), max(most, v)
		}
		if got := least / most; got < want*0.8 || got > want*1.3 {
			t.Errorf("%s: quietest over busiest hour %.3f, want about %.2f", classNames[class], got, want)
		}
	}
}
