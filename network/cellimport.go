package network

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// CellAttribution is what everything made with an OpenCelliD export must say
// besides [Attribution].
const CellAttribution = "cells © OpenCelliD contributors (opencellid.org), CC BY-SA 4.0"

const (
	sharedMastM      = 25.0 // base stations of one operator closer than this stand on one mast (assumed)
	minOperatorShare = 0.01 // of the cells; networks with no more are strays: roaming phones, wrong codes (assumed)
	sectorSpread     = 0.25 // share of the circle that cells of a site divide evenly, so that each has a sector (assumed)
)

// cellFileError is an error that names the cell file, not the extract.
type cellFileError struct{ error }

func (e cellFileError) Unwrap() error { return e.error }

// importSites makes sites and cells of the file that Options.Cells names.
func (b *builder) importSites(ctx context.Context) error {
	path := b.opt.Cells
	r, err := dataset.OpenText(path)
	if err != nil {
		return cellFileError{err}
	}
	defer r.Close()
	c := b.city
	f, err := readCells(ctx, r, path, c.Bounds)
	if err != nil {
		return cellFileError{err}
	}
	f.placeholders()
	if len(f.cells)+len(f.sites) == 0 {
		return cellFileError{fmt.Errorf("%s: none of its %d rows is a cell or site in the city, longitude %.4f to %.4f and latitude %.4f to %.4f", path,
			f.counts["file_rows"], c.Bounds.Min[0], c.Bounds.Max[0], c.Bounds.Min[1], c.Bounds.Max[1])}
	}
	for what, n := range f.counts {
		b.add(what, n)
	}
	name := filepath.Base(path) // a data set must not tell where its maker keeps files
	if len(f.cells) == 0 {
		b.soleOperator(f)
		b.warn("cell sites: %d sites of %s, without cells: each got three sectors of a test network; ask its source for the attribution it wants",
			len(c.Sites), name)
	} else {
		c.Attribution += "; " + CellAttribution
		b.importCells(f, name)
	}
	b.spacings()
	return nil
}

// soleOperator makes sites of a file that lists sites only.
func (b *builder) soleOperator(f *cellFile) {
	b.city.Operators = []Operator{{MCC: "999", MNC: "01", Share: 1}}
	m := newMasts()
	for _, p := range f.sites {
		m.join(b.city.Proj.XY(p), nil)
	}
	b.place(0, m.list, false)
}

// importCells makes operators, sites and cells of a file's 4G and 5G cells.
// Where it has none, the positions of its older cells are taken as sites.
func (b *builder) importCells(f *cellFile, name string) {
	cells := slices.DeleteFunc(slices.Clone(f.cells), func(x fileCell) bool { return x.gen == legacy })
	older := len(f.cells) - len(cells)
	named := len(cells) > 0
	if named {
		b.add("file_legacy", int64(older))
	} else {
		cells = f.cells
	}
	cells, repeated := distinct(cells)
	b.add("file_repeated", repeated)
	byOperator, strays := b.operators(cells, named)
	b.add("file_stray_networks", strays)
	for op, own := range byOperator {
		m := newMasts()
		for station := range stations(own, named) {
			m.join(b.antennaAt(station), station)
		}
		b.place(op, m.list, named)
	}
	var parts []string
	for _, o := range b.city.Operators {
		parts = append(parts, fmt.Sprintf("%s is %s in the file, %.1f %% of its cells", o.PLMN(), o.file, o.Share*100))
	}
	if named {
		b.warn("cell sites: %d cells on %d sites are those of %s; sites stand where the file's observations centre, not where antennas were surveyed (%s)",
			len(b.city.Cells), len(b.city.Sites), name, strings.Join(parts, "; "))
		return
	}
	b.warn("cell sites: %s has no 4G or 5G cells in the city: the positions of its %d older cells are taken as %d sites of three sectors of test networks (%s)",
		name, older, len(b.city.Sites), strings.Join(parts, "; "))
}

// operators groups cells by network, the one with the most cells first; its
// share of the cells stands for its share of the market. Subscribers are of
// test PLMNs all the same, so that no IMSI is somebody's. It returns how many
// cells of stray networks were dropped.
func (b *builder) operators(cells []fileCell, named bool) (out [][]fileCell, strays int64) {
	groups := map[plmn][]fileCell{}
	for _, x := range cells {
		groups[x.plmn] = append(groups[x.plmn], x)
	}
	nets := make([]plmn, 0, len(groups))
	for p := range groups {
		nets = append(nets, p)
	}
	slices.SortFunc(nets, func(p, q plmn) int {
		return cmp.Or(cmp.Compare(len(groups[q]), len(groups[p])), cmp.Compare(p.mcc, q.mcc), cmp.Compare(p.mnc, q.mnc))
	})
	kept := 0
	for i, p := range nets {
		if i > 0 && float64(len(groups[p])) <= minOperatorShare*float64(len(cells)) { // at most 99 are larger: two digits of MNC
			strays += int64(len(groups[p]))
			continue
		}
		kept += len(groups[p])
		out = append(out, groups[p])
	}
	for i, own := range out {
		o := Operator{MCC: "999", MNC: fmt.Sprintf("%02d", i+1), Share: float64(len(own)) / float64(kept), file: own[0].plmn.String()}
		if named && !b.opt.TestPLMN {
			o.Network = o.file
		}
		b.city.Operators = append(b.city.Operators, o)
	}
	return out, strays
}

// stations yields the cells of each base station; without names, each cell is
// one. The cells are in order of identity.
func stations(cells []fileCell, named bool) func(yield func([]fileCell) bool) {
	return func(yield func([]fileCell) bool) {
		for from, i := 0, 1; i <= len(cells); i++ {
			if i < len(cells) && named && cells[i].gen == cells[from].gen && cells[i].station() == cells[from].station() {
				continue
			}
			if !yield(cells[from:i]) {
				return
			}
			from = i
		}
	}
}

// station is the eNB (20 bits) or gNB (24 bits, see [sigcity.SiteOf]) of a cell.
func (x *fileCell) station() uint32 {
	if x.gen == nr {
		return uint32(x.id >> 12)
	}
	return uint32(x.id >> 8)
}

// antennaAt estimates where a base station stands: a cell of the file lies at
// the centre of its observations, in front of the antenna; the mean over the
// sectors, by number of observations, is the mast.
func (b *builder) antennaAt(cells []fileCell) geo.XY {
	var sum geo.XY
	weight := 0.0
	for _, x := range cells {
		p := b.city.Proj.XY(x.pos)
		sum = geo.XY{X: sum.X + float64(p.X*x.samples), Y: sum.Y + float64(p.Y*x.samples)}
		weight += x.samples
	}
	return geo.XY{X: sum.X / weight, Y: sum.Y / weight}
}

// loadedMast is a place with the cells of the base stations on it.
type loadedMast struct {
	pos   geo.XY
	cells []fileCell
}

// masts are one operator's, with their numbers by tile of sharedMastM.
type masts struct {
	list  []loadedMast
	tiles *raster
	at    map[tile][]int
}

func newMasts() *masts { return &masts{tiles: newRaster(sharedMastM), at: map[tile][]int{}} }

// join puts a base station on the first mast nearby, or on one of its own.
func (m *masts) join(pos geo.XY, cells []fileCell) {
	t := m.tiles.tile(pos)
	first := len(m.list)
	for dy := int32(-1); dy <= 1; dy++ {
		for dx := int32(-1); dx <= 1; dx++ {
			for _, i := range m.at[tile{t.x + dx, t.y + dy}] {
				if i < first && m.list[i].pos.Dist2(pos) < sharedMastM*sharedMastM {
					first = i
				}
			}
		}
	}
	if first == len(m.list) {
		m.list = append(m.list, loadedMast{pos: pos})
		m.at[t] = append(m.at[t], first)
	}
	m.list[first].cells = append(m.list[first].cells, cells...)
}

// place appends an operator's masts to the city's sites, with their cells
// where those have names.
func (b *builder) place(op int, masts []loadedMast, named bool) {
	c := b.city
	pts := make([]geo.XY, len(masts))
	for i, m := range masts {
		pts[i] = m.pos
	}
	for _, i := range spatialOrder(pts) {
		site := len(c.Sites)
		c.Sites = append(c.Sites, Site{Pos: pts[i], Operator: op})
		if named {
			b.sectorsOf(site, masts[i].cells)
		}
	}
}

// sectorsOf gives a site its cells: those of 4G, then those of 5G, each in
// clockwise order of their azimuths.
func (b *builder) sectorsOf(site int, cells []fileCell) {
	c := b.city
	s := &c.Sites[site]
	for _, gen := range []generation{lte, nr} {
		own := slices.DeleteFunc(slices.Clone(cells), func(x fileCell) bool { return x.gen != gen })
		tac := uint32(0)
		for _, x := range own {
			tac = cmp.Or(tac, x.area)
		}
		order, azimuths := b.look(s, own)
		for k, i := range order {
			x := &own[i]
			cell := Cell{CGI: fmt.Sprintf("%s-%d", c.Operators[s.Operator].broadcast(), x.id), Site: site, Sector: len(s.Cells), ENB: x.station(),
				Azimuth: azimuths[k], BeamDeg: x.beamDeg, RangeM: math.Round(x.rangeM), TAC: cmp.Or(x.area, tac), Radio: "4G"}
			if cell.BeamDeg == 0 {
				if cell.BeamDeg = beamDeg; len(own) == 1 {
					cell.BeamDeg = 360
				}
			}
			if gen == nr {
				cell.Radio = "5G"
				c.Operators[s.Operator].SA = true // a phone learns an NCI from stand-alone 5G only
			}
			s.Cells = append(s.Cells, sigcity.AreaID(len(c.Cells)))
			c.Cells = append(c.Cells, cell)
		}
	}
}

// look orders the cells of one technology at a site clockwise and says where
// each looks: as the file tells, where it does for all of them and no two look
// the same way, else by where they were observed.
func (b *builder) look(s *Site, cells []fileCell) (order []int, azimuths []float64) {
	centers := make([]geo.XY, len(cells))
	var told []float64
	for i, x := range cells {
		centers[i] = b.city.Proj.XY(x.pos)
		if x.azimuth >= 0 && !slices.Contains(told, x.azimuth) {
			told = append(told, x.azimuth)
		}
	}
	if order, azimuths = directions(s.Pos, centers, b.rotation(s)); len(told) < len(cells) {
		return order, azimuths
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(cells[i].azimuth, cells[j].azimuth) })
	slices.Sort(told)
	return order, told
}

// directions orders the cells of a site clockwise and says where each looks:
// to the centre of its observations. The gaps between neighbours are drawn
// towards equal ones by sectorSpread, so that cells of several carriers, which
// look the same way, keep a sector each. Where a centre coincides with the
// site no direction is known: the cells divide the circle evenly from rotation
// on. A lone cell is omnidirectional and looks north.
func directions(site geo.XY, centers []geo.XY, rotation float64) (order []int, azimuths []float64) {
	n := len(centers)
	order, azimuths = make([]int, n), make([]float64, n)
	seen := make([]float64, n)
	known := true
	for i, p := range centers {
		order[i] = i
		known = known && p.Dist(site) >= 1
		seen[i] = site.Azimuth(p)
	}
	switch {
	case n == 1:
		return order, azimuths
	case !known:
		for k := range azimuths {
			azimuths[k] = math.Mod(rotation+float64(float64(k)*360/float64(n)), 360)
		}
		return order, azimuths
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(seen[i], seen[j]) })
	// Relative to the first; the mean turn is taken out in the end.
	turned := 0.0
	for k, i := range order {
		gap := seen[i] - seen[order[0]]
		azimuths[k] = float64((1-sectorSpread)*gap) + float64(sectorSpread*360*float64(k)/float64(n))
		turned += gap - azimuths[k]
	}
	for k := range azimuths {
		azimuths[k] = math.Mod(seen[order[0]]+azimuths[k]+turned/float64(n)+720, 360)
	}
	return order, azimuths
}
