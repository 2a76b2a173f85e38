package gen

import (
	"github.com/sigcity/sigcity/geo"
)

// waysAPerson is how many ways a household remembers for each of its members:
// about those of three days.
const waysAPerson = 8

// wonted is the ways that a household found lately: most are gone again on other
// days, at the same hour. It saves searching; what is found is the same.
type wonted struct{ ways []wontedWay }

// wayKey is what a way hangs on.
type wayKey struct {
	from, to geo.XY
	mode     Mode
	hour     int8       // by car, else −1
	kind     trafficDay // by car
}

type wontedWay struct {
	wayKey
	used    int32 // the day of the last use, plus 1; 0 = empty
	leads   bool  // there is a way
	seconds int32 // from door to door
	path    Path
}

func newWonted(members int) wonted { return wonted{make([]wontedWay, 0, waysAPerson*members)} }

// find is the way of a key, or room for it: that of the way longest not used.
// Ways used on the same day stay, as trips of the day go along them; nil where
// there are only those.
func (w *wonted) find(key wayKey, day int) (x *wontedWay, known bool) {
	oldest := -1
	for i := range w.ways {
		x := &w.ways[i]
		if x.wayKey == key {
			x.used = int32(day) + 1
			return x, true
		}
		if oldest < 0 || x.used < w.ways[oldest].used {
			oldest = i
		}
	}
	if len(w.ways) < cap(w.ways) {
		w.ways = append(w.ways, wontedWay{})
		oldest = len(w.ways) - 1
	} else if oldest < 0 || w.ways[oldest].used > int32(day) {
		return nil, false
	}
	w.ways[oldest].used = int32(day) + 1
	return &w.ways[oldest], false
}

// keep remembers what was found: path is nil where no way leads.
func (x *wontedWay) keep(key wayKey, path *Path, seconds int32) {
	links := x.path.Links
	x.wayKey, x.leads, x.seconds = key, path != nil, seconds
	if path != nil {
		x.path = *path
		x.path.Links = append(links[:0], path.Links...)
	}
}
