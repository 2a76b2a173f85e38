package sigcity

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"testing"
	"unsafe"

	"pgregory.net/rapid"
)

func TestRecordSize(t *testing.T) {
	if n := unsafe.Sizeof(Record{}); n != 16 {
		t.Errorf("a record takes %d bytes, want 16", n)
	}
}

func TestRangeClamp(t *testing.T) {
	for _, c := range []struct{ in, want Range }{
		{Range{}, Range{0, 10, 0, math.MaxUint32}},
		{Range{First: 3, Limit: 5, From: 7, To: 9}, Range{3, 5, 7, 9}},
		{Range{Limit: 99}, Range{0, 10, 0, math.MaxUint32}},
	} {
		if got := c.in.Clamp(10); got != c.want {
			t.Errorf("%+v clamped to %+v, want %+v", c.in, got, c.want)
		}
	}
}

func TestEventNames(t *testing.T) {
	for _, e := range append(Events(), NoEvent) {
		got, err := ParseEvent(e.String())
		if err != nil || got != e {
			t.Errorf("%v reads back as %v, %v", e, got, err)
		}
	}
	if Event(200).Valid() || Event(200).String() != "event(200)" {
		t.Errorf("event 200 is %q", Event(200))
	}
	if _, err := ParseEvent("call"); err == nil {
		t.Error("event \"call\" is taken")
	}
}

func TestKindJSON(t *testing.T) {
	for k := Trajectories; k <= Aggregate; k++ {
		b, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		var got Kind
		if err := json.Unmarshal(b, &got); err != nil || got != k {
			t.Errorf("%s reads back as %v, %v", b, got, err)
		}
	}
	var k Kind
	if json.Unmarshal([]byte(`"trajectory"`), &k) == nil || json.Unmarshal([]byte(`7`), &k) == nil {
		t.Error("a kind outside the list is taken")
	}
}

func TestSiteOf(t *testing.T) {
	for cgi, want := range map[string]string{
		"999-01-257": "999-01-1", "999-01-511": "999-01-1", "999-01-512": "999-01-2",
		"999-01-268435456": "999-01-g65536", "999-01-268439551": "999-01-g65536", "999-01-268439552": "999-01-g65537", // NCI: 2²⁸ …
		"999-01-68719476736": "", "999-257": "", "mast": "", "h3-7/87-1-2": "", // beyond 36 bits; no CGI
	} {
		if got, ok := SiteOf(cgi); got != want || ok != (want != "") {
			t.Errorf("site of %q: %q, %t, want %q", cgi, got, ok, want)
		}
	}
}

// The streams are part of every data set: these numbers may never change.
func TestRandIsFixed(t *testing.T) {
	r := Rand(1, "test", 2, 3)
	got := []uint64{Hash(1, "test", 2, 3), r.Uint64(), r.Uint64(), uint64(r.IntN(1000))}
	want := []uint64{12606079581394526301, 12481944322915343489, 2597274754130589609, 164}
	if !slices.Equal(got, want) {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]string{}
	for seed := range uint64(20) {
		for _, scope := range []string{"", "a", "b", "ab"} {
			for key := range uint64(50) {
				name := fmt.Sprint(seed, scope, key)
				h := Hash(seed, scope, key)
				if old, twice := seen[h]; twice {
					t.Fatalf("%s and %s have one hash", old, name)
				}
				seen[h] = name
			}
		}
	}
	if Hash(1, "a", 2, 3) == Hash(1, "a", 3, 2) {
		t.Error("the order of keys does not matter")
	}
}

// Unit's mean over 40,000 draws has σ = 0.0014: seven σ fail a sound one with
// probability below 1e-11.
func TestUnit(t *testing.T) {
	sum := 0.0
	for i := range uint64(40000) {
		u := Unit(Hash(9, "unit", i))
		if u < 0 || u >= 1 {
			t.Fatalf("unit %g", u)
		}
		sum += u
	}
	if mean := sum / 40000; math.Abs(mean-0.5) > 0.0101 {
		t.Errorf("mean %g, want 0.5", mean)
	}
}

func TestStreamReseeds(t *testing.T) {
	var s Stream
	a := s.Seed(5).Uint64()
	s.Seed(6)
	if b := s.Seed(5).Uint64(); a != b {
		t.Errorf("seed 5 gives %d, then %d", a, b)
	}
	if n := testing.AllocsPerRun(100, func() { s.Seed(7) }); n != 0 {
		t.Errorf("a seeding allocates %g times", n)
	}
}

func TestPermutationIsBijective(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint32Range(1, 3000).Draw(t, "n")
		p := NewPermutation(n, rapid.Uint64().Draw(t, "key"))
		seen := make([]bool, n)
		for i := range n {
			j := p.At(i)
			if j >= n || seen[j] {
				t.Fatalf("%d goes to %d, outside or taken", i, j)
			}
			seen[j] = true
		}
	})
}

func BenchmarkStreamSeed(b *testing.B) {
	var s Stream
	for i := range b.N {
		s.Seed(Mix(1, uint64(i))).Uint64()
	}
}

func BenchmarkPermutation(b *testing.B) {
	p := NewPermutation(1_000_000, 42)
	for i := range b.N {
		p.At(uint32(i % 1_000_000))
	}
}

// The first numbers of SplitMix64 from 0, as its authors' own code gives them; a
// copy draws the same again.
func TestSplitMix64(t *testing.T) {
	var s SplitMix64
	again := s
	for _, want := range []uint64{0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4, 0x06c45d188009454f} {
		if got := s.Uint64(); got != want {
			t.Fatalf("%#x, want %#x", got, want)
		}
		if got := again.Uint64(); got != want {
			t.Fatalf("a copy drew %#x, want %#x", got, want)
		}
	}
}
