package gen

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/population"
)

// switchS is how long a handset is off while its SIM is changed, from the end
// of the old one's validity on, seconds (assumed).
const switchS = 60

// validOn reports whether a SIM is valid at some time of the day.
func (c *callers) validOn(sim *population.SIM, d day) bool {
	return c.begins+sim.From < d.midnight+uint32(d.length) && (sim.To == 0 || c.begins+sim.To > d.midnight)
}

// changesOn reports whether a SIM that is valid on the day takes another's place
// on it, or another its.
func (c *callers) changesOn(sim *population.SIM, d day) bool {
	return sim.From != 0 && c.begins+sim.From >= d.midnight || sim.To != 0 && c.begins+sim.To < d.midnight+uint32(d.length)
}

// retire appends the outage with which a SIM ends, if it does: it signs off in
// the last second of its validity. (Changes are by day, so that no call that
// goes on after midnight is cut by that of the next day.)
func (c *callers) retire(dst []outage, sim *population.SIM) []outage {
	if sim.To == 0 {
		return dst
	}
	end := c.begins + sim.To
	return append(dst, outage{start: end - 1, end: end + 2*86400})
}

// handset is the key of the handset that a SIM is in.
func (c *callers) handset(sim sigcity.UserID) uint32 { return c.pop.SIMs[c.pop.SIMs[sim].Device].Key }

// line is the end of a call that a person is: the SIM that is valid at the
// time. At most one takes another's place on a day.
func (t *talker) line(off []outage, first sigcity.UserID, before, d day) party {
	u := first
	for !t.validOn(&t.pop.SIMs[u], d) {
		u = t.pop.SIMs[u].Next
	}
	sim := &t.pop.SIMs[u]
	p := party{sim: u, next: population.NoSIM, since: t.attached(u)}
	off = t.power.around(off, t.handset(u), before, d)
	if at := t.begins + sim.To; sim.To != 0 && at < d.midnight+uint32(d.length) {
		p.next, p.switched = sim.Next, at
		if device := t.pop.SIMs[sim.Next].Device; device != sim.Device {
			// Until then the old handset's times off count, after that the new one's.
			for i := range off {
				off[i].end = min(off[i].end, at)
			}
			own := len(off)
			off = t.power.around(off, t.handset(sim.Next), before, d)
			for i := own; i < len(off); i++ {
				off[i].start = max(off[i].start, at)
			}
		}
		off = append(off, outage{start: at - 1, end: at + switchS})
	}
	p.off = t.absent.around(off, sim.Person, before, d)
	return p
}

// at is the SIM of the party at second t.
func (p *party) at(t uint32) sigcity.UserID {
	if p.next != population.NoSIM && t >= p.switched {
		return p.next
	}
	return p.sim
}
