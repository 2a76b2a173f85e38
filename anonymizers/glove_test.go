package anonymizers

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sigcity/sigcity/internal/fixture"
)

var paperCaps = gloveCaps{spaceM: 20000, timeS: 8 * 3600}

// oracleUsers reads the input that the public Java implementation was run on.
func oracleUsers(t testing.TB) []*fingerprint {
	const path = "../../shared/oracle/glove_300.csv"
	f, err := os.Open(path)
	if err != nil {
		t.Skipf("no %s", path)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	byUser := map[int]*fingerprint{}
	var users []*fingerprint
	for _, row := range rows[1:] {
		var v [5]float64
		for i, s := range row {
			if v[i], err = strconv.ParseFloat(s, 64); err != nil {
				t.Fatal(err)
			}
		}
		u := int(v[1])
		if byUser[u] == nil {
			byUser[u] = &fingerprint{users: []int32{int32(u)}}
			users = append(users, byUser[u])
		}
		x, y := int32(math.Round(v[3]*1000)), int32(math.Round(v[4]*1000))
		byUser[u].samples = append(byUser[u].samples, sample{x, x, y, y, uint32(v[2]), uint32(v[2])})
	}
	for _, u := range users {
		slices.SortFunc(u.samples, compareSamples)
	}
	slices.SortFunc(users, func(a, b *fingerprint) int { return slices.CompareFunc(a.samples, b.samples, compareSamples) })
	return users
}

func median[T int | float64](x []T) T {
	slices.Sort(x)
	return x[len(x)/2]
}

// TestGloveOracle compares with the Java implementation on the same points. It
// drops consecutive points of one place and leaves users below k, so figures
// need only be of its order: within a factor of two.
func TestGloveOracle(t *testing.T) {
	users := oracleUsers(t)
	for _, c := range []struct {
		k, groups, boxes     int
		windowMin, longestKm float64
	}{
		{2, 150, 2103, 544, 22.75},
		{5, 56, 747, 670, 44.21},
	} {
		began := time.Now()
		groups, err := glove(t.Context(), users, c.k, paperCaps, 2, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		boxes := 0
		var windows, sides []float64
		var sizes []int
		for _, g := range groups {
			sizes = append(sizes, len(g.users))
			if len(g.users) < c.k {
				t.Errorf("k = %d: a group of %d", c.k, len(g.users))
			}
			boxes += len(g.samples)
			for _, b := range g.samples {
				windows = append(windows, float64(b.t1-b.t0)/60)
				sides = append(sides, float64(max(b.x1-b.x0, b.y1-b.y0))/1000)
			}
		}
		w, s := median(windows), median(sides)
		t.Logf("k = %d: %d groups of %d to %d, %d boxes, median window %.0f min, longest side %.2f km, %v",
			c.k, len(groups), slices.Min(sizes), slices.Max(sizes), boxes, w, s, took)
		if c.k == 2 && len(groups) != c.groups {
			t.Errorf("k = 2: %d groups, want %d pairs", len(groups), c.groups)
		}
		for _, f := range []struct {
			name      string
			got, want float64
		}{{"boxes", float64(boxes), float64(c.boxes)}, {"median window", w, c.windowMin}, {"median longest side", s, c.longestKm}} {
			if f.got > 2*f.want || f.got < f.want/2 {
				t.Errorf("k = %d: %s %.4g, the Java implementation has %.4g", c.k, f.name, f.got, f.want)
			}
		}
	}
}

// gloveReference is the definition, without rows, bounds or index: all pairs in
// full, all samples against all, at every step.
func gloveReference(users []*fingerprint, k int, caps gloveCaps) []*fingerprint {
	delta := func(a, b *fingerprint) float64 {
		long, short := longer(a, b)
		s, sum := caps.stretch(len(long.users), len(short.users)), uint64(0)
		for i := range long.samples {
			least := uint64(math.MaxUint64)
			for j := range short.samples {
				least = min(least, s.delta(&long.samples[i], &short.samples[j]))
			}
			sum += least
		}
		return float64(sum) / float64(len(long.samples))
	}
	merge := func(a, b *fingerprint) *fingerprint {
		argmin := func(s stretch, x sample, set []sample) int {
			best := 0
			for j := range set {
				if s.delta(&x, &set[j]) < s.delta(&x, &set[best]) {
					best = j
				}
			}
			return best
		}
		long, short := longer(a, b)
		joined := make([][]sample, len(short.samples))
		for _, x := range long.samples {
			j := argmin(caps.stretch(len(long.users), len(short.users)), x, short.samples)
			joined[j] = append(joined[j], x)
		}
		var stage1, out []sample
		for j, xs := range joined {
			if len(xs) == 0 {
				continue
			}
			box := short.samples[j]
			for _, x := range xs {
				box = box.union(x)
			}
			stage1 = append(stage1, box)
		}
		slices.SortFunc(stage1, compareSamples)
		out = slices.Clone(stage1)
		for j, xs := range joined {
			if len(xs) == 0 {
				i := argmin(caps.stretch(len(short.users), len(a.users)+len(b.users)), short.samples[j], stage1)
				out[i] = out[i].union(short.samples[j])
			}
		}
		out = split(out)
		all := slices.Concat(a.users, b.users)
		slices.Sort(all)
		return &fingerprint{users: all, samples: out}
	}
	groups := slices.Clone(users)
	var done []*fingerprint
	for len(groups) > 1 {
		bi, bj, best := -1, -1, math.Inf(1)
		for i := range groups {
			for j := range i {
				if d := delta(groups[j], groups[i]); d < best {
					bi, bj, best = i, j, d
				}
			}
		}
		m := merge(groups[bj], groups[bi])
		groups = slices.Delete(groups, bi, bi+1)
		groups = slices.Delete(groups, bj, bj+1)
		if len(m.users) >= k {
			done = append(done, m)
		} else {
			groups = append(groups, m)
		}
	}
	if len(groups) == 1 {
		best := 0
		for i := range done {
			if delta(done[i], groups[0]) < delta(done[best], groups[0]) {
				best = i
			}
		}
		done[best] = merge(done[best], groups[0])
	}
	for _, g := range done {
		g.samples = coalesce(g.samples)
	}
	return done
}

// drawUsers draws few places and times, so that ties are common.
func drawUsers(t *rapid.T, min, max int) []*fingerprint {
	n := rapid.IntRange(min, max).Draw(t, "users")
	users := make([]*fingerprint, n)
	step := rapid.SampledFrom([]int32{1, 300, 7000}).Draw(t, "step")
	for u := range users {
		users[u] = &fingerprint{users: []int32{int32(u)}}
		for range rapid.IntRange(1, 9).Draw(t, "samples") {
			x, y := step*rapid.Int32Range(-5, 5).Draw(t, "x"), step*rapid.Int32Range(-5, 5).Draw(t, "y")
			t0 := uint32(step) * rapid.Uint32Range(0, 60).Draw(t, "t")
			users[u].samples = append(users[u].samples, sample{x, x + 100, y, y + 100, t0, t0 + rapid.Uint32Range(0, 4000).Draw(t, "dt")})
		}
		slices.SortFunc(users[u].samples, compareSamples)
	}
	slices.SortFunc(users, func(a, b *fingerprint) int { return slices.CompareFunc(a.samples, b.samples, compareSamples) })
	for u := range users {
		users[u].users[0] = int32(u)
	}
	return users
}

var exported = cmp.AllowUnexported(fingerprint{}, sample{})

func TestGlovePruningKeepsTheGreedyResult(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users := drawUsers(t, 2, 14)
		k := rapid.IntRange(2, min(5, len(users))).Draw(t, "k")
		want := gloveReference(users, k, paperCaps)
		for _, workers := range []int{1, 3} {
			got, err := glove(t.Context(), users, k, paperCaps, workers, func(int) {})
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got, exported); d != "" {
				t.Fatalf("%d workers, k = %d (-reference +pruned):\n%s", workers, k, d)
			}
		}
	})
}

func TestGloveProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		users := drawUsers(t, 2, 25)
		k := rapid.IntRange(2, min(6, len(users))).Draw(t, "k")
		groups, err := glove(t.Context(), users, k, paperCaps, 2, func(int) {})
		if err != nil {
			t.Fatal(err)
		}
		var seen []int32
		for _, g := range groups {
			if len(g.users) < k {
				t.Fatalf("a group of %d, k = %d", len(g.users), k)
			}
			seen = append(seen, g.users...)
			boxes := g.samples
			for i, b := range boxes {
				if b.t1 < b.t0 || (i > 0 && b.t0 <= boxes[i-1].t1) {
					t.Fatalf("boxes %v overlap in time or run backwards", boxes)
				}
			}
			for _, u := range g.users {
				for _, s := range users[u].samples {
					if !covered(s, boxes) {
						t.Fatalf("sample %v of user %d is not covered by %v", s, u, boxes)
					}
				}
			}
		}
		slices.Sort(seen)
		for u := range users {
			if u >= len(seen) || seen[u] != int32(u) {
				t.Fatalf("users %v are in groups, want each of %d once", seen, len(users))
			}
		}
	})
}

// covered reports whether at every second of s a box holds its place.
func covered(s sample, boxes []sample) bool {
	next := int64(s.t0)
	for _, b := range boxes {
		if int64(b.t1) < next {
			continue
		}
		if int64(b.t0) > next || b.x0 > s.x0 || b.x1 < s.x1 || b.y0 > s.y0 || b.y1 < s.y1 {
			return false
		}
		if next = int64(b.t1) + 1; next > int64(s.t1) {
			return true
		}
	}
	return false
}

// TestGloveDelta checks δ against the formula of the paper, term by term.
func TestGloveDelta(t *testing.T) {
	phi := func(a0, a1, b0, b1, na, nb float64) float64 {
		lab, lba := a0-min(a0, b0), b0-min(a0, b0)
		rab, rba := max(a1, b1)-a1, max(a1, b1)-b1
		return (na*(lab+rab) + nb*(lba+rba)) / (na + nb)
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) sample {
			x, y := rapid.Int32Range(-30000, 30000).Draw(t, name+".x"), rapid.Int32Range(-30000, 30000).Draw(t, name+".y")
			at := rapid.Uint32Range(0, 200000).Draw(t, name+".t")
			return sample{x, x + rapid.Int32Range(0, 9000).Draw(t, name+".dx"), y, y + rapid.Int32Range(0, 9000).Draw(t, name+".dy"),
				at, at + rapid.Uint32Range(0, 40000).Draw(t, name+".dt")}
		}
		a, b := draw("a"), draw("b")
		na, nb := rapid.IntRange(1, 9).Draw(t, "na"), rapid.IntRange(1, 9).Draw(t, "nb")
		space := phi(float64(a.x0), float64(a.x1), float64(b.x0), float64(b.x1), float64(na), float64(nb)) +
			phi(float64(a.y0), float64(a.y1), float64(b.y0), float64(b.y1), float64(na), float64(nb))
		want := min(1, space/20000)/2 + min(1, phi(float64(a.t0), float64(a.t1), float64(b.t0), float64(b.t1), float64(na), float64(nb))/28800)/2
		s := paperCaps.stretch(na, nb)
		if got := float64(s.delta(&a, &b)) / fixedPoint; math.Abs(got-want) > 1e-8 {
			t.Fatalf("δ(%v, %v) with %d and %d users = %g, want %g", a, b, na, nb, got, want)
		}
	})
}

func TestGloveSplit(t *testing.T) {
	box := func(x0, x1 int32, t0, t1 uint32) sample { return sample{x0, x1, 0, 1, t0, t1} }
	for _, c := range []struct {
		name     string
		in, want []sample
	}{
		{"apart", []sample{box(0, 1, 0, 9), box(5, 6, 20, 29)}, []sample{box(0, 1, 0, 9), box(5, 6, 20, 29)}},
		{"overlap", []sample{box(0, 1, 0, 9), box(5, 6, 5, 14)}, []sample{box(0, 1, 0, 4), box(0, 6, 5, 9), box(5, 6, 10, 14)}},
		{"inside", []sample{box(0, 1, 0, 9), box(5, 6, 3, 4)}, []sample{box(0, 1, 0, 2), box(0, 6, 3, 4), box(0, 1, 5, 9)}},
		{"one second", []sample{box(0, 1, 3, 3), box(5, 6, 3, 3)}, []sample{box(0, 6, 3, 3)}},
		{"same space", []sample{box(0, 1, 0, 9), box(0, 1, 10, 14)}, []sample{box(0, 1, 0, 14)}},
		{"last second", []sample{box(0, 1, 0, math.MaxUint32)}, []sample{box(0, 1, 0, math.MaxUint32)}},
	} {
		if d := cmp.Diff(c.want, coalesce(split(c.in)), exported); d != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, d)
		}
	}
}

func TestGloveTooFewUsers(t *testing.T) {
	m := gloveMethod{k: 5, caps: paperCaps}
	_, err := m.Anonymize(t.Context(), fixture.New(4, 1, 1).Data, NewEnv(1))
	if err == nil || err.Error() != "glove: k = 5, must be at most the number of users with records, 4" {
		t.Errorf("got %v", err)
	}
}

func TestGloveSuppression(t *testing.T) {
	in := fixture.New(20, 1, 3).Data
	m := gloveMethod{k: 4, caps: paperCaps, maxSideM: 2500, maxSpanS: 3600}
	rel, err := m.Anonymize(t.Context(), in, NewEnv(1))
	if err != nil {
		t.Fatal(err)
	}
	covered := int64(0)
	for u, rows := range in.Rows {
		boxes := map[int]bool{}
		for tr, err := range rel.Data.Users(t.Context(), rangeOf(u)) {
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range tr.Records {
				if b.Span > 3600 {
					t.Errorf("user %d: a box of %d s", u, b.Span)
				}
				for i, r := range rows {
					if b.Time <= r.Time && r.Time <= b.End() {
						boxes[i] = true
					}
				}
			}
		}
		covered += int64(len(boxes))
	}
	total := in.Info.Records
	if rel.Losses.SuppressedRecords != total-covered || covered == 0 || covered == total {
		t.Errorf("%d of %d records covered, %d counted as suppressed", covered, total, rel.Losses.SuppressedRecords)
	}
}

func BenchmarkGlove(b *testing.B) {
	oracle := oracleUsers(b)
	for _, c := range []struct {
		name  string
		users []*fingerprint
	}{{"oracle-300", oracle}, {"fixture-300x1", fixtureUsers(b, 300, 1)}, {"fixture-1000x1", fixtureUsers(b, 1000, 1)}, {"fixture-300x7", fixtureUsers(b, 300, 7)}} {
		for _, k := range []int{2, 5} {
			b.Run(fmt.Sprintf("%s/k=%d", c.name, k), func(b *testing.B) {
				for b.Loop() {
					if _, err := glove(context.Background(), c.users, k, paperCaps, 2, func(int) {}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func fixtureUsers(tb testing.TB, n, days int) []*fingerprint {
	in := fixture.New(n, days, 1).Data
	users, err := fingerprints(tb.Context(), in, NewEnv(1), planeOf(in.Cells))
	if err != nil {
		tb.Fatal(err)
	}
	return users
}
