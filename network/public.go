package network

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/simplify"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Attribution is what everything made from an OpenStreetMap extract must say.
const Attribution = "© OpenStreetMap contributors, ODbL 1.0"

// simplifyDegrees is the tolerance of the public map's lines, about 3 m.
const simplifyDegrees = 3e-5

// Areas describes the cells as the data set's areas, in order of AreaID.
func (c *City) Areas() []sigcity.Area {
	out := make([]sigcity.Area, len(c.Cells))
	for i := range c.Cells {
		cell := &c.Cells[i]
		site := &c.Sites[cell.Site]
		out[i] = sigcity.Area{
			ID: sigcity.AreaID(i), Name: cell.CGI, Center: c.Proj.LonLat(cell.Center), Footprint: c.Proj.Ring(cell.Ring),
			Radius: math.Sqrt(cell.AreaM2 / math.Pi), Spacing: site.Spacing,
			Operator: c.Operators[site.Operator].PLMN(), TAC: cell.TAC, From: cell.From, To: cell.To,
		}
	}
	return out
}

// Map is what is public about the city. Ids of places, communities, lines, stops,
// hubs, gates and zones are their indices in the City. Paths and service ways are left out, lines and
// outlines simplified to about 3 m.
func (c *City) Map() *dataset.Map {
	m := &dataset.Map{City: c.Name, Origin: c.Proj.Origin, Bounds: c.Bounds, Attribution: c.Attribution}
	for i, p := range c.Places {
		ll := c.Proj.LonLat(p.Pos)
		m.Places = append(m.Places, dataset.Place{ID: uint32(i), Category: p.Category, Name: p.Name, Lon: ll[0], Lat: ll[1], Estimated: p.Estimated})
	}
	for i, k := range c.Communities {
		ll := c.Proj.LonLat(k.Pos)
		m.Communities = append(m.Communities, dataset.Community{ID: uint32(i), Lon: ll[0], Lat: ll[1], RadiusM: k.RadiusM,
			Dwellings: k.Dwellings, Affluence: int32(k.Affluence)})
	}
	for _, r := range c.Roads {
		if minor(r.Class) {
			continue
		}
		lon, lat := c.simplified(r.Line, false)
		m.Roads = append(m.Roads, dataset.Road{Class: r.Class, Lon: lon, Lat: lat})
	}
	for _, l := range c.LandUse {
		lon, lat := c.simplified(l.Ring, true)
		m.LandUse = append(m.LandUse, dataset.LandUse{Use: l.Use, Lon: lon, Lat: lat})
	}
	for i := range c.Lines {
		m.Lines = append(m.Lines, c.publicLine(i))
	}
	for i, s := range c.Stops {
		ll := c.Proj.LonLat(s.Pos)
		m.Stops = append(m.Stops, dataset.Stop{ID: uint32(i), Name: s.Name, Lon: ll[0], Lat: ll[1], Hub: int64(s.Hub), Invented: s.Invented})
	}
	for i, h := range c.Hubs {
		ll := c.Proj.LonLat(h.Pos)
		m.Hubs = append(m.Hubs, dataset.Hub{ID: uint32(i), Kind: h.Kind.String(), Name: h.Name, Lon: ll[0], Lat: ll[1], RadiusM: h.RadiusM, Place: int64(h.Place)})
	}
	for i, g := range c.Gates {
		ll := c.Proj.LonLat(g.Pos)
		m.Gates = append(m.Gates, dataset.Gate{ID: uint32(i), Kind: g.Kind.String(), Name: g.Name, Lon: ll[0], Lat: ll[1], Weight: g.Weight,
			HighSpeed: g.HighSpeed, Stop: int64(g.Stop), Hub: int64(g.Hub)})
	}
	for i, z := range c.Zones { // not simplified: borders that meet go on meeting
		row := dataset.Zone{ID: uint32(i), Level: int32(z.Level), Name: z.Name, Parent: int64(z.Parent), Cut: z.Cut}
		for _, r := range z.Rings {
			ring := c.Proj.Ring(r)
			row.Corners = append(row.Corners, int32(len(ring)))
			for _, p := range ring {
				row.Lon, row.Lat = append(row.Lon, p[0]), append(row.Lat, p[1])
			}
		}
		m.Zones = append(m.Zones, row)
	}
	return m
}

// publicLine is a line with its shape simplified between stops, each of which
// is a vertex of it.
func (c *City) publicLine(i int) dataset.Line {
	l := &c.Lines[i]
	out := dataset.Line{ID: uint32(i), Ref: l.Ref, Name: l.Name, Mode: l.Mode.String(), Airport: l.Airport, Headway: l.Headway,
		Estimated: l.Estimated, Invented: l.Invented, Dwell: l.Mode.Dwell(), Ride: l.Ride}
	for k, s := range l.Stops {
		out.Stops = append(out.Stops, uint32(s))
		if k > 0 {
			lon, lat := c.simplified(l.Stretch(nil, k-1, k), false)
			if len(out.Lon) > 0 && len(lon) > 0 {
				lon, lat = lon[1:], lat[1:] // it begins where the stretch before ends
			}
			out.Lon, out.Lat = append(out.Lon, lon...), append(out.Lat, lat...)
		}
		out.At = append(out.At, uint32(max(len(out.Lon)-1, 0)))
	}
	return out
}

// minor reports whether the public map leaves a class of road out.
func minor(class string) bool {
	switch class {
	case "footway", "path", "steps", "cycleway", "bridleway", "track", "service":
		return true
	}
	return false
}

func (c *City) simplified(pts []geo.XY, closed bool) (lon, lat []float64) {
	line := orb.LineString(c.Proj.Ring(pts))
	if !closed && len(pts) > 0 {
		line = line[:len(pts)] // Ring closes
	}
	if s := simplify.DouglasPeucker(simplifyDegrees).LineString(line.Clone()); !closed || len(s) > 3 {
		line = s
	}
	for _, p := range line {
		lon, lat = append(lon, p[0]), append(lat, p[1])
	}
	return lon, lat
}

// CellRows describes the cells with their antennas, in order of AreaID.
func (c *City) CellRows() []dataset.Cell {
	areas := c.Areas()
	out := make([]dataset.Cell, len(areas))
	for i, a := range areas {
		cell := &c.Cells[i]
		out[i] = dataset.Cell{Area: a, ENB: cell.ENB, Sector: cell.Sector, Site: cell.Site, Radio: cell.Radio,
			Antenna: c.Proj.LonLat(c.Sites[cell.Site].Pos), Azimuth: cell.Azimuth, BeamDeg: cell.BeamDeg, RangeM: cell.RangeM,
			Kind: c.Sites[cell.Site].Kind.String()}
	}
	return out
}
