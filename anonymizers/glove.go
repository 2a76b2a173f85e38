package anonymizers

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "glove",
		Doc:  "GLOVE: users are merged by the cheapest generalisation until k of them share one full trajectory of boxes",
		Params: []plugin.Param{
			{Name: "k", Type: plugin.Int, Default: 2, Min: 2, Max: 1000, Doc: "least number of SIMs that share a trajectory"},
			{Name: "cap_km", Type: plugin.Float, Default: 20.0, Min: 0.001, Max: 20000, Doc: "stretch in space at which a merge costs all, km"},
			{Name: "cap_h", Type: plugin.Float, Default: 8.0, Min: 0.001, Max: 8784, Doc: "stretch in time at which a merge costs all, hours"},
			{Name: "suppress_km", Type: plugin.Float, Default: 0.0, Min: 0, Max: 20000, Doc: "drop boxes whose longer side exceeds this, km; 0 = keep all"},
			{Name: "suppress_min", Type: plugin.Float, Default: 0.0, Min: 0, Max: 527040, Doc: "drop boxes that last longer than this, minutes; 0 = keep all"},
		},
		Citation:    "Gramaglia & Fiore, Hiding Mobile Traffic Fingerprints with GLOVE, CoNEXT 2015",
		Guarantee:   "k-anonymity of the full trajectory, per SIM",
		Complexity:  "O(N²m²) for m (cell, hour) runs a user, pruned; holds all runs and N²/2 costs in memory",
		Superlinear: true,
		New: func(v plugin.Values) (Anonymizer, error) {
			return gloveMethod{
				k: v.Int("k"), caps: gloveCaps{v.Float("cap_km") * 1000, v.Float("cap_h") * 3600},
				maxSideM: v.Float("suppress_km") * 1000, maxSpanS: v.Float("suppress_min") * 60,
			}, nil
		},
	})
}

type gloveMethod struct {
	k                  int
	caps               gloveCaps
	maxSideM, maxSpanS float64 // 0 = no limit
}

// gloveGridM is the side of the square that a cell's centre becomes, m: boxes
// tell where the centres of the serving cells lie.
const gloveGridM = 100

// Anonymize releases, for every user with records, the boxes of the user's
// group: the identical sequence of (Time, Span, Area), without event types, for
// all of the group. A sample is a run of records in one cell within one clock
// hour (UTC), from the first to the last second of it.
func (m gloveMethod) Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	if err := onePseudonym(in.Meta()); err != nil {
		return nil, fmt.Errorf("glove: %w", err)
	}
	proj := planeOf(in.Areas())
	users, err := fingerprints(ctx, in, env, proj)
	if err != nil {
		return nil, err
	}
	total := in.Meta().Users
	report := env.Progress
	if report == nil {
		report = func(done, total int) {}
	}
	silent := total - len(users) // done from the start: they have no records
	groups, err := glove(ctx, users, m.k, m.caps, env.Workers, func(done int) { report(done+silent, total) })
	if err != nil {
		return nil, fmt.Errorf("glove: %w", err)
	}
	for _, g := range groups {
		g.samples = slices.DeleteFunc(g.samples, m.tooLarge)
	}
	rel := boxRelease(in, env, groups, proj)
	rel.Claims = []sigcity.Guarantee{{Kind: "k-anonymity", Unit: "SIM", K: m.k,
		Bound: "identical full sequences of (Time, Span, Area, Type)"}}
	if m.maxSideM > 0 || m.maxSpanS > 0 {
		if err := countSuppressed(ctx, in, env, groups, &rel.Losses); err != nil {
			return nil, err
		}
	}
	env.LinkSame(total)
	return rel, nil
}

func (m gloveMethod) tooLarge(b sample) bool {
	side := float64(max(int64(b.x1)-int64(b.x0), int64(b.y1)-int64(b.y0)))
	return (m.maxSideM > 0 && side > m.maxSideM) || (m.maxSpanS > 0 && float64(b.t1-b.t0) > m.maxSpanS)
}

// fingerprints turns users with records into runs of samples, in order of
// content; users of equal content in order of their source key.
func fingerprints(ctx context.Context, in sigcity.Dataset, env Env, proj geo.Projection) ([]*fingerprint, error) {
	boxes := make([]sample, len(in.Areas()))
	for i, a := range in.Areas() {
		p := proj.XY(a.Center)
		x, y := int32(math.Round(p.X)), int32(math.Round(p.Y))
		boxes[i] = sample{x0: x - gloveGridM/2, x1: x + gloveGridM/2, y0: y - gloveGridM/2, y1: y + gloveGridM/2}
	}
	all := make([]*fingerprint, in.Meta().Users)
	quiet := env
	quiet.Progress = nil // merging is what takes time
	err := quiet.eachUser(ctx, in, func(t sigcity.Trajectory) error {
		all[t.User] = &fingerprint{users: []int32{int32(t.User)}, samples: runs(t.Records, boxes)}
		return nil
	})
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(f *fingerprint) bool { return f == nil })
	slices.SortFunc(all, func(a, b *fingerprint) int {
		u, v := sigcity.UserID(a.users[0]), sigcity.UserID(b.users[0])
		return cmp.Or(slices.CompareFunc(a.samples, b.samples, compareSamples), cmp.Compare(in.Key(u), in.Key(v)), cmp.Compare(u, v))
	})
	return all, nil
}

// runs cuts records into runs of one cell within one clock hour.
func runs(rows []sigcity.Record, boxes []sample) []sample {
	var out []sample
	for i, r := range rows {
		if i > 0 && r.Area == rows[i-1].Area && r.Time/3600 == rows[i-1].Time/3600 {
			last := &out[len(out)-1]
			last.t1 = max(last.t1, r.End())
			continue
		}
		s := boxes[r.Area]
		s.t0, s.t1 = r.Time, r.End()
		out = append(out, s)
	}
	slices.SortFunc(out, compareSamples)
	return out
}

// boxRelease gives every user of a group the group's boxes.
func boxRelease(in sigcity.Dataset, env Env, groups []*fingerprint, proj geo.Projection) *sigcity.Release {
	var spaces []sample
	for _, g := range groups {
		for _, b := range g.samples {
			b.t0, b.t1 = 0, 0
			spaces = append(spaces, b)
		}
	}
	slices.SortFunc(spaces, compareSamples)
	spaces = slices.Compact(spaces)
	out := &dataset.Mem{Info: *in.Meta(), Rows: make([][]sigcity.Record, in.Meta().Users), Keys: make([]uint64, in.Meta().Users)}
	for i, b := range spaces {
		out.Cells = append(out.Cells, boxArea(sigcity.AreaID(i), b, proj))
	}
	for u := range out.Keys {
		out.Keys[u] = env.tokenKey(in.Key(sigcity.UserID(u)))
	}
	out.Info.Records = 0
	for _, g := range groups {
		rows := make([]sigcity.Record, len(g.samples))
		for i, b := range g.samples {
			rows[i].Time, rows[i].Span = b.t0, b.t1-b.t0
			b.t0, b.t1 = 0, 0
			id, _ := slices.BinarySearchFunc(spaces, b, compareSamples)
			rows[i].Area = sigcity.AreaID(id)
		}
		for _, u := range g.users {
			out.Rows[u] = rows // shared: identical by construction
			out.Info.Records += int64(len(rows))
		}
	}
	return &sigcity.Release{Kind: sigcity.Boxes, Data: out}
}

func boxArea(id sigcity.AreaID, b sample, proj geo.Projection) sigcity.Area {
	lo, hi := geo.XY{X: float64(b.x0), Y: float64(b.y0)}, geo.XY{X: float64(b.x1), Y: float64(b.y1)}
	size := (hi.X - lo.X) * (hi.Y - lo.Y)
	return sigcity.Area{
		ID: id, Name: fmt.Sprintf("box/%d,%d,%d,%d", b.x0, b.y0, b.x1, b.y1), Center: proj.LonLat(lo.Lerp(hi, 0.5)),
		Footprint: proj.Ring([]geo.XY{lo, {X: hi.X, Y: lo.Y}, hi, {X: lo.X, Y: hi.Y}}),
		Radius:    math.Sqrt(size / math.Pi), Spacing: math.Sqrt(size),
	}
}

// countSuppressed counts the raw records that no released box covers in time.
func countSuppressed(ctx context.Context, in sigcity.Dataset, env Env, groups []*fingerprint, losses *sigcity.Losses) error {
	boxes := make([][]sample, in.Meta().Users)
	for _, g := range groups {
		for _, u := range g.users {
			boxes[u] = g.samples
		}
		if len(g.samples) == 0 {
			losses.SuppressedUsers += int64(len(g.users))
		}
	}
	lost := make([]int64, in.Meta().Users)
	env.Progress = nil
	err := env.eachUser(ctx, in, func(t sigcity.Trajectory) error {
		kept := boxes[t.User]
		for _, r := range t.Records {
			for len(kept) > 0 && kept[0].t1 < r.Time {
				kept = kept[1:]
			}
			if len(kept) == 0 || kept[0].t0 > r.Time {
				lost[t.User]++
			}
		}
		return nil
	})
	for _, n := range lost {
		losses.SuppressedRecords += n
	}
	return err
}
