package sigcity

import "fmt"

// Event is the type of a signaling record, a closed list that docs/format.md
// maps to 3GPP procedures. The numbers are part of the file format.
type Event uint8

const (
	NoEvent            Event = iota // a release dropped the type
	Attach                          // initial attach / registration
	Detach                          // detach / deregistration
	PeriodicUpdate                  // periodic tracking-area update (timer T3412 / T3512)
	TrackingAreaUpdate              // tracking-area update on leaving the area list
	ServiceRequest                  // idle → connected for data
	CallOut                         // mobile-originated voice call set up
	CallIn                          // mobile-terminated voice call set up
	SMSOut                          // mobile-originated SMS
	SMSIn                           // mobile-terminated SMS
	Handover                        // connected phone changes the serving cell
	numEvents
)

var eventNames = [numEvents]string{
	"none", "attach", "detach", "periodic-update", "tracking-area-update", "service-request",
	"call-out", "call-in", "sms-out", "sms-in", "handover",
}

// Events lists every event type of raw data, in code order.
func Events() []Event {
	out := make([]Event, 0, numEvents-1)
	for e := Attach; e < numEvents; e++ {
		out = append(out, e)
	}
	return out
}

// Valid reports whether e is in the closed list (NoEvent included).
func (e Event) Valid() bool { return e < numEvents }

// String is the event's name in text formats.
func (e Event) String() string {
	if e.Valid() {
		return eventNames[e]
	}
	return fmt.Sprintf("event(%d)", uint8(e))
}

// ParseEvent reads what String writes.
func ParseEvent(s string) (Event, error) {
	for i, n := range eventNames {
		if n == s {
			return Event(i), nil
		}
	}
	return NoEvent, fmt.Errorf("event %q: want one of %v", s, eventNames)
}
