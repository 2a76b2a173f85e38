package gen

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
)

// tracks is what phones see along the links of the roads: for a phone that comes
// onto a link in a cell, where on it that changes to which one. Each of the few
// possible beginnings of a link is worked out when a phone first makes it; it
// is the same whoever does. It is shared by all workers.
type tracks struct {
	layers int             // kinds of phones: an operator's, with and without 5G of its own
	heads  []atomic.Uint32 // by link, layer, and slot of the cell among the candidates at its begin; 0 = not known

	mu     sync.Mutex
	chunks [maxChunks]atomic.Pointer[[chunkChanges]change]
	free   uint32 // the next change
}

// change is one of the serving cell, at a share of a link's length.
type change struct {
	share float64
	cell  sigcity.AreaID
}

// A head packs what is known of a beginning: the slot of the cell at the link's
// end, plus 1, in 3 bits; how many changes there are, in 4; the first of them.
const (
	slots        = 6 // candidates of a place, at most
	mostChanges  = 15
	chunkChanges = 1 << 12
	maxChunks    = 1 << 13 // with chunkChanges 25 bits
)

func newTracks(city *network.City) *tracks {
	k := &tracks{layers: 2 * len(city.Operators)}
	k.heads = make([]atomic.Uint32, city.Graph().Links()*k.layers*slots)
	return k
}

func (k *tracks) head(l network.Link, ue network.UE, slot int) *atomic.Uint32 {
	layer := 2 * ue.Operator
	if ue.SA {
		layer++
	}
	return &k.heads[(int(l)*k.layers+layer)*slots+slot]
}

// changes appends those of a head.
func (k *tracks) changes(dst []change, head uint32) []change {
	n, first := head>>3&mostChanges, head>>7
	for i := first; i < first+n; i++ {
		dst = append(dst, k.chunks[i/chunkChanges].Load()[i%chunkChanges])
	}
	return dst
}

// file makes a head of the changes; false where there is no room for them.
func (k *tracks) file(list []change, slot int) (uint32, bool) {
	n := uint32(len(list))
	if n > mostChanges {
		return 0, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.free+n > maxChunks*chunkChanges {
		return 0, false
	}
	for i, x := range list {
		at := k.free + uint32(i)
		chunk := &k.chunks[at/chunkChanges]
		if chunk.Load() == nil {
			chunk.Store(new([chunkChanges]change))
		}
		chunk.Load()[at%chunkChanges] = x
	}
	head := k.free<<7 | n<<3 | uint32(slot+1)
	k.free += n
	return head, true
}

// drive is trip along the links of a path.
func (c *camper) drive(s *camping, seg *Segment) {
	p, g := seg.Path, c.course.graph
	total := float64(seg.End - seg.Start)
	c.course.begin(seg.From, 0)
	c.course.add(g.SpotPos(p.from), float64(p.Access))
	c.course.turn()
	c.follow(s, seg)
	t, pace := float64(p.Access), p.pace(total)
	c.slot = -1
	for i := range p.Links {
		end := min(t+float64(pace*p.seconds(g, i)), total-float64(p.Egress))
		from, to := p.stretch(i)
		if from > 0 || to < 1 || s.why != 0 || !c.pass(s, seg, p.Links[i], t, end) {
			c.course.begin(g.At(p.Links[i], from), t)
			c.course.link(p, i, t, end)
			c.course.turn()
			c.follow(s, seg)
			c.slot = -1
		}
		t = end
	}
	c.course.begin(g.SpotPos(p.to), t)
	c.course.add(seg.To, total)
	c.follow(s, seg)
}

// pass is trip along a link, by what is known of it; false where that is not
// possible.
func (c *camper) pass(s *camping, seg *Segment, l network.Link, t, end float64) bool {
	if c.slot < 0 {
		c.slot = slotOf(c.radio.Camp(s.ue, c.course.graph.At(l, 0)), s.cell)
		if c.slot < 0 {
			return false
		}
	}
	h := c.tracks.head(l, s.ue, c.slot)
	head := h.Load()
	if head == 0 {
		var ok bool
		if head, ok = c.learn(s, l); !ok {
			return false
		}
		h.Store(head)
	}
	if head>>3&mostChanges > 0 {
		c.found = c.tracks.changes(c.found[:0], head)
		for _, x := range c.found {
			c.take(s, seg.Start+uint32(t+float64((end-t)*x.share)), serving{cell: x.cell})
		}
	}
	c.slot = int(head&7) - 1
	return true
}

// learn works out a head by going along the link.
func (c *camper) learn(s *camping, l network.Link) (uint32, bool) {
	probe := *s
	c.course.begin(c.course.graph.At(l, 0), 0)
	c.course.between(l, 0, 1, 0, 1)
	c.course.turn()
	c.found = c.found[:0]
	c.steps(&probe, func(share float64, q geo.XY) {
		if cell, _ := c.radio.Reselect(probe.ue, q, probe.cell); cell != probe.cell {
			probe.cell = cell
			c.found = append(c.found, change{share, cell})
		}
	})
	return c.tracks.file(c.found, slotOf(c.radio.Camp(probe.ue, c.course.graph.At(l, 1)), probe.cell))
}

// slotOf is where a cell is among candidates, −1 = nowhere.
func slotOf(list []network.Candidate, cell sigcity.AreaID) int {
	return slices.IndexFunc(list, func(x network.Candidate) bool { return x.Cell == cell })
}
