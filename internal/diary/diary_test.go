package diary

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
)

var update = flag.Bool("update", false, "rewrite golden files")

// folder is the fixture's city with a road, a park and trips: who works leaves
// at 07:30, the first person by car, all others on foot.
func folder(t testing.TB) *dataset.Folder {
	t.Helper()
	c := fixture.New(6, 7, 1)
	var acts []dataset.Activity
	for i, a := range c.Truth.Activities {
		if next := i + 1; next < len(c.Truth.Activities) && a.Kind == dataset.ActHome && c.Truth.Activities[next].Kind == dataset.ActWork {
			b := c.Truth.Activities[next]
			a.End -= 1800
			mode := "walk"
			if a.Person == 0 {
				mode = "car"
			}
			c.Truth.Trips = append(c.Truth.Trips, dataset.Trip{Person: a.Person, Mode: mode, Purpose: b.Kind, Start: a.End, End: b.Start,
				FromLon: a.Lon, FromLat: a.Lat, ToLon: b.Lon, ToLat: b.Lat, DistanceM: 5000, RoadFrom: a.End, RoadTo: b.Start, Hour: -1})
		}
		acts = append(acts, a)
	}
	c.Truth.Activities = acts
	// The second person lives with the fourth, who goes to a kindergarten.
	c.Truth.Persons[3].Household, c.Truth.Persons[3].Employment = c.Truth.Persons[1].Household, dataset.Preschool
	lo, hi := c.Map.Bounds.Min, c.Map.Bounds.Max
	c.Map.Roads = []dataset.Road{{Class: "primary", Lon: []float64{lo[0], hi[0]}, Lat: []float64{lo[1], hi[1]}}}
	c.Map.LandUse = []dataset.LandUse{{Use: "green", Lon: []float64{lo[0], hi[0], lo[0], lo[0]}, Lat: []float64{lo[1], lo[1], hi[1], lo[1]}}}
	return c.Folder(t, nil)
}

func load(t testing.TB, f *dataset.Folder, user sigcity.UserID, first, n int) *Diary {
	t.Helper()
	d, err := Load(t.Context(), f, user, first, n)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func day(t testing.TB, f *dataset.Folder, user sigcity.UserID, first int) Day {
	t.Helper()
	m, err := f.Map()
	if err != nil {
		t.Fatal(err)
	}
	cells, err := f.Cells()
	if err != nil {
		t.Fatal(err)
	}
	return Day{load(t, f, user, first, 1), m, cells}
}

func written(t testing.TB, write func(w io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestGolden: the pictures and the text are those of the golden files, well
// formed, small, and the same when drawn again.
func TestGolden(t *testing.T) {
	f := folder(t)
	for name, write := range map[string]func(w io.Writer) error{
		"day.svg":  day(t, f, 0, 0).WriteSVG,
		"week.svg": Week{load(t, f, 0, 0, 7)}.WriteSVG,
		"week.txt": load(t, f, 0, 0, 7).WriteText,
	} {
		t.Run(name, func(t *testing.T) {
			got := written(t, write)
			if again := written(t, write); again != got {
				t.Error("drawn again, it differs")
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got); d != "" {
				t.Errorf("(-want +got, -update rewrites):\n%s", d)
			}
			if filepath.Ext(name) == ".svg" {
				wellFormed(t, got)
			}
		})
	}
}

func wellFormed(t *testing.T, text string) {
	t.Helper()
	for dec := xml.NewDecoder(strings.NewReader(text)); ; {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
		t.Error("a coordinate is no number")
	}
	if len(text) > 150_000 {
		t.Errorf("%d bytes, want at most 150,000", len(text))
	}
}

// TestAt: at every moment the person is in one stay or on one trip.
func TestAt(t *testing.T) {
	d := load(t, folder(t), 0, 0, 7)
	from, to := d.Span()
	trips := 0
	for at := from; at < to; at += 97 {
		_, stay, trip, err := d.At(at)
		if err != nil || (stay == nil) == (trip == nil) {
			t.Fatalf("at %s: stay %v, trip %v, error %v", d.Clock(at), stay, trip, err)
		}
		if stay != nil && (at < stay.Start || at >= stay.End) || trip != nil && (at < trip.Start || at >= trip.End) {
			t.Errorf("at %s: not in its span", d.Clock(at))
		}
		if trip != nil {
			trips++
		}
	}
	if trips < 5*1800/97 {
		t.Errorf("%d moments on trips, want those of five mornings", trips)
	}
	if _, stay, trip, _ := d.At(to); stay != nil || trip != nil {
		t.Error("there is something after the end")
	}
}

// TestText: letters and digits stand where the truth and the records are, and
// the shares of the table are those of the records.
func TestText(t *testing.T) {
	d := load(t, folder(t), 0, 0, 7)
	got := d.letters(0)
	want := strings.Repeat("H", 30) + ".." + strings.Repeat("W", 36) + strings.Repeat("H", 4) + "SSSS" + strings.Repeat("H", 20)
	if got != want {
		t.Errorf("Monday:\n%s, want\n%s", got, want)
	}
	if sunday := d.letters(6); strings.ContainsAny(sunday, "W.") {
		t.Errorf("Sunday: %s", sunday)
	}
	cells, all := d.Cells()
	records, night, office := 0, 0, 0
	for i, c := range cells {
		records, night, office = records+c.Records, night+c.Night, office+c.Office
		if i > 0 && c.Records > cells[i-1].Records {
			t.Errorf("cell %d has more records than the one before", c.Area)
		}
	}
	if records != len(d.Records) || all != (CellUse{Records: records, Night: night, Office: office}) {
		t.Errorf("sums %d, %d, %d of %d records; all %+v", records, night, office, len(d.Records), all)
	}
	if cells[0].Night != all.Night || cells[1].Office != all.Office {
		t.Errorf("home has %d of %d night records, work %d of %d office records; want all", cells[0].Night, all.Night, cells[1].Office, all.Office)
	}
	if digits := d.digits(0, cells); strings.Trim(digits[:30], "1 ") != "" || strings.Trim(digits[32:68], "2 ") != "" || !strings.Contains(digits, "2") {
		t.Errorf("cells of Monday: %s", digits)
	}
}

// TestPages: the pages hold the picture, and all records or the text.
func TestPages(t *testing.T) {
	f := folder(t)
	p := day(t, f, 1, 0)
	page := written(t, p.WriteHTML)
	if n := strings.Count(page, "<tr><td>"); n != len(p.Records) || !strings.Contains(page, written(t, p.WriteSVG)) {
		t.Errorf("%d rows of %d records, or no picture", n, len(p.Records))
	}
	w := Week{load(t, f, 1, 0, 7)}
	if page := written(t, w.WriteHTML); !strings.Contains(page, "<svg") || !strings.Contains(page, "HHHH") {
		t.Error("no picture or no text")
	}
}

func TestLoadErrors(t *testing.T) {
	f := folder(t)
	for name, c := range map[string][2]int{"before": {-1, 1}, "after": {7, 1}, "no days": {0, 0}} {
		if _, err := Load(t.Context(), f, 0, c[0], c[1]); err == nil || !strings.Contains(err.Error(), "7 days") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if d := load(t, f, 0, 5, 7); d.N != 2 {
		t.Errorf("%d days of the last two", d.N)
	}
}

// TestFind: each condition is met by those, and only those, who the fixture
// made so; several are all to be met.
func TestFind(t *testing.T) {
	f := folder(t)
	users := func(day int, terms ...string) (out []sigcity.UserID) {
		t.Helper()
		conditions, err := Parse(terms)
		if err != nil {
			t.Fatal(err)
		}
		found, err := Find(t.Context(), f, day, conditions)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range found {
			if x.Records != 48 {
				t.Errorf("user %d has %d records, want 48", x.User, x.Records)
			}
			out = append(out, x.User)
		}
		return out
	}
	for _, c := range []struct {
		terms []string
		day   int
		want  []sigcity.UserID
	}{
		{nil, 0, []sigcity.UserID{0, 1, 2, 3, 4, 5}},
		{[]string{"sex=female"}, 0, []sigcity.UserID{0, 2, 4}},
		{[]string{"sex=female", "consent=false"}, 0, nil},
		{[]string{"income=2-3"}, 0, []sigcity.UserID{1, 2}},
		{[]string{"income=5"}, 0, []sigcity.UserID{4}},
		{[]string{"mode=car"}, 0, []sigcity.UserID{0}},
		{[]string{"mode=walk", "visit=shop"}, 0, []sigcity.UserID{3}},
		{[]string{"visit=shop", "visit=work"}, 0, []sigcity.UserID{0, 3}},
		{[]string{"visit=work"}, 6, nil},
		{[]string{"employment=preschool"}, 0, []sigcity.UserID{3}},
		{[]string{"preschool_child=true", "employment=employed"}, 0, []sigcity.UserID{1}},
		{[]string{"records=49-100"}, 0, nil},
		{[]string{" records=48"}, 0, []sigcity.UserID{0, 1, 2, 3, 4, 5}},
		{[]string{"age=0-19"}, 0, nil},
		{[]string{"white_collar=true"}, 0, nil},
	} {
		if got := users(c.day, c.terms...); !slices.Equal(got, c.want) {
			t.Errorf("%v on day %d: users %v, want %v", c.terms, c.day, got, c.want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for term, want := range map[string]string{
		"sex":                  "want KEY=VALUE",
		"hair=red":             "hair: no such key; there are age, car",
		"sex=woman":            "want one of female, male",
		"car=yes":              "want true or false",
		"age=old":              "a range such as 25-40",
		"age=40-25":            "a range such as 25-40",
		"mode=horse":           "want one of walk",
		"visit=moon":           "hospital, industry, kindergarten",
		"employment=carpenter": "want one of employed",
	} {
		if _, err := Parse([]string{"sex=male", term}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), strings.Split(term, "=")[0]) {
			t.Errorf("%s: %v, want %q", term, err, want)
		}
	}
}
