package dataset

import (
	"context"
	"fmt"
	"sort"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/geo"
)

// The road graph and what truly happened on it.
const (
	TableLinks      = "map/links"
	TableLinkSpeeds = "truth/link_speeds"
)

// RoadEdge is a row of map/links: a stretch of road between two junctions. It
// has two links: 2 × id along its line and 2 × id + 1 against it.
type RoadEdge struct {
	ID           uint32    `parquet:"id,delta"` // 0 … n − 1, the row
	FromNode     uint32    `parquet:"from_node"`
	ToNode       uint32    `parquet:"to_node"`
	Class        string    `parquet:"class,dict"` // OSM highway value
	LengthM      float64   `parquet:"length_m"`
	FreeMPS      float64   `parquet:"free_mps"` // of cars in light traffic, m/s
	Lanes        int32     `parquet:"lanes"`    // along the line
	LanesBack    int32     `parquet:"lanes_back"`
	Capacity     float64   `parquet:"capacity"` // cars an hour along the line
	CapacityBack float64   `parquet:"capacity_back"`
	Modes        string    `parquet:"modes,dict"` // that may go along the line: of car, bike, walk, with spaces between
	ModesBack    string    `parquet:"modes_back,dict"`
	Bridge       bool      `parquet:"bridge"`
	Tunnel       bool      `parquet:"tunnel"`
	Lon          []float64 `parquet:"lon,list"`
	Lat          []float64 `parquet:"lat,list"`
}

// LinkSpeed is a row of truth/link_speeds: cars on a link in a local hour. What
// has no row is free.
type LinkSpeed struct {
	Link   int32   `parquet:"link,delta"`
	Day    string  `parquet:"day,dict"` // weekday, free (weekends and holidays)
	Hour   int32   `parquet:"hour"`     // 0 … 23
	MPS    float64 `parquet:"mps"`
	Volume int32   `parquet:"volume"` // cars an hour, of all inhabitants
}

// Days of LinkSpeed and Trip.
const (
	DayWorking = "weekday"
	DayFree    = "free"
)

// Roads are the links and lines that trips follow, with their speeds.
type Roads struct {
	proj  geo.Projection
	lines []Line
	edges []RoadEdge
	slow  []int32 // by link: index into speeds, −1 = always free
	speed []hours
}

// hours is the traffic on a link in the hours of the two days: m/s and cars.
type hours [2][24]struct {
	mps    float64
	volume int32
}

func dayIndex(day string) int {
	if day == DayFree {
		return 1
	}
	return 0
}

// LoadRoads reads the road graph and its speeds; nil where the data set has none.
func LoadRoads(ctx context.Context, f *Folder) (*Roads, error) {
	if !f.HasTable(TableLinks) || !f.HasTable(TableLinkSpeeds) {
		return nil, nil
	}
	r := &Roads{}
	var err error
	if r.edges, err = gather(ReadTable[RoadEdge](ctx, f, TableLinks), nil); err != nil {
		return nil, err
	}
	for i := range r.edges {
		e := &r.edges[i]
		if int(e.ID) != i || len(e.Lon) < 2 || len(e.Lon) != len(e.Lat) || !(e.LengthM > 0) || !(e.FreeMPS > 0) {
			return nil, fmt.Errorf("%s: %s: row %d: edge %d of %d and %d coordinates, %g m, %g m/s; want ids in order, lines and positive numbers",
				f.dir, TableLinks, i, e.ID, len(e.Lon), len(e.Lat), e.LengthM, e.FreeMPS)
		}
	}
	if len(r.edges) > 0 {
		r.proj = geo.NewProjection(orb.Point{r.edges[0].Lon[0], r.edges[0].Lat[0]})
	}
	if err := r.loadLines(ctx, f); err != nil {
		return nil, err
	}
	r.slow = make([]int32, 2*len(r.edges))
	for l := range r.slow {
		r.slow[l] = -1
	}
	for s, err := range ReadTable[LinkSpeed](ctx, f, TableLinkSpeeds) {
		if err != nil {
			return nil, err
		}
		if s.Link < 0 || int(s.Link) >= 2*len(r.edges) || s.Hour < 0 || s.Hour > 23 || !(s.MPS > 0) || (s.Day != DayWorking && s.Day != DayFree) {
			return nil, fmt.Errorf("%s: %s: link %d of %d on day %q in hour %d at %g m/s, want a link of %s, %s or %s, an hour up to 23 and a speed",
				f.dir, TableLinkSpeeds, s.Link, 2*len(r.edges), s.Day, s.Hour, s.MPS, TableLinks, DayWorking, DayFree)
		}
		if r.slow[s.Link] < 0 {
			r.slow[s.Link] = int32(len(r.speed))
			var x hours
			for i := range 48 {
				x[i/24][i%24].mps = r.edges[s.Link>>1].FreeMPS
			}
			r.speed = append(r.speed, x)
		}
		at := &r.speed[r.slow[s.Link]][dayIndex(s.Day)][s.Hour]
		at.mps, at.volume = s.MPS, s.Volume
	}
	return r, nil
}

// Speed is the speed of cars on a link in a local hour of a day (DayWorking or
// DayFree), in m/s.
func (r *Roads) Speed(link, hour int32, day string) float64 {
	if i := r.slow[link]; i >= 0 {
		return r.speed[i][dayIndex(day)][hour].mps
	}
	return r.edges[link>>1].FreeMPS
}

// Volume is the cars an hour on a link, of all inhabitants; 0 where no row of
// truth/link_speeds tells it.
func (r *Roads) Volume(link, hour int32, day string) int32 {
	if i := r.slow[link]; i >= 0 {
		return r.speed[i][dayIndex(day)][hour].volume
	}
	return 0
}

// LinkPass is when a trip was where on a link.
type LinkPass struct {
	Link         int32
	First, Last  float64 // shares of the link's length in its direction
	Enter, Leave float64 // Unix seconds
}

// Passes appends the links of a trip in order of time: each takes its part of the time
// on the road by the speeds that the trip met, or by its length where it met none.
// r may be nil only for a trip without links.
func (r *Roads) Passes(dst []LinkPass, t *Trip) ([]LinkPass, error) {
	begin, whole := len(dst), 0.0
	for i, l := range t.Links {
		if r == nil || l < 0 || int(l) >= 2*len(r.edges) || t.Hour > 23 {
			return nil, fmt.Errorf("trip of person %d at %d: link %d in hour %d, want a link of %s and an hour up to 23", t.Person, t.Start, l, t.Hour, TableLinks)
		}
		f, to := t.stretch(i)
		seconds := (to - f) * r.edges[l>>1].LengthM
		if t.Hour >= 0 {
			seconds /= r.Speed(l, t.Hour, t.Day)
		}
		dst = append(dst, LinkPass{Link: l, First: f, Last: to, Leave: seconds})
		whole += seconds
	}
	at, pace := float64(t.RoadFrom), float64(t.RoadTo-t.RoadFrom)/max(whole, 1e-9)
	for i := begin; i < len(dst); i++ {
		p := &dst[i]
		p.Enter, p.Leave = at, at+float64(pace*p.Leave)
		at = p.Leave
	}
	return dst, nil
}

// Fix is a position at a time, in Unix seconds.
type Fix struct {
	Time float64
	orb.Point
}

// Course appends where a trip led, in order of time; between two fixes the
// person moves straight and evenly. A trip without links and rides has two.
func (r *Roads) Course(dst []Fix, t *Trip) (course []Fix, err error) {
	start, end := Fix{float64(t.Start), orb.Point{t.FromLon, t.FromLat}}, Fix{float64(t.End), orb.Point{t.ToLon, t.ToLat}}
	if t.RoadTo > 0 { // LoadTruth may have cut start and end
		start.Time, end.Time = min(start.Time, float64(t.RoadFrom)), max(end.Time, float64(t.RoadTo))
	}
	dst = append(dst, start)
	passes, err := r.Passes(nil, t)
	if err != nil {
		return nil, err
	}
	for _, p := range passes {
		dst = r.link(dst, p.Link, p.First, p.Last, p.Enter, p.Leave)
	}
	for i := range t.Rides {
		if dst, err = r.ride(dst, &t.Rides[i]); err != nil {
			return nil, fmt.Errorf("trip of person %d at %d: %w", t.Person, t.Start, err)
		}
	}
	return append(dst, end), nil
}

// stretch is the part of the i-th link that belongs to the trip.
func (t *Trip) stretch(i int) (from, to float64) {
	to = 1
	if i == 0 {
		from = t.First
	}
	if i == len(t.Links)-1 {
		to = t.Last
	}
	return from, to
}

// link appends the part of a link from share f to share t of its length, passed
// between two times.
func (r *Roads) link(dst []Fix, link int32, f, t, from, to float64) []Fix {
	e := &r.edges[link>>1]
	n := len(e.Lon)
	point := func(i int) geo.XY { // in the link's direction
		if link&1 == 1 {
			i = n - 1 - i
		}
		return r.proj.XY(orb.Point{e.Lon[i], e.Lat[i]})
	}
	whole := 0.0
	for i := 1; i < n; i++ {
		whole += point(i - 1).Dist(point(i))
	}
	put := func(p geo.XY, share float64) {
		at := from
		if t > f {
			at += (to - from) * (share - f) / (t - f)
		}
		dst = append(dst, Fix{at, r.proj.LonLat(p)})
	}
	passed, begun := 0.0, false
	for i := 1; i < n; i++ {
		a, b := point(i-1), point(i)
		d := a.Dist(b)
		lo, hi := 0.0, 1.0
		if whole > 0 {
			lo, hi = passed/whole, (passed+d)/whole
		}
		on := func(share float64) geo.XY {
			if hi > lo {
				return a.Lerp(b, (share-lo)/(hi-lo))
			}
			return a
		}
		if !begun && f <= hi {
			put(on(f), f)
			begun = true
		}
		if begun {
			if t <= hi || i == n-1 {
				put(on(t), t)
				return dst
			}
			put(b, hi)
		}
		passed += d
	}
	return dst
}

// At is where a trip's person is at a time within it.
func (r *Roads) At(t *Trip, time uint32) (orb.Point, error) {
	course, err := r.Course(nil, t)
	if err != nil {
		return orb.Point{}, err
	}
	at := float64(time)
	i := sort.Search(len(course)-1, func(i int) bool { return course[i].Time >= at })
	if i == 0 {
		return course[0].Point, nil
	}
	a, b := course[i-1], course[i]
	if b.Time <= a.Time {
		return b.Point, nil
	}
	f := min((at-a.Time)/(b.Time-a.Time), 1)
	return orb.Point{a.Point[0] + float64(f*(b.Point[0]-a.Point[0])), a.Point[1] + float64(f*(b.Point[1]-a.Point[1]))}, nil
}
