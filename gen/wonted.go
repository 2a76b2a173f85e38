package gen

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// waysAPerson is how many ways a household remembers for each of its members:
// about those of three days.
const waysAPerson = 8

// wonted is the ways that a household found lately: most are gone again on other
// days, at the same hour. It saves searching; what is found is the same.
// The hashes of the keys lie together, as most of them are read whenever a way is
// looked for.
type wonted struct {
	hashes []uint64
	ways   []wontedWay
}

// wayKey is what a way hangs on.
type wayKey struct {
	from, to geo.XY
	mode     Mode
	hour     int8       // by car, else −1
	kind     trafficDay // by car
}

func (k *wayKey) hash() uint64 {
	return sigcity.Mix(sigcity.Mix(pointKey(k.from), pointKey(k.to)), uint64(k.mode)<<16|uint64(uint8(k.hour))<<8|uint64(k.kind))
}

type wontedWay struct {
	wayKey
	used    int32 // the day of the last use, plus 1; 0 = empty
	leads   bool  // there is a way
	seconds int32 // from door to door
	path    Path
}

func newWonted(members int) wonted {
	n := waysAPerson * members
	return wonted{make([]uint64, 0, n), make([]wontedWay, 0, n)}
}

// find is the way of a key, or room for it: that of the way longest not used.
// Ways used on the same day stay, as trips of the day go along them; nil where
// there are only those.
func (w *wonted) find(key *wayKey, day int) (x *wontedWay, known bool) {
	hash := key.hash()
	for i, x := range w.hashes {
		if x == hash && w.ways[i].wayKey == *key {
			w.ways[i].used = int32(day) + 1
			return &w.ways[i], true
		}
	}
	i := len(w.ways)
	if i < cap(w.ways) {
		w.ways, w.hashes = append(w.ways, wontedWay{}), append(w.hashes, 0)
	} else if i = w.oldest(); i < 0 || w.ways[i].used > int32(day) {
		return nil, false
	}
	w.ways[i].used, w.hashes[i] = int32(day)+1, hash
	return &w.ways[i], false
}

// oldest is the way longest not used, the first of several; −1 where there is none.
func (w *wonted) oldest() int {
	oldest := -1
	for i := range w.ways {
		if oldest < 0 || w.ways[i].used < w.ways[oldest].used {
			oldest = i
		}
	}
	return oldest
}

// keep remembers what was found: path is nil where no way leads.
func (x *wontedWay) keep(key *wayKey, path *Path, seconds int32) {
	links := x.path.Links
	x.wayKey, x.leads, x.seconds = *key, path != nil, seconds
	if path != nil {
		x.path = *path
		x.path.Links = append(links[:0], path.Links...)
	}
}
