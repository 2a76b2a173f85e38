package planning

import (
	"strconv"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// zoneShape is a zone's outline as a polygon.
func (e *Env) zoneShape(z geo.ZoneID) orb.Geometry { return orb.Polygon{e.Zoning.Outline(z)} }

// zoneName is a zone's number as text: many do not fit a JSON number.
func zoneName(z geo.ZoneID) string { return strconv.FormatUint(uint64(z), 10) }

// zoneSheet lays out one number per zone.
func (e *Env) zoneSheet(name, title, value string, zones []ZoneCount) Sheet {
	s := Sheet{Name: name, Title: title, Columns: []string{"zone", "lon", "lat", value}, Picture: Picture{Kind: Areas, Value: []string{value}}}
	for _, z := range zones {
		s.Rows = append(s.Rows, []any{zoneName(z.Zone), z.Lon, z.Lat, z.Persons})
		s.Shapes = append(s.Shapes, e.zoneShape(z.Zone))
	}
	return s
}

// desireSheet lays out flows between zones as lines between their centres.
func (e *Env) desireSheet(name, title, value string, flows []Flow) Sheet {
	s := Sheet{Name: name, Title: title, Columns: []string{"from", "to", value, "km"}, Picture: Picture{Kind: Desire, Value: []string{value}}}
	for _, f := range flows {
		s.Rows = append(s.Rows, []any{zoneName(f.From), zoneName(f.To), f.Persons, f.KM})
		s.Shapes = append(s.Shapes, orb.LineString{e.Zoning.Center(f.From), e.Zoning.Center(f.To)})
	}
	return s
}

// Sheets: residents by zone, and the homes found.
func (r *Residents) Sheets(e *Env) []Sheet {
	homes := Sheet{Name: "homes", Title: "Homes of phones", Columns: []string{"user", "from", "to", "lon", "lat"}, Picture: Picture{Kind: Points}}
	for _, h := range r.Homes {
		homes.Rows = append(homes.Rows, []any{h.User, h.From, h.To, h.Lon, h.Lat})
		homes.Shapes = append(homes.Shapes, h.point())
	}
	return []Sheet{e.zoneSheet("residents", "Residents by zone", "persons", r.Zones), homes}
}

// Sheets: the home–work desire lines and the balance of every zone.
func (c *Commuting) Sheets(e *Env) []Sheet {
	zones := Sheet{Name: "balance", Title: "Jobs per employed resident", Columns: []string{"zone", "lon", "lat", "employed", "jobs", "jobs_per_employed", "self_containment"},
		Picture: Picture{Kind: Areas, Value: []string{"jobs_per_employed"}}}
	for _, z := range c.Zones {
		zones.Rows = append(zones.Rows, []any{zoneName(z.Zone), z.Lon, z.Lat, z.Employed, z.Jobs, z.Ratio(), z.SelfContainment()})
		zones.Shapes = append(zones.Shapes, e.zoneShape(z.Zone))
	}
	return []Sheet{e.desireSheet("commutes", "From home to work", "persons", c.Flows), zones}
}

// Sheets: people present by zone and hour, and in the whole city by hour.
func (p *Presence) Sheets(e *Env) []Sheet {
	all := Sheet{Name: "presence", Title: "People present by zone and hour", Columns: []string{"day", "hour", "zone", "lon", "lat", "persons"}}
	noon := Sheet{Name: "afternoon", Title: "People present from 14 to 15 h of a workday", Columns: []string{"zone", "lon", "lat", "persons"}}
	hours := Sheet{Name: "hours", Title: "People present by hour", Columns: []string{"hour", "workday", "weekend"},
		Picture: Picture{Kind: Curves, Label: "hour", Value: []string{"workday", "weekend"}}}
	at := func(s int) float64 {
		if s < len(p.Slots) {
			return total(p.Slots[s])
		}
		return 0
	}
	for h := range slots / 2 {
		hours.Rows = append(hours.Rows, []any{h, at(h), at(h + slots/2)})
	}
	for s, zones := range p.Slots {
		day := "workday"
		if s >= slots/2 {
			day = "weekend"
		}
		for _, z := range zones {
			all.Rows = append(all.Rows, []any{day, s % (slots / 2), zoneName(z.Zone), z.Lon, z.Lat, z.Persons})
		}
		if s == 14 {
			noon = e.zoneSheet(noon.Name, noon.Title, "persons", zones)
		}
	}
	return []Sheet{noon, hours, all}
}

// Sheets: the segments, and how long people stay and travel by hour of the day.
func (t *Timelines) Sheets(e *Env) []Sheet {
	list := Sheet{Name: "segments", Title: "Stays and travels", Columns: []string{"user", "start", "end", "label"}}
	label := map[bool]string{true: "stay", false: "travel"}
	var hours [24]map[bool]float64
	for h := range hours {
		hours[h] = map[bool]float64{}
	}
	for _, s := range t.Segments {
		list.Rows = append(list.Rows, []any{s.User, s.Start, s.End, label[s.Stay]})
		for at := s.Start; at < s.End; {
			_, second := e.Calendar.Clock(at)
			next := min(s.End, at+uint32(3600-second%3600))
			hours[min(second/3600, 23)][s.Stay] += float64(next - at)
			at = next
		}
	}
	chart := Sheet{Name: "travel-by-hour", Title: "Share of time in travel by hour", Columns: []string{"hour", "travel_share"},
		Picture: Picture{Kind: Columns, Label: "hour", Value: []string{"travel_share"}}}
	for h, n := range hours {
		chart.Rows = append(chart.Rows, []any{h, ratio(n[false], n[false]+n[true])})
	}
	return []Sheet{chart, list}
}
