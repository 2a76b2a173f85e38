package planning

import (
	"cmp"
	"fmt"
	"math"

	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "rail-hub-population", ID: "T19",
		Doc:      "what people are at a railway station for",
		Citation: "our definition, named after the patent's title; not the patented method. Rides by P9",
		Params: []plugin.Param{
			{Name: "min_wait", Type: plugin.Duration, Default: "10m", Min: 60, Max: 3600, Doc: "shortest time at a station of somebody who picks up or sees off"},
			{Name: "max_wait", Type: plugin.Duration, Default: "1h", Min: 600, Max: 6 * 3600, Doc: "longest one"},
			{Name: "home_m", Type: plugin.Float, Default: 500.0, Min: 0, Max: 5000, Doc: "true residents of a station live within so many metres"},
		},
		Complexity: "O(n) in records; rides as P9",
		New: func(v plugin.Values) (Task, error) {
			return railHubTask{uint32(v.Duration("min_wait").Seconds()), uint32(v.Duration("max_wait").Seconds()), v.Float("home_m")}, nil
		},
	})
}

// HubPopulation is the answer of T19.
type HubPopulation struct {
	Visits []HubVisit `json:"visits"` // by user, then time
}

// HubRole is what somebody is at a station for.
type HubRole uint8

// Roles of T19, in the order of Table 1.
const (
	RoleDepart HubRole = iota
	RoleArrive
	RoleTransfer
	RolePickUp
	RoleStaff
	RoleResident
	RolePassBy
	hubRoles
)

var hubRoleNames = [hubRoles]string{"depart", "arrive", "transfer", "pick_up", "staff", "resident", "pass_by"}

func (r HubRole) String() string { return hubRoleNames[r] }

// MarshalText writes the role's name.
func (r HubRole) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// HubVisit is one user at a station in one role. That of a resident is a whole day.
type HubVisit struct {
	AtHub
	Role HubRole `json:"role"`
}

func (v *HubVisit) like(o *HubVisit) bool { return v.Role == o.Role }

func (v HubVisit) compare(o HubVisit) int {
	return cmp.Or(v.compareAt(o.AtHub), cmp.Compare(v.Role, o.Role))
}

func (v HubVisit) check(e *Env) error {
	if v.Role >= hubRoles {
		return fmt.Errorf("role %d, there are %d", v.Role, hubRoles)
	}
	return v.AtHub.check(e)
}

// railHubTask tells roles by rides (P9), which are found by direction and speed along the
// lines, by the length of dwells, by days and by homes (P6(a)).
type railHubTask struct {
	minWait, maxWait uint32
	homeM            float64
}

func (railHubTask) Needs() Need { return Need{Horizon: Week} }

func (t railHubTask) Fold(env *Env) Fold {
	return &rowFold[HubVisit]{env: env, tag: "rail-hub-population/1", take: t.take,
		answer: func(rows []HubVisit) (Answer, error) { return &HubPopulation{rows}, nil }}
}

// take appends the visits of a view.
func (t railHubTask) take(dst []HubVisit, v *View) []HubVisit {
	env := v.env
	if env.hubs().stations.Len() == 0 {
		return dst
	}
	first := len(dst)
	dwells := v.StationDwells()
	_, trips := v.Stays(recognition.DefaultStayParams())
	for _, trip := range trips {
		if v.nearStation(trip) {
			dst = env.ridden(dst, v.User, v.move(trip).Rides)
		}
	}
	for i := range dst[first:] { // a ride tells when the train stops, the dwell how long one is there
		dst[first+i].widen(dwells)
	}
	ridden := len(dst)
	staff := staffOf(dwells, env.Calendar)
	anchors := v.Anchors()
	lastDay := map[int]int{} // per hub, of a resident
	for _, d := range dwells {
		visit := HubVisit{AtHub: AtHub{v.User, uint32(d.Hub), d.Enter, d.Leave, 1}}
		long := d.Leave - d.Enter
		switch {
		case anchors.HasHome && env.hubs().stations.Serves(anchors.Home, d.Hub):
			if day := env.Calendar.Day(d.Enter); lastDay[d.Hub] <= day {
				lastDay[d.Hub] = day + 1
				visit.Role, visit.Start, visit.End = RoleResident, env.Calendar.Start(day), env.Calendar.Start(day+1)
				dst = append(dst, visit)
			}
			continue
		case staff[d.Hub] && long >= staffS:
			visit.Role = RoleStaff
		case t.minWait <= long && long <= t.maxWait && d.Before <= recognition.HubGapS && d.After <= recognition.HubGapS:
			visit.Role = RolePickUp
		default:
			continue
		}
		rides := false
		for i := range dst[first:ridden] {
			o := &dst[first+i]
			rides = rides || o.Hub == visit.Hub && o.gap(&visit.AtHub) <= eventS
		}
		if !rides {
			dst = append(dst, visit)
		}
	}
	return dst
}

// widen stretches a visit over the dwell at its hub that is nearest, within the tolerance.
func (h *HubVisit) widen(dwells []recognition.HubDwell) {
	near, best := uint32(eventS+1), -1
	for i, d := range dwells {
		if at := (AtHub{Start: d.Enter, End: d.Leave}); d.Hub == int(h.Hub) && h.gap(&at) < near {
			near, best = h.gap(&at), i
		}
	}
	if best < 0 {
		return
	}
	d := dwells[best]
	switch h.Role {
	case RoleDepart:
		h.Start = min(h.Start, d.Enter)
	case RoleArrive:
		h.End = max(h.End, d.Leave)
	}
}

// nearStation reports whether a record on a trip is in an area that serves a station.
func (v *View) nearStation(trip recognition.Trip) bool {
	for _, r := range v.Records {
		if r.Time > trip.End {
			break
		}
		if r.End() >= trip.Start && v.env.hubs().stations.ServesAny(r.Area) {
			return true
		}
	}
	return false
}

// ridden appends what rides of one trip, in order, tell of railway stations.
func (e *Env) ridden(dst []HubVisit, user uint32, rides []recognition.Ride) []HubVisit {
	put := func(hub int64, from, to uint32, role HubRole) {
		if e.isStation(hub) {
			dst = append(dst, HubVisit{AtHub{user, uint32(hub), from, to, 1}, role})
		}
	}
	for k, r := range rides {
		l := &e.Map.Lines[r.Line]
		on, off := e.stopHub(l.Stops[r.Board]), e.stopHub(l.Stops[r.Alight])
		if k == 0 || on != e.stopHub(e.Map.Lines[rides[k-1].Line].Stops[rides[k-1].Alight]) {
			put(on, r.Start, r.Start, RoleDepart)
		}
		for s := r.Board + 1; s < r.Alight; s++ {
			if h := e.stopHub(l.Stops[s]); h != on && h != off {
				at := r.Start + uint32(math.Round(l.Ride[s]-l.Ride[r.Board]))
				put(h, at, at, RolePassBy)
			}
		}
		if k+1 < len(rides) && off == e.stopHub(e.Map.Lines[rides[k+1].Line].Stops[rides[k+1].Board]) {
			put(off, min(r.End, rides[k+1].Start), max(r.End, rides[k+1].Start), RoleTransfer)
		} else {
			put(off, r.End, r.End, RoleArrive)
		}
	}
	return dst
}

// stopHub is the hub of a stop, −1 where it has none.
func (e *Env) stopHub(stop uint32) int64 {
	if stop >= uint32(len(e.Map.Stops)) {
		return -1
	}
	return e.Map.Stops[stop].Hub
}

// isStation reports whether a hub is a railway station.
func (e *Env) isStation(hub int64) bool {
	if hub < 0 || hub >= int64(len(e.Map.Hubs)) {
		return false
	}
	kind := e.Map.Hubs[hub].Kind
	return kind == stationHub || kind == highSpeedHub
}

// Null says that nobody is at a station.
func (railHubTask) Null(*Env) Answer { return &HubPopulation{} }

func (p *HubPopulation) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	return &HubPopulation{rekeyEvents(p.Visits, who)}
}
