package network

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
)

// The layout of the synthetic network. Sources: planning figures R01 (112.2
// subscriptions per 100 persons, MIIT 2018), R38 (operator shares, China
// 2014), R39 (3GPP spacing: 750 m urban, 7.5 km rural, after TR 36.942) and
// R40 (198 to 244 subscribers a base station, 2019).
const (
	subscriptions     = 1.122 // per inhabitant
	subscribersOfSite = 220.0
	minSpacingM       = 470.0  // above half of the urban 750 m, R39's lower bound: closer, R41 and the variance to mean of R14 fail
	maxSpacingM       = 7500.0 // rural
	ruralSpacingM     = 6000.0 // at least, in the country; sites of towns nearby bring the mean to R39's 3.75 km and more
	ruralPerKm2       = 50.0   // inhabitants: what is country (assumed)
	thinSpacingM      = 2500.0 // at least, where few live: a village has one site, not as many as its demand, which would make up for those that towns lack (assumed)
	thinPerKm2        = 300.0  // inhabitants: where few live (Eurostat, degree of urbanisation: rural below)
	// minScale is how much closer than demand asks for sites may stand to make
	// up for those that find no room in the densest places: half as far, the
	// lower bound of R39.
	minScale     = 0.5
	roadSpacingM = 3500.0 // along motorways and trunk roads (assumed)
	minSites     = 4      // of each operator, however small the town
	demandM      = 125.0  // cells in which demand is summed
	jobWeight    = 0.35   // demand of a job against an inhabitant's (assumed: a third of the day)
	roadWeight   = 0.01   // … and of a metre of through road (assumed)
)

// defaultOperators are three operators of test PLMNs with the shares of R38. The
// two larger ones run 5G stand-alone, the third does not (assumed).
func defaultOperators() []Operator {
	return []Operator{{MCC: "999", MNC: "01", Share: 0.622, SA: true}, {MCC: "999", MNC: "02", Share: 0.229, SA: true}, {MCC: "999", MNC: "03", Share: 0.149}}
}

// candidate is a spot where a site may stand.
type candidate struct {
	pos     geo.XY
	density float64 // demand, persons per m²
	floor   float64 // m between sites at least, where few live around; else 0
	trunk   bool    // beside a motorway or trunk road
}

// sites takes the sites of a cell file, where one is named, or lays out every
// operator's: masts of the map first, then roofs and roadsides, spaced as
// demand asks for.
func (b *builder) sites(ctx context.Context) error {
	if b.opt.Cells != "" {
		return b.importSites(ctx)
	}
	c := b.city
	c.Operators = defaultOperators()
	masts := b.shareMasts()
	cands := b.candidates()
	laid := make([][]Site, len(c.Operators))
	err := parallel.For(ctx, b.opt.Workers, len(laid), 1, func(_, op, _ int) error {
		o := c.Operators[op]
		want := o.Share * b.inhabitants * subscriptions / subscribersOfSite
		pts, fromMap := b.layout(o, want, cands, masts[op])
		for _, i := range spatialOrder(pts) {
			laid[op] = append(laid[op], Site{Pos: pts[i], Operator: op, Synthetic: i >= fromMap})
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.Sites = slices.Concat(laid...)
	b.spacings()
	b.warnSites()
	return nil
}

// shareMasts gives each mast to operators: all of them to the largest, whose
// coverage is assumed complete, and to the others by share. Masts that name
// their operator are not told apart: names of real firms mean nothing here.
func (b *builder) shareMasts() [][]geo.XY {
	out := make([][]geo.XY, len(b.city.Operators))
	for op, o := range b.city.Operators {
		for _, m := range b.masts {
			if op > 0 && unitAt(b.opt.Seed, "network.mast."+o.PLMN(), m.pos) > 2*o.Share {
				continue
			}
			if !slices.ContainsFunc(out[op], func(p geo.XY) bool { return p.Dist(m.pos) < 50 }) { // one mast mapped twice
				out[op] = append(out[op], m.pos)
			}
		}
	}
	return out
}

// layout finds sites for one operator: about want of them, no closer than
// demand around asks for. It returns masts of the map first, and their number.
//
// Candidates are tried in an order that demand and chance decide; one is taken
// if no site lies within its wanted spacing: a Poisson-disc layout of variable
// radius, whose density follows demand and is heavy-tailed like it (R14). The
// scale of the spacings is found by bisection.
func (b *builder) layout(o Operator, want float64, cands []candidate, masts []geo.XY) ([]geo.XY, int) {
	spacing, order := b.wanted(o, cands)
	want = math.Max(want, minSites)
	lo, hi := cands[0].pos, cands[0].pos
	for _, k := range cands {
		lo = geo.XY{X: math.Min(lo.X, k.pos.X), Y: math.Min(lo.Y, k.pos.Y)}
		hi = geo.XY{X: math.Max(hi.X, k.pos.X), Y: math.Max(hi.Y, k.pos.Y)}
	}
	taken := newBuckets(lo, hi)
	place := func(scale, floor float64) int {
		taken.reset()
		for _, p := range masts {
			taken.add(p)
		}
		for _, i := range order {
			r := min(max(spacing[i]*scale, floor), maxSpacingM) * packing
			r = max(r, cands[i].floor*packing)
			if !taken.any(cands[i].pos, r) {
				taken.add(cands[i].pos)
			}
		}
		return len(taken.pts)
	}
	small, large := minScale, 8.0
	for range 8 {
		mid := math.Sqrt(small * large)
		if float64(place(mid, minSpacingM)) > want {
			small = mid
		} else {
			large = mid
		}
	}
	n := place(large, minSpacingM)
	// A tiny town has room for a handful only if they stand closer.
	for scale, floor := large, minSpacingM; n < minSites && floor > 1; scale, floor = scale/1.5, floor/1.5 {
		n = place(scale, floor)
	}
	return slices.Clone(taken.pts), len(masts)
}

// packing is the closest distance of sites against their mean spacing, to the
// nearest six, in a Poisson-disc layout.
const packing = 0.78

// wanted is the spacing that an operator wants at each candidate, and the order
// in which they are tried: dense places first, with chance.
func (b *builder) wanted(o Operator, cands []candidate) (spacing []float64, order []int) {
	perSite := subscribersOfSite / (subscriptions * o.Share) // inhabitants
	spacing = make([]float64, len(cands))
	key := make([]float64, len(cands))
	order = make([]int, len(cands))
	for i, k := range cands {
		s := maxSpacingM
		if k.density > 0 {
			s = min(s, math.Sqrt(perSite/k.density/0.866)) // hexagonal: area = 0.866 spacing²
		}
		if k.trunk {
			s = min(s, roadSpacingM)
		}
		spacing[i], order[i] = s, i
		key[i] = s * (0.5 + unitAt(b.opt.Seed, "network.site."+o.PLMN(), k.pos))
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(key[i], key[j]) })
	return spacing, order
}

// candidates lists spots by demand: the roof nearest the middle of each cell
// with buildings, a roadside where there is none.
func (b *builder) candidates() []candidate {
	c := b.city
	demand := newRaster(demandM)
	people := newRaster(1000)
	roof := map[tile]geo.XY{}
	road := map[tile]geo.XY{}
	trunk := map[tile]bool{}
	keep := func(best map[tile]geo.XY, p geo.XY) {
		t := demand.tile(p)
		mid := demand.center(t)
		if q, ok := best[t]; !ok || p.Dist2(mid) < q.Dist2(mid) {
			best[t] = p
		}
	}
	for i := range c.Buildings {
		x := &c.Buildings[i]
		demand.add(x.Pos, x.Dwellings*householdSize+float64(x.Jobs*jobWeight))
		people.add(x.Pos, x.Dwellings*householdSize)
		if x.Use != OtherUse {
			keep(roof, x.Pos)
		}
	}
	for _, p := range c.Places {
		demand.add(p.Pos, p.Jobs*jobWeight)
	}
	for _, r := range c.Roads {
		through := slices.Contains([]string{"motorway", "trunk", "primary", "secondary"}, r.Class)
		if !through && !homely(r.Class) && r.Class != "tertiary" && r.Class != "unclassified" && r.Class != "rail" {
			continue
		}
		walk(r.Line, demandM/2, func(p, along geo.XY) {
			q := geo.XY{X: p.X - float64(along.Y*20), Y: p.Y + float64(along.X*20)}
			if !b.inside(q) {
				return
			}
			demand.add(q, 0)
			keep(road, q)
			if through {
				demand.add(q, roadWeight*demandM/2)
			}
			if r.Class == "motorway" || r.Class == "trunk" {
				trunk[demand.tile(q)] = true
			}
		})
	}
	// Demand near a spot: the sum over about a square kilometre, so that the
	// spacing changes gently.
	var out []candidate
	for _, t := range demand.tiles() {
		pos, ok := roof[t]
		if !ok {
			if pos, ok = road[t]; !ok {
				continue
			}
		}
		sum, cells := 0.0, 0.0
		for dy := int32(-3); dy <= 3; dy++ {
			for dx := int32(-3); dx <= 3; dx++ {
				sum += demand.sum[tile{t.x + dx, t.y + dy}]
				cells++
			}
		}
		out = append(out, candidate{pos, sum / (cells * demandM * demandM), spacingFloor(people.around(pos) / 9), trunk[t]})
	}
	return out
}

// spacingFloor is how far sites stand apart at least, m, where so many live on a km².
func spacingFloor(people float64) float64 {
	switch {
	case people < ruralPerKm2:
		return ruralSpacingM
	case people < thinPerKm2:
		return thinSpacingM
	}
	return 0
}

// spacings fills in every macro site's mean distance to the nearest six of its
// operator; alone, a site has maxSpacingM.
func (b *builder) spacings() {
	c := b.city
	for op := range c.Operators {
		var pts []geo.XY
		var ids []int
		for i, s := range c.Sites {
			if s.Operator == op {
				pts, ids = append(pts, s.Pos), append(ids, i)
			}
		}
		index := geo.NewIndex(pts)
		for j, i := range ids {
			sum, n := 0.0, 0
			for _, k := range index.NearestN(nil, pts[j], 7) {
				if k != j {
					sum += pts[k].Dist(pts[j])
					n++
				}
			}
			c.Sites[i].Spacing = maxSpacingM
			if n > 0 {
				c.Sites[i].Spacing = sum / float64(n)
			}
		}
	}
}

func (b *builder) warnSites() {
	synthetic := 0
	per := make([]int, len(b.city.Operators))
	for _, s := range b.city.Sites {
		per[s.Operator]++
		if s.Synthetic {
			synthetic++
		}
	}
	var parts []string
	for op, o := range b.city.Operators {
		users := o.Share * b.inhabitants * subscriptions
		parts = append(parts, fmt.Sprintf("%s %d sites, %.0f subscribers each", o.PLMN(), per[op], users/float64(max(per[op], 1))))
	}
	b.warn("cell sites: the map has %d masts; %d of %d sites are synthetic (%s)", len(b.masts), synthetic, len(b.city.Sites), strings.Join(parts, "; "))
}

// eci is the E-UTRAN cell identity: 20 bits of eNB, 8 of sector.
func eci(enb uint32, sector int) uint32 { return enb<<8 | uint32(sector) }

// rotation is the azimuth of a site's first sector in whole degrees, 0 … 119.
func (b *builder) rotation(s *Site) float64 {
	h := sigcity.Hash(b.opt.Seed, "network.rotation."+b.city.Operators[s.Operator].PLMN(),
		uint64(int64(math.Round(s.Pos.X*10))), uint64(int64(math.Round(s.Pos.Y*10))))
	return float64(h % 120)
}
