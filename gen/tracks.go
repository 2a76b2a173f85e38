package gen

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/parallel"
	"github.com/sigcity/sigcity/network"
)

// tracks is what phones see along the links of the roads, and from stop to stop
// of the lines: for a phone that comes onto such a piece of a way in a cell, where
// on it that changes to which one. Those that come in the best cell of where it
// begins, as most do, are worked out in advance; of the few other beginnings each
// when a phone first makes it. It is the same whoever does. It is shared by all
// workers.
type tracks struct {
	layers [][2]int        // per operator: of its phones without and with 5G of its own, the same where it has none
	heads  []atomic.Uint32 // by layer, rank of the cell (Reselect) at the begin, and piece; 0 = not known

	lines []network.Line
	links int       // how many; hops follow in the order of their stops
	stops []int32   // per line: its first one
	hops  []hopEnds // per stop of a line

	mu     sync.Mutex
	chunks [maxChunks]atomic.Pointer[[chunkChanges]change]
	free   uint32 // the next change
}

// change is one of the serving cell, at a share of the way along a piece.
type change struct {
	share float64
	cell  sigcity.AreaID
	last  bool // on the piece
}

// hopEnds is where a hop begins, and what is around its first metre and its last.
type hopEnds struct {
	at          geo.XY
	first, last network.Medium
	terminus    bool // of the line: none begins here
}

// A head packs what is known of a beginning: the rank of the cell at the end,
// plus 1, in 3 bits; whether the cell changes, in 1; the first change.
const (
	ranks        = 6 // cells that hold at a place, at most
	changes      = 1 << 3
	chunkChanges = 1 << 12
	maxChunks    = 1 << 13 // with chunkChanges 25 bits
)

func newTracks(city *network.City) *tracks {
	k := &tracks{lines: city.Lines, links: city.Graph().Links()}
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
	k.findHops()
	k.heads = make([]atomic.Uint32, layers*k.pieces()*ranks)
	return k
}

// pieces is how many there are.
func (k *tracks) pieces() int { return k.links + len(k.hops) }

// findHops looks up where hops begin.
func (k *tracks) findHops() {
	var c course
	for i := range k.lines {
		l := &k.lines[i]
		k.stops = append(k.stops, int32(len(k.hops)))
		c.ride = l.Course(c.ride[:0], 0, len(l.Stops)-1)
		for left := c.ride; len(left) > 0; {
			n := nextStop(left)
			e := hopEnds{at: left[0].Pos, first: left[n-1].Medium, last: left[n-1].Medium}
			for p := n - 1; p > 0; p-- {
				if left[p].Pos != left[p-1].Pos {
					e.first = left[p].Medium
				}
			}
			k.hops = append(k.hops, e)
			left = left[n:]
		}
		k.hops = append(k.hops, hopEnds{at: c.ride[len(c.ride)-1].Pos, terminus: true})
	}
}

// of is the heads of a kind of phone, by rank and piece. The links of a street
// are next to each other there.
func (k *tracks) of(ue network.UE) []atomic.Uint32 {
	layer := k.layers[ue.Operator][0]
	if ue.SA {
		layer = k.layers[ue.Operator][1]
	}
	return k.heads[layer*k.pieces()*ranks : (layer+1)*k.pieces()*ranks]
}

// change is the i-th one on file.
func (k *tracks) change(i uint32) *change { return &k.chunks[i/chunkChanges].Load()[i%chunkChanges] }

// file makes a head of the changes; false where there is no room for them.
func (k *tracks) file(list []change, rank int) (uint32, bool) {
	n := uint32(len(list))
	if n == 0 {
		return uint32(rank + 1), true
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
		x.last = i == len(list)-1
		chunk.Load()[at%chunkChanges] = x
	}
	head := k.free<<4 | changes | uint32(rank+1)
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
				head = c.head(s, heads, int(l))
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
	for i, more := head>>4, head&changes != 0; more; i++ {
		x := c.tracks.change(i)
		c.take(s, seg.Start+uint32(t+float64((end-t)*x.share)), serving{cell: x.cell})
		more = !x.last
	}
	c.rank = int(head&7) - 1
}

// head is what is known of a beginning, after learning it where that is
// nothing yet; 0 where it cannot be known.
func (c *camper) head(s *camping, heads []atomic.Uint32, piece int) uint32 {
	h := &heads[c.rank*c.tracks.pieces()+piece]
	head := h.Load()
	if head == 0 {
		if learnt, ok := c.learn(s.ue, s.cell, piece); ok {
			head = learnt
			h.Store(head)
		}
	}
	return head
}

// learn works out a head by going along the piece from a cell.
func (c *camper) learn(ue network.UE, cell sigcity.AreaID, piece int) (uint32, bool) {
	c.along(piece, 0, 1)
	c.found = c.found[:0]
	rank := unknown
	probe := camping{ue: ue, serving: serving{cell: cell}}
	c.steps(&probe, func(share float64, q geo.XY) {
		var cell sigcity.AreaID
		if cell, rank = c.radio.Reselect(probe.ue, q, probe.cell); cell != probe.cell {
			probe.cell = cell
			c.found = append(c.found, change{share: share, cell: cell})
		}
	})
	return c.tracks.file(c.found, rank)
}

// explore works out the heads of all pieces for phones that come in the best
// cell. What there is no room for stays unknown.
func (k *tracks) explore(ctx context.Context, city *network.City, phone *Phone, workers int) error {
	campers := make([]*camper, max(1, workers))
	for w := range campers {
		campers[w] = newCamper(city, phone, nil, k)
	}
	for op, layers := range k.layers {
		for i, layer := range layers {
			if i > 0 && layer == layers[0] {
				break
			}
			ue := network.UE{Operator: op, SA: i > 0}
			heads := k.of(ue)
			err := parallel.For(ctx, workers, k.pieces(), 1024, func(w, lo, hi int) error {
				for piece := lo; piece < hi; piece++ {
					campers[w].explore(ue, heads, piece)
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// explore learns the head of a piece for a phone that comes in the best cell.
func (c *camper) explore(ue network.UE, heads []atomic.Uint32, piece int) {
	k, begin := c.tracks, geo.XY{}
	if piece < k.links {
		begin = c.course.graph.At(network.Link(piece), 0)
	} else {
		ends := &k.hops[piece-k.links]
		if ends.terminus {
			return
		}
		begin, ue.Medium = ends.at, ends.first
	}
	s := camping{ue: ue}
	s.cell, _ = c.radio.Reselect(ue, begin, noCell)
	c.rank = 0
	c.head(&s, heads, piece)
}

// noCell is that of a phone that is in none.
const noCell = ^sigcity.AreaID(0)

// along lays a whole piece, passed from begin to end.
func (c *camper) along(piece int, begin, end float64) {
	k := c.tracks
	if piece < k.links {
		l := network.Link(piece)
		c.course.begin(c.course.graph.At(l, 0), begin)
		c.course.between(l, 0, 1, begin, end)
		c.course.turn()
		return
	}
	stop := int32(piece - k.links)
	after, _ := slices.BinarySearch(k.stops, stop+1)
	line := after - 1
	first := int(stop - k.stops[line])
	c.course.ride = k.lines[line].Course(c.course.ride[:0], first, first+1)
	c.course.begin(c.course.ride[0].Pos, begin)
	c.course.hop(c.course.ride, begin, end)
}

// travel is trip by public transport.
func (c *camper) travel(s *camping, seg *Segment) {
	k, heads := c.tracks, c.tracks.of(s.ue)
	c.course.begin(seg.From, 0)
	for i := range seg.Journey.Rides {
		x := &seg.Journey.Rides[i]
		first := int(k.stops[x.Line])
		c.course.add(k.hops[first+int(x.Board)].at, float64(x.Reach))
		c.course.turn()
		c.follow(s, seg)
		for h := range x.hops(&k.lines[x.Line]) {
			stop := first + h.stop
			ends, head := &k.hops[stop], uint32(0)
			if s.ue.Medium != ends.first { // into a tunnel or out of one
				s.ue.Medium = ends.first
				c.look(s, seg.Start+uint32(h.begin), ends.at)
			}
			if s.why == 0 {
				head = c.head(s, heads, k.links+stop)
			}
			if head != 0 {
				c.pass(s, seg, head, h.begin, h.end)
				s.ue.Medium = ends.last
			} else {
				c.along(k.links+stop, h.begin, h.end)
				c.follow(s, seg)
			}
		}
		c.course.begin(k.hops[first+int(x.Alight)].at, float64(x.End))
	}
	c.course.add(seg.To, float64(seg.End-seg.Start))
	c.follow(s, seg)
}

// unknown is the rank where a phone did not look.
const unknown = -1
