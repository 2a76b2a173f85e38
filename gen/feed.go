package gen

import (
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// feed does to the records of a SIM what the way from the probe to the analyst
// does. What happens to a record hangs on the record alone, so that the curated
// profile is a subset of the raw one here too. One per worker.
type feed struct {
	*faults
	records []sigcity.Record // to write the next day to
	notes   []note
}

// day returns the records that arrive and the notes on them; the feed keeps the
// slice of the records that it was given. talk loses the contacts whose
// records are lost.
func (f *feed) day(a *air, key uint32, rec []sigcity.Record, notes []note, talk *[]dataset.Contact) ([]sigcity.Record, []note) {
	out := f.records[:0]
	f.notes = f.notes[:0]
	scope := sigcity.Mix(f.drawn, uint64(key))
	for i, r := range rec {
		n := note{}
		if len(notes) > 0 && notes[0].record == uint32(i) {
			n, notes = notes[0], notes[1:]
		}
		if _, lost := within(a.holes[f.area[r.Area]], r.Time); lost {
			drop(talk, r)
			continue
		}
		h := sigcity.Mix(sigcity.Mix(scope, uint64(r.Time)), uint64(r.Type)<<32|uint64(r.Area))
		if m := f.renamed[r.Area]; m.at > 0 && r.Time >= m.at {
			r.Area = m.row
		}
		if f.unknown[r.Area] {
			n.flags |= unknownID
		}
		twice := sigcity.Unit(h) < f.cfg.Duplicates
		copied := n.flags | duplicate
		if h = sigcity.Mix(h, 1); sigcity.Unit(h) < f.cfg.Late {
			n.flags |= late
			u := sigcity.Unit(sigcity.Mix(h, 2))
			n.delay = uint32(math.Round(logUniform(f.cfg.LateMinS, f.cfg.LateMaxS)(u)))
		}
		if n.record = uint32(len(out)); n.flags != 0 {
			f.notes = append(f.notes, n)
		}
		out = append(out, r)
		if twice {
			f.notes = append(f.notes, note{record: uint32(len(out)), flags: copied})
			out = append(out, r)
		}
	}
	f.records = rec
	return out, f.notes
}

// drop removes the contact of a record.
func drop(talk *[]dataset.Contact, r sigcity.Record) {
	i := slices.IndexFunc(*talk, func(c dataset.Contact) bool { return c.Time == r.Time && c.Event == int32(r.Type) })
	if i >= 0 {
		*talk = slices.Delete(*talk, i, i+1)
	}
}
