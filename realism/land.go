package realism

import (
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/recognition"
)

// Clusters of cells by their hours (P11).
const (
	landClusters = 5
	landRestarts = 20
	landRecords  = 96 // that a cell needs: two in each of its 48 hours
)

// landRows are what the hours of cells tell of the land (R11).
func landRows() []row {
	return []row{{id: "R11", figure: "land-use", name: "five groups of cells by their hours against land use", unit: "AMI",
		reference: "five types of towers: residential, business, transport, entertainment, mixed", low: 0.3, high: open,
		source: "Wang et al. 2015 (threshold: this project's)", days: 6, measure: landByHours}}
}

func landByHours(s *survey) value {
	days := s.kindsOfDays()
	switch {
	case s.public == nil || len(s.public.LandUse) == 0:
		return missing("not applicable: the data set's map has no land use")
	case days[weekdays] == 0 || days[freeDays] == 0:
		return missing("not applicable: the data set has no weekday or no free day")
	}
	var profiles [][]float64
	var labels []int
	uses := []string{}
	outline := newOutlines(s)
	dropped := 0
	for i := range s.cells {
		if s.load(i) < landRecords {
			dropped++
			continue
		}
		use := outline.use(s, sigcity.AreaID(i))
		if use == "" {
			dropped++
			continue
		}
		k := slices.Index(uses, use)
		if k < 0 {
			k, uses = len(uses), append(uses, use)
		}
		p := make([]float64, dayKinds*24)
		for h, n := range s.signals.cellHours[i*dayKinds*24 : (i+1)*dayKinds*24] {
			p[h] = float64(n) / float64(days[h/24])
		}
		recognition.Standardize(p)
		profiles, labels = append(profiles, p), append(labels, k)
	}
	if len(profiles) < 50 || len(uses) < 2 {
		return missing("%d cells with %d records and a land use, of %d uses; want 50 and 2", len(profiles), landRecords, len(uses))
	}
	groups, err := recognition.KMeans(profiles, landClusters, landRestarts, sigcity.Rand(1, "realism.land"))
	if err != nil {
		return missing("%v", err)
	}
	of := groups.Of
	v := value{v: recognition.AdjustedMutualInformation(of, labels), n: int64(len(profiles))}
	v.note = fmt.Sprintf("cells, in the land use of most of their footprint (%d uses); %d without one or with fewer than %d records left out", len(uses), dropped, landRecords)
	c := clock("Hours of five groups of cells", "weekday 0–24 h, then weekend", "standard deviations from the cell's mean", 6)
	for k := range landClusters {
		mean, n := make([]float64, dayKinds*24), 0
		for i, p := range profiles {
			if of[i] != k {
				continue
			}
			n++
			for h, x := range p {
				mean[h] += x
			}
		}
		for h := range mean {
			mean[h] /= float64(max(n, 1))
		}
		c.Series = append(c.Series, Series{Name: fmt.Sprintf("%d cells", n), X: hoursAxis(dayKinds * 24), Y: mean})
	}
	v.charts = []Chart{c}
	return v
}

// kindsOfDays counts the days of each kind.
func (s *survey) kindsOfDays() (n [dayKinds]int) {
	for d := range s.days {
		n[kindOfDay(s.cal, d)]++
	}
	return n
}

// outlines are the map's land use on the plane.
type outlines struct {
	rings  [][]geo.XY
	lo, hi []geo.XY
}

func newOutlines(s *survey) *outlines {
	o := &outlines{}
	for _, l := range s.public.LandUse {
		ring := make([]geo.XY, len(l.Lon))
		lo, hi := geo.XY{X: math.Inf(1), Y: math.Inf(1)}, geo.XY{X: math.Inf(-1), Y: math.Inf(-1)}
		for i := range ring {
			p := s.proj.XY([2]float64{l.Lon[i], l.Lat[i]})
			ring[i] = p
			lo, hi = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}, geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
		}
		o.rings, o.lo, o.hi = append(o.rings, ring), append(o.lo, lo), append(o.hi, hi)
	}
	return o
}

// samples is how many points along one side of a cell's box are looked at.
const samples = 9

// use is the land use of most sampled points of a cell that have one.
func (o *outlines) use(s *survey, cell sigcity.AreaID) string {
	c, r := s.areas.Centers[cell], s.areas.Radius(cell)
	lo, hi := geo.XY{X: c.X - r, Y: c.Y - r}, geo.XY{X: c.X + r, Y: c.Y + r}
	for _, p := range s.areas.Ring(cell) {
		lo, hi = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}, geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	var near []int
	for i := range o.rings {
		if o.lo[i].X <= hi.X && o.hi[i].X >= lo.X && o.lo[i].Y <= hi.Y && o.hi[i].Y >= lo.Y {
			near = append(near, i)
		}
	}
	n := map[string]int{}
	best := ""
	for k := range samples * samples {
		q := geo.XY{X: lo.X + (hi.X-lo.X)*(float64(k%samples)+0.5)/samples, Y: lo.Y + (hi.Y-lo.Y)*(float64(k/samples)+0.5)/samples}
		if !s.areas.Contains(cell, q) {
			continue
		}
		for _, i := range near {
			if geo.RingContains(o.rings[i], q) {
				use := s.public.LandUse[i].Use
				if n[use]++; best == "" || n[use] > n[best] || n[use] == n[best] && use < best {
					best = use
				}
				break
			}
		}
	}
	return best
}
