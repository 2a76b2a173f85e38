package recognition_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/recognition"
)

// drive is a course over links of 1 km, each 50 s in light traffic, with crossings
// of the given metres and times.
func drive(links int, crossings ...[2]float64) *recognition.Match {
	m := &recognition.Match{}
	for l := range links {
		m.Passages = append(m.Passages, recognition.Passage{Link: int32(2 * l), To: 1, Metres: 1000, Seconds: 50})
	}
	for _, c := range crossings {
		m.Crossings = append(m.Crossings, recognition.Crossing{Metres: c[0], Time: 3600 + c[1], Sigma: 100})
	}
	return m
}

func quarters(t uint32) int32 { return int32(t / 900) }

func TestLinkStates(t *testing.T) {
	type flow struct {
		link, slot int32
		probes     int64
		m, s       float64
	}
	doubt := drive(3, [2]float64{0, 0}, [2]float64{1500, 100}, [2]float64{3000, 200})
	doubt.Crossings[1].Slack = 30
	parts := drive(2, [2]float64{0, 0}, [2]float64{1000, 100}, [2]float64{2000, 200})
	parts.Crossings[1].Part, parts.Crossings[2].Part, parts.Passages[1].Part = 1, 1, 1
	for _, c := range []struct {
		name string
		m    *recognition.Match
		want []flow
	}{
		{"nothing", drive(0), nil},
		{"one border", drive(2, [2]float64{500, 10}), nil},
		{"half links", drive(2, [2]float64{500, 0}, [2]float64{1500, 100}), []flow{{0, 4, 1, 500, 50}, {2, 4, 1, 500, 50}}},
		{"one vehicle is one probe", drive(1, [2]float64{0, 0}, [2]float64{500, 50}, [2]float64{1000, 80}), []flow{{0, 4, 1, 1000, 80}}},
		{"over the edge of a slot", drive(2, [2]float64{0, 850}, [2]float64{2000, 950}), []flow{{0, 4, 1, 1000, 50}, {2, 5, 1, 1000, 50}}},
		{"too close together, the third will do", drive(2, [2]float64{0, 0}, [2]float64{300, 1}, [2]float64{2000, 200}), []flow{{0, 4, 1, 1000, 100}, {2, 4, 1, 1000, 100}}},
		{"times in doubt", doubt, []flow{{0, 4, 1, 1000, 200. / 3}, {2, 4, 1, 1000, 200. / 3}, {4, 4, 1, 1000, 200. / 3}}},
		{"not across a break", parts, []flow{{2, 4, 1, 1000, 100}}},
		{"a stop", drive(1, [2]float64{0, 0}, [2]float64{1000, 1000}), nil},
		{"faster than cars go there", drive(1, [2]float64{0, 0}, [2]float64{1000, 33}), nil},
		{"fast", drive(1, [2]float64{0, 0}, [2]float64{1000, 34}), []flow{{0, 4, 1, 1000, 34}}},
	} {
		s, err := recognition.NewLinkStates(recognition.LinkStateParams{})
		if err != nil {
			t.Fatal(err)
		}
		s.Add(c.m, quarters)
		var got []flow
		for _, f := range s.Flows() {
			got = append(got, flow{f.Link, f.Slot, f.Probes, float64(f.Decimetres) / 10, float64(f.Milliseconds) / 1000})
			if math.Abs(f.Ratio()-f.Speed()/20) > 1e-4 {
				t.Errorf("%s: %g m/s of 20 are a share of %g", c.name, f.Speed(), f.Ratio())
			}
		}
		if !slices.EqualFunc(got, c.want, func(a, b flow) bool {
			return a.link == b.link && a.slot == b.slot && a.probes == b.probes && math.Abs(a.m-b.m) < 0.2 && math.Abs(a.s-b.s) < 0.01
		}) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestLinkStateOf(t *testing.T) {
	s, err := recognition.NewLinkStates(recognition.LinkStateParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		probes, free, took int64
		want               recognition.LinkState
	}{{4, 100, 100, recognition.Unknown}, {5, 70, 100, recognition.Free}, {5, 69, 100, recognition.Slow}, {5, 40, 100, recognition.Slow}, {9, 39, 100, recognition.Jam}} {
		if got := s.State(recognition.LinkFlow{Probes: c.probes, FreeMillis: c.free, Milliseconds: c.took}); got != c.want {
			t.Errorf("%d probes at %d %%: %s, want %s", c.probes, c.free, got, c.want)
		}
	}
}

// Two halves merged are the whole.
func TestLinkStatesMerge(t *testing.T) {
	var all [3]*recognition.LinkStates
	for i := range all {
		s, err := recognition.NewLinkStates(recognition.LinkStateParams{})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = s
	}
	for k := range 40 {
		m := drive(4, [2]float64{float64(100 + 7*k), float64(k * 31)}, [2]float64{float64(2900 + 13*k), float64(k*31 + 150 + k)})
		all[0].Add(m, quarters)
		all[1+k%2].Add(m, quarters)
	}
	all[1].Merge(all[2])
	if got, want := all[1].Flows(), all[0].Flows(); len(want) < 4 || !slices.Equal(got, want) {
		t.Errorf("merged %v, want %v", got, want)
	}
}

func TestLinkStatesRefuse(t *testing.T) {
	for want, p := range map[string]recognition.LinkStateParams{
		"must be positive":   {Baseline: -1},
		"probes":             {MinProbes: -2},
		"free from 2 and":    {FreeShare: 2},
		"jam below 0.8":      {JamShare: 0.8},
		"parameter NaN, mus": {Slack: math.NaN()},
	} {
		if _, err := recognition.NewLinkStates(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q in it", err, want)
		}
	}
}
