package network

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity/geo"
)

// nearSites are the sites of a network among which are the sitesInReach nearest
// to any point of a block, by index. To look through them is faster than to ask
// the index for every tile.
type nearSites struct {
	ids []int
	pos []geo.XY
}

// sitesAround finds them for the block from the middle of its first tile to
// that of its last.
func (n *network) sitesAround(first, last geo.XY, side float64) nearSites {
	mid := geo.XY{X: (first.X + last.X) / 2, Y: (first.Y + last.Y) / 2}
	reach := math.Hypot(last.X-first.X+side, last.Y-first.Y+side) / 2
	var s nearSites
	least := n.index.NearestN(nil, mid, sitesInReach)
	farthest := n.antennas[least[len(least)-1]].pos.Dist(mid)
	// A point's nearest are within farthest + reach of it, so within another
	// reach of the middle; the metre is for rounding.
	n.index.Within(mid, farthest+2*reach+1, func(i int, _ float64) { s.ids = append(s.ids, i) })
	slices.Sort(s.ids)
	for _, i := range s.ids {
		s.pos = append(s.pos, n.antennas[i].pos)
	}
	return s
}

// nearest appends the sitesInReach nearest to a point of the block, nearest
// first, of equals the lowest first.
func (s *nearSites) nearest(dst []int, p geo.XY) []int {
	var d2s [sitesInReach]float64
	from, n := len(dst), 0
	for k, q := range s.pos {
		d2 := q.Dist2(p)
		if n == sitesInReach {
			if d2 >= d2s[n-1] {
				continue
			}
			n--
		} else {
			dst = append(dst, 0)
		}
		i := n
		for ; i > 0 && d2s[i-1] > d2; i-- {
			d2s[i], dst[from+i] = d2s[i-1], dst[from+i-1]
		}
		d2s[i], dst[from+i] = d2, s.ids[k]
		n++
	}
	return dst
}
