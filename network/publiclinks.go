package network

import (
	"strings"

	"github.com/sigcity/sigcity/dataset"
)

// Links describes the road graph, in order of edges.
func (c *City) Links() []dataset.RoadEdge {
	g := c.graph
	out := make([]dataset.RoadEdge, g.Edges())
	for i := range out {
		along := Link(2 * i)
		back := along.Turned()
		from, to := g.Ends(along)
		e := dataset.RoadEdge{ID: uint32(i), FromNode: uint32(from), ToNode: uint32(to), Class: g.Class(along).String(),
			LengthM: g.Length(along), FreeMPS: g.FreeSpeed(along), Modes: g.modeNames(along), ModesBack: g.modeNames(back),
			Bridge: g.Bridge(along), Tunnel: g.Tunnel(along)}
		if g.Open(along, Car) {
			e.Lanes, e.Capacity = int32(g.Lanes(along)), g.Capacity(along)
		}
		if g.Open(back, Car) {
			e.LanesBack, e.CapacityBack = int32(g.Lanes(back)), g.Capacity(back)
		}
		for _, p := range g.shape(i) {
			ll := c.Proj.LonLat(p)
			e.Lon, e.Lat = append(e.Lon, ll[0]), append(e.Lat, ll[1])
		}
		out[i] = e
	}
	return out
}

// modeNames are the modes that may use the link, with spaces between.
func (g *Graph) modeNames(l Link) string {
	var names []string
	for m := range modes {
		if g.Open(l, m) {
			names = append(names, m.String())
		}
	}
	return strings.Join(names, " ")
}

// AppendRows appends, by link and hour, the speeds on arterials in the hours in
// which they carry cars, and on other links where cars are slowed down.
func (x *Congestion) AppendRows(dst []dataset.LinkSpeed, day string) []dataset.LinkSpeed {
	for l := range Link(x.g.Links()) {
		arterial := x.g.Class(l).Arterial()
		for hour := range x.volume {
			if v := x.Volume(l, hour); x.speed[hour][l] < 255 || (arterial && v > 0) {
				dst = append(dst, dataset.LinkSpeed{Link: int32(l), Day: day, Hour: int32(hour), MPS: x.Speed(l, hour), Volume: int32(v)})
			}
		}
	}
	return dst
}
