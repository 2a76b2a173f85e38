package anonymizers

import (
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

func TestBins(t *testing.T) {
	// Berlin loses an hour on 2026-03-29: that day has 23.
	cal, err := sigcity.NewCalendar("Europe/Berlin", "2026-03-28", 3, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		size        uint32
		t           uint32
		first, last uint32 // relative to midnight of day
		day         int
	}{
		{3600, cal.Start(0) + 3599, 0, 3599, 0},
		{3600, cal.Start(0) + 3600, 3600, 7199, 0},
		{86400, cal.Start(0) + 5, 0, 86399, 0},
		{86400, cal.Start(1) + 5, 0, 23*3600 - 1, 1},
		{7200, cal.Start(1) + 22*3600 + 1, 22 * 3600, 23*3600 - 1, 1}, // the last ends with the day
		{50000, cal.Start(2) + 60000, 50000, 86399, 2},
		{900, cal.Start(2) + 899, 0, 899, 2},
	} {
		first, last := bins{cal, c.size}.at(c.t)
		if m := cal.Start(c.day); first != m+c.first || last != m+c.last {
			t.Errorf("bin of %d s at %d: %d to %d, want %d to %d", c.size, c.t-m, first-m, last-m, c.first, c.last)
		}
	}
	// On 2026-10-25 it gains one: that day has 25.
	long, err := sigcity.NewCalendar("Europe/Berlin", "2026-10-25", 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	midnight := long.Start(0)
	for _, c := range []struct{ size, t, first, last uint32 }{
		{86400, 5, 0, 25*3600 - 1}, {86400, 24*3600 + 5, 0, 25*3600 - 1}, {3600, 24*3600 + 5, 24 * 3600, 25*3600 - 1},
	} {
		if first, last := (bins{long, c.size}).at(midnight + c.t); first != midnight+c.first || last != midnight+c.last {
			t.Errorf("bin of %d s at %d of a long day: %d to %d, want %d to %d", c.size, c.t, first-midnight, last-midnight, c.first, c.last)
		}
	}
	if first, last := (bins{cal, 3600}).at(cal.Start(0) - 1); last-first != 3599 || first > cal.Start(0)-1 || last < cal.Start(0)-1 {
		t.Errorf("a time before the days is in %d to %d", first, last)
	}
}

func TestGeneralizeCoversTheRecord(t *testing.T) {
	in := fixture.New(9, 2, 3).Data
	for _, space := range []string{"cell", "site", "grid-3km", "h3-6", "h3-9"} {
		r := released(t, made(t, "generalize", plugin.Args{"space": space, "bin": "45m"}), in, 2)
		areas := geo.NewAreas(r.areas, planeOf(in.Cells))
		proj := planeOf(in.Cells)
		for u, rows := range in.Rows {
			for _, raw := range rows {
				ok := false
				for _, g := range r.rows[u] {
					ok = ok || g.Time <= raw.Time && raw.Time <= g.End() && g.Type == raw.Type &&
						areas.Gap(g.Area, proj.XY(in.Cells[raw.Area].Center)) < 1
				}
				if !ok {
					t.Fatalf("%s: nothing of user %d covers %v", space, u, raw)
				}
			}
			for i, g := range r.rows[u] {
				if i > 0 && compareRecords(g, r.rows[u][i-1]) < 0 {
					t.Fatalf("%s: user %d: the order of record %d tells more than its bin", space, u, i)
				}
			}
		}
	}
}

func TestSites(t *testing.T) {
	cell := func(name string, lon float64) sigcity.Area {
		return sigcity.Area{Name: name, Center: orb.Point{lon, 50}, Radius: 300, Operator: "999-01", TAC: 4}
	}
	s := newSites([]sigcity.Area{cell("999-01-257", 10), cell("999-01-513", 11), cell("999-01-258", 10.01), cell("999-01-68719476735", 12),
		cell("mast", 13), cell("999-02-259", 10)})
	want := []struct {
		name   string
		radius float64
	}{{"site/999-01-1", 424.264}, {"site/999-01-2", 300}, {"site/999-01-g16777215", 300}, {"mast", 300}, {"site/999-02-1", 300}}
	if len(s.areas) != len(want) {
		t.Fatalf("%d sites, want %d", len(s.areas), len(want))
	}
	for i, w := range want {
		a := s.areas[i]
		if a.Name != w.name || a.Radius < w.radius-0.01 || a.Radius > w.radius+0.01 || int(a.ID) != i {
			t.Errorf("site %d: %s of %g m, want %s of %g", i, a.Name, a.Radius, w.name, w.radius)
		}
	}
	if s.of[0] != 0 || s.of[2] != 0 || s.of[5] != 4 || s.areas[0].Center[0] < 10.0049 || s.areas[0].Center[0] > 10.0051 {
		t.Errorf("cells are at sites %v, the first at %v", s.of, s.areas[0].Center)
	}
}

func TestGeneralizeRefuses(t *testing.T) {
	for _, c := range []struct {
		args plugin.Args
		want string
	}{
		{plugin.Args{"space": "h3-16"}, `space = "h3-16", must be cell`},
		{plugin.Args{"space": "grid-0m"}, `space = "grid-0m", must be cell`},
		{plugin.Args{"bin": "1500ms"}, "bin = 1.5s, must be a whole number"},
		{plugin.Args{"bin": "25h"}, "bin = 25h, must be at most 86400 s"},
	} {
		if _, _, err := plugin.Make[Anonymizer]("generalize", c.args); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q in it", c.args, err, c.want)
		}
	}
}
