package diary

import (
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Letters of the text form.
const (
	tripLetter  = '.'
	otherLetter = 'O'
)

// look is how stays of a kind are shown.
type look struct {
	kind   string
	letter byte
	class  string // of the style sheet: one colour for several kinds
}

// looks lists the kinds of stays; any other is shown as otherLetter.
func looks() []look {
	return []look{
		{dataset.ActHome, 'H', "home"}, {dataset.ActWork, 'W', "work"},
		{string(dataset.Kindergarten), 'K', "learn"}, {string(dataset.School), 'E', "learn"}, {string(dataset.University), 'U', "learn"},
		{string(dataset.Shop), 'S', "errand"}, {string(dataset.DepartmentStore), 'D', "errand"}, {string(dataset.Salon), 'B', "errand"},
		{string(dataset.Restaurant), 'R', "free"}, {string(dataset.Leisure), 'L', "free"}, {dataset.ActVisit, 'V', "free"},
		{string(dataset.Worship), 'C', "free"}, {string(dataset.Hospital), 'M', "free"}, {"away", 'A', "away"},
	}
}

func lookOf(kind string) look {
	for _, l := range looks() {
		if l.kind == kind {
			return l
		}
	}
	return look{kind, otherLetter, "free"}
}

// modeClass is the style of a trip: one for all public transport.
func modeClass(mode string) string {
	switch mode {
	case "walk", "bike", "car":
		return mode
	}
	return "ride"
}

// lane is a row of event types that belong together.
type lane struct {
	name   string
	events []sigcity.Event
}

// lanes are all event types in four rows.
func lanes() []lane {
	return []lane{
		{"data", []sigcity.Event{sigcity.ServiceRequest}},
		{"calls, SMS", []sigcity.Event{sigcity.CallOut, sigcity.CallIn, sigcity.SMSOut, sigcity.SMSIn}},
		{"handover, TAU", []sigcity.Event{sigcity.Handover, sigcity.TrackingAreaUpdate}},
		{"update, on/off", []sigcity.Event{sigcity.PeriodicUpdate, sigcity.Attach, sigcity.Detach}},
	}
}

// words writes a name of the data for readers.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }
