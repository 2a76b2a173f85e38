package benchmarks

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Planning by administrative areas, of which some cells lie in none: a release
// of the data as they are scores 1, and a level that the map lacks is named.
func TestPlanByAdministrativeAreas(t *testing.T) {
	ctx, data := context.Background(), folder(t, 80, 2, 9)
	var links []sigcity.Link
	for u := range sigcity.UserID(80) {
		links = append(links, sigcity.Link{Token: u, Source: u, From: 0, To: 1<<32 - 1})
	}
	rel := &sigcity.Release{Kind: sigcity.Trajectories, Data: data}
	release, links, err := dataset.Spool(ctx, filepath.Join(t.TempDir(), "release"), rel, dataset.ReleaseInfo{Method: "identity"}, dataset.Manifest{Meta: *data.Meta(), Code: "test"}, links, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	g := testGrid("identity")
	g.Zonings = []string{"admin-8"}
	j, err := NewJudge(ctx, data, release, links, g, 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	public := *j.a.public
	lo, hi := data.Areas()[0].Center, data.Areas()[0].Center
	for _, a := range data.Areas() {
		for k := range 2 {
			lo[k], hi[k] = min(lo[k], a.Center[k]), max(hi[k], a.Center[k])
		}
	}
	for i := range 2 { // the southern and the northern half of the west; the east is in none
		x0, x1 := lo[0], lo[0]+0.6*(hi[0]-lo[0])
		y0, y1 := lo[1]+float64(i)*(hi[1]-lo[1])/2, lo[1]+float64(i+1)*(hi[1]-lo[1])/2
		public.Zones = append(public.Zones, dataset.Zone{ID: uint32(i), Level: 8, Parent: -1, Corners: []int32{5},
			Lon: []float64{x0, x1, x1, x0, x0}, Lat: []float64{y0, y0, y1, y1, y0}})
	}
	j.a.public = &public
	rows, err := j.Plan(ctx, []string{"U09", "U10", "U12"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range rows {
		if r.Metric == MetricUtility {
			if n++; r.Status != OK || r.Zoning != "admin-8" || r.Value < 1-exactly || r.Value > 1+exactly {
				t.Errorf("%s at %s: %+v, want 1", r.Probe, r.Zoning, r)
			}
		}
	}
	if n != 3 {
		t.Errorf("%d answers, want 3", n)
	}
	j.grid.Zonings = []string{"admin-6"}
	if _, err := j.Plan(ctx, []string{"U09"}, 2); err == nil || !strings.Contains(err.Error(), "levels [8] only") {
		t.Errorf("a level that the map lacks: error %v", err)
	}
}
