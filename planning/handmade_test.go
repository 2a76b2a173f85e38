package planning

import (
	"fmt"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// dweller is at home but for 10 to 16 h of weekdays, at one cell, and of weekend
// days, at another; each may be home.
type dweller struct{ home, weekday, weekend int }

// handmade is a week of dwellers: square cells of 1 km by their lower left corners
// in km, records every 15 minutes, and the truth, in which nobody needs time to move.
func handmade(tb testing.TB, corners []geo.XY, people []dweller) (*dataset.Mem, *dataset.Truth, *Env) {
	tb.Helper()
	proj := geo.NewProjection(orb.Point{10, 50})
	mem := &dataset.Mem{Info: sigcity.Meta{Name: "handmade", Users: len(people), TimeZone: "Etc/UTC", Start: "2026-03-02", Days: 7, Persons: len(people)}}
	for i, c := range corners {
		lo := geo.XY{X: 1000 * c.X, Y: 1000 * c.Y}
		ring := proj.Ring([]geo.XY{lo, {X: lo.X + 1000, Y: lo.Y}, {X: lo.X + 1000, Y: lo.Y + 1000}, {X: lo.X, Y: lo.Y + 1000}})
		mem.Cells = append(mem.Cells, sigcity.Area{ID: sigcity.AreaID(i), Name: fmt.Sprint(i), Footprint: ring,
			Center: proj.LonLat(geo.XY{X: lo.X + 500, Y: lo.Y + 500}), Radius: 564, Spacing: 1000})
	}
	cal, err := mem.Info.Calendar()
	if err != nil {
		tb.Fatal(err)
	}
	truth := &dataset.Truth{}
	for u, d := range people {
		id := uint32(u)
		at := func(cell int) (lon, lat float64) { p := mem.Cells[cell].Center; return p[0], p[1] }
		lon, lat := at(d.home)
		truth.Persons = append(truth.Persons, dataset.Person{ID: id, Household: id})
		truth.Households = append(truth.Households, dataset.Household{ID: id, Size: 1, Lon: lon, Lat: lat})
		truth.SIMs = append(truth.SIMs, dataset.SIM{User: id, Kind: dataset.KindPhone, Person: int64(u)})
		if d.weekday != d.home {
			lon, lat := at(d.weekday)
			truth.Anchors = append(truth.Anchors, dataset.Anchor{Person: id, Kind: dataset.ActWork, Lon: lon, Lat: lat})
		}
		var rows []sigcity.Record
		for day := range 7 {
			out, kind := d.weekday, dataset.ActWork
			if cal.Kind(day) != sigcity.Weekday {
				out, kind = d.weekend, dataset.ActVisit
			}
			if out == d.home {
				kind = dataset.ActHome
			}
			for _, p := range []struct {
				kind     string
				cell     int
				from, to uint32
			}{{dataset.ActHome, d.home, 0, 10}, {kind, out, 10, 16}, {dataset.ActHome, d.home, 16, 24}} {
				lon, lat := at(p.cell)
				start, end := cal.Start(day)+p.from*3600, cal.Start(day)+p.to*3600
				truth.Activities = append(truth.Activities, dataset.Activity{Person: id, Kind: p.kind, Place: -1, Start: start, End: end, Lon: lon, Lat: lat})
				for t := start + 420; t < end; t += 900 {
					rows = append(rows, sigcity.Record{Time: t, Area: sigcity.AreaID(p.cell)})
				}
			}
		}
		mem.Rows, mem.Keys = append(mem.Rows, rows), append(mem.Keys, uint64(u))
	}
	zoning := geo.Grid{Proj: proj, Size: 1000}
	return mem, truth, &Env{Meta: &mem.Info, Areas: mem.Cells, Calendar: cal, Map: &dataset.Map{Origin: proj.Origin}, Proj: proj, Zoning: zoning}
}

// place puts n places on the map in the middle of a cell, community one community.
func (e *Env) place(cell, n int) {
	p := e.Areas[cell].Center
	for range n {
		e.Map.Places = append(e.Map.Places, dataset.Place{Category: dataset.Office, Lon: p[0], Lat: p[1]})
	}
}

func (e *Env) community(cell int, dwellings float64) {
	p := e.Areas[cell].Center
	e.Map.Communities = append(e.Map.Communities, dataset.Community{Lon: p[0], Lat: p[1], RadiusM: 500, Dwellings: dwellings})
}

// bothWays answers a task on records and on truth.
func bothWays[A any](t *testing.T, task Task, mem *dataset.Mem, truth *dataset.Truth, e *Env) (raw, want *A) {
	t.Helper()
	got, err := Run(t.Context(), task, mem, e, 2)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := task.FromTruth(t.Context(), truth, e)
	if err != nil {
		t.Fatal(err)
	}
	return got.(*A), exact.(*A)
}
