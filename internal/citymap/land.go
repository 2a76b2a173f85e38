package citymap

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/network"
)

func (p *painter) land() {
	var keys []key
	for _, use := range LandUses(p.Map) {
		keys = append(keys, key{"area", "lu-" + use, use})
	}
	p.add("land", "Land use", true, keys, func(d *svg.Drawing) { p.LandUse(d, p.Map) })
}

// roads draws streets and, apart, railways: a reader of railways wants them
// without the streets.
func (p *painter) roads() {
	paths, levels := p.roadPaths(p.Map, roadBytes), roadLevels()
	var keys []key
	for i, l := range slices.Backward(levels) {
		if l.class != railClass && !paths[i].Empty() {
			keys = append(keys, key{"line", "road " + l.class, l.name})
		}
	}
	draw := func(rail bool) func(d *svg.Drawing) {
		return func(d *svg.Drawing) {
			for i, l := range levels {
				if (l.class == railClass) == rail {
					d.Shape("road "+l.class, "", &paths[i])
				}
			}
		}
	}
	p.add("roads", "Roads", true, keys, draw(false))
	p.add("rails", "Railways", true, []key{{"line", "road " + railClass, "tracks"}}, draw(true))
}

// buildings draws the outlines by use; the smallest are left out until they
// fit.
func (p *painter) buildings() {
	if p.City == nil {
		return
	}
	uses := []network.Use{network.OtherUse, network.UnknownUse, network.Residential, network.Commercial, network.Industrial, network.Public}
	paths := make([]svg.Path, len(uses))
	least := 0.0 // user units squared
	for {
		total := 0
		for i, use := range uses {
			paths[i] = svg.Path{}
			for k := range p.City.Buildings {
				b := &p.City.Buildings[k]
				if b.Use == use && len(b.Ring) > 2 && geo.RingArea(b.Ring)*p.Scale*p.Scale >= least {
					p.ring(&paths[i], b.Ring, tolerance/2)
				}
			}
			total += paths[i].Len()
		}
		if total <= buildingBytes {
			break
		}
		least = max(2*least, 0.2)
	}
	var keys []key
	for i, use := range uses {
		if !paths[i].Empty() {
			keys = append(keys, key{"area", "bu-" + useClass(use), words(use.String())})
		}
	}
	name := "Buildings"
	if least > 0 {
		name = fmt.Sprintf("Buildings of %.0f m² and more", least/p.Scale/p.Scale)
	}
	p.add("buildings", name, true, keys, func(d *svg.Drawing) {
		for i, use := range uses {
			d.Shape("bu-"+useClass(use), "", &paths[i])
		}
	})
}

func useClass(u network.Use) string {
	switch u {
	case network.Residential:
		return "homes"
	case network.Commercial:
		return "offices"
	case network.Industrial:
		return "plants"
	case network.Public:
		return "public"
	}
	return "other"
}

// communities draws a disc each, whose area grows with the dwellings.
func (p *painter) communities() {
	var keys []key
	for a := range 5 {
		name := fmt.Sprint(a + 1)
		switch a {
		case 0:
			name = "1, modest"
		case 4:
			name = "5, high-end"
		}
		keys = append(keys, key{"ring", fmt.Sprintf("aff-%d", a+1), name})
	}
	p.add("communities", "Communities by affluence (disc area: dwellings)", false, keys, func(d *svg.Drawing) {
		order := make([]int, len(p.Map.Communities))
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(i, j int) int { // small ones on top
			return cmp.Compare(p.Map.Communities[j].Dwellings, p.Map.Communities[i].Dwellings)
		})
		for _, i := range order {
			c := &p.Map.Communities[i]
			q := p.At([2]float64{c.Lon, c.Lat})
			const perDwelling = 7.0 // m of radius for the root of the dwellings
			r := max(perDwelling*math.Sqrt(c.Dwellings)*p.Scale, 2)
			class := fmt.Sprintf("aff aff-%d", c.Affluence)
			if len(order) > tipLimit {
				d.Circle(q[0], q[1], r, class)
				continue
			}
			d.Open("circle", "class", class, "cx", svg.Num(q[0]), "cy", svg.Num(q[1]), "r", svg.Num(r))
			d.Tip(fmt.Sprintf("community %d: %.0f dwellings, affluence %d of 5", c.ID, c.Dwellings, c.Affluence))
			d.Close("circle")
		}
	})
}

// placeKinds groups the categories by colour.
func placeKinds() []struct {
	class, name string
	categories  []dataset.Category
} {
	return []struct {
		class, name string
		categories  []dataset.Category
	}{
		{"work", "work: offices, industry", []dataset.Category{dataset.Office, dataset.Industry}},
		{"shop", "shops, department stores, salons, restaurants", []dataset.Category{dataset.Shop, dataset.DepartmentStore, dataset.Salon, dataset.Restaurant}},
		{"learn", "kindergartens, schools, universities", []dataset.Category{dataset.Kindergarten, dataset.School, dataset.University}},
		{"care", "hospitals and doctors", []dataset.Category{dataset.Hospital}},
		{"free", "leisure, worship", []dataset.Category{dataset.Leisure, dataset.Worship}},
		{"hub", "stations, airports", []dataset.Category{dataset.Station, dataset.Airport}},
	}
}

func (p *painter) places() {
	var keys []key
	kinds := placeKinds()
	for _, k := range kinds {
		if slices.ContainsFunc(p.Map.Places, func(x dataset.Place) bool { return slices.Contains(k.categories, x.Category) }) {
			keys = append(keys, key{"dot", "pl-" + k.class, k.name})
		}
	}
	estimated := slices.ContainsFunc(p.Map.Places, func(x dataset.Place) bool { return x.Estimated })
	if estimated {
		keys = append(keys, key{"dot", "pl-work est", "pale: estimated, not on the map"})
	}
	single := len(p.Map.Places) <= tipLimit
	p.add("places", "Places", false, keys, func(d *svg.Drawing) {
		for _, k := range kinds {
			for _, c := range k.categories {
				var merged [2]svg.Path // of the map; estimated
				for _, x := range p.Map.Places {
					if x.Category != c {
						continue
					}
					class, tip, i := "pl pl-"+k.class, words(string(c)), 0
					if x.Estimated {
						class, tip, i = class+" est", tip+", estimated", 1
					}
					q := p.At([2]float64{x.Lon, x.Lat})
					if !single {
						merged[i].Dot(q[0], q[1])
						continue
					}
					var dot svg.Path
					dot.Dot(q[0], q[1])
					if x.Name != "" {
						tip = x.Name + ": " + tip
					}
					d.Shape(class, tip, &dot)
				}
				d.Shape("pl pl-"+k.class, words(string(c)), &merged[0])
				d.Shape("pl pl-"+k.class+" est", words(string(c))+", estimated", &merged[1])
			}
		}
	})
}

// modes are the modes of lines from the least to the most prominent.
func modes() []string {
	return []string{network.Bus.String(), network.Tram.String(), network.Rail.String(), network.Metro.String(), network.HighSpeed.String()}
}

// lines draws each line with its name; the two directions of a line lie on
// each other.
func (p *painter) lines() {
	position := map[uint32]orb.Point{}
	for _, s := range p.Map.Stops {
		position[s.ID] = orb.Point{s.Lon, s.Lat}
	}
	for _, mode := range modes() {
		lines := slices.DeleteFunc(slices.Clone(p.Map.Lines), func(l dataset.Line) bool { return l.Mode != mode })
		p.add("line-"+mode, fmt.Sprintf("Lines: %s (%d)", words(mode), len(lines)), mode != network.Bus.String(),
			[]key{{"line", "ln ln-" + mode, "line"}, {"dot", "st-" + mode, "stop"}}, func(d *svg.Drawing) {
				var stops svg.Path
				drawn := map[uint32]bool{}
				for _, l := range lines {
					var path svg.Path
					p.line(&path, p.Proj.RingXY(Ring(l.Lon, l.Lat)), tolerance)
					tip := fmt.Sprintf("%s %s: %d stops, every %.0f min", words(mode), cmp.Or(l.Ref, l.Name), len(l.Stops), l.Headway/60)
					if l.Estimated {
						tip += " (estimated)"
					}
					d.Shape("ln ln-"+mode, tip, &path)
					for _, s := range l.Stops {
						if at, known := position[s]; known && !drawn[s] {
							q := p.At(at)
							stops.Dot(q[0], q[1])
							drawn[s] = true
						}
					}
				}
				d.Shape("st st-under", "", &stops)
				d.Shape("st st-"+mode, "", &stops)
			})
	}
}

// hubKinds are the kinds of hubs, those with the largest signs first: the
// others are drawn on them.
func hubKinds() []string {
	return []string{network.AirportHub.String(), network.HighSpeedHub.String(), network.StationHub.String(), network.MetroHub.String()}
}

func (p *painter) hubs() {
	var keys []key
	for _, kind := range hubKinds() {
		if slices.ContainsFunc(p.Map.Hubs, func(h dataset.Hub) bool { return h.Kind == kind }) {
			keys = append(keys, key{"dot", "hub-" + kind, words(kind)})
		}
	}
	p.add("hubs", "Hubs", true, keys, func(d *svg.Drawing) {
		for _, kind := range hubKinds() {
			for _, h := range p.Map.Hubs {
				if h.Kind == kind {
					p.hub(d, h)
				}
			}
		}
	})
}

func (p *painter) hub(d *svg.Drawing, h dataset.Hub) {
	var grounds, dot svg.Path
	if p.City != nil && len(p.City.Hubs[h.ID].Ring) > 2 {
		p.ring(&grounds, p.City.Hubs[h.ID].Ring, tolerance)
	}
	d.Shape("hub-grounds", "", &grounds)
	q := p.At(orb.Point{h.Lon, h.Lat})
	dot.Dot(q[0], q[1])
	if h.Kind != network.AirportHub.String() {
		d.Shape("hub hub-under", "", &dot)
	}
	d.Shape("hub hub-"+h.Kind, cmp.Or(h.Name, "no name")+": "+words(h.Kind), &dot)
}

// congestionSteps are the limits of the shares of the free speed that get a
// colour each.
func congestionSteps() []struct {
	below       float64
	class, name string
} {
	return []struct {
		below       float64
		class, name string
	}{
		{math.Inf(1), "free", "0.9 of free speed and more"},
		{0.9, "dense", "0.7 to 0.9"},
		{0.7, "slow", "0.4 to 0.7"},
		{0.4, "jam", "below 0.4"},
	}
}

// congestion draws the arterial roads by the speed that the slower direction
// has left in the worst hour of the morning.
func (p *painter) congestion() {
	if p.City == nil || p.Congestion == nil {
		return
	}
	hour := WorstMorningHour(p.Congestion)
	g, steps := p.City.Graph(), congestionSteps()
	paths := make([]svg.Path, len(steps))
	var line []geo.XY
	for e := range g.Edges() {
		share, open := 2.0, false
		for _, l := range []network.Link{network.Link(2 * e), network.Link(2*e + 1)} {
			if g.Class(l).Arterial() && g.Open(l, network.Car) {
				share, open = min(share, p.Congestion.Share(l, hour)), true
			}
		}
		if !open {
			continue
		}
		i := 0
		for i+1 < len(steps) && share < steps[i+1].below {
			i++
		}
		line = g.Line(line[:0], network.Link(2*e))
		p.line(&paths[i], line, tolerance)
	}
	var keys []key
	for i, s := range slices.Backward(steps) {
		if !paths[i].Empty() {
			keys = append(keys, key{"line", "cg cg-" + s.class, s.name})
		}
	}
	p.add("congestion", fmt.Sprintf("Congestion of arterial roads, %02d–%02d h", hour, hour+1), true, keys, func(d *svg.Drawing) {
		for i, s := range steps {
			d.Shape("cg cg-"+s.class, s.name, &paths[i])
		}
	})
}

// WorstMorningHour is the hour from 6 to 9 with the most arterial links below
// 0.7 of their free speed, the first of equals.
func WorstMorningHour(x *network.Congestion) int {
	worst, most := 6, -1.0
	for hour := 6; hour < 10; hour++ {
		if s := x.SlowArterials(0.7, hour, hour+1); s > most {
			worst, most = hour, s
		}
	}
	return worst
}
