package gen

import "github.com/sigcity/sigcity"

// tape is connections for data, of which a session is a stretch. First come short
// ones, one after another, with the pauses between them in which the network
// releases the phone: a session begins anywhere among them. Their lengths and
// pauses are shuffled, so that those of a stretch are as good as drawn one by one,
// and all are equally often its first. At the end come streams, each a session of
// its own.
type tape []connection

// connection is when one begins and ends, seconds from the begin of the tape.
type connection struct{ at, end uint32 }

// tapeBits of chance pick where on the tape a session of short connections begins.
const tapeBits = 13

// newTape makes one on which the longest session is of so many connections, by
// the inverse distribution functions of their lengths and the pauses, seconds.
func newTape(long, pause func(u float64) float64, most uint32, streams *quantiles) tape {
	const n = 1 << tapeBits
	share := func(p sigcity.Permutation, i int) float64 { return (float64(p.At(uint32(i%n))) + 0.5) / n }
	longs, pauses := sigcity.NewPermutation(n, sigcity.Hash(0, "gen.tape", 0)), sigcity.NewPermutation(n, sigcity.Hash(0, "gen.tape", 1))
	t, at := make(tape, n+most-1, n+int(most)-1+len(streams)), uint32(0)
	for i := range t { // beyond n as from the begin on
		t[i] = connection{at, at + whole(long(share(longs, i)))}
		at = t[i].end + whole(pause(share(pauses, i)))
	}
	for _, s := range streams {
		t = append(t, connection{0, s})
	}
	return t
}

// longest is the most seconds from the begin of a short connection to that of the next one.
func (t tape) longest() (s uint32) {
	for i := range t.streams() - 1 {
		s = max(s, t[i+1].at-t[i].at)
	}
	return s
}

// streams is where they begin.
func (t tape) streams() uint32 { return uint32(len(t) - len(quantiles{})) }

// lasts is how long n connections from one on take.
func (t tape) lasts(from, n uint32) uint32 { return t[from+n-1].end - t[from].at }

// session is one that goes on: the connections of it that are not yet begun.
type session struct {
	start     uint32 // when the tape would have begun
	next, end uint16 // of the tape
}

// newSession is a demand for a session: n connections of the tape from one on.
func newSession(t, from, n uint32) demand { return newDemand(t, taped, from<<sessionBits|n) }

// sessionBits of a demand for a session are the number of its connections.
const sessionBits = 10

// session is what of a demand for one goes on after the first connection.
func (d demand) session(tape tape) session {
	from, n := d.seconds()>>sessionBits, d.seconds()&(1<<sessionBits-1)
	return session{d.time() - tape[from].at, uint16(from + 1), uint16(from + n)}
}

// resume begins the connections of sessions that begin before a second. It needs
// no order among them, as none leaves a record.
func (g *signaling) resume(p *phone, before uint32) {
	rest := p.sessions[:0]
	for _, s := range p.sessions {
		next := s.next
		for next < s.end && g.tape[next].at < before-s.start {
			next++
		}
		if next > s.next && p.on {
			p.connected = max(p.connected, s.start+g.tape[next-1].end+g.inactivity)
			p.timer = p.connected + g.t3412
		}
		if s.next = next; next < s.end {
			rest = append(rest, s)
		}
	}
	p.sessions = rest
}
