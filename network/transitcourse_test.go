package network

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestRideCourse: on random lines, the same ones in every run, a ride lies on the
// stretch of the shape, is at each stop when the timetable says, and never turns
// time back.
func TestRideCourse(t *testing.T) {
	rides, loops := 0, 0
	for seed := range uint64(200) {
		tr := randomTransit(rand.New(rand.NewPCG(seed, 2)))
		for li := range tr.lines {
			l := &tr.lines[li]
			for i := range len(l.Stops) - 1 {
				for j := 1; j < len(l.Stops); j++ {
					if j <= i && (!l.loop() || j == i) {
						continue
					}
					got := l.Course(nil, i, j)
					last := got[len(got)-1]
					if math.Abs(last.Seconds-l.Seconds(i, j)) > 1e-6 || got[0].Seconds != 0 {
						t.Fatalf("seed %d: from %v to %v s, want 0 to %v", seed, got[0].Seconds, last.Seconds, l.Seconds(i, j))
					}
					if got[0].Pos.Dist(tr.stops[l.Stops[i]].Pos) > 1e-6 || last.Pos.Dist(tr.stops[l.Stops[j]].Pos) > 1e-6 {
						t.Fatalf("seed %d: the ride does not join its stops", seed)
					}
					shape, metres, stood, stops := l.Stretch(nil, i, j), 0.0, 0.0, 0
					for k := 1; k < len(got); k++ {
						if got[k].Seconds < got[k-1].Seconds {
							t.Fatalf("seed %d: time turns back at point %d: %v", seed, k, got)
						}
						if got[k].Arrives {
							stops++
						}
						d := got[k].Pos.Dist(got[k-1].Pos)
						if metres += d; d < 1e-6 {
							stood += got[k].Seconds - got[k-1].Seconds
						}
						if _, d2 := nearestOn(shape, got[k].Pos); d2 > 1e-12*4 {
							t.Fatalf("seed %d: point %d lies %v m off the line", seed, k, math.Sqrt(d2))
						}
					}
					between := j - i - 1
					if j <= i {
						between += len(l.Stops) - 1
						loops++
					}
					if stops != between+1 || got[0].Arrives || !last.Arrives {
						t.Fatalf("seed %d: arrives at %d stops, want %d and the last point to be one", seed, stops, between+1)
					}
					if math.Abs(metres-l.Metres(i, j)) > 1e-6 || math.Abs(stood-float64(between)*l.Mode.Dwell()) > 1e-6 {
						t.Fatalf("seed %d: %v m and %v s at %d stops, want %v m and %v s each", seed, metres, stood, between, l.Metres(i, j), l.Mode.Dwell())
					}
					rides++
				}
			}
		}
	}
	if rides < 2000 || loops < 100 {
		t.Errorf("%d rides, %d past the end of a loop: too few to say anything", rides, loops)
	}
}

// TestMedia: a metro is in a tunnel and a high-speed train on its track where the
// tracks of the map are, and nobody else is.
func TestMedia(t *testing.T) {
	c := madeCity(t, "medium", 2)
	var under, fast [][2]int // road, piece
	for r := range c.Roads {
		for k := 1; k < len(c.Roads[r].Line); k++ {
			switch road := &c.Roads[r]; {
			case road.Tunnel && (road.Class == "subway" || road.Class == "light_rail"):
				under = append(under, [2]int{r, k})
			case road.HighSpeed:
				fast = append(fast, [2]int{r, k})
			}
		}
	}
	km := map[LineMode]map[Medium]float64{}
	for i := range c.Lines {
		l := &c.Lines[i]
		if km[l.Mode] == nil {
			km[l.Mode] = map[Medium]float64{}
		}
		for v := 1; v < len(l.Shape); v++ {
			m := Surface
			if l.Media != nil {
				m = l.Media[v]
			}
			km[l.Mode][m] += l.Shape[v-1].Dist(l.Shape[v]) / 1000
			if l.Mode != Metro && l.Mode != HighSpeed {
				continue
			}
			mid, want := l.Shape[v-1].Lerp(l.Shape[v], 0.5), Surface
			for m, tracks := range map[Medium][][2]int{MetroTunnel: under, HighSpeedTrain: fast} {
				for _, x := range tracks {
					if _, d2 := nearestOn(c.Roads[x[0]].Line[x[1]-1:x[1]+1], mid); d2 < 0.25 {
						want = m
					}
				}
			}
			if m != want {
				t.Fatalf("line %d (%s) at %v: medium %d, the tracks there say %d", i, l.Mode, mid, m, want)
			}
		}
	}
	t.Logf("km by mode and medium: %v", km)
	if km[Metro][MetroTunnel] < 2 || km[HighSpeed][HighSpeedTrain] < 5 || km[Bus][MetroTunnel]+km[Bus][HighSpeedTrain] != 0 || km[Metro][Surface] == 0 {
		t.Errorf("km by mode and medium: %v", km)
	}
}
