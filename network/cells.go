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

// cells gives every site three sectors and works out what each covers.
func (b *builder) cells() error {
	c := b.city
	c.radio = newRadio(c, b.rotations(), b.opt.Seed)
	enb := make([]uint32, len(c.Operators))
	c.Cells = make([]Cell, 0, sectorsPerSite*len(c.Sites))
	for i := range c.Sites {
		s := &c.Sites[i]
		o := c.Operators[s.Operator]
		enb[s.Operator]++ // from 1, in the order of sites
		for sector := range sectorsPerSite {
			s.Cells = append(s.Cells, sigcity.AreaID(len(c.Cells)))
			c.Cells = append(c.Cells, Cell{
				CGI:     fmt.Sprintf("%s-%d", o.PLMN(), eci(enb[s.Operator], sector)),
				Site:    i,
				Sector:  sector,
				ENB:     enb[s.Operator],
				Azimuth: c.radio.sites[i].azimuth[sector],
				RangeM:  math.Round(min(max(rangeFactor*s.Spacing, minRangeM), maxRangeM)),
				Radio:   "4G",
			})
		}
	}
	b.trackingAreas()
	c.radio.cover(c, b.opt.Seed, b.lo, b.hi, b.opt.Workers)
	c.radio.footprints(c, b.opt.Workers)
	return nil
}

func (b *builder) rotations() []float64 {
	out := make([]float64, len(b.city.Sites))
	for i := range out {
		out[i] = b.rotation(&b.city.Sites[i])
	}
	return out
}

// trackingAreas groups the sites of each operator by recursive bisection of
// the longer side at the median, down to sitesPerTAC: compact areas of like
// size. Codes are unique over all operators and run from 1.
func (b *builder) trackingAreas() {
	c := b.city
	tac := uint32(0)
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
			if s.Operator == op {
				ids = append(ids, i)
			}
		}
		if len(ids) > 0 {
			split(ids)
		}
	}
}
