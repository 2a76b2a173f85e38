package population

import (
	"fmt"
	"math"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// Moves is how people move home within the city and change jobs.
type Moves struct {
	HomePerYear      float64 `json:"home_per_year" yaml:"home_per_year" mapstructure:"home_per_year"`             // share of households that move home within the city
	Young            float64 `json:"young" yaml:"young" mapstructure:"young"`                                     // how many times as often those move whose head is under 35 as one of 35 to 59
	Elder            float64 `json:"elder" yaml:"elder" mapstructure:"elder"`                                     // and those whose head is 60 and over
	PerIncome        float64 `json:"per_income" yaml:"per_income" mapstructure:"per_income"`                      // and one of the next income class: poorer households rent
	DistanceExponent float64 `json:"distance_exponent" yaml:"distance_exponent" mapstructure:"distance_exponent"` // a dwelling's chance falls with the distance d from the old home as (d² + scale²) to the power of −exponent/2
	ScaleM           float64 `json:"scale_m" yaml:"scale_m" mapstructure:"scale_m"`                               // scale, metres
	JobPerYear       float64 `json:"job_per_year" yaml:"job_per_year" mapstructure:"job_per_year"`                // share of workers who change their work place, but for
	JobAfterMove     float64 `json:"job_after_move" yaml:"job_after_move" mapstructure:"job_after_move"`          // the share of them who do so within some weeks of moving home
	SchoolReach      float64 `json:"school_reach" yaml:"school_reach" mapstructure:"school_reach"`                // children change kindergarten or school when a new home is farther from it than this many times school_scale_m or kindergarten_scale_m, and farther than the old one
}

// Moves are drawn within successive windows of windowDays from the first day
// on, and before it: whether a household moves in one depends on nothing but
// the seed, the household and the window, so that a day's state depends on no
// later day. There is at most one move, and one change of job by chance, in a
// window. Four weeks hold every weekday equally often.
const (
	windowDays  = 28
	daysPerYear = 365.25
	// mostPerYear is the highest rate that windows have room for.
	mostPerYear = daysPerYear / windowDays
)

// dwelling is a home in the city.
type dwelling struct {
	Building int32
	Pos      geo.XY
}

// dwellingIn is a home in a building. A stand-in is a stretch of street or land:
// its homes do not share one point, but are scattered by the hash.
func (p *Population) dwellingIn(building int32, scatter uint64) dwelling {
	at := &p.City.Buildings[building]
	d := dwelling{building, at.Pos}
	if at.Ring == nil {
		d.Pos = d.Pos.Lerp(geo.XY{X: d.Pos.X + standInM, Y: d.Pos.Y}, 2*sigcity.Unit(scatter)-1)
		d.Pos = d.Pos.Lerp(geo.XY{X: d.Pos.X, Y: d.Pos.Y + standInM}, 2*sigcity.Unit(sigcity.Mix(scatter, 1))-1)
	}
	return d
}

// affluence is the class of the neighbourhood of community c, 1 … 5; 3 where the city has none.
func (p *Population) affluence(c int32) int {
	if c < 0 {
		return 3
	}
	return min(max(p.City.Communities[c].Affluence, 1), affluences)
}

const affluences = 5

// housing is the stock of dwellings that movers draw from, by zone and affluence
// of the neighbourhood. Vacancies are spread as the dwellings are (assumed).
type housing struct {
	pos     []geo.XY               // of each zone: the weighted mean
	stock   [][affluences]roulette // buildings by dwellings
	matched [5][affluences]float64 // by income class: how the affluence counts
	half2   float64                // a zone is no nearer than half its side: the square of that
	scale2  float64
	power   float64
}

// newHousing sorts the dwellings. Households whose income fits their
// neighbourhood do so by rank: each fifth of them takes its fifth of the
// dwellings in order of affluence. The others, a share of 1 −
// income_from_community, live anywhere.
func newHousing(p *Population) *housing {
	var pts []geo.XY
	var of []int
	for i := range p.City.Buildings {
		if b := &p.City.Buildings[i]; b.Dwellings > 0 {
			pts, of = append(pts, b.Pos), append(of, i)
		}
	}
	communities := make([]geo.XY, len(p.City.Communities))
	for i, c := range p.City.Communities {
		communities[i] = c.Pos
	}
	near := geo.NewIndex(communities)
	m, grid := &p.Config.Moves, newFlatGrid(pts)
	s := &housing{half2: grid.size * grid.size / 4, scale2: m.ScaleM * m.ScaleM, power: -m.DistanceExponent / 2}
	zone := make([]int, grid.cols*grid.rows)
	var weight []float64
	var share [affluences]float64
	for k, q := range pts {
		c := grid.cell(q)
		if zone[c] == 0 {
			s.pos, s.stock, weight = append(s.pos, geo.XY{}), append(s.stock, [affluences]roulette{}), append(weight, 0)
			zone[c] = len(s.pos)
		}
		z, b := zone[c]-1, &p.City.Buildings[of[k]]
		weight[z] += b.Dwellings
		s.pos[z] = s.pos[z].Lerp(q, b.Dwellings/weight[z])
		community := b.Community
		if community < 0 && len(communities) > 0 {
			i, _ := near.Nearest(q)
			community = int32(i)
		}
		a := p.affluence(community) - 1
		s.stock[z][a].add(BuildingSpot(of[k]), b.Dwellings)
		share[a] += b.Dwellings
	}
	total := 0.0
	for _, x := range share {
		total += x
	}
	upto := 0.0
	for a, x := range share {
		if x == 0 {
			continue
		}
		from := upto
		upto += x / total
		for class := range s.matched {
			lo, hi := float64(class)/5, float64(class+1)/5
			lift := max(min(hi, upto)-max(lo, from), 0) / ((upto - from) / 5)
			s.matched[class][a] = 1 - p.Config.IncomeFromCommunity + float64(p.Config.IncomeFromCommunity*lift)
		}
	}
	return s
}

// draw chooses a building for a household of an income class at q, by a hash;
// cum is scratch memory.
func (s *housing) draw(q geo.XY, income uint8, h uint64, cum []float64) (int32, []float64) {
	cum = cum[:0]
	match, sum := &s.matched[income-1], 0.0
	for z := range s.pos {
		f := math.Exp(float64(s.power * math.Log(max(q.Dist2(s.pos[z]), s.half2)/s.scale2+1)))
		for a := range affluences {
			sum += float64(f * float64(match[a]*s.stock[z][a].total()))
			cum = append(cum, sum)
		}
	}
	k := search(cum, sigcity.Unit(h)*sum)
	for len(s.stock[k/affluences][k%affluences].spots) == 0 {
		k-- // rounding led past the last
	}
	return int32(^s.stock[k/affluences][k%affluences].draw(sigcity.Unit(sigcity.Mix(h, 1)))), cum
}

// moverFactor is how often a household moves relative to others.
func (p *Population) moverFactor(h uint32) float64 {
	m, hh := &p.Config.Moves, &p.Households[h]
	f := 1.0
	for range hh.Income {
		f *= m.PerIncome
	}
	switch head := p.Persons[hh.First].Age; {
	case head < 35:
		return f * m.Young
	case head >= 60:
		return f * m.Elder
	}
	return f
}

func (m *Moves) bounds() []bound {
	return []bound{
		{"moves.home_per_year", m.HomePerYear, 0, mostPerYear}, {"moves.young", m.Young, 0, 100}, {"moves.elder", m.Elder, 0, 100},
		{"moves.per_income", m.PerIncome, 0.01, 100}, {"moves.distance_exponent", m.DistanceExponent, 0, 10}, {"moves.scale_m", m.ScaleM, 1, 1e6},
		{"moves.job_per_year", m.JobPerYear, 0, mostPerYear}, {"moves.job_after_move", m.JobAfterMove, 0, 1},
		{"moves.school_reach", m.SchoolReach, 0, 1000},
	}
}

// bound is the range of a key of the configuration.
type bound struct {
	key       string
	v, lo, hi float64
}

func (b bound) check() error {
	if !(b.v >= b.lo && b.v <= b.hi) {
		return fmt.Errorf("population.%s = %g, must be from %g to %g", b.key, b.v, b.lo, b.hi)
	}
	return nil
}
