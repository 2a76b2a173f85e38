package network

import (
	"slices"
	"testing"

	"github.com/sigcity/sigcity/geo"
)

// The gates of real and procedural places: how many of each kind, and that cars
// get from every road gate to every other one and back.
func TestGates(t *testing.T) {
	for _, c := range []struct {
		name string
		want [gateKinds]int
		fast bool // one of the railway's is of a high-speed line
	}{
		{"andorra-latest.osm.bz2", [gateKinds]int{4, 0, 0}, false},
		{"neubrandenburg.osm.pbf", [gateKinds]int{5, 3, 1}, false},
		{"synth-small", [gateKinds]int{2, 2, 1}, false},
		{"synth-large", [gateKinds]int{4, 2, 1}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			city := figureCity(t, c.name)
			var got [gateKinds]int
			fast := false
			var roads []Spot
			for _, g := range city.Gates {
				got[g.Kind]++
				fast = fast || g.HighSpeed
				if g.Weight <= 0 || g.Name == "" && g.Kind == RoadGate {
					t.Errorf("%s gate %q at %v: weight %g", g.Kind, g.Name, g.Pos, g.Weight)
				}
				if (g.Stop >= 0) != (g.Kind == RailGate) || (g.Hub >= 0) != (g.Kind == AirGate) {
					t.Errorf("%s gate %q: stop %d, hub %d", g.Kind, g.Name, g.Stop, g.Hub)
				}
				if g.Kind == RoadGate {
					spot, ok := city.graph.Snap(Car, g.Pos)
					if !ok || spot.Dist > minGateM {
						t.Fatalf("road gate at %v: %g m from the roads for cars", g.Pos, spot.Dist)
					}
					roads = append(roads, spot)
				}
			}
			if got != c.want || fast != c.fast {
				t.Errorf("gates by road, rail and air: %v, high-speed %v; want %v and %v", got, fast, c.want, c.fast)
			}
			router := NewRouter(city.graph)
			ways := NewHierarchy(city.graph, city.graph.Times(Car), nil)
			var route Route
			for i := range roads {
				for k := range roads {
					if i != k && !router.Route(&route, ways, roads[i], roads[k]) {
						t.Errorf("no way by car from road gate %d to %d", i, k)
					}
				}
			}
		})
	}
}

// A road leads out where nothing lies beyond its end, and not where the city goes on.
func TestExits(t *testing.T) {
	main, side := road{class: Primary, modes: [2]modeSet{anyMode, anyMode}, lanes: [2]uint8{1, 1}}, road{class: ResidentialStreet, modes: [2]modeSet{anyMode, anyMode}}
	oneWay := main
	oneWay.class, oneWay.modes = Motorway, [2]modeSet{onlyCar, 0}
	// A grid of streets of 11 by 11 nodes, 200 m apart, x and y from 0 to 2 km.
	var pos []geo.XY
	var parts []stretch
	join := func(a, b int32, r road) {
		line := []geo.XY{pos[a], pos[b]}
		parts = append(parts, stretch{a, b, r, line, polylineLength(line)})
	}
	for i := range 11 {
		for k := range 11 {
			pos = append(pos, geo.XY{X: float64(200 * i), Y: float64(200 * k)})
			n := int32(len(pos) - 1)
			if i > 0 {
				join(n-11, n, side)
			}
			if k > 0 {
				join(n-1, n, side)
			}
		}
	}
	end := func(from int32, x, y float64, r road, out bool) int32 {
		pos = append(pos, geo.XY{X: x, Y: y})
		n := int32(len(pos) - 1)
		if out {
			join(from, n, r)
		} else {
			join(n, from, r)
		}
		return n
	}
	east := end(10*11+5, 2600, 1000, main, true) // leaves
	end(5*11+5, 1000, 1050, main, true)          // ends in the middle
	out := end(5*11, 1000, -700, oneWay, true)   // the carriageways of a motorway
	in := end(6*11, 1030, -720, oneWay, false)   //
	end(0, -600, -600, side, true)               // a street that leaves
	b := &builder{}
	got := b.exits(pos, parts)
	var nodes []int32
	for _, e := range got {
		nodes = append(nodes, e.node)
	}
	if want := []int32{east, out, in}; !slices.Equal(nodes, want) {
		t.Fatalf("exits at nodes %v, want %v", nodes, want)
	}
	if got[1].group != got[2].group || got[0].group == got[1].group {
		t.Errorf("groups %d, %d and %d, want the last two together", got[0].group, got[1].group, got[2].group)
	}
	joined := joinExits(parts, got)
	if n := len(joined) - len(parts); n != 1 {
		t.Fatalf("%d links join carriageways, want 1", n)
	}
	if s := joined[len(parts)]; s.a != out || s.b != in || s.road.modes != [2]modeSet{onlyCar, 0} {
		t.Errorf("carriageways joined from %d to %d, want %d to %d", s.a, s.b, out, in)
	}
}

// TestGatesAreDeterministic: the workers never show.
func TestGatesAreDeterministic(t *testing.T) {
	want := loadFigureCity(t, "synth-small", 1).Gates
	if got := loadFigureCity(t, "synth-small", 3).Gates; !slices.Equal(got, want) {
		t.Errorf("gates with 3 workers %v, with one %v", got, want)
	}
}
