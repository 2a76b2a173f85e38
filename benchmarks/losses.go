package benchmarks

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// LossSample is how many SIMs, chosen by hash, displacement is measured on.
const LossSample = 1000

// scan is what one pass over an opened release finds.
type scan struct {
	records []uint32 // per token
	tokens  int      // with records
	sum     int64    // records
	digest  [][2]uint64
	covered []bool // per person: some token with records carries a SIM of theirs
}

// scanRelease counts records, digests full sequences for the audit, checks
// that linked records have links, and measures the losses.
func (a *arena) scanRelease(ctx context.Context, o *opened) (*scan, error) {
	users := o.data.Meta().Users
	s := &scan{records: make([]uint32, users), digest: make([][2]uint64, users), covered: make([]bool, len(a.truth.Persons))}
	sample, err := a.lossSample(ctx)
	if err != nil {
		return nil, err
	}
	carriers := map[sigcity.UserID][]sampled{} // tokens that carry a sampled SIM
	for u, rows := range sample {
		for _, l := range o.links.bySource[u] {
			carriers[l.Token] = append(carriers[l.Token], sampled{l, rows})
		}
	}
	from, to := a.cells, geo.NewAreas(o.areas, a.public.Projection())
	found := map[[2]uint32]kept{} // (SIM, record) → the best of the tokens that carry it then
	blur := 0.0
	for t, err := range o.data.Users(ctx, sigcity.Range{}) {
		if err != nil {
			return nil, err
		}
		s.records[t.User] = uint32(len(t.Records))
		s.tokens++
		s.sum += int64(len(t.Records))
		s.digest[t.User] = digestSequence(t.Records)
		for i, r := range t.Records {
			blur += float64(r.Span)
			if o.kind.Linked() && (i == 0 || i == len(t.Records)-1) && !o.links.carries(t.User, r.Time) {
				return nil, fmt.Errorf("%w: a token of a linked release has a record at %d but no link then", errInvalid, r.Time)
			}
		}
		for _, l := range o.links.of(t.User) {
			if p := a.person[l.Source]; p != nobody {
				s.covered[p] = true
			}
		}
		for _, c := range carriers[t.User] {
			c.measure(t.Records, from, to, found)
		}
	}
	a.losses(o, s, sample, found, blur)
	return s, nil
}

type sampled struct {
	link sigcity.Link
	rows []sigcity.Record
}

// kept is what the release says of one raw record.
type kept struct {
	off     float64 // m, from the raw cell's centre to that of the area valid then
	covered bool    // some released interval covers its time
}

// measure compares the raw cell's centre at each raw record time with the
// centre of the area that the release holds valid then; of several records at
// that very second, the nearest.
func (c sampled) measure(released []sigcity.Record, from, to *geo.Areas, found map[[2]uint32]kept) {
	j := 0
	for i, r := range c.rows {
		if r.Time < c.link.From || r.Time >= c.link.To {
			continue
		}
		for j+1 < len(released) && released[j+1].Time <= r.Time {
			j++
		}
		at := validAt(released, j, r.Time)
		k := kept{covered: released[at].Time <= r.Time && r.Time <= released[at].End()}
		k.off = from.Centers[r.Area].Dist(to.Centers[released[at].Area])
		for n := at - 1; n >= 0 && released[n].Time == released[at].Time; n-- {
			k.off = min(k.off, from.Centers[r.Area].Dist(to.Centers[released[n].Area]))
		}
		key := [2]uint32{uint32(c.link.Source), uint32(i)}
		if old, ok := found[key]; ok {
			k = kept{min(k.off, old.off), k.covered || old.covered}
		}
		found[key] = k
	}
}

// validAt picks the record that holds at t: the latest at or before it, unless
// an earlier, longer one still covers t where the latest does not; before the
// first record, the first.
func validAt(rows []sigcity.Record, latest int, t uint32) int {
	for k := latest; k >= 0 && k > latest-8; k-- {
		if rows[k].Time <= t && t <= rows[k].End() {
			return k
		}
	}
	return latest
}

// lossSample reads the raw records of the sampled SIMs.
func (a *arena) lossSample(ctx context.Context) (map[sigcity.UserID][]sigcity.Record, error) {
	users := make([]uint32, len(a.source))
	for u := range users {
		users[u] = uint32(u)
	}
	byHash(users, a.seed, "benchmarks.losses")
	users = users[:min(LossSample, len(users))]
	slices.Sort(users)
	ids := make([]sigcity.UserID, len(users))
	for i, u := range users {
		ids[i] = sigcity.UserID(u)
	}
	out := make(map[sigcity.UserID][]sigcity.Record, len(ids))
	for t, err := range dataset.Select(a.raw, ids, sigcity.Range{}).Users(ctx, sigcity.Range{}) {
		if err != nil {
			return nil, err
		}
		out[ids[t.User]] = slices.Clone(t.Records)
	}
	return out, nil
}

// losses fills in what a release cost. Displacement needs links; releases that
// link nobody have none, which NaN says until the rows are written.
func (a *arena) losses(o *opened, s *scan, sample map[sigcity.UserID][]sigcity.Record, found map[[2]uint32]kept, blur float64) {
	l := &o.losses
	l.Users, l.Records = int64(a.activeSIMs), a.records
	l.SuppressedRecords = max(0, a.records-s.sum)
	l.DisplacementM, l.DisplacementP90M, l.TimeBlurMin = math.NaN(), math.NaN(), 0
	if s.sum > 0 {
		l.TimeBlurMin = blur / float64(s.sum) / 60
	}
	l.SuppressedUsers = 0
	for u := range a.source {
		carried := slices.ContainsFunc(o.links.bySource[u], func(k sigcity.Link) bool { return s.records[k.Token] > 0 })
		if a.hasRecords[u] && !carried {
			l.SuppressedUsers++
		}
	}
	var all []float64
	raw, lost := 0, 0
	for u, rows := range sample {
		raw += len(rows)
		for i := range rows {
			k, ok := found[[2]uint32{uint32(u), uint32(i)}]
			if ok {
				all = append(all, k.off)
			}
			if !k.covered {
				lost++
			}
		}
	}
	if o.kind == sigcity.Boxes && raw > 0 {
		// Boxes merge records: only those that no box covers are gone.
		l.SuppressedRecords = int64(math.Round(float64(a.records) * float64(lost) / float64(raw)))
	}
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	sum := 0.0
	for _, d := range all {
		sum += d
	}
	l.DisplacementM, l.DisplacementP90M = sum/float64(len(all)), Quantile(all, 0.9)
}
