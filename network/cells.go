package network

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

const (
	sectorsPerSite = 3
	rangeFactor    = 1.5 // of the spacing: a cell reaches past its neighbours' masts
	minRangeM      = 400.0
	maxRangeM      = 15_000.0
	sitesPerTAC    = 30 // at most
)

// cells gives every site its cells, unless a cell file has, and works out what
// each covers.
func (b *builder) cells() error {
	c := b.city
	laidOut := b.opt.Cells == "" && len(c.Cells) == 0 // a file is all there is
	if len(c.Cells) == 0 {
		b.sectors()
	}
	if laidOut {
		b.fifthGeneration()
	}
	for i := range c.Cells {
		if cell := &c.Cells[i]; cell.RangeM == 0 {
			cell.RangeM = math.Round(min(max(rangeFactor*c.Sites[cell.Site].Spacing, minRangeM), maxRangeM))
		}
	}
	c.radio = newRadio(c, b.opt.Seed)
	c.radio.cover(c, b.opt.Seed, b.lo, b.hi, b.opt.Workers)
	c.radio.footprints(c, b.opt.Workers)
	if laidOut {
		b.indoorCells()
		b.trackCells()
	}
	c.radio.reselections(b.opt.Workers)
	b.trackingAreas()
	return nil
}

// sectors gives every site three sectors.
func (b *builder) sectors() {
	c := b.city
	enb := make([]uint32, len(c.Operators))
	c.Cells = make([]Cell, 0, sectorsPerSite*len(c.Sites))
	for i := range c.Sites {
		s := &c.Sites[i]
		o := c.Operators[s.Operator]
		enb[s.Operator]++ // from 1, in the order of sites
		for sector := range sectorsPerSite {
			s.Cells = append(s.Cells, sigcity.AreaID(len(c.Cells)))
			c.Cells = append(c.Cells, Cell{
				CGI:     fmt.Sprintf("%s-%d", o.broadcast(), eci(enb[s.Operator], sector)),
				Site:    i,
				Sector:  sector,
				ENB:     enb[s.Operator],
				Azimuth: math.Mod(b.rotation(s)+float64(sector*120), 360),
				BeamDeg: beamDeg,
				Radio:   "4G",
			})
		}
	}
}

// fifthGeneration adds 5G to a share of every operator's sites, on three sectors
// that look where those of 4G do.
func (b *builder) fifthGeneration() {
	c := b.city
	gnb := make([]uint32, len(c.Operators))
	for i := range c.Sites {
		s := &c.Sites[i]
		o := c.Operators[s.Operator]
		if b.draw("network.5g."+o.PLMN(), s.Pos) >= shareOf5G(s.Spacing) {
			continue
		}
		gnb[s.Operator]++
		id := firstGNB + gnb[s.Operator]
		for _, four := range c.cellsOf(i, "4G") {
			sector := len(s.Cells)
			s.Cells = append(s.Cells, sigcity.AreaID(len(c.Cells)))
			c.Cells = append(c.Cells, Cell{
				CGI:  fmt.Sprintf("%s-%d", o.broadcast(), nci(id, sector)),
				Site: i, Sector: sector, ENB: id, Azimuth: c.Cells[four].Azimuth, BeamDeg: beamDeg, Radio: "5G",
			})
		}
	}
}

// firstGNB is below the gNB identities that are handed out: above all eNB
// identities, so that no NCI is as short as an ECI.
const firstGNB = 1 << 20

// nci is the NR cell identity: 24 bits of gNB (see [sigcity.SiteOf]), 12 of the cell.
func nci(gnb uint32, cell int) int64 { return int64(gnb)<<12 | int64(cell) }

// shareOf5G is the share of sites with mid-band 5G where they stand that far
// apart: nine in ten in the densest streets, most in towns, hardly any in the
// country, which low bands serve (assumed; in all of China there are 0.6 base
// stations of 5G for one of 4G).
func shareOf5G(spacing float64) float64 { return [...]float64{0.9, 0.7, 0.1}[scenarioOf(spacing)] }

// first5GTAC is below the tracking area codes that are handed out in 5GS, which
// have 24 bits: above those of EPS, which have 16.
const first5GTAC = 1<<16 - 1

// trackingAreas groups the sites of each operator, of each kind and technology on
// their own, by recursive bisection of the longer side at the median, down to
// sitesPerTAC: compact areas of like size. Codes are unique over all operators
// and run from 1 in EPS and from 65,536 in 5GS. Cells whose tracking area a cell
// file tells keep it, and the codes go on above those. Indoor cells are of the
// tracking area around them.
func (b *builder) trackingAreas() {
	c := b.city
	eps, fiveGS := uint32(0), uint32(first5GTAC)
	for _, cell := range c.Cells {
		fiveGS = max(fiveGS, cell.TAC)
		if cell.TAC <= first5GTAC {
			eps = max(eps, cell.TAC)
		}
	}
	for op := range c.Operators {
		for _, kind := range []SiteKind{MacroSite, MetroSite, CorridorSite} {
			for _, g := range []struct {
				tech string
				next *uint32
			}{{"4G", &eps}, {"5G", &fiveGS}} {
				var ids []int
				for i, s := range c.Sites {
					if s.Operator != op || s.Kind != kind {
						continue
					}
					if cells := c.cellsOf(i, g.tech); len(cells) > 0 && c.Cells[cells[0]].TAC == 0 {
						ids = append(ids, i)
					}
				}
				if len(ids) > 0 {
					c.bisect(ids, func(ids []int) {
						*g.next++
						for _, i := range ids {
							for _, id := range c.cellsOf(i, g.tech) {
								c.Cells[id].TAC = *g.next
							}
						}
					})
				}
			}
		}
	}
	for i := range c.Sites {
		if s := &c.Sites[i]; s.Kind == IndoorSite {
			for _, id := range s.Cells {
				m := &c.radio.ops[s.Operator].macro.coverage
				c.Cells[id].TAC = c.Cells[m.best(m.tile(s.Pos))].TAC
			}
		}
	}
}

// bisect calls f with compact groups of at most sitesPerTAC of the sites.
func (c *City) bisect(ids []int, f func(ids []int)) {
	if len(ids) <= sitesPerTAC {
		f(ids)
		return
	}
	pts := make([]geo.XY, len(ids))
	for k, i := range ids {
		pts[k] = c.Sites[i].Pos
	}
	lo, hi := box(pts)
	wide := hi.X-lo.X >= hi.Y-lo.Y
	slices.SortStableFunc(ids, func(i, j int) int {
		p, q := c.Sites[i].Pos, c.Sites[j].Pos
		if wide {
			return cmp.Compare(p.X, q.X)
		}
		return cmp.Compare(p.Y, q.Y)
	})
	c.bisect(ids[:len(ids)/2], f)
	c.bisect(ids[len(ids)/2:], f)
}
