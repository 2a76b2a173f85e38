package synthcity

import (
	"math"

	"github.com/sigcity/sigcity/geo"
)

// need is a kind of place that inhabitants share, about perHead to one. The
// rates are assumptions, those that package network takes for granted.
type need struct {
	scope   string
	perHead float64
	tags    [][]string // in turn
}

func needs() []need {
	return []need{
		{"salon", 1500, [][]string{{"shop", "hairdresser"}, {"shop", "beauty"}, {"shop", "hairdresser"}}},
		{"restaurant", 900, [][]string{{"amenity", "restaurant"}, {"amenity", "fast_food"}, {"amenity", "cafe"}, {"amenity", "restaurant"}, {"amenity", "bar"}}},
		{"shop", 300, [][]string{{"shop", "convenience"}, {"shop", "clothes"}, {"shop", "bakery"}, {"shop", "greengrocer"}, {"shop", "electronics"},
			{"amenity", "pharmacy"}, {"shop", "shoes"}, {"shop", "supermarket"}, {"shop", "hardware"}}},
		{"clinic", 7000, [][]string{{"amenity", "clinic"}, {"amenity", "doctors"}}},
		{"leisure", 3500, [][]string{{"leisure", "fitness_centre"}, {"amenity", "cinema"}, {"leisure", "sports_centre"}, {"amenity", "library"},
			{"tourism", "museum"}, {"amenity", "theatre"}, {"amenity", "community_centre"}}},
		{"worship", 6000, [][]string{{"amenity", "place_of_worship", "religion", "buddhist"}, {"amenity", "place_of_worship", "religion", "christian"}}},
		{"office", 2500, [][]string{{"amenity", "bank"}, {"office", "government"}, {"amenity", "post_office"}, {"amenity", "police"}}},
		{"store", 60_000, [][]string{{"shop", "department_store"}}},
		{"mast", 12_000, [][]string{{"man_made", "mast", "tower:type", "communication", "communication:mobile_phone", "yes"}}},
		{"bus_station", 120_000, [][]string{{"amenity", "bus_station"}}},
	}
}

// amenities puts places at the street fronts of blocks. How many a block has
// goes with its inhabitants and a heavy-tailed draw, so that some streets are
// shopping streets.
func (m *maker) amenities() {
	for _, t := range m.towns {
		for _, n := range needs() {
			m.spread(t, n)
		}
	}
}

func (m *maker) spread(t *town, n need) {
	r := m.seedFor("place."+n.scope, uint64(t.id))
	weights := make([]float64, len(t.blocks))
	total := 0.0
	for i, p := range t.blocks {
		for k := p.first; k < p.end; k++ {
			weights[i] += float64(m.dwellings(&m.built[k], m.built[k].levels) * householdSize)
		}
		if p.center {
			weights[i] += 600
		}
		// Pareto with index 1.5, cut at 30.
		weights[i] *= math.Min(math.Pow(1-r.Float64(), -1/1.5), 30)
		total += weights[i]
	}
	want := math.Max(1, math.Round(t.people/n.perHead))
	carry, made := r.Float64(), 0
	for i, p := range t.blocks {
		for carry += want * weights[i] / math.Max(total, 1); carry >= 1; carry-- {
			made++
			side, f := r.IntN(4), 0.03+float64(0.94*r.Float64())
			q := [4]geo.XY{p.q.at(f, 0.04), p.q.at(f, 0.96), p.q.at(0.04, f), p.q.at(0.96, f)}[side]
			kv := n.tags[(made-1)%len(n.tags)]
			m.store.node(q, append(kv[:len(kv):len(kv)], "name", numbered(t.name+" "+kv[1], made))...)
		}
	}
}

// grounds are whole cells for schools and hospitals and parts of cells for
// kindergartens, by cell of the town.
type ground uint8

const (
	noGround ground = iota
	school
	kindergarten
	hospital
	pocketPark
)

// grounds picks cells for them among the homes, evenly over the town.
func (m *maker) grounds(t *town) []ground {
	out := make([]ground, len(t.active))
	var cells []int
	for i := range 2 * t.half {
		for j := range 2 * t.half {
			if z := t.zones[t.super(i, j)]; t.on(i, j) && (z == homes || z == villas) {
				cells = append(cells, t.cell(i, j))
			}
		}
	}
	r := m.seedFor("grounds", uint64(t.id))
	for _, g := range []struct {
		kind    ground
		perHead float64
	}{{school, 3700}, {hospital, 70_000}, {kindergarten, 2600}, {pocketPark, 5000}} {
		n := max(1, int(math.Round(t.people/g.perHead)))
		for k := range n {
			at := int((float64(k) + r.Float64()) / float64(n) * float64(len(cells)))
			for range cells { // the next that is free
				if c := cells[at%len(cells)]; out[c] == noGround {
					out[c] = g.kind
					break
				}
				at++
			}
		}
	}
	return out
}

// ground builds it; the homes of the cell fill what is left, if anything.
// whole tells that nothing is.
func (m *maker) ground(t *town, g ground, p plot) (whole bool) {
	w, h := p.q.size()
	name := numbered(t.name, len(m.ways))
	switch g {
	case school:
		m.ring(p.q.ring(), "amenity", "school", "name", name+" School")
		m.solid(p.q.slot(0.5, 0.3, math.Min(70, w*0.7), 16), "building", "school", "building:levels", "4")
		m.solid(p.q.slot(0.3, 0.7, math.Min(34, w*0.4), 20), "building", "school", "building:levels", "2")
		return true
	case hospital:
		m.ring(p.q.ring(), "amenity", "hospital", "name", name+" Hospital")
		m.solid(p.q.slot(0.5, 0.3, math.Min(90, w*0.8), 24), "building", "hospital", "building:levels", "9")
		m.solid(p.q.slot(0.5, 0.72, math.Min(60, w*0.6), 22), "building", "hospital", "building:levels", "5")
		return true
	case kindergarten:
		ring := p.q.slot(0.5, 0.5, 46, 36)
		m.ring(ring, "amenity", "kindergarten", "name", name+" Kindergarten")
		m.occupy(ring)
		m.store.ring(p.q.slot(0.5, 0.5, 26, 14), "building", "kindergarten", "building:levels", "2")
	case pocketPark:
		ring := p.q.slot(0.5, 0.5, w*0.6, h*0.6)
		m.ring(ring, "leisure", "park", "name", name+" Garden")
		m.occupy(ring)
	}
	return false
}
