package recognition

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// A hall, a macro cell around it and one 5 km away: a dwell needs the hall, bridges a
// short excursion and ends at a silence of an hour.
func TestHubDwells(t *testing.T) {
	m := &dataset.Map{Hubs: []dataset.Hub{{Kind: "airport", Lon: 10, Lat: 50, RadiusM: 1000}, {ID: 1, Kind: "station", Lon: 11, Lat: 50, RadiusM: 100}}}
	proj := m.Projection()
	at := proj.XY(orb.Point{10, 50})
	area := func(id sigcity.AreaID, dx, radius float64) sigcity.Area {
		return sigcity.Area{ID: id, Center: proj.LonLat(geo.XY{X: at.X + dx, Y: at.Y}), Radius: radius, Spacing: 2000, Operator: "999-01"}
	}
	areas := []sigcity.Area{area(0, 0, 150), area(1, 800, 1500), area(2, 5000, 1000)}
	h := NewHubAreas(m, areas, geo.NewAreas(areas, proj), "airport")
	if h.Len() != 1 || !h.Serves(0, 0) || !h.Serves(1, 0) || h.ServesAny(2) {
		t.Fatalf("hubs %d; served by %v %v, not %v", h.Len(), h.Serves(0, 0), h.Serves(1, 0), h.ServesAny(2))
	}
	rec := func(minute uint32, a sigcity.AreaID, e sigcity.Event) sigcity.Record {
		return sigcity.Record{Time: 600_000 + minute*60, Area: a, Type: e}
	}
	rows := []sigcity.Record{
		rec(0, 2, sigcity.ServiceRequest), rec(10, 1, sigcity.ServiceRequest), rec(20, 2, sigcity.ServiceRequest), // beside it only at first
		rec(50, 0, sigcity.Handover), rec(70, 0, sigcity.ServiceRequest), rec(75, 2, sigcity.Handover), rec(80, 0, sigcity.Handover), rec(110, 0, sigcity.Detach),
		rec(400, 0, sigcity.Attach), rec(420, 0, sigcity.ServiceRequest), rec(430, 2, sigcity.TrackingAreaUpdate),
		rec(500, 1, sigcity.ServiceRequest), // beside it
	}
	got := NewHubDwellFinder(h, HubDwellParams{}).Find(nil, sigcity.Trajectory{Records: rows}, 600_000, 600_000+600*60)
	if len(got) != 2 {
		t.Fatalf("%d dwells, want 2: %+v", len(got), got)
	}
	if d := got[0]; d.From != 3 || d.To != 8 || d.Enter != rows[3].Time || d.Last != rows[7].Time || d.Leave != d.Last || d.After != 290*60 || !d.Detached || d.Attached || d.Core != 4 || d.Area != 0 {
		t.Errorf("departure %+v", d)
	}
	// It leaves for 5 km in 10 min: what no travel explains is dwell, for the update tells that it has just come in.
	d := got[1]
	if d.From != 8 || d.To != 10 || d.Enter != rows[8].Time || !d.Attached || d.Before != 290*60 || d.Leave < d.Last || d.Leave > rows[10].Time || d.OutMS < 8 || d.OutMS > 9 {
		t.Errorf("arrival %+v", d)
	}
}
