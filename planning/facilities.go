package planning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "built-environment", ID: "U06",
		Doc:      "who visits shopping centres, schools and parks, from where, and from how far",
		Citation: "Wang 2015",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "15m", Min: 60, Max: 86400, Doc: "shortest stay that is a visit"},
		},
		Complexity: "O(n + visits · places an area) in records",
		New: func(v plugin.Values) (Task, error) {
			p := recognition.DefaultStayParams()
			p.MinS = uint32(v.Duration("min_stay").Seconds())
			return facilitiesTask{p}, nil
		},
	})
}

// Facilities is the answer of U06.
type Facilities struct {
	Zoning     string     `json:"zoning"`
	Facilities []Facility `json:"facilities"` // in order of place; all of the map
	Homes      []Flow     `json:"homes"`      // visitors from the zone of home (From) to the place (To)
}

// Facility is a shopping centre, a school, a university or a park.
type Facility struct {
	Place           uint32  `json:"place"`
	Category        string  `json:"category"`
	Lon             float64 `json:"lon"`
	Lat             float64 `json:"lat"`
	Visitors        float64 `json:"visitors"`
	Visits          float64 `json:"visits"`
	RadiusKM        float64 `json:"radius_km"`           // within which 80 % of the visitors live; 0 = no visitors
	VisitsPerNearby float64 `json:"visits_per_resident"` // visits from homes within 1 km by residents there
}

// facility reports whether a place is assessed: centres, schools, and parks, which the map has as leisure.
func facility(c dataset.Category) bool {
	return c == dataset.DepartmentStore || c == dataset.School || c == dataset.University || c == dataset.Leisure
}

// nearbyM is how near homes are neighbours of a facility (Table of the task: 1 km).
const nearbyM = 1000

// Kinds of what the fold counts by area.
const (
	visitOther = iota // a stay neither at home nor at work
	visitWork         // at work by P6(a), which takes a school for work, too
	visitNone         // nothing: a home
	visitKinds
)

// draws is how many people stay at a place of a category, as against a shop, for a kind of
// visit (assumed). Who goes to school is at work by P6(a).
func draws(kind uint32, c dataset.Category) float64 {
	if kind == visitWork {
		switch c {
		case dataset.University:
			return 30
		case dataset.School:
			return 15
		case dataset.Hospital, dataset.Kindergarten:
			return 3
		case dataset.Worship, dataset.Leisure:
			return 0
		}
		return 1
	}
	switch c {
	case dataset.DepartmentStore:
		return 4
	case dataset.Leisure:
		return 3
	case dataset.Restaurant:
		return 1.5
	case dataset.Shop, dataset.Hospital:
		return 1
	case dataset.Salon, dataset.Worship:
		return 0.5
	}
	return 0
}

type facilitiesTask struct{ stays recognition.StayParams }

func (facilitiesTask) Needs() Need { return Need{Horizon: Week} }

// visitKey counts visits, or the users who made any, of a kind in an area by the area of home.
type visitKey struct {
	Kind, Users uint32 // Users: 1 where users are counted
	Area, Home  sigcity.AreaID
}

func (k visitKey) compare(o visitKey) int {
	return cmp.Or(cmp.Compare(k.Area, o.Area), cmp.Compare(k.Kind, o.Kind), cmp.Compare(k.Home, o.Home), cmp.Compare(k.Users, o.Users))
}

func (k visitKey) check(e *Env) error {
	if k.Kind >= visitKinds || k.Users > 1 {
		return fmt.Errorf("kind %d, users %d", k.Kind, k.Users)
	}
	return cmp.Or(e.checkArea(uint32(k.Area)), e.checkArea(uint32(k.Home)))
}

// Fold counts the stays of users with a home by area and home.
func (t facilitiesTask) Fold(env *Env) Fold {
	return newTallyFold(env, "built-environment/1", func(counts tally[visitKey], v *View) {
		a := v.Anchors()
		if !a.HasHome {
			return
		}
		counts[visitKey{visitNone, 1, a.Home, a.Home}]++
		stays, _ := v.Stays(t.stays)
		var seen []visitKey
		for _, s := range stays {
			k := visitKey{visitOther, 0, s.Area, a.Home}
			switch {
			case env.samePoint(a.Home, s.Area):
				continue
			case a.HasWork && env.samePoint(a.Work, s.Area):
				k.Kind = visitWork
			}
			counts[k]++
			if k.Users = 1; !slices.Contains(seen, k) {
				seen = append(seen, k)
				counts[k]++
			}
		}
	}, env.facilitiesOf)
}

// facilitiesOf lays the visits of an area on its places, by what they draw, and leaves out
// those at places that are not assessed.
func (e *Env) facilitiesOf(counts []tallied[visitKey]) (Answer, error) {
	m := e.newFacilityMaker()
	residents := 0.0
	for _, k := range counts {
		if k.key.Kind == visitNone {
			residents += float64(k.count)
			m.home(e.areas().Centers[k.key.Home], float64(k.count))
		}
	}
	places, weights := e.placesByArea(), []float64(nil)
	for i := 0; i < len(counts); {
		first := counts[i].key
		run := countWhile(counts[i:], func(k tallied[visitKey]) bool { return k.key.Area == first.Area && k.key.Kind == first.Kind })
		sum := 0.0
		weights = weights[:0]
		for _, p := range places[first.Area] {
			w := draws(first.Kind, e.Map.Places[p].Category)
			weights, sum = append(weights, w), sum+w
		}
		if first.Kind != visitNone && sum > 0 {
			for _, k := range counts[i : i+run] {
				for j, p := range places[first.Area] {
					if n, ok := m.number[p]; ok && weights[j] > 0 {
						m.visit(n, e.areas().Centers[k.key.Home], k.key.Users == 1, float64(float64(k.count)*weights[j]/sum), e.shares(k.key.Home))
					}
				}
			}
		}
		i += run
	}
	return m.answer(e.factor(residents)), nil
}

// placesByArea lists the places in every area, by their positions on the map; an area without
// extent has those within the distance that counts as the same place.
func (e *Env) placesByArea() [][]int {
	e.init()
	return e.shared.places()
}

func placesByArea(e *Env) [][]int {
	points := make([]geo.XY, len(e.Map.Places))
	for i, p := range e.Map.Places {
		points[i] = e.Proj.XY(orb.Point{p.Lon, p.Lat})
	}
	index, out := geo.NewIndex(points), make([][]int, len(e.Areas))
	for i := range out {
		id := sigcity.AreaID(i)
		lo, hi, extent := bounds(e.areas(), id)
		index.Within(lo.Lerp(hi, 0.5), max(minReachM, lo.Dist(hi)/2), func(k int, _ float64) {
			if extent == 0 || e.areas().Contains(id, points[k]) {
				out[i] = append(out[i], k)
			}
		})
		slices.Sort(out[i])
	}
	return out
}

// facilityMaker gathers the answer.
type facilityMaker struct {
	env    *Env
	list   []Facility
	at     []geo.XY
	index  *geo.Index
	number map[int]int // of a place, its number in list
	far    [][]weighted
	from   []map[geo.ZoneID]float64
	close  []float64 // visits from homes within 1 km
	nearby []float64 // residents there
}

func (e *Env) newFacilityMaker() *facilityMaker {
	m := &facilityMaker{env: e, number: map[int]int{}}
	for i, p := range e.Map.Places {
		if !facility(p.Category) {
			continue
		}
		m.number[i] = len(m.list)
		m.list = append(m.list, Facility{Place: p.ID, Category: string(p.Category), Lon: p.Lon, Lat: p.Lat})
		m.at = append(m.at, e.Proj.XY(orb.Point{p.Lon, p.Lat}))
	}
	n := len(m.list)
	m.index, m.far, m.from, m.close, m.nearby = geo.NewIndex(m.at), make([][]weighted, n), make([]map[geo.ZoneID]float64, n), make([]float64, n), make([]float64, n)
	return m
}

// home adds residents at a place.
func (m *facilityMaker) home(at geo.XY, people float64) {
	m.index.Within(at, nearbyM, func(i int, _ float64) { m.nearby[i] += people })
}

// visit adds visits, or visitors, of facility n from a home, which lies in zones by their shares.
func (m *facilityMaker) visit(n int, home geo.XY, visitors bool, count float64, zones []zoneShare) {
	d := home.Dist(m.at[n])
	if !visitors {
		m.list[n].Visits += count
		if d <= nearbyM {
			m.close[n] += count
		}
		return
	}
	m.list[n].Visitors += count
	m.far[n] = append(m.far[n], weighted{d / 1000, count})
	if m.from[n] == nil {
		m.from[n] = map[geo.ZoneID]float64{}
	}
	for _, s := range zones {
		m.from[n][s.zone] += float64(count * s.share)
	}
}

// answer expands visits and visitors by a factor.
func (m *facilityMaker) answer(factor float64) *Facilities {
	out := &Facilities{Zoning: m.env.Zoning.Name()}
	for i, f := range m.list {
		f.RadiusKM, f.VisitsPerNearby = weightedQuantile(m.far[i], 0.8), ratio(m.close[i], m.nearby[i])
		f.Visitors, f.Visits = f.Visitors*factor, f.Visits*factor
		out.Facilities = append(out.Facilities, f)
		for _, z := range geo.SortedZones(m.from[i]) {
			home := m.env.Zoning.Center(z)
			out.Homes = append(out.Homes, Flow{From: z, To: geo.ZoneID(f.Place), Persons: m.from[i][z] * factor, KM: m.env.Proj.XY(home).Dist(m.at[i]) / 1000})
		}
	}
	slices.SortFunc(out.Facilities, func(a, b Facility) int { return cmp.Compare(a.Place, b.Place) })
	slices.SortFunc(out.Homes, Flow.order)
	return out
}

// weightedQuantile is the value below which a share of the weight lies; 0 where there is none.
func weightedQuantile(xs []weighted, share float64) float64 {
	xs = slices.Clone(xs)
	slices.SortFunc(xs, func(a, b weighted) int { return cmp.Or(cmp.Compare(a.value, b.value), cmp.Compare(a.weight, b.weight)) })
	sum, run := 0.0, 0.0
	for _, x := range xs {
		sum += x.weight
	}
	for _, x := range xs {
		if run += x.weight; run >= share*sum {
			return x.value
		}
	}
	return 0
}

// FromTruth counts the stays, long enough, of residents with a phone at the facilities for what they are
// there for; who works there is no visitor.
func (t facilitiesTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	m, homes, phone := env.newFacilityMaker(), anchorsOf(truth, dataset.ActHome, env), withPhone(truth)
	numbers := map[int64]int{}
	for i, p := range env.Map.Places {
		if n, ok := m.number[i]; ok {
			numbers[int64(p.ID)] = n
		}
	}
	residents := 0.0
	for _, p := range truth.Persons {
		if h, ok := homes[p.ID]; ok && phone[p.ID] {
			residents++
			m.home(env.Proj.XY(h.point()), 1)
		}
	}
	type visitor struct {
		person uint32
		n      int
	}
	seen := map[visitor]bool{}
	for _, a := range truth.Activities {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, ok := numbers[a.Place]
		h, lives := homes[a.Person]
		if !ok || !lives || !phone[a.Person] || a.Kind != m.list[n].Category || a.End-a.Start < t.stays.MinS {
			continue
		}
		at, zone := env.Proj.XY(h.point()), []zoneShare(nil)
		if z := env.Zoning.Zone(h.point()); z != geo.NoZone {
			zone = []zoneShare{{z, 1}}
		}
		m.visit(n, at, false, 1, zone)
		if !seen[visitor{a.Person, n}] {
			seen[visitor{a.Person, n}] = true
			m.visit(n, at, true, 1, zone)
		}
	}
	return m.answer(env.factor(residents)), ctx.Err()
}

// nullZones is from how many zones the visitors of the null predictor come.
const nullZones = 30

// Null gives every facility as many visitors, from the zones with most cells for the square of
// their distance: a gravity model.
func (facilitiesTask) Null(env *Env) Answer {
	m, cells := env.newFacilityMaker(), env.cells()
	zones := geo.SortedZones(cells)
	at := make([]geo.XY, len(zones))
	for i, z := range zones {
		at[i] = env.Proj.XY(env.Zoning.Center(z))
	}
	each := env.people() / float64(max(1, len(m.list)))
	for n := range m.list {
		near := make([]weighted, len(zones))
		for i, z := range zones {
			d := max(500, at[i].Dist(m.at[n]))
			near[i] = weighted{float64(i), cells[z] / (d * d)}
		}
		slices.SortFunc(near, func(a, b weighted) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.value, b.value)) })
		near, sum := near[:min(nullZones, len(near))], 0.0
		for _, x := range near {
			sum += x.weight
		}
		for _, x := range near {
			i := int(x.value)
			m.visit(n, at[i], true, each*x.weight/sum, []zoneShare{{zones[i], 1}})
		}
		m.list[n].Visitors, m.list[n].Visits = each, each // not their sum, which would tell facilities apart by rounding
	}
	return m.answer(1)
}

// agreement are τ_b of visitors, CPC of facility and home, and WAPE of the radius over the facilities that
// have visitors in w.
func (w *Facilities) agreement(g *Facilities) (tau, common, radius float64) {
	var x, y, wantR, gotR []float64
	for _, f := range w.Facilities {
		other := Facility{}
		if i, ok := slices.BinarySearchFunc(g.Facilities, f, func(a, b Facility) int { return cmp.Compare(a.Place, b.Place) }); ok {
			other = g.Facilities[i]
		}
		x, y = append(x, f.Visitors), append(y, other.Visitors)
		if f.Visitors > 0 {
			wantR, gotR = append(wantR, f.RadiusKM), append(gotR, other.RadiusKM)
		}
	}
	return kendallTauB(x, y), cpc(w.Homes, g.Homes), wapeOf(wantR, gotR)
}

// Score is the mean of τ_b, at least 0, CPC, and 1 − WAPE of the radius, at least 0.
func (facilitiesTask) Score(want, got Answer) float64 {
	w, g, ok := both[Facilities](want, got)
	if !ok || (len(g.Homes) == 0 && len(w.Homes) > 0) {
		return 0
	}
	tau, common, radius := w.agreement(g)
	return (max(0, tau) + common + max(0, 1-radius)) / 3
}

func (facilitiesTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Facilities](want, got)
	if !ok {
		return nil
	}
	tau, common, radius := w.agreement(g)
	return map[string]float64{"visitors_tau_b": tau, "home_cpc": common, "radius_wape": radius}
}

// Sheets: the facilities, and where their visitors live.
func (a *Facilities) Sheets(e *Env) []Sheet {
	list := Sheet{Name: "facilities", Title: "Visitors of centres, schools and parks",
		Columns: []string{"place", "category", "lon", "lat", "visitors", "visits", "radius_km", "visits_per_resident"}, Picture: Picture{Kind: Points, Value: []string{"visitors"}}}
	homes := Sheet{Name: "homes", Title: "From home to centres, schools and parks", Columns: []string{"zone", "place", "persons", "km"}, Picture: Picture{Kind: Desire, Value: []string{"persons"}}}
	at := map[uint32]orb.Point{}
	for _, f := range a.Facilities {
		at[f.Place] = orb.Point{f.Lon, f.Lat}
		list.Rows = append(list.Rows, []any{f.Place, f.Category, f.Lon, f.Lat, f.Visitors, f.Visits, f.RadiusKM, f.VisitsPerNearby})
		list.Shapes = append(list.Shapes, at[f.Place])
	}
	for _, f := range a.Homes {
		homes.Rows = append(homes.Rows, []any{zoneName(f.From), uint32(f.To), f.Persons, f.KM})
		homes.Shapes = append(homes.Shapes, orb.LineString{e.Zoning.Center(f.From), at[uint32(f.To)]})
	}
	return []Sheet{list, homes}
}
