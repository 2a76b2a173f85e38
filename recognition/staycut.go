package recognition

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// moment is where in time a record is put: the middle of its interval.
func moment(r sigcity.Record) uint32 { return r.Time + r.Span/2 }

// silence is the time between two records in which nothing is known.
func silence(a, b sigcity.Record) uint32 {
	if end := a.End(); b.Time > end {
		return b.Time - end
	}
	return 0
}

// grow makes a cluster that begins with record i and says where the next begins.
func (f *StayFinder) grow(rows []sigcity.Record, i int) int {
	var (
		sum   geo.XY
		n     float64
		begin = i
		best  = rows[i].Area
		last  = i // last record of the cluster
		reach = f.radius[best]
	)
	take := func(j int) {
		a := rows[j].Area
		c := f.areas.Centers[a]
		sum, n, last = geo.XY{X: sum.X + c.X, Y: sum.Y + c.Y}, n+1, j
		f.count[a]++
		if f.count[a] > f.count[best] {
			best = a
		}
	}
	near := func(a sigcity.AreaID) bool {
		return a == best || f.areas.Centers[a].Dist(geo.XY{X: sum.X / n, Y: sum.Y / n}) <= max(reach, f.radius[a])
	}
	take(i)
	for i++; i < len(rows) && silence(rows[last], rows[i]) <= f.p.GapS; i++ {
		if !near(rows[i].Area) {
			back := f.back(rows[i:], best, near)
			if back < 0 {
				break
			}
			i += back
		}
		take(i)
	}
	core := func(r sigcity.Record) bool { return coreShare*f.count[r.Area] >= f.count[best] }
	from, to := begin, last
	for !core(rows[from]) {
		from++
	}
	for !core(rows[to]) {
		to--
	}
	inside := 0
	for _, r := range rows[from : to+1] {
		if f.count[r.Area] > 0 { // else a stray one
			inside++
		}
	}
	for _, r := range rows[begin : last+1] {
		f.count[r.Area] = 0
	}
	for j := begin; j < from; j++ {
		f.pass(rows[j])
	}
	f.add(rows[from:to+1], geo.XY{X: sum.X / n, Y: sum.Y / n}, best, inside)
	for j := to + 1; j <= last; j++ {
		f.pass(rows[j])
	}
	return last + 1
}

// coreShare: an area is of a cluster's core if it has one in so many of the
// dominant area's records. Assumed.
const coreShare = 10

// back is where in rows, which begin with a record elsewhere, the phone is near
// again, −1 if that is too late for ping-pong around the area best.
func (f *StayFinder) back(rows []sigcity.Record, best sigcity.AreaID, near func(sigcity.AreaID) bool) int {
	limit := max(f.p.MinS, f.p.ReturnS)
	for i, r := range rows {
		switch {
		case r.Time-rows[0].Time > limit:
			return -1
		case near(r.Area):
			return i
		case f.areas.Dist(best, r.Area) > f.areas.Radius(best)+f.areas.Radius(r.Area):
			limit = f.p.ReturnS
			if r.Time-rows[0].Time > limit {
				return -1
			}
		}
	}
	return -1
}

// pass appends a way point.
func (f *StayFinder) pass(r sigcity.Record) {
	f.add([]sigcity.Record{r}, f.areas.Centers[r.Area], r.Area, 1)
}

// add appends a cluster from the first to the last of rows, of which n are at its place.
func (f *StayFinder) add(rows []sigcity.Record, center geo.XY, area sigcity.AreaID, n int) {
	// Middles of long spans may be out of order: clusters are not.
	from := moment(rows[0])
	if k := len(f.clusters); k > 0 {
		from = max(from, f.clusters[k-1].last)
	}
	f.clusters = append(f.clusters, cluster{first: from, last: max(from, moment(rows[len(rows)-1])),
		center: center, area: area, records: n,
		entered: rows[0].Type == sigcity.TrackingAreaUpdate || rows[0].Type == sigcity.Handover})
}
