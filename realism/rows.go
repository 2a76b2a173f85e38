package realism

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// row is one figure of the realism table: what is published, how far off is
// still right, and how it is measured.
type row struct {
	id, figure, name, unit string
	reference              string
	low, high              float64 // tolerance; NaN = no bound
	source                 string  // "" = none: no verdict
	calibrated             bool    // used for tuning, or set from the source
	days                   int     // shortest data set that can show it; 0 = 1
	scope                  scope
	measure                func(*survey) value
}

// scope is what kind of city a row's reference describes.
type scope uint8

const (
	anywhere scope = iota
	metropolis
	smaller // a car city of some 100,000s, and what is smaller
)

// Figures of metropolises apply from the smallest size class of R27 on, one
// million inhabitants, counted around the centre so that a region of towns is
// none; a tenth less will do, since dwellings tell no more exactly (assumed).
const (
	metropolisFrom    = 0.9e6
	metropolisRadiusM = 40e3
	centreCandidates  = 200 // of communities, the largest
)

// value is what a row's measure found. The zero interval means that nothing
// was sampled; why, if not empty, says why there is no value.
type value struct {
	v, lo, hi float64
	n         int64
	note, why string
	charts    []Chart
	// alternative says that another law, which the table accepts as well, describes
	// the data better.
	alternative bool
}

// missing is a value that the data set cannot have.
func missing(format string, args ...any) value { return value{why: fmt.Sprintf(format, args...)} }

var open = math.NaN() // no bound on this side

// place is what decides which references apply.
type place struct {
	inhabitants float64
	around      float64 // of those, within metropolisRadiusM of the centre
	profile     string  // of the volume of records
	timerS      int     // periodic timer of the manifest, s; 0 = not told
	areas       int     // tracking areas that a phone is registered in at once; 0 = not told
}

func (p place) metropolis() bool { return p.around >= metropolisFrom }

// rows lists the figures of the table in its order.
func rows(p place) []row {
	all := slices.Concat(populationRows(), volumeRows(p), timerRows(p), pingPongRows(), callRows(), rhythmRows(), landRows(), siteRows(),
		mobilityRows(), anonymityRows(), commuteRows(p), travelRows(p), stayRows(), positionRows(), nightRows())
	slices.SortStableFunc(all, func(a, b row) int {
		return cmp.Compare(a.id, b.id)
	})
	return all
}

// result measures the row and says what it means.
func (r *row) result(s *survey) Result {
	out := Result{ID: r.id, Figure: r.figure, Name: r.name, Unit: r.unit, Reference: r.reference, Low: number(r.low), High: number(r.high),
		Calibrated: r.calibrated, Source: r.source, DaysNeeded: max(r.days, 1)}
	if s.days < r.days {
		out.Note = fmt.Sprintf("needs %d days, the data set has %d", r.days, s.days)
		return out
	}
	v := r.measure(s)
	out.Note, out.N, out.Charts = v.note, v.n, v.charts
	if v.why != "" || math.IsNaN(v.v) || math.IsInf(v.v, 0) {
		if out.Note = v.why; v.why == "" {
			out.Note = fmt.Sprintf("not to be measured on %d cases", v.n)
		}
		return out
	}
	out.Value = &v.v
	if v.lo < v.hi {
		out.Lo, out.Hi = number(v.lo), number(v.hi)
	}
	switch bounded := !math.IsNaN(r.low) || !math.IsNaN(r.high); {
	case !bounded:
		out.note("the table gives no tolerance")
	case r.source == "":
		out.note("no source, so no verdict")
	case r.scope == metropolis && !s.place.metropolis():
		out.note(fmt.Sprintf("describes cities of a million and more, this one has %.0f inhabitants within 40 km", s.place.around))
	case r.scope == smaller && s.place.metropolis():
		out.note("describes smaller cities")
	default:
		pass := v.alternative || !(v.v < r.low) && !(v.v > r.high)
		out.Pass = &pass
		if !pass && v.lo < v.hi && !(v.hi < r.low) && !(v.lo > r.high) {
			out.note("the interval reaches the tolerance: too few persons to be sure")
		}
	}
	return out
}

func (r *Result) note(s string) {
	if r.Note != "" {
		r.Note += "; "
	}
	r.Note += s
}

func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// newPlace reads from the manifest what decides on references. The city's
// inhabitants are those that the sample stands for, if that was told (a sample
// that stands for itself tells nothing), else those that its dwellings hold.
func newPlace(m *dataset.Manifest, communities []dataset.Community, proj geo.Projection) (place, error) {
	var c struct {
		Profile string
		Phone   struct {
			T3412S  int `json:"t3412_s"`
			TAIList int `json:"tai_list"`
		}
	}
	if len(m.Config) > 0 {
		if err := json.Unmarshal(m.Config, &c); err != nil {
			return place{}, fmt.Errorf("config in the manifest: %w", err)
		}
	}
	p := place{profile: c.Profile, timerS: c.Phone.T3412S, areas: c.Phone.TAIList, inhabitants: float64(m.Counts["inhabitants"])}
	dwellings, around := 0.0, aroundCentre(communities, proj)
	for _, x := range communities {
		dwellings += x.Dwellings
	}
	if m.Meta.Inhabitants > m.Meta.Persons {
		p.inhabitants = float64(m.Meta.Inhabitants)
	}
	if p.inhabitants == 0 {
		p.inhabitants = dwellings * householdSize
	}
	p.inhabitants = max(p.inhabitants, float64(m.Meta.Persons))
	if p.around = p.inhabitants; dwellings > 0 {
		p.around *= around / dwellings
	}
	return p, nil
}

// aroundCentre is the largest number of dwellings within metropolisRadiusM of a
// community; the largest ones are tried.
func aroundCentre(communities []dataset.Community, proj geo.Projection) float64 {
	at := make([]geo.XY, len(communities))
	order := make([]int, len(communities))
	for i, c := range communities {
		at[i], order[i] = proj.XY([2]float64{c.Lon, c.Lat}), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(communities[b].Dwellings, communities[a].Dwellings) })
	index, best := geo.NewIndex(at), 0.0
	for _, i := range order[:min(len(order), centreCandidates)] {
		sum := 0.0
		index.Within(at[i], metropolisRadiusM, func(k int, _ float64) { sum += communities[k].Dwellings })
		best = max(best, sum)
	}
	return best
}
