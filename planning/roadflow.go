package planning

import (
	"cmp"
	"fmt"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// slotting cuts a typical workday and a typical day off into slots of the same length.
// Slots count from midnight, those of the day off after those of the workday.
type slotting struct {
	seconds uint32 // divides a day
	e       *Env
}

// daySlots is the number of slots of a day.
func (s slotting) daySlots() int32 { return int32(86400 / s.seconds) }

// of is the slot of a moment in Unix seconds, −1 outside the calendar. The 25th hour of
// a long day counts as its 24th.
func (s slotting) of(t uint32) int32 {
	day, second := s.e.Calendar.Clock(t)
	if day < 0 || day >= s.e.Calendar.Days() {
		return -1
	}
	return s.first(s.e.Calendar.Kind(day)) + min(int32(uint32(second)/s.seconds), s.daySlots()-1)
}

func (s slotting) first(k sigcity.DayKind) int32 {
	if k == sigcity.Weekday {
		return 0
	}
	return s.daySlots()
}

// days is how many workdays and days off the calendar has.
func (e *Env) days() [2]int {
	var n [2]int
	for d := range e.Calendar.Days() {
		if e.Calendar.Kind(d) == sigcity.Weekday {
			n[0]++
		} else {
			n[1]++
		}
	}
	return n
}

// linkFold gathers the speeds on links (P13).
type linkFold struct {
	env    *Env
	tag    string
	p      recognition.StayParams
	slot   func(t uint32) int32
	states *recognition.LinkStates
	answer func(*recognition.LinkStates) (Answer, error)
}

func (f *linkFold) Add(v *View) error {
	for _, d := range v.Drives(f.p) {
		f.states.Add(&d.course, f.slot)
	}
	return nil
}

func (f *linkFold) Merge(other Fold) error {
	o, ok := other.(*linkFold)
	if !ok || o.tag != f.tag {
		return mergeable(f, other)
	}
	f.states.Merge(o.states)
	return nil
}

func (f *linkFold) Next() (bool, error) { return false, nil }

func (f *linkFold) Answer() (Answer, error) { return f.answer(f.states) }

func (f *linkFold) AppendBinary(b []byte) ([]byte, error) {
	return appendFlows(appendHeader(b, f.tag), f.states)
}

func (f *linkFold) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, f.tag)
	got := readRows[flowRow](d, f.env)
	if err := d.done(); err != nil {
		return err
	}
	f.states.Reset()
	for _, r := range got {
		f.states.Put(recognition.LinkFlow(r))
	}
	return nil
}

// flowRow is a LinkFlow in a fold's state.
type flowRow recognition.LinkFlow

func (r flowRow) compare(o flowRow) int {
	return cmp.Or(cmp.Compare(r.Link, o.Link), cmp.Compare(r.Slot, o.Slot))
}

func (r flowRow) check(e *Env) error {
	if r.Link < 0 || int(r.Link) >= 2*len(e.Links) {
		return fmt.Errorf("link %d, there are %d", r.Link, 2*len(e.Links))
	}
	if r.Slot < 0 || min(r.Probes, r.Decimetres, r.Milliseconds, r.FreeMillis) < 0 {
		return fmt.Errorf("link %d in slot %d: negative numbers", r.Link, r.Slot)
	}
	return nil
}

func appendFlows(b []byte, s *recognition.LinkStates) ([]byte, error) {
	var out rows[flowRow]
	for _, f := range s.Flows() {
		out = append(out, flowRow(f))
	}
	return out.append(b)
}
