package benchmarks

import (
	"slices"
	"strings"

	"github.com/sigcity/sigcity"
)

// Audit words.
const (
	Holds     = "holds"
	Broken    = "broken"
	Unchecked = "unchecked" // claimed, but no recount can check it
	NoClaim   = "none"
)

// digestSequence hashes a full sequence of (time, span, area, type) to 128
// bits: equal sequences have equal digests.
func digestSequence(rows []sigcity.Record) [2]uint64 {
	d := [2]uint64{sigcity.Scope(0, "benchmarks.sequence"), sigcity.Scope(1, "benchmarks.sequence")}
	for _, r := range rows {
		for i := range d {
			d[i] = sigcity.Mix(sigcity.Mix(d[i], uint64(r.Time)<<32|uint64(r.Span)), uint64(r.Area)<<8|uint64(r.Type))
		}
	}
	return d
}

// crowd is how many sources hide behind the least crowded sequence.
type crowd struct{ sims, persons int }

// smallestCrowd recounts trajectory k-anonymity: tokens with identical full
// sequences form a group; the SIMs and the distinct persons that a group
// carries are counted by the links, and the smallest group counts.
func (a *arena) smallestCrowd(o *opened) crowd {
	groups := map[[2]uint64][]sigcity.UserID{}
	for t, d := range o.scan.digest {
		if o.scan.records[t] > 0 {
			groups[d] = append(groups[d], sigcity.UserID(t))
		}
	}
	least := crowd{-1, -1}
	for _, tokens := range groups { // a minimum: order does not matter
		var sims, persons []uint32
		for _, t := range tokens {
			for _, l := range o.links.of(t) {
				sims = append(sims, uint32(l.Source))
				if p := a.person[l.Source]; p != nobody {
					persons = append(persons, p)
				}
			}
		}
		c := crowd{distinctCount(sims), distinctCount(persons)}
		if least.sims < 0 || c.sims < least.sims {
			least.sims = c.sims
		}
		machines := c.persons == 0 && c.sims > 0 // nobody to hide
		if !machines && (least.persons < 0 || c.persons < least.persons) {
			least.persons = c.persons
		}
	}
	return crowd{max(least.sims, 0), max(least.persons, 0)}
}

func distinctCount(ids []uint32) int {
	slices.Sort(ids)
	return len(slices.Compact(ids))
}

// audit says what a release claims and whether a recount bears it out: broken
// where one claim fails, unchecked where one cannot be recounted, else holds.
func (a *arena) audit(o *opened) (claim, verdict string, least crowd, counted bool) {
	var claims, verdicts []string
	for _, g := range o.claims {
		if g.Kind == "none" || g.Kind == "" {
			continue
		}
		claims = append(claims, g.String())
		if g.K == 0 || o.scan == nil || !o.kind.Linked() {
			verdicts = append(verdicts, Unchecked)
			continue
		}
		if !counted {
			least, counted = a.smallestCrowd(o), true
		}
		got := least.sims
		if strings.EqualFold(g.Unit, "person") {
			got = least.persons
		}
		if o.scan.tokens > 0 && got < g.K {
			verdicts = append(verdicts, Broken)
		} else {
			verdicts = append(verdicts, Holds)
		}
	}
	verdict = NoClaim
	for _, v := range []string{Holds, Unchecked, Broken} { // the worst is said
		if slices.Contains(verdicts, v) {
			verdict = v
		}
	}
	return strings.Join(claims, "; "), verdict, least, counted
}
