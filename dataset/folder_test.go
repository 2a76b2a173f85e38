package dataset

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
)

// counting counts the bytes read through it.
type counting struct {
	io.ReaderAt
	n *atomic.Int64
}

func (c counting) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(p, off)
	c.n.Add(int64(n))
	return n, err
}

// A read of few users, or of one day, reads few bytes: the row groups of these
// users and the files of that day.
func TestUsersReadsOnlyWhatItNeeds(t *testing.T) {
	m := instants(sample(4096, 12, 4, 9))
	f := rawFolder(t, filepath.Join(t.TempDir(), "d"), m, 2048, 2)
	var read atomic.Int64
	f.wrap = func(r io.ReaderAt) io.ReaderAt { return counting{r, &read} }
	bytes := func(r sigcity.Range) float64 {
		read.Store(0)
		load(t, f, r)
		return float64(read.Load())
	}
	cal, err := m.Info.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	all := bytes(sigcity.Range{})
	// One of the eight groups of users, and footers of one of two parts.
	if few := bytes(sigcity.Range{First: 600, Limit: 610}); few > all/8*1.3 || few < all/8*0.7 {
		t.Errorf("10 users read %.0f of %.0f bytes, want about an eighth", few, all)
	}
	if day := bytes(sigcity.Range{From: cal.Start(1), To: cal.Start(2)}); day > all/4*1.3 || day < all/4*0.7 {
		t.Errorf("a day read %.0f of %.0f bytes, want about a quarter", day, all)
	}
	if both := bytes(sigcity.Range{First: 600, Limit: 610, From: cal.Start(1), To: cal.Start(2)}); both > all/32*1.5 {
		t.Errorf("10 users' day read %.0f of %.0f bytes, want about a thirty-second", both, all)
	}
}

func TestUsersStops(t *testing.T) {
	m := instants(sample(700, 3, 2, 9))
	f := rawFolder(t, filepath.Join(t.TempDir(), "d"), m, 700, 1)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	var last error
	for _, err := range f.Users(ctx, sigcity.Range{}) {
		if last = err; err == nil {
			if n++; n == 10 {
				cancel()
			}
		}
	}
	if !errors.Is(last, context.Canceled) || n > 100 {
		t.Errorf("%d users after cancelling at 10, error %v: want it to stop soon and say so", n, last)
	}
	n = 0
	for range f.Users(context.Background(), sigcity.Range{}) {
		if n++; n == 3 {
			break
		}
	}
	sameRecords(t, m, load(t, f, sigcity.Range{})) // and again
}

func TestDamage(t *testing.T) {
	m := instants(sample(700, 3, 2, 9))
	dir := rawFolder(t, filepath.Join(t.TempDir(), "d"), m, 700, 1).Dir()
	name := "events/date=2026-03-29/part-0000.parquet"
	whole, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	put := func(b []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	put(whole[:len(whole)-100])
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "part-0000.parquet") || !strings.Contains(err.Error(), "truncated") {
		t.Errorf("truncated: error %v, want one that names the file", err)
	}
	put(whole)
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	// Whatever byte is wrong, reading ends in an error that names the file or in
	// records that are still in order, never in a panic; Verify always tells.
	for i := 0; i < len(whole); i += 37 {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x41
		put(b)
		for tr, err := range f.Users(context.Background(), sigcity.Range{}) {
			if err != nil && !strings.Contains(err.Error(), "part-0000.parquet") {
				t.Fatalf("byte %d: error %v, want one that names the file", i, err)
			}
			for _, r := range tr.Records {
				if int(r.Area) >= len(m.Cells) || !r.Type.Valid() {
					t.Fatalf("byte %d: record %+v", i, r)
				}
			}
		}
		if err := f.Verify(context.Background()); err == nil || !strings.Contains(err.Error(), "part-0000.parquet") {
			t.Fatalf("byte %d: verify says %v", i, err)
		}
	}
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "part-0000.parquet") {
		t.Errorf("missing: error %v, want one that names the file", err)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "not a finished data set") {
		t.Errorf("empty folder: error %v", err)
	}
}

func testTruth() *Truth {
	t := &Truth{}
	for p := uint32(0); p < 6; p++ {
		t.Persons = append(t.Persons, Person{ID: p, Household: p / 2, Sex: SexFemale, Age: int32(20 + p), Employment: Employed, Income: 3, Consent: p%2 == 0})
		t.SIMs = append(t.SIMs, SIM{User: 5 - p, Kind: KindPhone, Person: int64(p), IMSI: imsi(sigcity.UserID(p)), Operator: "999-01"})
		t.Anchors = append(t.Anchors, Anchor{Person: p, Kind: ActHome, Place: -1, Lon: 1.1, Lat: 2.2})
	}
	for h := uint32(0); h < 3; h++ {
		t.Households = append(t.Households, Household{ID: h, Size: 2, Income: 3})
	}
	return t
}

func TestTruth(t *testing.T) {
	m := instants(sample(6, 1, 2, 9))
	dir := filepath.Join(t.TempDir(), "d")
	w, err := Create(dir, rawManifest(m, 3), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	truth := testTruth()
	day := w.cal.Start(0)
	put := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	put(w.Areas(m.Cells))
	put(WriteTable(w, TablePersons, Whole, truth.Persons))
	put(WriteTable(w, TableHouseholds, Whole, truth.Households))
	put(WriteTable(w, TableSIMs, Slot{-1, 0}, truth.SIMs[:3]))
	put(WriteTable(w, TableSIMs, Slot{-1, 1}, truth.SIMs[3:]))
	put(WriteTable(w, TableAnchors, Whole, truth.Anchors))
	first := []Activity{{Person: 1, Kind: ActHome, Place: -1, Start: day, End: day + 1000, Lon: 3}, {Person: 0, Kind: ActHome, Start: day + 500, End: day + 90000}, {Person: 0, Kind: ActWork, Start: day, End: day + 500}}
	second := []Activity{{Person: 0, Kind: ActHome, Place: 4, Start: day + 90000, End: day + 100000}}
	put(WriteTable(w, TableActivities, Slot{0, 0}, first))
	put(WriteTable(w, TableActivities, Slot{1, 0}, second))
	put(WriteTable(w, TableTrips, Slot{0, -1}, []Trip{{Person: 2, Mode: "car", Purpose: ActWork, Start: day + 5, End: day + 9, DistanceM: 12.5, Links: []int32{7, 5}, Rides: []Ride{}}}))
	f, err := w.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := LoadTruth(context.Background(), f, nil, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := *truth
	want.Meta = *f.Meta()
	want.SIMs = []SIM{truth.SIMs[5], truth.SIMs[4], truth.SIMs[3], truth.SIMs[2], truth.SIMs[1], truth.SIMs[0]}
	want.Activities = []Activity{first[2], first[1], second[0], first[0]}
	want.Trips = []Trip{{Person: 2, Mode: "car", Purpose: ActWork, Start: day + 5, End: day + 9, DistanceM: 12.5, Links: []int32{7, 5}, Rides: []Ride{}}}
	if d := cmp.Diff(&want, got); d != "" {
		t.Errorf("all (-want +got):\n%s", d)
	}
	got, err = LoadTruth(context.Background(), f, func(p uint32) bool { return p < 2 }, day+600, day+95000)
	if err != nil {
		t.Fatal(err)
	}
	want.Persons, want.Households, want.Anchors, want.Trips = truth.Persons[:2], truth.Households[:1], truth.Anchors[:2], nil
	want.SIMs = []SIM{truth.SIMs[1], truth.SIMs[0]}
	a, b, c := first[1], second[0], first[0]
	a.Start, b.End, c.Start = day+600, day+95000, day+600
	want.Activities = []Activity{a, b, c}
	if d := cmp.Diff(&want, got, opts); d != "" {
		t.Errorf("window (-want +got):\n%s", d)
	}
	for _, err := range ReadTable[Identity](context.Background(), f, TableIdentities) {
		if err == nil || !strings.Contains(err.Error(), "no table truth/identities") {
			t.Errorf("error %v, want one that names the table", err)
		}
	}
	for _, err := range ReadTable[Household](context.Background(), f, TableTrips) {
		if err == nil || !strings.Contains(err.Error(), `no column "id"`) {
			t.Errorf("error %v, want one that names the column", err)
		}
	}
}

func TestMap(t *testing.T) {
	m := instants(sample(6, 1, 1, 9))
	w, err := Create(filepath.Join(t.TempDir(), "d"), rawManifest(m, 6), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := &Map{City: "Monaco", Origin: orb.Point{7.42, 43.73}, Bounds: orb.Bound{Min: orb.Point{7.4, 43.7}, Max: orb.Point{7.5, 43.8}}, Attribution: "© OSM",
		Places: []Place{{ID: 0, Category: School, Name: "Lycée", Lon: 7.1, Lat: 43.1}, {ID: 1, Category: Salon, Estimated: true}}, Communities: []Community{{ID: 1, RadiusM: 3, Affluence: 5}},
		Lines: []Line{{ID: 0, Ref: "1", Name: "Saint-Roman", Mode: "bus", Airport: true, Headway: 600, Estimated: true, Stops: []uint32{1, 0}, Ride: []float64{0, 90},
			At: []uint32{0, 2}, Lon: []float64{7.1, 7.2, 7.3}, Lat: []float64{43.1, 43.2, 43.3}}},
		Stops: []Stop{{ID: 0, Name: "Casino", Lon: 7.3, Lat: 43.3, Hub: 0}, {ID: 1, Lon: 7.1, Lat: 43.1, Hub: -1}},
		Hubs:  []Hub{{ID: 0, Kind: "station", Name: "Monte Carlo", Lon: 7.3, Lat: 43.3, RadiusM: 120, Place: -1}},
		Gates: []Gate{{ID: 0, Kind: "rail", Name: "Monte Carlo", Lon: 7.3, Lat: 43.3, Weight: 2, Stop: 0, Hub: -1}}}
	want.Zones = zoned().Zones
	for i := range 1500 { // more than one batch of rows with lists
		r := Road{Class: "primary"}
		for k := range i % 7 {
			r.Lon, r.Lat = append(r.Lon, float64(i)/7), append(r.Lat, float64(k)/3)
		}
		want.Roads = append(want.Roads, r)
		want.LandUse = append(want.LandUse, LandUse{Use: "water", Lon: r.Lat, Lat: r.Lon})
	}
	if err := w.Map(want); err != nil {
		t.Fatal(err)
	}
	cells := make([]Cell, len(m.Cells))
	for i, a := range m.Cells {
		cells[i] = Cell{Area: a, ENB: uint32(i), Sector: i % 3, Site: i / 3, Radio: "4G", Antenna: orb.Point{1, float64(i)}, Azimuth: 120 * float64(i%3), BeamDeg: 65 * float64(i%2), RangeM: 500,
			Kind: []string{"macro", "metro", ""}[i%3]}
	}
	if err := w.Cells(cells); err != nil {
		t.Fatal(err)
	}
	f, err := w.Finish(nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Map()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, opts); d != "" {
		t.Errorf("map (-want +got):\n%s", d)
	}
	// A folder written before there were zones.
	f.m.Files = slices.DeleteFunc(f.m.Files, func(e File) bool { return e.Path == TableZones+".parquet" })
	got, err = f.Map()
	if err != nil || len(got.Zones) > 0 || len(got.LandUse) != len(want.LandUse) {
		t.Errorf("without the table of zones: %d zones, %v", len(got.Zones), err)
	}
	gotCells, err := f.Cells()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(cells, gotCells, opts); d != "" {
		t.Errorf("cells (-want +got):\n%s", d)
	}
}
