package realism

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// siteRows are the network's sites and how load spreads over them.
func siteRows() []row {
	const spacing = "3GPP TR 36.942, by SEAMCAT"
	return []row{
		{id: "R13", figure: "load", name: "distance of the load of cells from a log-normal distribution", unit: "KS",
			reference: "log-normal over space; not uniform", low: open, high: 0.1, source: "Lee et al. 2014; Wang et al. 2017", measure: loadOfCells},
		{id: "R14", figure: "sites", name: "variance over mean of the sites in squares of 1 km", unit: "ratio", reference: "heavy-tailed, not Poisson (1)",
			low: 1.5, high: open, source: "Zhou et al. 2015 (threshold: this project's)", calibrated: true, measure: sitesInSquares},
		{id: "R39", figure: "urban", name: "site spacing in towns, median", unit: "m", reference: "750 m", low: 375, high: 1500, source: spacing, calibrated: true,
			measure: func(s *survey) value {
				return s.spacingWhere(isTown, "at least 1500 inhabitants a km² within 1 km")
			}},
		{id: "R39", figure: "rural", name: "site spacing in the country, median", unit: "m", reference: "7.5 km", low: 3750, high: 15000, source: spacing, calibrated: true,
			measure: func(s *survey) value {
				return s.spacingWhere(isCountry, "fewer than 300 inhabitants a km² within 1 km and within 3 km")
			}},
		{id: "R40", figure: "subscribers", name: "SIMs per base station", unit: "SIMs", reference: "244 (4G, September 2019); all generations 198", low: 122, high: 488,
			source: "chinainternetwatch.com", calibrated: true, measure: subscribersPerSite},
	}
}

// site is a base station.
type site struct {
	at      geo.XY
	spacing float64
}

// sites are the macro sites, of one operator or of all (""): indoor systems and
// cells along tracks are no part of the published figures.
func (s *survey) sites(operator string) []site {
	type key struct {
		operator string
		site     int
	}
	seen := map[key]bool{}
	var out []site
	for _, c := range s.cells {
		k := key{c.Operator, c.Site}
		if operator != "" && c.Operator != operator || c.Kind != "" && c.Kind != macroSite || seen[k] {
			continue
		}
		seen[k] = true
		out = append(out, site{s.proj.XY(c.Antenna), c.Spacing})
	}
	return out
}

// macroSite is the kind of the sites of cells that cover land.
const macroSite = "macro"

// siteless says why rows of sites have no value where cells do not name theirs,
// as in imported data.
const siteless = "not applicable: the cells do not say which site they stand on"

// knowSites says whether every cell that the cell list knows names its site.
func (s *survey) knowSites() bool {
	return !slices.ContainsFunc(s.cells, func(c dataset.Cell) bool { return c.Site < 0 && c.Kind != dataset.KindUnknown })
}

// loadOfCells compares records per cell of the largest operator with the
// log-normal distribution of most likelihood.
func loadOfCells(s *survey) value {
	op := s.largestOperator()
	var logs []float64
	idle, sum := 0, 0.0
	for i, c := range s.cells {
		if c.Operator != op {
			continue
		}
		if n := s.load(i); n > 0 {
			logs, sum = append(logs, math.Log(n)), sum+n
		} else {
			idle++
		}
	}
	if len(logs) < 30 {
		return missing("%d cells of %s have records, want 30", len(logs), op)
	}
	slices.Sort(logs)
	mu, sigma := stat.MeanStdDev(logs, nil)
	normal := distuv.Normal{Mu: mu, Sigma: sigma}
	ks, uniform, n := 0.0, 0.0, float64(len(logs))
	mean := sum / n
	for i, x := range logs {
		p := normal.CDF(x)
		ks = max(ks, math.Abs(p-float64(i)/n), math.Abs(p-float64(i+1)/n))
		d := math.Exp(x) - mean
		uniform += float64(d * d / mean)
	}
	p := distuv.ChiSquared{K: n - 1}.Survival(uniform)
	h := newHistogram(even(math.Floor(logs[0]/math.Ln10*4)/4, 0.25, int((logs[len(logs)-1]-logs[0])/math.Ln10*4)+2))
	for _, x := range logs {
		h.put(0, x/math.Ln10)
	}
	b := h.binned(whole())
	c := single("Load of cells", "records in all, decimal logarithm", "share of cells", density("cells of "+op, b), Series{Name: "log-normal"})
	for x := b.edges[0]; x <= b.edges[len(b.edges)-1]; x += 0.05 {
		c.Series[1].X, c.Series[1].Y = append(c.Series[1].X, x), append(c.Series[1].Y, math.Ln10*normal.Prob(x*math.Ln10))
	}
	verdict := "even load is rejected"
	if p > 0.001 {
		verdict = "even load is NOT rejected"
	}
	return value{v: ks, n: int64(len(logs)), charts: []Chart{c},
		note: fmt.Sprintf("cells of %s with records, %d have none; σ of the logarithm %.2f; %s (p = %.2g)", op, idle, sigma, verdict, p)}
}

// diameter is the largest distance between two points, m.
func diameter(pts []geo.XY) float64 {
	d := 0.0
	corners := geo.Hull(pts)
	for i, a := range corners {
		for _, b := range corners[:i] {
			d = max(d, a.Dist(b))
		}
	}
	return d
}

// sitesInSquares counts the largest operator's sites in squares of 1 km whose
// centres lie within the hull of the sites: the empty land around the city
// does not count.
func sitesInSquares(s *survey) value {
	if !s.knowSites() {
		return missing(siteless)
	}
	op := s.largestOperator()
	var pts []geo.XY
	for _, x := range s.sites(op) {
		pts = append(pts, x.at)
	}
	corners := geo.Hull(pts)
	if len(pts) < 10 || len(corners) < 3 {
		return missing("%d sites of %s, want 10", len(pts), op)
	}
	lo, hi := corners[0], corners[0]
	for _, p := range corners {
		lo, hi = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}, geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	const side = 1000
	cols, rows := int((hi.X-lo.X)/side)+1, int((hi.Y-lo.Y)/side)+1
	count := make([]float64, cols*rows)
	for _, p := range pts {
		count[int((p.Y-lo.Y)/side)*cols+int((p.X-lo.X)/side)]++
	}
	var inside []float64
	for i, n := range count {
		center := geo.XY{X: lo.X + side*(float64(i%cols)+0.5), Y: lo.Y + side*(float64(i/cols)+0.5)}
		if geo.RingContains(corners, center) {
			inside = append(inside, n)
		}
	}
	if len(inside) < 10 {
		return missing("%d squares of 1 km within the network, want 10", len(inside))
	}
	mean, variance := stat.MeanVariance(inside, nil)
	h := newHistogram(even(0, 1, 30))
	for _, n := range inside {
		h.put(0, n)
	}
	b := h.binned(whole())
	series, poisson := Series{Name: "sites of " + op, Mark: Bars}, Series{Name: "Poisson", Mark: Points}
	var labels []string
	for k := range 13 {
		labels = append(labels, fmt.Sprint(k))
		series.Y = append(series.Y, 100*b.n[k]/float64(len(inside)))
		poisson.Y = append(poisson.Y, 100*distuv.Poisson{Lambda: mean}.Prob(float64(k)))
	}
	return value{v: variance / mean, n: int64(len(inside)), note: fmt.Sprintf("squares; %d sites of %s", len(pts), op),
		charts: []Chart{bars("Sites in a square of 1 km", "% of squares", labels, series, poisson)}}
}

// Densities of inhabitants, per km², that tell town from country: Eurostat's
// degree of urbanisation.
const (
	urbanDensity = 1500
	ruralDensity = 300
)

// isTown and isCountry class a site by the inhabitants a km² within 1 km and
// within 3 km of it. The wider circle keeps parks and plants in a town from
// being country, the nearer one villages in empty land.
func isTown(near, _ float64) bool       { return near >= urbanDensity }
func isCountry(near, wide float64) bool { return near < ruralDensity && wide < ruralDensity }

// spacingWhere is the median spacing of those of the largest operator's sites
// that are of a class.
func (s *survey) spacingWhere(class func(near, wide float64) bool, what string) value {
	switch {
	case !s.knowSites():
		return missing(siteless)
	case s.public == nil || len(s.public.Communities) == 0:
		return missing("not applicable: the data set has no map of communities")
	}
	var centers []geo.XY
	for _, c := range s.public.Communities {
		centers = append(centers, s.proj.XY([2]float64{c.Lon, c.Lat}))
	}
	near := geo.NewIndex(centers)
	var spacing []float64
	for _, x := range s.sites(s.largestOperator()) {
		density := func(km float64) float64 {
			people := 0.0
			near.Within(x.at, 1000*km, func(i int, _ float64) { people += s.public.Communities[i].Dwellings * householdSize })
			return people / (math.Pi * km * km)
		}
		if x.spacing > 0 && class(density(1), density(3)) {
			spacing = append(spacing, x.spacing)
		}
	}
	if len(spacing) < 10 {
		return missing("%d sites with %s, want 10", len(spacing), what)
	}
	slices.Sort(spacing)
	return value{v: stat.Quantile(0.5, stat.Empirical, spacing, nil), n: int64(len(spacing)),
		note: "sites of the largest operator with " + what + "; mean distance to the neighbouring sites"}
}

// subscribersPerSite expands the SIMs to the city's inhabitants.
func subscribersPerSite(s *survey) value {
	switch {
	case s.people.persons == 0:
		return missing(truthless)
	case !s.knowSites():
		return missing(siteless)
	}
	n := float64(len(s.sites("")))
	v := s.ratio(s.people.n, pSIMs, pPersons, s.place.inhabitants/n)
	v.n = int64(n)
	v.note = fmt.Sprintf("macro sites of all operators, for the city's %.0f inhabitants", s.place.inhabitants)
	return v
}
