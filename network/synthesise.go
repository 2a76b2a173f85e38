package network

import (
	"math"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

const (
	// fewShare of the places that the inhabitants need is taken as mapped
	// well enough; below, the rest is synthesised.
	fewShare = 0.5
	// employmentShare of inhabitants work (China, ~53 %, unsourced; planning
	// figure R37); jobs are topped up where the map holds fewer.
	employmentShare = 0.53
	// jobsPerHa of commercial, retail and industrial land, an assumption.
	jobsPerHa = 60.0
	// zonedShare of the jobs topped up goes to land for work where there is
	// some; the others go among the homes.
	zonedShare = 0.7
)

// synthesise adds places of a category on residential land until there is one
// for every perHead inhabitants, where the map has less than fewShare of that.
//
// Sites are chosen greedily, each where the sum over its households of the way
// to the nearest place is largest: a weighted k-centre heuristic (after
// Gonzalez 1985).
func (b *builder) synthesise(cat dataset.Category) {
	c := b.city
	std := standardOf(cat)
	want := max(1, int(math.Round(b.inhabitants/std.perHead)))
	var have []geo.XY
	for _, p := range c.Places {
		if p.Category == cat {
			have = append(have, p.Pos)
		}
	}
	if len(have) > 0 && float64(len(have)) >= fewShare*float64(want) {
		return
	}
	near := geo.NewIndex(have)
	way := make([]float64, len(c.Communities)) // m to the nearest place
	for i, m := range c.Communities {
		_, way[i] = near.Nearest(m.Pos) // +Inf without any
		way[i] = math.Min(way[i], 20_000)
	}
	homes := b.homesByCommunity()
	picked := make([]float64, len(c.Communities))
	sum := make([]float64, len(c.Communities)) // of its households' ways, m
	for i := range sum {
		sum[i] = c.Communities[i].Dwellings * way[i]
	}
	for n := range want - len(have) {
		best := 0
		for i, s := range sum {
			if s > sum[best] {
				best = i
			}
		}
		picked[best]++
		pos := c.Communities[best].Pos
		for i := range sum {
			m := &c.Communities[i]
			if w := way[i]; math.Abs(m.Pos.X-pos.X) < w && math.Abs(m.Pos.Y-pos.Y) < w { // else it is no nearer
				way[i] = math.Min(w, math.Max(m.Pos.Dist(pos), communityM/4))
				sum[i] = m.Dwellings * way[i]
			}
		}
		way[best] = communityM / 4 / picked[best]
		sum[best] = c.Communities[best].Dwellings * way[best]
		h := sigcity.Hash(b.opt.Seed, "network.place."+string(cat), uint64(n), uint64(best))
		house := homes[best][h%uint64(len(homes[best]))]
		c.Places = append(c.Places, b.estimated(cat, c.Buildings[house].Pos, h, 1))
	}
	b.warn("%s: the map has %d for about %.0f inhabitants; %d estimated on residential land",
		strings.ReplaceAll(string(cat), "_", " "), len(have), b.inhabitants, want-len(have))
}

// estimated is a place beside a building, of f times the standard size.
func (b *builder) estimated(cat dataset.Category, at geo.XY, h uint64, f float64) Place {
	sin, cos := math.Sincos(2 * math.Pi * sigcity.Unit(h))
	std := standardOf(cat)
	return Place{Category: cat, Pos: geo.XY{X: at.X + float64(25*cos), Y: at.Y + float64(25*sin)},
		Capacity: math.Round(std.capacity * f), Jobs: math.Max(1, math.Round(std.jobs*f)), Estimated: true}
}

func (b *builder) homesByCommunity() [][]int32 {
	out := make([][]int32, len(b.city.Communities))
	for i, x := range b.city.Buildings {
		if x.Community >= 0 {
			out[x.Community] = append(out[x.Community], int32(i))
		}
	}
	return out
}

// workPlaces tops up offices and industry until there is work for the share
// of inhabitants that works: first on land for commerce and industry, as much
// as jobsPerHa allows, then among the homes.
func (b *builder) workPlaces() {
	c := b.city
	have := 0.0
	kinds := map[dataset.Category]int{}
	for _, p := range c.Places {
		have += p.Jobs
		kinds[p.Category]++
	}
	want := employmentShare * b.inhabitants
	missing := want - have
	if missing < 0.1*want && kinds[dataset.Office] > 0 && kinds[dataset.Industry] > 0 {
		return
	}
	from, added := len(c.Places), 0.0
	add := func(cat dataset.Category, at geo.XY, h uint64) {
		// Sizes of work places are skewed: a factor of 0.4 to 10, log-uniform.
		p := b.estimated(cat, at, h, 0.4*math.Pow(25, sigcity.Unit(sigcity.Mix(h, 1))))
		c.Places = append(c.Places, p)
		added += p.Jobs
	}
	room := make([]float64, len(c.LandUse)) // jobs
	total := 0.0
	for i, l := range c.LandUse {
		if l.Use == "commercial" || l.Use == "retail" || l.Use == "industrial" {
			room[i] = geo.RingArea(l.Ring) / 10_000 * jobsPerHa
			total += room[i]
		}
	}
	water := b.water()
	fill := math.Min(1, math.Max(0, zonedShare*missing/math.Max(total, 1)))
	for i, l := range c.LandUse {
		cat := dataset.Office
		if l.Use == "industrial" {
			cat = dataset.Industry
		}
		room := room[i] * fill
		// Small rooms get a place or none by chance.
		for n := uint64(0); room > b.draw("network.work.room", l.Ring[0])*20; n++ {
			h := sigcity.Hash(b.opt.Seed, "network.work.land", uint64(i), n)
			before := added
			add(cat, inRing(l.Ring, h, water), h)
			room -= added - before
		}
	}
	homes := b.homesByCommunity()
	dwellings := 0.0
	for _, m := range c.Communities {
		dwellings += m.Dwellings
	}
	// The rest in proportion to dwellings, the fraction carried along: nothing
	// piles up and nothing is lost.
	rest, carry := missing-added, 0.0
	for i, m := range c.Communities {
		carry += math.Max(rest, 0) * m.Dwellings / dwellings
		for n := uint64(0); carry > 0; n++ {
			h := sigcity.Hash(b.opt.Seed, "network.work.home", uint64(i), n)
			before := added
			add(dataset.Office, c.Buildings[homes[i][h%uint64(len(homes[i]))]].Pos, h)
			carry -= added - before
		}
	}
	for _, cat := range []dataset.Category{dataset.Office, dataset.Industry} {
		if kinds[cat] == 0 && !b.has(cat, from) {
			h := sigcity.Hash(b.opt.Seed, "network.work.one", uint64(categoryRank(cat)))
			add(cat, c.Buildings[homes[0][h%uint64(len(homes[0]))]].Pos, h)
		}
	}
	b.warn("work: the map has %.0f jobs for about %.0f workers; %d offices and plants with %.0f jobs estimated",
		have, want, len(c.Places)-from, added)
}

func (b *builder) has(cat dataset.Category, from int) bool {
	for _, p := range b.city.Places[from:] {
		if p.Category == cat {
			return true
		}
	}
	return false
}

// water indexes the lakes, rivers and docks of the map.
func (b *builder) water() *polygons {
	var rings [][]geo.XY
	for _, l := range b.city.LandUse {
		if l.Use == "water" {
			rings = append(rings, l.Ring)
		}
	}
	return newPolygons(rings)
}

// inRing is a point inside a ring, and in none to avoid, that h names: a few
// throws, else the centroid.
func inRing(r []geo.XY, h uint64, avoid *polygons) geo.XY {
	lo, hi := box(r)
	for k := range uint64(16) {
		x := sigcity.Unit(sigcity.Mix(h, 2*k+10))
		y := sigcity.Unit(sigcity.Mix(h, 2*k+11))
		q := geo.XY{X: lo.X + float64(x*(hi.X-lo.X)), Y: lo.Y + float64(y*(hi.Y-lo.Y))}
		if geo.RingContains(r, q) && avoid.at(q, nil) < 0 {
			return q
		}
	}
	return geo.RingCentroid(r)
}
