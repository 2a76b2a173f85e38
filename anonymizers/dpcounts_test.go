package anonymizers

import (
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// TestDPCountsBound counts what each SIM adds, and what all add together.
func TestDPCountsBound(t *testing.T) {
	in := fixture.New(40, 3, 9).Data // 72 hours each
	for _, bound := range []int{1, 7, 24, 71, 72, 500} {
		m := dpCounts{epsilon: 1, odShare: 0.2, maxCellHours: bound, odSpace: "h3-7"}
		c, err := m.newCounter(in)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		most, users := 0, 0
		c.contribute = func(n int) {
			mu.Lock()
			defer mu.Unlock()
			most, users = max(most, n), users+1
		}
		env := NewEnv(3)
		env.Workers = 3
		if err := c.count(t.Context(), in, env); err != nil {
			t.Fatal(err)
		}
		sum := func(x []int32) (s int) {
			for _, v := range x {
				s += int(v)
			}
			return s
		}
		if want := min(bound, 72); most != want || users != 40 || sum(c.pop) != 40*want {
			t.Errorf("bound %d: at most %d of %d users, %d in all, want %d of 40 and %d", bound, most, users, sum(c.pop), want, 40*want)
		}
		if n := sum(c.flows); n != 40 {
			t.Errorf("bound %d: %d flows, want one for each of 40 users", bound, n)
		}
	}
}

// TestDPCountsNeighbours takes one SIM away: the true counts of the others must
// stay, so that the tables differ by no more than the bound.
func TestDPCountsNeighbours(t *testing.T) {
	with := fixture.New(30, 2, 4).Data
	without := fixture.New(30, 2, 4).Data
	without.Rows[11] = nil
	m := dpCounts{epsilon: 1, odShare: 0.2, maxCellHours: 5, odSpace: "grid-3km"}
	var counters [2]*counter
	for i, in := range []sigcity.Dataset{with, without} {
		c, err := m.newCounter(in)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.count(t.Context(), in, NewEnv(8)); err != nil {
			t.Fatal(err)
		}
		counters[i] = c
	}
	l1 := func(a, b []int32) (d int) {
		for i := range a {
			d += int(max(a[i]-b[i], b[i]-a[i]))
		}
		return d
	}
	if d := l1(counters[0].pop, counters[1].pop); d != 5 {
		t.Errorf("population counts differ by %d, want the bound, 5", d)
	}
	if d := l1(counters[0].flows, counters[1].flows); d != 1 {
		t.Errorf("flows differ by %d, want 1", d)
	}
}

// TestDPCountsError compares the mean absolute error of big tables with theory:
// L0/ε. Its standard error is scale/√n; 6 of them fail falsely with 2e-9 each.
func TestDPCountsError(t *testing.T) {
	in := fixture.New(50, 14, 2).Data // 100 cells × 336 hours
	m := dpCounts{epsilon: 2, odShare: 0.25, maxCellHours: 30, odSpace: "grid-1km"}
	c, err := m.newCounter(in)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.count(t.Context(), in, NewEnv(42)); err != nil {
		t.Fatal(err)
	}
	got := released(t, m, in, 2)
	for i, x := range []struct {
		truth []int32
		want  float64
	}{{c.pop, 30 / 1.5}, {c.flows, 1 / 0.5}} {
		counts, sum := got.tables[i].Column("count"), 0.0
		for j, v := range counts {
			sum += math.Abs(v - float64(x.truth[j]))
		}
		mean, n := sum/float64(len(counts)), float64(len(counts))
		if math.Abs(mean-x.want) > 6*x.want/math.Sqrt(n) {
			t.Errorf("%s: mean absolute error %.4f over %d counts, want %.4f", got.tables[i].Name, mean, len(counts), x.want)
		}
		t.Logf("%s: %d counts, mean absolute error %.4f, theory %.4f", got.tables[i].Name, len(counts), mean, x.want)
	}
}

func TestDPCountsTables(t *testing.T) {
	c := fixture.New(60, 2, 6)
	// So large a budget that rounding takes the noise away.
	r := released(t, made(t, "dp-counts", plugin.Args{"epsilon": 1000, "max_cell_hours": 48, "od_space": "grid-2km"}), c.Data, 2)
	pop, od := r.tables[0], r.tables[1]
	if pop.Name != sigcity.TablePopulation || pop.Rows() != 100*48 || od.Name != sigcity.TableOD {
		t.Fatalf("tables %s with %d rows, %s", pop.Name, pop.Rows(), od.Name)
	}
	want := map[[2]int]float64{}
	for _, rows := range c.Data.Rows { // two records an hour, so the lower cell is the mode
		for i := 0; i < len(rows); i += 2 {
			want[[2]int{int(min(rows[i].Area, rows[i+1].Area)), int(rows[i].Time / 3600)}]++
		}
	}
	off := 0
	for i, n := range pop.Column("count") {
		if n != want[[2]int{int(pop.Column("area")[i]), int(pop.Column("hour")[i] / 3600)}] {
			off++
		}
	}
	// Scale 48/800: a count is rounded wrong with probability exp(−8.3) = 2.4e-4, so one in 4800 is
	// expected; 20 or more have probability below 1e-17.
	if off >= 20 {
		t.Errorf("%d of %d population counts are wrong", off, pop.Rows())
	}
	sum := 0.0
	for i, n := range od.Column("count") {
		sum += n
		for _, col := range []string{"from", "to"} {
			if a := od.Column(col)[i]; a != math.Trunc(a) || a < 0 || a >= 100 {
				t.Fatalf("%s %g is no cell", col, a)
			}
		}
	}
	if sum != 60 {
		t.Errorf("flows sum to %g, want 60 users", sum)
	}
	if b := r.claims[0].Bound; !strings.Contains(b, "at most 48 cell-hours") || !strings.Contains(b, "seeded noise") {
		t.Errorf("bound %q", b)
	}
}

func TestDPCountsWithoutFlows(t *testing.T) {
	r := released(t, made(t, "dp-counts", plugin.Args{"od_share": 0}), fixture.New(5, 1, 6).Data, 1)
	if len(r.tables) != 1 || strings.Contains(r.claims[0].Bound, "od") {
		t.Errorf("%d tables, bound %q", len(r.tables), r.claims[0].Bound)
	}
}

func TestDPCountsRefusesTooManyFlows(t *testing.T) {
	in := fixture.New(1, 1, 1).Data
	for range 800 { // 80,000 cells far apart
		in.Cells = append(in.Cells, in.Cells[:100]...)
	}
	for i := range in.Cells {
		in.Cells[i].Center[0] = float64(i) / 1000
	}
	_, err := made(t, "dp-counts", plugin.Args{"od_space": "grid-10m"}).Anonymize(t.Context(), in, NewEnv(1))
	if err == nil || !strings.Contains(err.Error(), `od_space = "grid-10m", must be coarser`) {
		t.Errorf("got %v", err)
	}
}

func BenchmarkDPCounts(b *testing.B) {
	in := fixture.New(2000, 7, 1).Data
	m := made(b, "dp-counts", nil)
	env := NewEnv(1)
	env.Workers = 2
	for b.Loop() {
		if _, err := m.Anonymize(b.Context(), in, env); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(in.Info.Records), "ns/record")
}
