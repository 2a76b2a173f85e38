package gen

import (
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/population"
)

// Machines is how the SIMs of machines signal. They are never switched off,
// call nobody, and do not sleep (power saving mode would hide nothing but their
// periodic updates). All is assumed but where a source is named.
type Machines struct {
	T3412S          int     `json:"t3412_s" yaml:"t3412_s" mapstructure:"t3412_s"`                               // periodic update timer, seconds: the extended value of TS 24.301 §9.9.3.16B
	MeterS          int     `json:"meter_s" yaml:"meter_s" mapstructure:"meter_s"`                               // between the reports of a meter, seconds
	AlarmS          int     `json:"alarm_s" yaml:"alarm_s" mapstructure:"alarm_s"`                               // between the polls of an alarm panel
	VendingS        int     `json:"vending_s" yaml:"vending_s" mapstructure:"vending_s"`                         // between the reports of a vending machine
	TelematicsS     int     `json:"telematics_s" yaml:"telematics_s" mapstructure:"telematics_s"`                // between the reports of a moving car
	RouterPerDay    float64 `json:"router_per_day" yaml:"router_per_day" mapstructure:"router_per_day"`          // connections of a router, in the rhythm of data use
	TerminalPerHour float64 `json:"terminal_per_hour" yaml:"terminal_per_hour" mapstructure:"terminal_per_hour"` // payments from 9 to 21 h
	CameraPerHour   float64 `json:"camera_per_hour" yaml:"camera_per_hour" mapstructure:"camera_per_hour"`       // films of motion by day; a tenth of it from 22 to 6 h
	SMSWake         float64 `json:"sms_wake" yaml:"sms_wake" mapstructure:"sms_wake"`                            // share of the timed reports of what stays in place that a message asks for
	Fades           float64 `json:"fades" yaml:"fades" mapstructure:"fades"`                                     // as of phones, an hour by day and night: an antenna that stays where it is
}

func defaultMachines() Machines {
	return Machines{T3412S: 3 * 3600, MeterS: 6 * 3600, AlarmS: 1800, VendingS: 4 * 3600, TelematicsS: 180,
		RouterPerDay: 80, TerminalPerHour: 4, CameraPerHour: 2, SMSWake: 0.02, Fades: 0.01}
}

func (m *Machines) validate() error {
	return check("machines", []bound{
		{"t3412_s", float64(m.T3412S), 60, 310 * 3600}, {"meter_s", float64(m.MeterS), 60, 86400}, {"alarm_s", float64(m.AlarmS), 10, 86400},
		{"vending_s", float64(m.VendingS), 60, 86400}, {"telematics_s", float64(m.TelematicsS), 5, 3600},
		{"router_per_day", m.RouterPerDay, 0, 5000}, {"terminal_per_hour", m.TerminalPerHour, 0, 500}, {"camera_per_hour", m.CameraPerHour, 0, 500},
		{"sms_wake", m.SMSWake, 0, 1}, {"fades", m.Fades, 0, 100},
	})
}

// simCounts tells the phone SIMs that are valid when the data set begins, those
// of machines, and those that take another's place before it ends.
func (g *generator) simCounts() (phones, machines, changes int64) {
	length := g.cal.Start(g.cal.Days()) - g.cal.Start(0)
	for i := range g.pop.SIMs {
		switch s := &g.pop.SIMs[i]; {
		case s.Initial():
			phones++
		case s.Use != population.Handset:
			machines++
		case s.From < length:
			changes++
		}
	}
	return phones, machines, changes
}

// machine is the state of one in a part.
type machine struct {
	use    population.Use
	driver int    // of a car: position of the person; else −1
	phase  uint32 // hash of when its timed reports come
	pos    geo.XY // where it stands, at midnight
}

// newMachine sets up the machine of a SIM; position tells where its driver is
// among the persons of the part.
func (g *generator) newMachine(u sigcity.UserID, position map[uint32]int) machine {
	sim := &g.pop.SIMs[u]
	m := machine{use: sim.Use, driver: -1, phase: uint32(sigcity.Mix(sigcity.Scope(g.cfg.Seed, "gen.machine"), uint64(sim.Key)))}
	switch {
	case sim.Use == population.Telematics:
		m.driver, m.pos = position[sim.Host], g.pop.Households[g.pop.Persons[sim.Host].Household].Pos
	case sim.Use.AtHome():
		m.pos = g.pop.Households[sim.Host].Pos
	default:
		m.pos = g.pop.Pos(sim.Spot)
	}
	return m
}

// machinery makes the days of machines. One per worker.
type machinery struct {
	cfg       *Machines
	phone     Phone // the rates of camping
	camper    camper
	signaling signaling
	data      *diurnal
	begins    uint32
	since     uint32 // on from then on

	segs  []Segment
	wants wants
	rows  []dataset.Contact
}

func newMachinery(g *generator, c *camper, s *signaling) *machinery {
	m := &machinery{cfg: &g.cfg.Machines, phone: g.cfg.Phone, camper: *c, signaling: *s, data: newDiurnal(dataByHour), begins: g.cal.Start(0)}
	m.phone.Fades, m.phone.FadesNight, m.phone.Drifts = m.cfg.Fades, m.cfg.Fades, 0
	m.camper.phone = &m.phone
	m.signaling.t3412 = uint32(m.cfg.T3412S)
	return m
}

// day appends the records of a machine on a day. persons are the segments of
// the part's persons on it. The notes and messages are good until the next call.
func (m *machinery) day(rec []sigcity.Record, r *rand.Rand, mc *machine, ph *phone, air *air, d day, persons [][]Segment) ([]sigcity.Record, []note, []dataset.Contact) {
	end := d.midnight + uint32(d.length)
	m.camper.air = air
	in := ph.serving
	if mc.driver >= 0 {
		m.drive(mc, persons[mc.driver], d)
	} else {
		m.segs = append(m.segs[:0], Segment{Start: d.midnight, End: end, From: mc.pos, To: mc.pos, Place: -1})
	}
	moves := m.camper.day(r, &ph.camping, d, m.segs)
	m.wants.keep(ph.carry)
	m.rows = m.rows[:0]
	m.since = d.midnight
	if !ph.on {
		m.since = ph.wake
	}
	m.reports(r, mc, d)
	slices.Sort(m.wants.data)
	slices.Sort(m.wants.other)
	m.signaling.notes = m.signaling.notes[:0]
	rec = m.signaling.day(rec, ph, in, moves, m.wants, end)
	return rec, m.signaling.notes, m.rows
}

// drive lays out the day of a car: it moves on the trips by car of its driver
// that begin where it stands, and is parked in between.
func (m *machinery) drive(mc *machine, driver []Segment, d day) {
	m.segs = m.segs[:0]
	since := d.midnight
	park := func(until uint32) {
		if since < until {
			m.segs = append(m.segs, Segment{Start: since, End: until, From: mc.pos, To: mc.pos, Place: -1})
		}
	}
	for i := range driver {
		s := &driver[i]
		if s.Mode != Car || s.From != mc.pos {
			continue
		}
		park(s.Start)
		m.segs = append(m.segs, *s)
		since, mc.pos = s.End, s.To
	}
	park(d.midnight + uint32(d.length))
}

// reports draws what a machine sends on a day.
func (m *machinery) reports(r *rand.Rand, mc *machine, d day) {
	c := m.cfg
	switch mc.use {
	case population.Meter:
		m.timed(r, mc, d, uint32(c.MeterS), 8)
	case population.Alarm:
		m.timed(r, mc, d, uint32(c.AlarmS), 3)
	case population.Vending:
		m.timed(r, mc, d, uint32(c.VendingS), 6)
		m.during(r, d, c.TerminalPerHour/4, 7, 23, 4) // sales that are paid by card
	case population.Terminal:
		m.during(r, d, c.TerminalPerHour, 9, 21, 4)
	case population.Camera:
		m.during(r, d, c.CameraPerHour, 6, 22, 30)
		m.during(r, d, c.CameraPerHour/10, 0, 6, 30)
		m.during(r, d, c.CameraPerHour/10, 22, 24, 30)
	case population.Router:
		if c.RouterPerDay > 0 {
			for v := r.ExpFloat64() / c.RouterPerDay; v < 1; v += r.ExpFloat64() / c.RouterPerDay {
				m.send(d.at(m.data.at(v)), 60, r)
			}
		}
	case population.Telematics:
		for i := range m.segs {
			s := &m.segs[i]
			if s.Mode != Car {
				continue
			}
			for t := s.Start; t < s.End; t += uint32(c.TelematicsS) { // ignition on, and as it moves
				m.send(t, 3, r)
			}
			m.send(s.End, 5, r) // ignition off
		}
	}
}

// timed adds reports every so many seconds, at a second of the machine's own
// within the period and a few later; some are asked for by a message.
func (m *machinery) timed(r *rand.Rand, mc *machine, d day, every uint32, seconds float64) {
	first := m.begins + mc.phase%every
	if first < d.midnight {
		first += (d.midnight - first + every - 1) / every * every
	}
	end := d.midnight + uint32(d.length)
	for t := first; t < end; t += every {
		at := min(t+r.Uint32N(4), end-1)
		if r.Float64() < m.cfg.SMSWake && at >= m.since {
			m.wants.other = append(m.wants.other, newDemand(at, sigcity.SMSIn, 1))
			m.rows = append(m.rows, dataset.Contact{Time: at, Event: int32(sigcity.SMSIn), Peer: -1})
		}
		m.send(at, seconds, r)
	}
}

// during adds reports at random, so many an hour from one local hour to another.
func (m *machinery) during(r *rand.Rand, d day, perHour float64, from, to float64, seconds float64) {
	if perHour <= 0 {
		return
	}
	limit := min(to*3600, float64(d.length))
	for t := from*3600 + float64(r.ExpFloat64()/perHour*3600); t < limit; t += r.ExpFloat64() / perHour * 3600 {
		m.send(d.midnight+uint32(t), seconds, r)
	}
}

// send adds a connection of so many seconds on average, at least 2.
func (m *machinery) send(at uint32, seconds float64, r *rand.Rand) {
	m.wants.connect(at, 2+uint32(r.ExpFloat64()*seconds))
}

// ueOf is the radio side of a SIM.
func ueOf(sim *population.SIM) network.UE {
	return network.UE{Operator: int(sim.Operator), SA: sim.Radio == population.SA}
}
