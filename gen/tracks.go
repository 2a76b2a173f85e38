package gen

import (
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
	layers [][2]int        // per operator: of its phones without and with 5G of its own, the same where it has none
	links  int             // how many
	heads  []atomic.Uint32 // by layer, rank of the cell (Reselect) at the link's begin, and link; 0 = not known

	mu     sync.Mutex
	chunks [maxChunks]atomic.Pointer[[chunkChanges]change]
	free   uint32 // the next change
}

// change is one of the serving cell, at a share of a link's length.
type change struct {
	share float64
	cell  sigcity.AreaID
}

// A head packs what is known of a beginning: the rank of the cell at the link's
// end, plus 1, in 3 bits; how many changes there are, in 4; the first of them.
const (
	ranks        = 6 // cells that hold at a place, at most
	mostChanges  = 15
	chunkChanges = 1 << 12
	maxChunks    = 1 << 13 // with chunkChanges 25 bits
)

func newTracks(city *network.City) *tracks {
	k := &tracks{links: city.Graph().Links()}
	layers := 0
	for _, o := range city.Operators {
		of := [2]int{layers, layers}
		layers++
		if o.SA {
			of[1] = layers
			layers++
		}
		k.layers = append(k.layers, of)
	}
	k.heads = make([]atomic.Uint32, layers*k.links*ranks)
	return k
}

// of is the heads of a kind of phone, by rank and link. The links of a street are
// next to each other there.
func (k *tracks) of(ue network.UE) []atomic.Uint32 {
	layer := k.layers[ue.Operator][0]
	if ue.SA {
		layer = k.layers[ue.Operator][1]
	}
	return k.heads[layer*k.links*ranks : (layer+1)*k.links*ranks]
}

// change is the i-th one on file.
func (k *tracks) change(i uint32) *change { return &k.chunks[i/chunkChanges].Load()[i%chunkChanges] }

// file makes a head of the changes; false where there is no room for them.
func (k *tracks) file(list []change, rank int) (uint32, bool) {
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
	head := k.free<<7 | n<<3 | uint32(rank+1)
	k.free += n
	return head, true
}

// drive is trip along the links of a path.
func (c *camper) drive(s *camping, seg *Segment) {
	p, g := seg.Path, c.course.graph
	total := float64(seg.End - seg.Start)
	heads := c.tracks.of(s.ue)
	c.scout(p, heads, total)
	c.course.begin(seg.From, 0)
	c.course.add(g.SpotPos(p.from), float64(p.Access))
	c.course.turn()
	c.follow(s, seg)
	t := float64(p.Access)
	c.rank = unknown // where the first link begins
	for i, l := range p.Links {
		end, head := c.ahead[i].end, uint32(0)
		from, to := p.stretch(i)
		if from <= 0 && to >= 1 && s.why == 0 {
			if c.rank == 0 {
				head = c.ahead[i].head
			}
			if head == 0 && c.rank != unknown {
				head = c.head(s, l, &heads[c.rank*c.tracks.links+int(l)])
			}
		}
		if head != 0 {
			c.pass(s, seg, head, t, end)
		} else {
			c.rank = unknown
			c.course.begin(g.At(l, from), t)
			c.course.link(p, i, t, end)
			c.course.turn()
			c.follow(s, seg)
		}
		t = end
	}
	c.course.begin(g.SpotPos(p.to), t)
	c.course.add(seg.To, total)
	c.follow(s, seg)
}

// ahead is what is looked up of a link before the phone comes there.
type ahead struct {
	end  float64 // when it is at the link's end, s from the start of the trip
	head uint32  // of those who come in the best cell, as most do
}

// scout looks up the links of a path, which lie far from each other in memory:
// in a loop that does nothing else the processor fetches many at a time.
func (c *camper) scout(p *Path, heads []atomic.Uint32, total float64) {
	t, pace := float64(p.Access), p.pace(total)
	c.ahead = c.ahead[:0]
	for i, l := range p.Links {
		t = min(t+float64(pace*p.seconds(c.course.graph, i)), total-float64(p.Egress))
		c.ahead = append(c.ahead, ahead{t, heads[l].Load()})
	}
}

// pass takes a phone along a link from second t to end of a trip, by what is
// known of the link.
func (c *camper) pass(s *camping, seg *Segment, head uint32, t, end float64) {
	n, first := head>>3&mostChanges, head>>7
	for i := first; i < first+n; i++ {
		x := c.tracks.change(i)
		c.take(s, seg.Start+uint32(t+float64((end-t)*x.share)), serving{cell: x.cell})
	}
	c.rank = int(head&7) - 1
}

// head is what is known of a beginning, after learning it where that is
// nothing yet; 0 where it cannot be known.
func (c *camper) head(s *camping, l network.Link, h *atomic.Uint32) uint32 {
	head := h.Load()
	if head == 0 {
		if learnt, ok := c.learn(s, l); ok {
			head = learnt
			h.Store(head)
		}
	}
	return head
}

// learn works out a head by going along the link.
func (c *camper) learn(s *camping, l network.Link) (uint32, bool) {
	probe := *s
	c.course.begin(c.course.graph.At(l, 0), 0)
	c.course.between(l, 0, 1, 0, 1)
	c.course.turn()
	c.found = c.found[:0]
	rank := unknown
	c.steps(&probe, func(share float64, q geo.XY) {
		var cell sigcity.AreaID
		if cell, rank = c.radio.Reselect(probe.ue, q, probe.cell); cell != probe.cell {
			probe.cell = cell
			c.found = append(c.found, change{share, cell})
		}
	})
	return c.tracks.file(c.found, rank)
}

// unknown is the rank where a phone did not look.
const unknown = -1
