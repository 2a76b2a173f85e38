package gen

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// fate is how a macro site changes, once at most.
type fate uint8

const (
	stays fate = iota
	appears
	moves      // its cells go to another mast
	receives   // that other mast
	renumbered // its cells get the next free eNB or gNB
)

// changeHour is the local hour at which cells change (assumed: maintenance is
// done at night).
const changeHour = 3

// change works out the cell list, in which cells appear, move, are renumbered or
// lacking. It does not hang on the length of the run.
func (f *faults) change(g *generator) {
	city := g.city
	scope := sigcity.Scope(g.cfg.Seed, "gen.change")
	fates, to := f.fates(city, scope)
	f.rows = city.CellRows()
	next := nodes(city)
	for i, fate := range fates {
		// A whole number of days after the first one.
		n := 1 + int(sigcity.Unit(sigcity.Mix(sigcity.Mix(scope, uint64(i)), 1))*float64(f.cfg.ChangeDays))
		at := changeTime(g.cal, n)
		switch fate {
		case appears:
			f.fixed[i] = []span{{0, at, notThere}}
			for _, id := range city.Sites[i].Cells {
				f.begin(dataset.CellNew, id, -1, at)
			}
		case moves:
			other := to[i]
			f.fixed[i], f.fixed[other] = []span{{at, dataset.OpenEnd, notThere}}, []span{{0, at, notThere}}
			for k, old := range city.Sites[i].Cells {
				id := city.Sites[other].Cells[k]
				f.rows[old].To = at
				f.rows[id].Name, f.rows[id].ENB = f.rows[old].Name, f.rows[old].ENB
				f.begin(dataset.CellMoved, id, int32(old), at)
			}
		case renumbered:
			f.renumber(city, i, at, next)
		}
	}
	f.hide(city, scope)
}

// changeTime is the second of the change n days after the first one.
func changeTime(cal *sigcity.Calendar, n int) uint32 {
	first := time.Unix(int64(cal.Start(0)), 0).In(cal.Location())
	return uint32(time.Date(first.Year(), first.Month(), first.Day()+n, changeHour, 0, 0, 0, cal.Location()).Unix())
}

// begin notes that a row of the cell list is valid from a second on.
func (f *faults) begin(kind string, id sigcity.AreaID, instead int32, at uint32) {
	row := &f.rows[id]
	row.From, row.To = at, dataset.OpenEnd
	f.changes = append(f.changes, dataset.CellChange{Kind: kind, Cell: int32(id), Instead: instead, Time: at, Lon: row.Antenna[0], Lat: row.Antenna[1]})
}

// fates draws how each site changes, and to which mast the cells of those that
// move go: the nearest with cells alike that does not change itself. Where
// there is none, nothing moves.
func (f *faults) fates(city *network.City, scope uint64) (fates []fate, to []int) {
	fates, to = make([]fate, len(city.Sites)), make([]int, len(city.Sites))
	for i := range fates {
		if city.Sites[i].Kind != network.MacroSite || !f.fails[i] {
			continue
		}
		switch u := sigcity.Unit(sigcity.Mix(scope, uint64(i))); {
		case u < f.cfg.New:
			fates[i] = appears
		case u < f.cfg.New+f.cfg.Moved:
			fates[i] = moves
		case u < f.cfg.New+f.cfg.Moved+f.cfg.Renumbered:
			fates[i] = renumbered
		}
	}
	radios := func(site int) (out []string) {
		for _, id := range city.Sites[site].Cells {
			out = append(out, city.Cells[id].Radio)
		}
		return out
	}
	for i := range fates {
		if fates[i] != moves {
			continue
		}
		fates[i] = stays
		for _, k := range f.near[i] {
			if f.fails[k] && fates[k] == stays && k != i && slices.Equal(radios(k), radios(i)) {
				fates[i], fates[k], to[i] = moves, receives, k
				break
			}
		}
	}
	return fates, to
}

// node is an eNB or gNB of a network: operators number theirs apart.
type node struct {
	network, radio string
}

func nodeOf(cgi, radio string) node { return node{cgi[:strings.LastIndexByte(cgi, '-')], radio} }

// nodes are the highest numbers in use.
func nodes(city *network.City) map[node]uint32 {
	next := map[node]uint32{}
	for i := range city.Cells {
		c := &city.Cells[i]
		k := nodeOf(c.CGI, c.Radio)
		next[k] = max(next[k], c.ENB)
	}
	return next
}

// Widths of the identities of a base station and of its cells, bits (TS 36.300
// §8.2; of NR as in [sigcity.SiteOf]).
const (
	enbBits, eciBits = 20, 8
	gnbBits, nciBits = 24, 12
)

// renumber gives the cells of a site new rows of the cell list from a second on,
// with the next free numbers; next holds the last ones in use. Where numbers
// have run out they keep the old ones.
func (f *faults) renumber(city *network.City, site int, at uint32, next map[node]uint32) {
	given := map[uint32]uint32{} // from old to new
	for _, id := range city.Sites[site].Cells {
		c := &city.Cells[id]
		k, bits, low := nodeOf(c.CGI, c.Radio), enbBits, eciBits
		if c.Radio == "5G" {
			bits, low = gnbBits, nciBits
		}
		if given[c.ENB] == 0 {
			if next[k]+1 >= 1<<bits {
				continue
			}
			next[k]++
			given[c.ENB] = next[k]
		}
		var number int64
		if _, err := fmt.Sscan(c.CGI[len(k.network)+1:], &number); err != nil {
			continue // no CGI
		}
		row := f.rows[id]
		f.rows[id].To = at
		row.ID, row.ENB = sigcity.AreaID(len(f.rows)), given[c.ENB]
		row.Name = fmt.Sprintf("%s-%d", k.network, int64(row.ENB)<<low|number&(1<<low-1))
		f.rows = append(f.rows, row)
		f.renamed[id] = renaming{at, row.ID}
		f.begin(dataset.CellRenumbered, row.ID, int32(id), at)
	}
}

// hide takes cells out of the cell list: of a row that stands for one, all that is known
// is its name, and from the record its tracking area, whose centre and radius
// it is given.
func (f *faults) hide(city *network.City, scope uint64) {
	areas := make([][]geo.XY, len(f.tacs))
	spacing := make([]float64, len(f.tacs))
	for i := range city.Cells {
		k := f.area[i]
		areas[k] = append(areas[k], city.Cells[i].Center)
		spacing[k] += city.Sites[city.Cells[i].Site].Spacing
	}
	f.unknown = make([]bool, len(f.rows))
	for i := range f.rows {
		base := i
		if i >= len(city.Cells) {
			base = slices.IndexFunc(f.renamed, func(r renaming) bool { return int(r.row) == i })
		}
		if sigcity.Unit(sigcity.Mix(sigcity.Mix(scope, uint64(base)), 2)) >= f.cfg.Unknown {
			continue
		}
		f.unknown[i] = true
		row, k := &f.rows[i], f.area[base]
		f.changes = append(f.changes, dataset.CellChange{Kind: dataset.CellUnknown, Cell: int32(i), Instead: -1, Lon: row.Antenna[0], Lat: row.Antenna[1]})
		center := geo.XY{}
		n := float64(len(areas[k]))
		for _, p := range areas[k] {
			center.X, center.Y = center.X+p.X/n, center.Y+p.Y/n
		}
		radius := 0.0
		for _, p := range areas[k] {
			radius = max(radius, p.Dist(center))
		}
		row.Center = city.Proj.LonLat(center)
		row.Radius = math.Round(radius + spacing[k]/n/2) // to the edge of the outer cells
		row.Spacing, row.Footprint, row.Kind, row.Site = spacing[k]/n, orb.Ring(nil), dataset.KindUnknown, -1
		row.Antenna, row.Azimuth, row.BeamDeg, row.RangeM = row.Center, 0, 0, row.Radius
	}
}
