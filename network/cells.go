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
	if len(c.Cells) == 0 {
		b.sectors()
	}
	for i := range c.Cells {
		if cell := &c.Cells[i]; cell.RangeM == 0 {
			cell.RangeM = math.Round(min(max(rangeFactor*c.Sites[cell.Site].Spacing, minRangeM), maxRangeM))
		}
	}
	b.trackingAreas()
	c.radio = newRadio(c, b.opt.Seed)
	c.radio.cover(c, b.opt.Seed, b.lo, b.hi, b.opt.Workers)
	c.radio.footprints(c, b.opt.Workers)
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
				Radio:   "4G",
			})
		}
	}
}

// trackingAreas groups the sites of each operator by recursive bisection of
// the longer side at the median, down to sitesPerTAC: compact areas of like
// size. Codes are unique over all operators and run from 1. Sites whose tracking
// area a cell file tells keep it, and the codes go on above those.
func (b *builder) trackingAreas() {
	c := b.city
	tac := uint32(0)
	for _, cell := range c.Cells {
		tac = max(tac, cell.TAC)
	}
	var split func(ids []int)
	split = func(ids []int) {
		if len(ids) <= sitesPerTAC {
			tac++
			for _, i := range ids {
				for _, id := range c.Sites[i].Cells {
					c.Cells[id].TAC = tac
				}
			}
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
		split(ids[:len(ids)/2])
		split(ids[len(ids)/2:])
	}
	for op := range c.Operators {
		var ids []int
		for i, s := range c.Sites {
			if s.Operator == op && c.Cells[s.Cells[0]].TAC == 0 {
				ids = append(ids, i)
			}
		}
		if len(ids) > 0 {
			split(ids)
		}
	}
}
