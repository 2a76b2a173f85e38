package network

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Summary is what a City has, by subject, and how much of it was estimated.
type Summary struct {
	Name        string  `json:"name"`
	TimeZone    string  `json:"time_zone"`
	Attribution string  `json:"attribution"`
	WidthKm     float64 `json:"width_km"`
	HeightKm    float64 `json:"height_km"`

	Inhabitants   int64             `json:"inhabitants"`
	Homes         int64             `json:"homes"`
	HomesStandIn  int64             `json:"homes_stand_in"` // on streets and land without buildings
	Jobs          int64             `json:"jobs"`
	JobsEstimated int64             `json:"jobs_estimated"` // in places that the map lacks
	Buildings     []BuildingSummary `json:"buildings"`
	Places        []PlaceSummary    `json:"places"`
	Communities   []CommunityCount  `json:"communities"`
	LandUse       []LandUseSummary  `json:"land_use"`

	Roads RoadSummary   `json:"roads"`
	Lines []LineSummary `json:"lines"`
	Hubs  []HubCount    `json:"hubs"`
	Gates []GateCount   `json:"gates"`

	Operators []OperatorSummary `json:"operators"`
	Spacing   []SpacingSummary  `json:"spacing"`

	Counts   map[string]int64 `json:"counts"` // Report.Counts
	Warnings []string         `json:"warnings"`
}

// BuildingSummary is the buildings of one use.
type BuildingSummary struct {
	Use       string  `json:"use"`
	Buildings int     `json:"buildings"`
	Estimated int     `json:"estimated"` // use, storeys or existence
	FloorKm2  float64 `json:"floor_km2"`
	Dwellings float64 `json:"dwellings"`
}

// PlaceSummary is the places of one category.
type PlaceSummary struct {
	Category  dataset.Category `json:"category"`
	Places    int              `json:"places"`
	Estimated int              `json:"estimated"` // not on the map
	Jobs      float64          `json:"jobs"`
}

// CommunityCount is the communities of one level of affluence.
type CommunityCount struct {
	Affluence   int     `json:"affluence"` // 1 … 5
	Communities int     `json:"communities"`
	Dwellings   float64 `json:"dwellings"`
}

// LandUseSummary is the areas of one use; they may lie on each other.
type LandUseSummary struct {
	Use   string  `json:"use"`
	Areas int     `json:"areas"`
	Km2   float64 `json:"km2"`
}

// RoadSummary is the road network.
type RoadSummary struct {
	Nodes   int           `json:"nodes"`
	Edges   int           `json:"edges"`
	Classes []RoadLength  `json:"classes"` // of the graph
	Rails   []RailSummary `json:"rails"`
}

// RoadLength is the edges of one class in the graph.
type RoadLength struct {
	Class string  `json:"class"`
	Edges int     `json:"edges"`
	Km    float64 `json:"km"`
	ByCar float64 `json:"km_by_car"` // open to cars in one direction at least
}

// RailSummary is the tracks of one class.
type RailSummary struct {
	Class string  `json:"class"`
	Ways  int     `json:"ways"`
	Km    float64 `json:"km"`
}

// LineSummary is the lines of one mode; each direction counts.
type LineSummary struct {
	Mode      string  `json:"mode"`
	Lines     int     `json:"lines"`
	Stops     int     `json:"stops"` // that a line of the mode calls at
	Km        float64 `json:"km"`
	Estimated int     `json:"headways_estimated"`
}

// HubCount is the hubs of one kind.
type HubCount struct {
	Kind string `json:"kind"`
	Hubs int    `json:"hubs"`
}

// GateCount is the gates of one kind.
type GateCount struct {
	Kind   string  `json:"kind"`
	Gates  int     `json:"gates"`
	Weight float64 `json:"weight"` // vehicles an hour, trains an hour or km² of airports
}

// OperatorSummary is the network of one operator.
type OperatorSummary struct {
	PLMN          string            `json:"plmn"`
	Network       string            `json:"network"` // MCC-MNC that its cells broadcast
	Share         float64           `json:"share"`   // of the subscribers
	Sites         int               `json:"sites"`
	Cells         int               `json:"cells"`
	Kinds         []SiteKindSummary `json:"kinds"` // that the operator has
	TrackingAreas int               `json:"tracking_areas"`
}

// SiteKindSummary is an operator's sites of one kind.
type SiteKindSummary struct {
	Kind      string       `json:"kind"` // macro, indoor, metro, corridor
	Sites     int          `json:"sites"`
	Synthetic int          `json:"sites_synthetic"` // neither a mast of the map nor of a cell file
	Cells     int          `json:"cells"`
	Radios    []RadioCount `json:"radios"`
}

// RadioCount is the cells of one radio.
type RadioCount struct {
	Radio string `json:"radio"`
	Cells int    `json:"cells"`
}

// SpacingSummary is the spacing of the macro sites of all operators where a
// class of land is around them: quantiles of the mean distance to the nearest
// six macro sites of the operator, in metres.
type SpacingSummary struct {
	Class string  `json:"class"` // urban centre, urban cluster, rural
	Sites int     `json:"sites"`
	P10   float64 `json:"p10_m"`
	P50   float64 `json:"p50_m"`
	P90   float64 `json:"p90_m"`
}

// The classes of land by its inhabitants per km² in a square of 1 km: those of
// the cells of the Degree of Urbanisation (Eurostat 2021, Applying the Degree of
// Urbanisation, ch. 3), without its rules on how cells hang together.
const (
	urbanCentre  = 1500.0
	urbanCluster = 300.0
)

// densityClasses names the classes, the densest first.
func densityClasses() []string { return []string{"urban centre", "urban cluster", "rural"} }

func densityClass(perKm2 float64) int {
	switch {
	case perKm2 >= urbanCentre:
		return 0
	case perKm2 >= urbanCluster:
		return 1
	}
	return 2
}

// Summary counts what the City has.
func (c *City) Summary() Summary {
	size := c.Proj.XY(c.Bounds.Max).Sub(c.Proj.XY(c.Bounds.Min))
	n := c.Report.Counts
	s := Summary{Name: c.Name, TimeZone: c.TimeZone, Attribution: c.Attribution, WidthKm: size.X / 1000, HeightKm: size.Y / 1000,
		Inhabitants: n["inhabitants"], Homes: n["homes"], HomesStandIn: n["homes_stand_in"], Jobs: n["jobs"],
		Counts: n, Warnings: c.Report.Warnings}
	c.sumLand(&s)
	c.sumRoads(&s)
	c.sumLines(&s)
	c.sumNetwork(&s)
	return s
}

func (c *City) sumLand(s *Summary) {
	s.Buildings = make([]BuildingSummary, len(useNames))
	for i := range c.Buildings {
		x := &c.Buildings[i]
		b := &s.Buildings[x.Use]
		b.Buildings++
		if x.Estimated || x.Ring == nil {
			b.Estimated++
		}
		b.FloorKm2 += x.FloorM2 / 1e6
		b.Dwellings += x.Dwellings
	}
	for u := range s.Buildings {
		s.Buildings[u].Use = strings.ToLower(Use(u).String())
	}
	s.Buildings = slices.DeleteFunc(s.Buildings, func(b BuildingSummary) bool { return b.Buildings == 0 })
	estimated := 0.0
	for _, cat := range dataset.Categories() {
		p := PlaceSummary{Category: cat}
		for i := range c.Places {
			if x := &c.Places[i]; x.Category == cat {
				p.Places++
				p.Jobs += x.Jobs
				if x.Estimated {
					p.Estimated++
					estimated += x.Jobs
				}
			}
		}
		if p.Places > 0 {
			s.Places = append(s.Places, p)
		}
	}
	s.JobsEstimated = int64(math.Round(estimated))
	s.Communities = make([]CommunityCount, 5)
	for _, x := range c.Communities {
		k := &s.Communities[x.Affluence-1]
		k.Communities++
		k.Dwellings += x.Dwellings
	}
	for i := range s.Communities {
		s.Communities[i].Affluence = i + 1
	}
	byUse := map[string]*LandUseSummary{}
	for _, l := range c.LandUse {
		if byUse[l.Use] == nil {
			byUse[l.Use] = &LandUseSummary{Use: l.Use}
		}
		byUse[l.Use].Areas++
		byUse[l.Use].Km2 += geo.RingArea(l.Ring) / 1e6
	}
	s.LandUse = sortedValues(byUse, func(a, b LandUseSummary) int { return cmp.Compare(a.Use, b.Use) })
}

// sortedValues lists the values of a map by an order that tells all of them apart.
func sortedValues[K comparable, V any](m map[K]*V, compare func(a, b V) int) []V {
	out := make([]V, 0, len(m))
	for _, v := range m {
		out = append(out, *v)
	}
	slices.SortFunc(out, compare)
	return out
}

func (c *City) sumRoads(s *Summary) {
	g := c.graph
	s.Roads = RoadSummary{Nodes: g.Nodes(), Edges: g.Edges()}
	classes := make([]RoadLength, roadClasses)
	for e := range g.Edges() {
		l := Link(2 * e)
		k := &classes[g.Class(l)]
		k.Edges++
		k.Km += g.Length(l) / 1000
		if g.Open(l, Car) || g.Open(l.Turned(), Car) {
			k.ByCar += g.Length(l) / 1000
		}
	}
	for i, k := range classes {
		if k.Edges > 0 {
			k.Class = RoadClass(i).String()
			s.Roads.Classes = append(s.Roads.Classes, k)
		}
	}
	rails := map[string]*RailSummary{}
	for _, r := range c.Roads {
		switch r.Class {
		case "rail", "light_rail", "subway", "tram", "narrow_gauge", "monorail", "funicular":
			if rails[r.Class] == nil {
				rails[r.Class] = &RailSummary{Class: r.Class}
			}
			rails[r.Class].Ways++
			rails[r.Class].Km += polylineLength(r.Line) / 1000
		}
	}
	s.Roads.Rails = sortedValues(rails, func(a, b RailSummary) int { return cmp.Compare(a.Class, b.Class) })
}

func (c *City) sumLines(s *Summary) {
	for mode := range lineModeNames {
		k := LineSummary{Mode: lineModeNames[mode]}
		called := map[int32]bool{}
		for _, l := range c.Lines {
			if int(l.Mode) != mode {
				continue
			}
			k.Lines++
			k.Km += polylineLength(l.Shape) / 1000
			if l.Estimated {
				k.Estimated++
			}
			for _, stop := range l.Stops {
				called[stop] = true
			}
		}
		k.Stops = len(called)
		if k.Lines > 0 {
			s.Lines = append(s.Lines, k)
		}
	}
	for kind := range hubKindNames {
		k := HubCount{Kind: hubKindNames[kind]}
		for _, h := range c.Hubs {
			if int(h.Kind) == kind {
				k.Hubs++
			}
		}
		if k.Hubs > 0 {
			s.Hubs = append(s.Hubs, k)
		}
	}
	for kind := range gateKinds {
		k := GateCount{Kind: kind.String()}
		for _, g := range c.Gates {
			if g.Kind == kind {
				k.Gates++
				k.Weight += g.Weight
			}
		}
		if k.Gates > 0 {
			s.Gates = append(s.Gates, k)
		}
	}
}

func (c *City) sumNetwork(s *Summary) {
	for op, o := range c.Operators {
		k := OperatorSummary{PLMN: o.PLMN(), Network: o.broadcast(), Share: o.Share}
		kinds := make([]SiteKindSummary, len(siteKindNames))
		radios := make([]map[string]*RadioCount, len(siteKindNames))
		for i, name := range siteKindNames {
			kinds[i].Kind, radios[i] = name, map[string]*RadioCount{}
		}
		codes := map[uint32]bool{}
		for _, site := range c.Sites {
			if site.Operator != op {
				continue
			}
			k.Sites++
			kind, radio := &kinds[site.Kind], radios[site.Kind]
			kind.Sites++
			if site.Synthetic {
				kind.Synthetic++
			}
			for _, id := range site.Cells {
				cell := &c.Cells[id]
				k.Cells++
				kind.Cells++
				codes[cell.TAC] = true
				if radio[cell.Radio] == nil {
					radio[cell.Radio] = &RadioCount{Radio: cell.Radio}
				}
				radio[cell.Radio].Cells++
			}
		}
		k.TrackingAreas = len(codes)
		for i := range kinds {
			kinds[i].Radios = sortedValues(radios[i], func(a, b RadioCount) int { return cmp.Compare(a.Radio, b.Radio) })
		}
		k.Kinds = slices.DeleteFunc(kinds, func(k SiteKindSummary) bool { return k.Sites == 0 })
		s.Operators = append(s.Operators, k)
	}
	persons := newRaster(1000)
	for i := range c.Buildings {
		persons.add(c.Buildings[i].Pos, c.Buildings[i].Dwellings*householdSize)
	}
	spacings := make([][]float64, len(densityClasses()))
	for _, site := range c.Sites {
		if site.Kind != MacroSite {
			continue
		}
		k := densityClass(persons.at(site.Pos))
		spacings[k] = append(spacings[k], site.Spacing)
	}
	for k, name := range densityClasses() {
		if v := spacings[k]; len(v) > 0 {
			slices.Sort(v)
			at := func(q float64) float64 { return v[int(q*float64(len(v)-1)+0.5)] }
			s.Spacing = append(s.Spacing, SpacingSummary{name, len(v), at(0.1), at(0.5), at(0.9)})
		}
	}
}
