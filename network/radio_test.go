package network

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

func TestServingAllocatesNothing(t *testing.T) {
	c := buildTown(t, town(8), Options{})
	q := centerOf(c)
	var sink sigcity.AreaID
	if n := testing.AllocsPerRun(200, func() { sink += c.Serving(0, q) + sigcity.AreaID(len(c.Candidates(1, q))); q.X += 7 }); n != 0 {
		t.Errorf("%v allocations a call, want 0", n)
	}
	_ = sink
}

func TestCellIdentities(t *testing.T) {
	c := andorra(t)
	names := map[string]bool{}
	sizes := map[uint32]int{}
	owner := map[uint32]int{}
	for id, cell := range c.Cells {
		if names[cell.CGI] {
			t.Fatalf("CGI %s twice", cell.CGI)
		}
		names[cell.CGI] = true
		site := c.Sites[cell.Site]
		f := strings.Split(cell.CGI, "-")
		bits, station, sector := 28, 8, uint64(0xff)
		if cell.Radio == "5G" {
			bits, station, sector = 36, 12, 0xfff
		}
		n, err := strconv.ParseUint(f[len(f)-1], 10, bits)
		if err != nil || len(f) != 3 || uint32(n>>station) != cell.ENB || int(n&sector) != cell.Sector || cell.Radio == "5G" != (n >= 1<<28) {
			t.Fatalf("%s CGI %s: want MCC-MNC-ECI or -NCI of eNB or gNB %d, sector %d", cell.Radio, cell.CGI, cell.ENB, cell.Sector)
		}
		if cell.Radio == "5G" != (cell.TAC > first5GTAC) {
			t.Fatalf("%s CGI %s in tracking area %d", cell.Radio, cell.CGI, cell.TAC)
		}
		if f[0]+"-"+f[1] != c.Operators[site.Operator].PLMN() {
			t.Fatalf("CGI %s is not of %s", cell.CGI, c.Operators[site.Operator].PLMN())
		}
		if site.Cells[cell.Sector] != sigcity.AreaID(id) {
			t.Fatalf("cell %d is not sector %d of its site", id, cell.Sector)
		}
		if site.Kind != IndoorSite { // these are of the area around them
			sizes[cell.TAC]++
		}
		if op, ok := owner[cell.TAC]; ok && op != site.Operator {
			t.Fatalf("tracking area %d is of two operators", cell.TAC)
		}
		owner[cell.TAC] = site.Operator
	}
	for tac, n := range sizes {
		if tac == 0 || n > sitesPerTAC*sectorsPerSite {
			t.Errorf("tracking area %d has %d cells, want at most %d", tac, n, sitesPerTAC*sectorsPerSite)
		}
	}
}

// Tracking areas are compact: sites of one area lie much closer to its centre
// than random groups of the same sizes would.
func TestTrackingAreasAreCompact(t *testing.T) {
	c := andorra(t)
	groups := map[uint32][]geo.XY{}
	var all []geo.XY
	for _, s := range c.Sites {
		if s.Operator == 0 {
			tac := c.Cells[s.Cells[0]].TAC
			groups[tac] = append(groups[tac], s.Pos)
			all = append(all, s.Pos)
		}
	}
	if len(groups) < 4 {
		t.Fatalf("%d tracking areas, want some to compare", len(groups))
	}
	spread := func(g []geo.XY) (sum float64) {
		var m geo.XY
		for _, p := range g {
			m = geo.XY{X: m.X + p.X/float64(len(g)), Y: m.Y + p.Y/float64(len(g))}
		}
		for _, p := range g {
			sum += p.Dist2(m)
		}
		return sum
	}
	within := 0.0
	for _, g := range groups {
		within += spread(g)
	}
	// Of a plane cut into k equal squares, 1/k of the variance is within them;
	// of groups drawn at random nearly all is.
	if share, most := within/spread(all), 1.75/float64(len(groups)); share > most {
		t.Errorf("%.0f %% of the sites' variance lies within %d tracking areas, want at most %.0f", share*100, len(groups), most*100)
	}
}

func TestECI(t *testing.T) {
	if got := eci(1, 2); got != 258 {
		t.Errorf("eci(1, 2) = %d, want 258", got)
	}
}

func BenchmarkServing(b *testing.B) {
	c := buildTown(b, town(30), Options{Inhabitants: 200_000})
	b.ReportAllocs()
	var q geo.XY
	for b.Loop() {
		c.Serving(0, q)
		q.X = math.Mod(q.X+137, 3000)
	}
}

func ExampleCity_Candidates() {
	src, err := readSource(context.Background(), strings.NewReader(town(10)), extXML, 1)
	if err != nil {
		panic(err)
	}
	c, err := build(context.Background(), src, Options{Seed: 1})
	if err != nil {
		panic(err)
	}
	for _, x := range c.Candidates(0, c.Buildings[20].Pos) {
		fmt.Printf("%s %.1f dB below the best, taken by %.0f %%\n", c.Cells[x.Cell].CGI, x.BelowDB, x.Attach*100)
	}
	// Output:
	// 999-01-513 0.0 dB below the best, taken by 93 %
	// 999-01-512 5.3 dB below the best, taken by 7 %
}
