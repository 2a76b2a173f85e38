package planning

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
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
			{Name: "min_change", Type: plugin.Duration, Default: "3m", Min: 30, Max: 3600, Doc: "shortest time of somebody who changes, boards or gets off; others pass"},
			{Name: "home_m", Type: plugin.Float, Default: 500.0, Min: 0, Max: 5000, Doc: "who lives within so many metres of a station is a resident of it, in truth too"},
		},
		Complexity: "O(n) in records; rides as P9",
		New: func(v plugin.Values) (Task, error) {
			return railHubTask{uint32(v.Duration("min_wait").Seconds()), uint32(v.Duration("max_wait").Seconds()), uint32(v.Duration("min_change").Seconds()), v.Float("home_m")}, nil
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
	minWait, maxWait, minChange uint32 // seconds
	homeM                       float64
}

func (railHubTask) Needs() Need { return Need{Horizon: Week} }

func (t railHubTask) Fold(env *Env) Fold {
	return &rowFold[HubVisit]{env: env, tag: "rail-hub-population/1", take: t.take,
		answer: func(rows []HubVisit) (Answer, error) { return &HubPopulation{append([]HubVisit{}, rows...)}, nil }}
}

// take appends the visits of a view.
func (t railHubTask) take(dst []HubVisit, v *View) []HubVisit {
	first := len(dst)
	if len(v.env.railHubs()) == 0 {
		return dst
	}
	v.moves(func(trip recognition.Trip, rows []sigcity.Record) {
		if slices.ContainsFunc(rows, func(r sigcity.Record) bool { return v.env.hubs().stations.ServesAny(r.Area) }) {
			dst = v.env.ridden(dst, v.User, v.move(trip).Rides)
		}
	})
	dwells := v.StationDwells()
	for i := range dst[first:] { // a ride tells when the train stops, the dwell how long one is there
		t.widen(v, &dst[first+i], dwells)
	}
	dst = append(dst[:first], t.joinChanges(dst[first:])...)
	ridden := len(dst)
	home := v.homeHubs(t.homeM)
	staff := staffOf(dwells, v.env.Calendar)
	for _, d := range dwells {
		visit := HubVisit{AtHub: AtHub{v.User, uint32(d.Hub), d.Enter, d.Leave, 1}}
		told := slices.ContainsFunc(dst[first:ridden], func(o HubVisit) bool { return o.Hub == visit.Hub && o.gap(&visit.AtHub) <= eventS })
		if told || home[d.Hub] || !v.env.isStation(int64(d.Hub)) {
			continue
		}
		if role, ok := t.role(v, d, staff[d.Hub]); ok {
			visit.Role = role
			dst = append(dst, visit)
		}
	}
	return t.homeDays(dst, v, home)
}

// fastMS is faster than anybody walks or rides through a city's streets in a straight line,
// m/s (assumed).
const fastMS = 6.0

// role is that of a dwell which no ride explains. Who comes out of a tunnel or off a track, or
// goes there, has been on board or boards; who comes and leaves fast otherwise is somebody's
// driver. Beside a silence nothing is known.
func (t railHubTask) role(v *View, d recognition.HubDwell, staff bool) (HubRole, bool) {
	long := d.Leave - d.Enter
	if staff {
		return RoleStaff, long >= staffS
	}
	if d.InMS == 0 || d.OutMS == 0 || long > t.maxWait || long < t.minChange {
		return 0, false
	}
	switch in, out := v.onBoard(d.From-1, d.InMS), v.onBoard(d.To, d.OutMS); {
	case in && out:
		return RoleTransfer, true
	case in:
		return RoleArrive, true
	case out:
		return RoleDepart, true
	}
	return RolePickUp, long >= t.minWait && d.InMS >= fastMS && d.OutMS >= fastMS
}

// onBoard reports whether record i, between which and the dwell beside it the phone has the given
// speed, tells that it is on a train: nobody else is served in a tunnel or on a track.
func (v *View) onBoard(i int, ms float64) bool {
	return i >= 0 && i < len(v.Records) && ms >= fastMS && v.env.lines().Own(v.Records[i].Area)
}

// moves calls f with the times between stays and their records: trips, and what leads into the
// first stay or out of the last. A silence that only a phone off the network has ends one.
func (v *View) moves(f func(trip recognition.Trip, rows []sigcity.Record)) {
	moment := func(r sigcity.Record) uint32 { return r.Time + r.Span/2 }
	stays, _ := v.Stays(recognition.DefaultStayParams())
	rows := v.Records
	for k := range len(stays) + 1 {
		n := len(rows)
		if k < len(stays) {
			n = sort.Search(len(rows), func(i int) bool { return moment(rows[i]) >= stays[k].Start })
		}
		between, first := rows[:n], true
		for len(between) > 0 {
			m := 1
			for m < len(between) && between[m].Time <= between[m-1].End()+recognition.HubGapS {
				m++
			}
			a, b := between[0], between[m-1]
			trip := recognition.Trip{Start: moment(a), End: moment(b), From: a.Area, To: b.Area}
			if k > 0 && first && trip.Start-stays[k-1].End <= recognition.HubGapS {
				trip.Start, trip.From = stays[k-1].End, stays[k-1].Area
			}
			if k < len(stays) && m == len(between) && stays[k].Start-trip.End <= recognition.HubGapS {
				trip.End, trip.To = stays[k].Start, stays[k].Area
			}
			f(trip, between[:m])
			between, first = between[m:], false
		}
		if k < len(stays) {
			rows = rows[sort.Search(len(rows), func(i int) bool { return moment(rows[i]) >= stays[k].End }):]
		}
	}
}

// homeHubs are the stations within so many metres of the home; nil where there is none.
func (v *View) homeHubs(metres float64) map[int]bool {
	a := v.Anchors()
	if !a.HasHome {
		return nil
	}
	var out map[int]bool
	for _, h := range v.env.railHubs() {
		if h.at.Dist(v.env.areas().Centers[a.Home]) <= metres {
			if out == nil {
				out = map[int]bool{}
			}
			out[h.hub] = true
		}
	}
	return out
}

// homeDays appends a visit for each day on which a phone is at a home beside a station.
func (t railHubTask) homeDays(dst []HubVisit, v *View, home map[int]bool) []HubVisit {
	if len(home) == 0 {
		return dst
	}
	a, cal := v.Anchors(), v.env.Calendar
	next := 0
	for _, r := range v.Records {
		day := cal.Day(r.Time)
		if r.Area != a.Home || day < next || day >= cal.Days() {
			continue
		}
		next = day + 1
		for _, h := range v.env.railHubs() {
			if home[h.hub] {
				dst = append(dst, HubVisit{AtHub{v.User, uint32(h.hub), cal.Start(day), cal.Start(day + 1), 1}, RoleResident})
			}
		}
	}
	return dst
}

// widen stretches a visit over the dwell at its hub that is nearest, within the
// tolerance. Who gets off a train and is on track again after it, or comes off one and boards,
// changes trains: P9 may miss a short ride.
func (t railHubTask) widen(v *View, h *HubVisit, dwells []recognition.HubDwell) {
	near, best := uint32(eventS+1), -1
	for i, d := range dwells {
		if at := (AtHub{Start: d.Enter, End: d.Leave}); d.Hub == int(h.Hub) && h.gap(&at) < near {
			near, best = h.gap(&at), i
		}
	}
	if best < 0 {
		return
	}
	d, changes := dwells[best], false
	switch h.Role {
	case RoleDepart:
		h.Start = min(h.Start, d.Enter)
		changes = v.onBoard(d.From-1, d.InMS)
	case RoleArrive:
		h.End = max(h.End, d.Leave)
		changes = v.onBoard(d.To, d.OutMS)
	}
	if changes && h.End-h.Start >= t.minChange {
		h.Role = RoleTransfer
	}
}

// joinChanges makes one transfer of an arrival and a departure that follows it at the same
// hub within max_wait, and of transfers that overlap.
func (t railHubTask) joinChanges(visits []HubVisit) []HubVisit {
	sortEvents[HubVisit](visits)
	out := visits[:0]
	for _, v := range visits {
		if n := len(out); n > 0 {
			l := &out[n-1]
			changes := (l.Role == RoleArrive || l.Role == RoleTransfer) && (v.Role == RoleDepart || v.Role == RoleTransfer)
			if l.Hub == v.Hub && changes && v.Start <= l.End+t.maxWait {
				l.Role, l.End = RoleTransfer, max(l.End, v.End)
				continue
			}
		}
		out = append(out, v)
	}
	return out
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

// railHub is a railway station on the plane.
type railHub struct {
	hub int
	at  geo.XY
}

// railHubs are the railway stations of the map, but those within the grounds of an
// airport: these are part of it.
func (e *Env) railHubs() []railHub { return e.hubs().rail() }

func (e *Env) findRailHubs() []railHub {
	var out []railHub
	at := func(i int) geo.XY { return e.Proj.XY(orb.Point{e.Map.Hubs[i].Lon, e.Map.Hubs[i].Lat}) }
	for i, h := range e.Map.Hubs {
		inside := slices.ContainsFunc(e.hubsOf(airportHub), func(a uint32) bool { return at(int(a)).Dist(at(i)) <= e.Map.Hubs[a].RadiusM })
		if (h.Kind == stationHub || h.Kind == highSpeedHub) && !inside {
			out = append(out, railHub{i, at(i)})
		}
	}
	return out
}

// isStation reports whether a hub is one of railHubs.
func (e *Env) isStation(hub int64) bool {
	return slices.ContainsFunc(e.railHubs(), func(h railHub) bool { return int64(h.hub) == hub })
}

// Null says that nobody is at a station.
func (railHubTask) Null(*Env) Answer { return &HubPopulation{} }

func (p *HubPopulation) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	return &HubPopulation{rekeyEvents(p.Visits, who)}
}
