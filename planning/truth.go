package planning

import (
	"github.com/sigcity/sigcity/dataset"
)

// anchorsOf is where each person has an anchor of a kind: of several, the one
// that is valid longest within the calendar's days, of equals the first. A
// person without a home anchor lives where the household does.
func anchorsOf(t *dataset.Truth, kind string, env *Env) map[uint32]Place {
	out := map[uint32]Place{}
	longest := map[uint32]int64{}
	span := env.window()
	for _, a := range t.Anchors {
		if a.Kind != kind {
			continue
		}
		valid := int64(span.To) - int64(span.From)
		if a.From != 0 || a.To != 0 {
			valid = int64(min(a.To, span.To)) - int64(max(a.From, span.From))
		}
		if valid > longest[a.Person] {
			longest[a.Person] = valid
			out[a.Person] = env.located(a.Lon, a.Lat)
		}
	}
	if kind != dataset.ActHome {
		return out
	}
	households := map[uint32]dataset.Household{}
	for _, h := range t.Households {
		households[h.ID] = h
	}
	for _, p := range t.Persons {
		if _, ok := out[p.ID]; ok {
			continue
		}
		if h, ok := households[p.Household]; ok {
			out[p.ID] = env.located(h.Lon, h.Lat)
		}
	}
	return out
}

// withPhone is the persons who have a SIM: the others leave no records, so that
// nothing about them in particular can be asked of any.
func withPhone(t *dataset.Truth) map[uint32]bool {
	out := map[uint32]bool{}
	for _, s := range t.SIMs {
		if s.Person >= 0 {
			out[uint32(s.Person)] = true
		}
	}
	return out
}
