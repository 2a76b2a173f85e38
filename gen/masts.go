package gen

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// masts finds the macro cells around a place by geometry alone, where the radio
// model lists none: far ones, and those that are left when sites are off the
// air. It knows the cells that every phone can camp on, of LTE where the
// operator has it.
type masts struct {
	city  *network.City
	index []*geo.Index       // per operator, of its macro sites
	sites [][]int            // per operator: the site of each point of the index, in order
	cells [][]sigcity.AreaID // per site: none where it is no mast
}

func newMasts(city *network.City) *masts {
	m := &masts{city: city, sites: make([][]int, len(city.Operators)), cells: make([][]sigcity.AreaID, len(city.Sites))}
	for op := range city.Operators {
		for _, tech := range []string{"4G", "5G"} {
			var pts []geo.XY
			for i := range city.Sites {
				s := &city.Sites[i]
				if s.Operator != op || s.Kind != network.MacroSite {
					continue
				}
				for _, id := range s.Cells {
					if city.Cells[id].Radio == tech {
						m.cells[i] = append(m.cells[i], id)
					}
				}
				if len(m.cells[i]) > 0 {
					m.sites[op], pts = append(m.sites[op], i), append(pts, s.Pos)
				}
			}
			m.index = append(m.index[:op], geo.NewIndex(pts))
			if len(pts) > 0 {
				break
			}
		}
	}
	return m
}

// facing is the cell of a mast whose antenna looks most nearly at q.
func (m *masts) facing(site int, q geo.XY) sigcity.AreaID {
	to := q.Sub(m.city.Sites[site].Pos)
	best, most := m.cells[site][0], math.Inf(-1)
	for _, id := range m.cells[site] {
		sin, cos := math.Sincos(m.city.Cells[id].Azimuth * math.Pi / 180)
		if along := float64(to.X*sin) + float64(to.Y*cos); along > most {
			best, most = id, along
		}
	}
	return best
}

// The ring of distant cells, in site spacings (assumed: farther than the cells
// around, not farther than an antenna on a hill or a tower is heard), and how
// many of each site are told apart.
const (
	driftNear  = 3.0
	driftFar   = 15.0
	driftCells = 8
)

// distant lists, for each site, the cells that phones near it may drift to: of
// masts driftNear to driftFar spacings away, the sector that looks this way.
// Nearer ones are likelier: distances are drawn log-uniformly.
func (m *masts) distant(seed uint64) [][]sigcity.AreaID {
	out := make([][]sigcity.AreaID, len(m.city.Sites))
	for i := range out {
		s := &m.city.Sites[i]
		index := m.index[s.Operator]
		if index.Len() == 0 {
			continue
		}
		r := sigcity.Rand(seed, "gen.drift", uint64(i))
		for range 2 * driftCells {
			d := s.Spacing * driftNear * math.Pow(driftFar/driftNear, r.Float64())
			sin, cos := math.Sincos(2 * math.Pi * r.Float64())
			k, _ := index.Nearest(geo.XY{X: s.Pos.X + float64(d*sin), Y: s.Pos.Y + float64(d*cos)})
			far := m.sites[s.Operator][k]
			d = m.city.Sites[far].Pos.Dist(s.Pos)
			if id := m.facing(far, s.Pos); d >= driftNear*s.Spacing && d <= driftFar*s.Spacing && !slices.Contains(out[i], id) {
				out[i] = append(out[i], id)
			}
			if len(out[i]) == driftCells {
				break
			}
		}
	}
	return out
}
