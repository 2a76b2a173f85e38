package gen

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
)

// inParts are persons in small parts of so many households.
func inParts(size, persons, days, workers int) Config {
	cfg := config(persons, days, workers)
	cfg.Population.PartSize = size
	cfg.Faults.Enabled = true
	return cfg
}

// sharded makes a data set in shards, the last one first, and merges them.
func sharded(t *testing.T, city *network.City, cfg Config, of int) *dataset.Folder {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	for i := of - 1; i >= 0; i-- {
		s := dataset.Shard{Index: i, Of: of}
		m, err := GenerateShard(t.Context(), city, cfg, dir, s, nil)
		if err != nil {
			t.Fatal(err)
		}
		if *m.Shard != s {
			t.Fatalf("shard %v says it is %v", s, m.Shard)
		}
	}
	f, err := dataset.Merge(t.Context(), dir, dataset.MergeOptions{Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// One seed, one data set: for any number of workers and shards, those without a part included.
func TestSameBytesForAnyShards(t *testing.T) {
	t.Parallel() // they wait for the disk
	city := town(t)
	want := generate(t, city, inParts(12, 250, 2, 2))
	if n := len(want.Manifest().Parts); n <= 4 || n >= 16 {
		t.Fatalf("%d parts, want 5 to 15", n)
	}
	for _, c := range []struct{ shards, workers int }{{1, 1}, {4, 2}, {16, 7}} {
		got := sharded(t, city, inParts(12, 250, 2, c.workers), c.shards)
		if d := cmp.Diff(hashes(want, all), hashes(got, all)); d != "" {
			t.Errorf("%d shards, %d workers: %s", c.shards, c.workers, d)
		}
		if d := cmp.Diff(want.Manifest(), got.Manifest()); d != "" {
			t.Errorf("%d shards, %d workers: manifest %s", c.shards, c.workers, d)
		}
		if err := got.Verify(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// The first 2 days of 5, in shards, are the run of 2 days.
func TestFirstDaysInShards(t *testing.T) {
	t.Parallel() // they wait for the disk
	city := town(t)
	short, long := generate(t, city, inParts(12, 100, 2, 2)), sharded(t, city, inParts(12, 100, 5, 2), 2)
	data := func(path string) bool { return strings.HasSuffix(path, ".parquet") }
	first := hashes(short, data)
	got := hashes(long, func(path string) bool { _, ok := first[path]; return ok })
	if d := cmp.Diff(first, got); d != "" {
		t.Error(d)
	}
	if len(first) < 30 {
		t.Errorf("only %d files compared", len(first))
	}
}

// An answered call between two SIMs of the data set has a row at both ends,
// whatever shards they are in.
func TestBothEndsLogCallsAcrossShards(t *testing.T) {
	t.Parallel() // they wait for the disk
	cfg := inParts(48, 500, 2, 2)
	cfg.Faults.Enabled = false // probe gaps take rows away
	f := sharded(t, town(t), cfg, 4)
	type end struct {
		user, peer int64
		time       uint32
		event      int32
	}
	rows := map[end]int32{}
	for r, err := range dataset.ReadTable[dataset.Contact](t.Context(), f, dataset.TableContacts) {
		if err != nil {
			t.Fatal(err)
		}
		rows[end{int64(r.User), r.Peer, r.Time, r.Event}] = r.DurationS
	}
	part := func(user int64) int {
		for i, p := range f.Manifest().Parts {
			if user < int64(p.First)+int64(p.Users) {
				return i
			}
		}
		t.Fatalf("user %d is in no part", user)
		return -1
	}
	other := map[int32]int32{int32(sigcity.CallOut): int32(sigcity.CallIn), int32(sigcity.CallIn): int32(sigcity.CallOut)}
	within, across := 0, 0
	for e, long := range rows {
		if long == 0 || e.peer < 0 {
			continue
		}
		if got, ok := rows[end{e.peer, e.user, e.time, other[e.event]}]; !ok || got != long {
			t.Fatalf("%+v of %d s: the other end has %d s, %v", e, long, got, ok)
		}
		if part(e.user)%4 == part(e.peer)%4 {
			within++
		} else {
			across++
		}
	}
	// About 500 SIMs make more than one answered call a day, most of them to another household.
	if across < 200 || within < 50 {
		t.Errorf("%d answered ends across shards, %d within: too few to tell", across, within)
	}
}

// A shard that was stopped goes on with what it has, traffic included, and only
// with that; its neighbours find the traffic too.
func TestResumeShard(t *testing.T) {
	t.Parallel() // they wait for the disk
	city := town(t)
	cfg := inParts(12, 150, 2, 2)
	want := generate(t, city, cfg)
	dir := filepath.Join(t.TempDir(), "out")
	var said []string
	cfg.Say = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	assigned := func() (n int) {
		for _, s := range said {
			if strings.Contains(s, "assigning") {
				n++
			}
		}
		return n
	}
	for i := range 3 {
		s := dataset.Shard{Index: i, Of: 3}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := GenerateShard(ctx, city, cfg, dir, s, func(done, total int64) {
			if 3*done >= total {
				cancel()
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("shard %s, stopped: %v", s, err)
		}
		if _, err := dataset.Merge(t.Context(), dir, dataset.MergeOptions{}); err == nil || !strings.Contains(err.Error(), "missing") && !strings.Contains(err.Error(), "no finished shard") {
			t.Fatalf("merged what is not finished: %v", err)
		}
		last := int64(0)
		if _, err := GenerateShard(t.Context(), city, cfg, dir, s, func(done, total int64) { last = done - total }); err != nil || last != 0 {
			t.Fatalf("shard %s: %d person-days short, error %v", s, -last, err)
		}
	}
	if n := assigned(); n != 1 {
		t.Errorf("traffic assigned %d times in 6 runs, want 1:\n%s", n, strings.Join(said, "\n"))
	}
	got, err := dataset.Merge(t.Context(), dir, dataset.MergeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want.Manifest(), got.Manifest()); d != "" {
		t.Error(d)
	}
	// A finished shard is not made again, a version without a name proves nothing.
	s := dataset.Shard{Index: 1, Of: 2}
	for i, code := range []string{"test", "test", "devel", "devel"} {
		cfg.Code = code
		days := 0
		if _, err := GenerateShard(t.Context(), city, cfg, dir, s, func(int64, int64) { days++ }); err != nil {
			t.Fatal(err)
		}
		if (days == 0) != (i == 1) {
			t.Errorf("run %d, code %s: %d reports of progress", i, code, days)
		}
	}
	if n := assigned(); n != 4 {
		t.Errorf("traffic assigned %d times, want 4: once more for test, and twice for devel", n)
	}
}

func TestBadShards(t *testing.T) {
	for _, s := range []dataset.Shard{{Index: 2, Of: 2}, {Index: -1, Of: 2}, {}} {
		dir := filepath.Join(t.TempDir(), "out")
		if _, err := GenerateShard(t.Context(), town(t), config(20, 1, 1), dir, s, nil); err == nil || !strings.Contains(err.Error(), "shard "+s.String()) {
			t.Errorf("%v: error %v", s, err)
		}
		nothingLeft(t, filepath.Dir(dir))
	}
}
