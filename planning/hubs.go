package planning

import (
	"sync"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// Kinds of hubs of the map.
const (
	airportHub   = "airport"
	stationHub   = "station"
	highSpeedHub = "high_speed_station"
)

// sharedHubs is what all folds of an environment know of hubs and lines.
type sharedHubs struct {
	once     sync.Once
	airports *recognition.HubAreas
	stations *recognition.HubAreas // of railways
	rail     func() []railHub
}

func (e *Env) hubs() *sharedHubs {
	h := &e.shared.hubs
	h.once.Do(func() {
		h.airports = recognition.NewHubAreas(e.Map, e.Areas, e.areas(), airportHub)
		h.stations = recognition.NewHubAreas(e.Map, e.Areas, e.areas(), stationHub, highSpeedHub)
		h.rail = sync.OnceValue(e.findRailHubs)
	})
	return h
}

// hubView is what a view shows of hubs.
type hubView struct {
	airports, stations *recognition.HubDwellFinder
	atAirports         lazy[[]recognition.HubDwell]
	atStations         lazy[[]recognition.HubDwell]
}

// AirportDwells are the times at airports, in order.
func (v *View) AirportDwells() []recognition.HubDwell {
	return v.dwells(&v.hubs.atAirports, &v.hubs.airports, v.env.hubs().airports)
}

// StationDwells are the times at railway stations, in order.
func (v *View) StationDwells() []recognition.HubDwell {
	return v.dwells(&v.hubs.atStations, &v.hubs.stations, v.env.hubs().stations)
}

func (v *View) dwells(l *lazy[[]recognition.HubDwell], f **recognition.HubDwellFinder, at *recognition.HubAreas) []recognition.HubDwell {
	return l.of(v, func() []recognition.HubDwell {
		w := v.Window()
		if at.Len() == 0 || w.From == w.To {
			return l.value[:0]
		}
		if *f == nil {
			*f = recognition.NewHubDwellFinder(at, recognition.HubDwellParams{})
		}
		return (*f).Find(l.value[:0], v.Trajectory(), w.From, w.To)
	})
}

// move tells how a trip was made (P9); its rides are valid until the next call.
func (v *View) move(trip recognition.Trip) recognition.Move {
	return v.finder().Find(trip, v.Trajectory())
}

// Who is at a hub for half an hour on so many days of seven is on its staff, or
// lives or works beside it.
const (
	staffDays = 4
	staffS    = 30 * 60 // assumed
)

// staffOf lists the hubs of whose staff the dwells tell, by hub.
func staffOf(dwells []recognition.HubDwell, cal *sigcity.Calendar) map[int]bool {
	var out map[int]bool
	for i, d := range dwells {
		if d.Leave-d.Enter < staffS || out[d.Hub] {
			continue
		}
		first, n, last := cal.Day(d.Enter), 0, -1
		for _, o := range dwells[i:] {
			day := cal.Day(o.Enter)
			if o.Hub == d.Hub && o.Leave-o.Enter >= staffS && day > last && day < first+7 {
				n, last = n+1, day
			}
		}
		if n >= staffDays {
			if out == nil {
				out = map[int]bool{}
			}
			out[d.Hub] = true
		}
	}
	return out
}

// flightRule tells passengers of aircraft by their time at the airport.
type flightRule struct {
	minS, maxS uint32  // a departing passenger is there so long; an arriving one no longer than maxS
	silenceS   uint32  // of the phone, on board
	farM       float64 // nobody gets so far without flying
}

// defaultFlights is the rule of T18. The distance is assumed.
func defaultFlights() flightRule {
	return flightRule{minS: 45 * 60, maxS: 240 * 60, silenceS: 3600, farM: 100_000}
}

// flight is somebody who leaves by air or comes by air.
type flight struct {
	recognition.HubDwell
	departs bool
}

// moment is when the phone is switched off or on for it.
func (f *flight) moment() uint32 {
	if f.departs {
		return f.Last
	}
	return f.First
}

// flights appends those that the view tells of. After a departing passenger's time at
// the airport the phone is silent, or reappears far away; before an arriving one's likewise, and the
// phone attaches. A silence that the window cuts off counts as far as it is known.
func (r flightRule) flights(dst []flight, v *View) []flight {
	dwells := v.AirportDwells()
	if len(dwells) == 0 {
		return dst
	}
	staff := staffOf(dwells, v.env.Calendar)
	far := func(i, j int) bool {
		return i >= 0 && j < len(v.Records) && v.env.areas().Dist(v.Records[i].Area, v.Records[j].Area) > r.farM
	}
	for _, d := range dwells {
		long := d.Leave - d.Enter
		if staff[d.Hub] || long > r.maxS {
			continue
		}
		switch {
		case long >= r.minS && (d.After >= r.silenceS || d.Detached && d.To == len(v.Records) || far(d.To-1, d.To)):
			dst = append(dst, flight{d, true})
		case d.Attached && (d.Before >= r.silenceS || far(d.From-1, d.From)):
			dst = append(dst, flight{d, false})
		}
	}
	return dst
}

// holds reports whether the rule knows a true flight.
func (r flightRule) holds(f *trueFlight) bool {
	long := f.leave - f.enter
	return long <= r.maxS && (long >= r.minS || !f.departs)
}
