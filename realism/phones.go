package realism

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity"
)

// returnS is within what time a phone that comes back to a cell went to and
// fro, s (P1).
const returnS = 300

// cellsOf follows the serving cell: ping-pong, borders of tracking areas, and
// what handovers need.
func (o *observer) cellsOf(g uint8, rows []sigcity.Record) {
	o.n.pingPong.add(g, of, int64(len(rows)))
	var (
		before   sigcity.AreaID // the cell before the present one
		left     uint32         // when it was last seen
		entered  = -1           // index of the first record in the present cell
		hasPrior bool
		opener   = sigcity.NoEvent // the last record that was no change of cell
	)
	for i := range rows {
		r := &rows[i]
		if i > 0 && r.Area != rows[i-1].Area {
			if hasPrior && r.Area == before && r.Time-left <= returnS {
				n := int64(i - entered)
				o.n.pingPong.add(g, some, n)
				o.n.cellFlips[rows[i-1].Area] += n
			}
			before, left, entered, hasPrior = rows[i-1].Area, rows[i-1].Time, i, true
			o.cross(&rows[i-1], r)
		}
		switch r.Type {
		case sigcity.Handover:
			if opener != sigcity.NoEvent {
				o.n.handovers.add(g, of, 1)
				if opener != sigcity.PeriodicUpdate && opener != sigcity.Detach {
					o.n.handovers.add(g, some, 1)
				}
			}
		case sigcity.TrackingAreaUpdate:
		default:
			opener = r.Type
		}
	}
}

// cross counts handovers and updates by the border of tracking areas.
func (o *observer) cross(from, to *sigcity.Record) {
	if o.tacs[from.Area] == o.tacs[to.Area] {
		return
	}
	border := uint64(from.Area)<<32 | uint64(to.Area)
	n := o.n.borders[border]
	switch to.Type {
	case sigcity.Handover:
		o.n.borders[border] = [2]int64{n[0] + 1, n[1]}
	case sigcity.TrackingAreaUpdate:
		o.n.borders[border] = [2]int64{n[0], n[1] + 1}
	}
}

// longestList is how many tracking areas a phone may be registered in at once
// (3GPP TS 24.301, section 9.9.3.33).
const longestList = 16

// arrivalsOf follows the list of tracking areas that a phone is registered in,
// the newest first: the first record in an area that is not on it must be an
// update, a handover or an attach.
func (o *observer) arrivalsOf(g uint8, rows []sigcity.Record) {
	list := o.list[:0]
	for i := range rows {
		r := &rows[i]
		tac := o.tacs[r.Area]
		if r.Type == sigcity.Attach || i == 0 {
			list = append(list[:0], tac)
			continue
		}
		if slices.Contains(list, tac) {
			continue
		}
		list = slices.Insert(list, 0, tac)
		list = list[:min(len(list), cmp.Or(o.place.areas, longestList))]
		o.n.entries.add(g, of, 1)
		if r.Type == sigcity.TrackingAreaUpdate || r.Type == sigcity.Handover {
			o.n.entries.add(g, some, 1)
		}
	}
	o.list = list
}

// timersOf counts what precedes periodic updates, and the updates of days on
// which the phone was not used.
func (o *observer) timersOf(g uint8, rows []sigcity.Record) {
	updates, idle, d := 0, true, 0
	for i := range rows {
		r := &rows[i]
		if d < len(o.dates)-1 && r.Time >= o.dates[d].end {
			if idle && updates > 0 {
				o.n.idleDays.put(g, float64(updates))
			}
			updates, idle = 0, true
			for d < len(o.dates)-1 && r.Time >= o.dates[d].end {
				d++
			}
		}
		switch r.Type {
		case sigcity.PeriodicUpdate:
			updates++
			if i == 0 {
				continue
			}
			gap := int(r.Time - rows[i-1].Time)
			if gap >= longestGap {
				continue
			}
			o.n.minutes[gap/60]++
			if rows[i-1].Type == sigcity.PeriodicUpdate {
				o.n.periods[gap]++
			}
		case sigcity.TrackingAreaUpdate:
			updates++
		default:
			idle = false
		}
	}
	if idle && updates > 0 {
		o.n.idleDays.put(g, float64(updates))
	}
}

// isUse says whether a record shows that the phone is used, by its owner or by
// a program: what data and call records of operators hold.
func isUse(e sigcity.Event) bool {
	switch e {
	case sigcity.ServiceRequest, sigcity.CallOut, sigcity.CallIn, sigcity.SMSOut, sigcity.SMSIn:
		return true
	}
	return false
}

// gapsOf measures times and ways between records of use.
func (o *observer) gapsOf(g uint8, rows []sigcity.Record) {
	used, sent, call := -1, -1, -1
	between := func(h histogram, last *int, i int) {
		if *last >= 0 {
			h.put(g, float64(rows[i].Time-rows[*last].Time))
		}
		*last = i
	}
	for i := range rows {
		r := &rows[i]
		if !isUse(r.Type) {
			continue
		}
		if used >= 0 && rows[used].Area != r.Area {
			o.n.jumps.put(g, o.areas.Dist(rows[used].Area, r.Area))
		}
		between(o.n.used, &used, i)
		if r.Type == sigcity.CallOut || r.Type == sigcity.SMSOut {
			between(o.n.sent, &sent, i)
		}
		if r.Type == sigcity.CallOut {
			between(o.n.calls, &call, i)
		}
	}
}

// nightsOf looks at 0 to 6 h, local time.
func (o *observer) nightsOf(g uint8, rows []sigcity.Record) {
	d, last := 0, -1
	o.night = o.night[:0]
	end := func() {
		if len(o.night) > 0 {
			o.n.nightly.put(g, float64(min(len(o.night), o.n.nightly.bins.len()-1)))
		}
		o.night, last = o.night[:0], -1
	}
	for i := range rows {
		r := &rows[i]
		if d < len(o.dates)-1 && r.Time >= o.dates[d].end {
			end()
			for d < len(o.dates)-1 && r.Time >= o.dates[d].end {
				d++
			}
		}
		if r.Time < o.dates[d].start || r.Time-o.dates[d].start >= 6*3600 {
			continue
		}
		if last >= 0 {
			o.n.night.add(g, of, 1)
			if rows[last].Area == r.Area {
				o.n.night.add(g, some, 1)
			}
		}
		last = i
		if !slices.Contains(o.night, r.Area) {
			o.night = append(o.night, r.Area)
		}
	}
	end()
}
