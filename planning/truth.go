package planning

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// anchorsOf is where each resident has an anchor of a kind within the calendar's days.
func anchorsOf(t *dataset.Truth, kind string, env *Env) map[uint32]Place {
	return anchorsWithin(t, kind, env, env.window())
}

// anchorsWithin is where each resident has an anchor of a kind: of several, the one
// that is valid longest within the span, of equals the first. One without a home
// anchor lives where the household does.
func anchorsWithin(t *dataset.Truth, kind string, env *Env, span sigcity.Period) map[uint32]Place {
	out := map[uint32]Place{}
	longest := map[uint32]uint32{}
	resident := map[uint32]bool{}
	for i := range t.Persons {
		resident[t.Persons[i].ID] = t.Persons[i].Resident()
	}
	for _, a := range t.Anchors {
		if a.Kind != kind || !resident[a.Person] {
			continue
		}
		if valid := a.Within(span.From, span.To); valid > longest[a.Person] {
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
		if _, ok := out[p.ID]; ok || !resident[p.ID] {
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
