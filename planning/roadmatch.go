package planning

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/recognition"
)

// roadShared is the public road graph of an environment, built when it is first
// asked for.
type roadShared struct {
	once     sync.Once
	net      *roadNet
	err      error
	matchers sync.Map // recognition.MatchParams → *sync.Pool of matchers
}

// roadNet is the road graph for cars in light traffic, with the spots on it where a
// phone in an area may be: found when asked for, the same for all.
type roadNet struct {
	areas *geo.Areas
	graph *network.Graph
	fast  *network.Hierarchy
	ways  *network.ManyWays
	spots []atomic.Pointer[areaSpots]
}

// areaSpots is where on roads a phone in an area may be.
type areaSpots struct {
	pos   []geo.XY
	group *network.SpotGroup
}

// roadNet builds the road graph of Links; the error names what is wrong with them.
func (e *Env) roadNet() (*roadNet, error) {
	r := &e.shared.roads
	r.once.Do(func() {
		n := &roadNet{areas: e.areas(), spots: make([]atomic.Pointer[areaSpots], len(e.Areas))}
		if n.graph, r.err = network.PublicGraph(e.Links, e.Proj); r.err != nil {
			return
		}
		n.fast = network.NewHierarchy(n.graph, n.graph.Times(network.Car), nil)
		if n.ways, r.err = network.NewManyWays(n.fast); r.err != nil {
			return
		}
		r.net = n
	})
	return r.net, r.err
}

// roadMatchers is the pool of matchers (P8, *recognition.Matcher) with the given
// parameters on the environment's roads.
func (e *Env) roadMatchers(p recognition.MatchParams) (*sync.Pool, error) {
	net, err := e.roadNet()
	if err != nil {
		return nil, err
	}
	pool, _ := e.shared.roads.matchers.LoadOrStore(p, &sync.Pool{New: func() any {
		return recognition.NewMatcher(net.areas, newRoadFinder(net), p)
	}})
	return pool.(*sync.Pool), nil
}

// roadFinder is recognition.Roads on a roadNet.
type roadFinder struct {
	*roadNet
	router *network.Router
	way    network.Route
}

func newRoadFinder(n *roadNet) *roadFinder {
	return &roadFinder{roadNet: n, router: network.NewRouter(n.graph)}
}

func (f *roadFinder) of(a sigcity.AreaID) *areaSpots {
	if s := f.spots[a].Load(); s != nil {
		return s
	}
	s := &areaSpots{}
	near := f.graph.Near(nil, network.Car, f.areas.Centers[a], recognition.SpotRadius(f.areas, a))
	chosen := f.choose(near, max(f.areas.Spacing(a)/2, f.areas.Radius(a)))
	for _, spot := range chosen {
		s.pos = append(s.pos, f.graph.SpotPos(spot))
	}
	s.group = f.ways.Group(chosen)
	f.spots[a].CompareAndSwap(nil, s) // who was first does not matter: all find the same
	return f.spots[a].Load()
}

func (f *roadFinder) Spots(a sigcity.AreaID) []geo.XY { return f.of(a).pos }

func (f *roadFinder) Ways(seconds, metres []float32, from, to sigcity.AreaID) {
	f.ways.Ways(seconds, metres, f.of(from).group, f.of(to).group)
}

func (f *roadFinder) Path(dst []recognition.Step, from sigcity.AreaID, i int, to sigcity.AreaID, j int) []recognition.Step {
	if !f.router.Route(&f.way, f.fast, f.of(from).group.Spots[i], f.of(to).group.Spots[j]) {
		return dst
	}
	times := f.graph.Times(network.Car)
	begin := len(dst)
	for _, l := range f.way.Links {
		dst = append(dst, recognition.Step{Link: int32(l), To: 1, Metres: f.graph.Length(l), Seconds: float64(times[l])})
	}
	dst[begin].From, dst[len(dst)-1].To = f.way.First, f.way.Last
	return dst
}

// tiers rank roads from those that lead far to those that lead to a door; an
// area's spots are some of each, so that neither the many streets nor the few main roads
// are all that a phone may be on.
const tiers = 5

func tier(c network.RoadClass) int {
	switch c {
	case network.Motorway, network.MotorwayLink, network.Trunk, network.TrunkLink:
		return 0
	case network.Primary, network.PrimaryLink:
		return 1
	case network.Secondary, network.SecondaryLink:
		return 2
	case network.Tertiary, network.TertiaryLink:
		return 3
	}
	return tiers - 1
}

// choose picks the spots nearest to an area's centre: up to 4 on motorways and
// trunk roads, whose two directions are roads of their own, and 3 of each tier below,
// no two of a tier closer to each other than half a standard deviation of
// positions unless they lead in different directions. Numbers are assumed.
func (f *roadFinder) choose(near []network.Spot, sigma float64) []network.Spot {
	slices.SortFunc(near, func(a, b network.Spot) int { return cmp.Or(cmp.Compare(a.Dist, b.Dist), cmp.Compare(a.Edge, b.Edge)) })
	var chosen [tiers][]network.Spot
	for _, s := range near {
		k := tier(f.graph.Class(network.Link(2 * s.Edge)))
		most := 3
		if k == 0 {
			most = 4
		}
		if len(chosen[k]) < most && !slices.ContainsFunc(chosen[k], func(c network.Spot) bool { return f.alike(s, c, sigma/2) }) {
			chosen[k] = append(chosen[k], s)
		}
	}
	return slices.Concat(chosen[:]...)
}

// alike reports whether two spots say the same: they are near each other, and
// not on one-way roads of different directions.
func (f *roadFinder) alike(s, t network.Spot, metres float64) bool {
	if f.graph.SpotPos(s).Dist(f.graph.SpotPos(t)) >= metres {
		return false
	}
	u, ok := f.heading(s)
	v, also := f.heading(t)
	return !ok || !also || float64(u.X*v.X)+float64(u.Y*v.Y) > 0
}

// heading is the direction of a one-way road; false on roads for both ways.
func (f *roadFinder) heading(s network.Spot) (geo.XY, bool) {
	l := network.Link(2 * s.Edge)
	if f.graph.Open(l, network.Car) == f.graph.Open(l.Turned(), network.Car) {
		return geo.XY{}, false
	}
	if !f.graph.Open(l, network.Car) {
		l = l.Turned()
	}
	from, to := f.graph.Ends(l)
	d := f.graph.Pos[to].Sub(f.graph.Pos[from])
	if n := math.Hypot(d.X, d.Y); n > 0 {
		return geo.XY{X: d.X / n, Y: d.Y / n}, true
	}
	return geo.XY{}, false
}
