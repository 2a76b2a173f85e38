package planning

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "path-recognition", ID: "T12",
		Doc:      "the roads that each trip by car took",
		Citation: "our definition, named after the patent's title; not the patented method. Map matching after Newson & Krumm 2009",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 60, Max: 86400, Doc: "shortest stay; shorter stops are part of a trip, in truth too"},
		},
		Complexity: "O(n) in records, 0.1 ms a trip by car",
		New:        func(v plugin.Values) (Task, error) { return pathTask{drivesOf(v)}, nil },
	})
}

// drivesOf is how the tasks on roads cut trips: all alike by default, so that they are
// matched once.
func drivesOf(v plugin.Values) recognition.StayParams {
	p := recognition.DefaultStayParams()
	p.MinS = uint32(v.Duration("min_stay").Seconds())
	return p
}

// Paths is the answer of T12.
type Paths struct {
	Trips []Path `json:"trips"` // by user, then start; those of one user do not overlap
	// Metres are the lengths of the edges, public: link l is as long as edge l/2.
	Metres []float32 `json:"metres,omitempty"`
	// Workdays is how many the data has, Factor what one phone stands for.
	Workdays int     `json:"workdays"`
	Factor   float64 `json:"factor"`
}

// Path is the course of one trip.
type Path struct {
	User  uint32  `json:"user"`
	Start uint32  `json:"start"` // Unix seconds
	End   uint32  `json:"end"`
	Hour  int32   `json:"hour"`  // of its middle, local, on a workday; −1 = on another day
	Links []int32 `json:"links"` // each once, ascending; those at the ends count whole
}

// order is by user, then time; of two that cannot be told by these the shorter list first.
func (p Path) order(o Path) int {
	return cmp.Or(byUser(p.User, o.User, p.Start, o.Start), cmp.Compare(p.End, o.End), slices.Compare(p.Links, o.Links))
}

// pathTask matches the trips by car on the roads.
type pathTask struct{ p recognition.StayParams }

func (pathTask) Needs() Need { return Need{Horizon: Day} }

func (t pathTask) Fold(env *Env) Fold { return &pathFold{env: env, p: t.p} }

// pathFold keeps the paths.
type pathFold struct {
	env   *Env
	p     recognition.StayParams
	paths []Path
}

func (f *pathFold) Add(v *View) error {
	for _, d := range v.Drives(f.p) {
		links := make([]int32, 0, len(d.course.Passages))
		for _, p := range d.course.Passages {
			links = append(links, p.Link)
		}
		f.paths = f.env.path(f.paths, v.User, d.trip.Start, d.trip.End, links)
	}
	return nil
}

// path appends a trip on links, which it takes over; none without links.
func (e *Env) path(dst []Path, user, start, end uint32, links []int32) []Path {
	if len(links) == 0 {
		return dst
	}
	slices.Sort(links)
	p := Path{User: user, Start: start, End: end, Hour: -1, Links: slices.Compact(links)}
	day, second := e.Calendar.Clock(start + (end-start)/2)
	if day >= 0 && day < e.Calendar.Days() && e.Calendar.Kind(day) == sigcity.Weekday {
		p.Hour = int32(min(second/3600, 23))
	}
	return append(dst, p)
}

func (f *pathFold) Merge(other Fold) error {
	o, ok := other.(*pathFold)
	if !ok {
		return mergeable(f, other)
	}
	f.paths = append(f.paths, o.paths...)
	return nil
}

func (f *pathFold) Next() (bool, error) { return false, nil }

func (f *pathFold) Answer() (Answer, error) {
	out := f.env.paths(f.env.factor(float64(f.env.Meta.Users)))
	out.Trips = append(out.Trips, f.paths...)
	slices.SortFunc(out.Trips, Path.order)
	return out, nil
}

// paths is an answer without trips.
func (e *Env) paths(factor float64) *Paths {
	out := &Paths{Trips: []Path{}, Factor: factor}
	for i := range e.Links {
		out.Metres = append(out.Metres, float32(e.Links[i].LengthM))
	}
	for d := range e.Calendar.Days() {
		if e.Calendar.Kind(d) == sigcity.Weekday {
			out.Workdays++
		}
	}
	return out
}

const pathTag = "path-recognition/1"

func (f *pathFold) AppendBinary(b []byte) ([]byte, error) {
	b = appendHeader(b, pathTag)
	paths := slices.Clone(f.paths)
	slices.SortFunc(paths, Path.order)
	b = binary.AppendUvarint(b, uint64(len(paths)))
	for _, p := range paths {
		for _, v := range []uint32{p.User, p.Start, p.End - p.Start, uint32(len(p.Links))} {
			b = binary.AppendUvarint(b, uint64(v))
		}
		last := int32(0)
		for _, l := range p.Links {
			b = binary.AppendUvarint(b, uint64(l-last))
			last = l
		}
	}
	return b, nil
}

func (f *pathFold) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, pathTag)
	n := d.length(5)
	paths := make([]Path, 0, n)
	number := func(most uint64) uint64 {
		v := d.uint()
		if d.err == nil && v > most {
			d.fail("%d, want %d at most", v, most)
		}
		return v
	}
	for range n {
		user, start := number(1<<32-1), number(1<<32-1)
		end := start + number(1<<32-1-start)
		links := make([]int32, d.length(1))
		last := uint64(0)
		for i := range links {
			last += number(1 << 31)
			if d.err == nil && (last >= uint64(2*len(f.env.Links)) || i > 0 && int32(last) == links[i-1]) {
				d.fail("link %d, want others below %d", last, 2*len(f.env.Links))
			}
			links[i] = int32(last)
		}
		if d.err == nil && len(links) == 0 {
			d.fail("a path without links")
		}
		if d.err != nil {
			return d.err
		}
		paths = f.env.path(paths, uint32(user), uint32(start), uint32(end), links)
	}
	if err := d.done(); err != nil {
		return err
	}
	f.paths = paths
	return nil
}

// FromTruth takes the trips by car of everybody with a SIM.
func (t pathTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	out := env.paths(env.factor(float64(truth.Residents())))
	err := env.trueDrives(ctx, truth, t.p.MinS, func(l *life, trip *trueTrip, passes []dataset.LinkPass) {
		links := make([]int32, 0, len(passes))
		for _, p := range passes {
			links = append(links, p.Link)
		}
		out.Trips = env.path(out.Trips, l.person.ID, trip.start, trip.end, links)
	})
	if err != nil {
		return nil, err
	}
	for _, p := range out.Trips {
		if last := p.Links[len(p.Links)-1]; int(last) >= 2*len(env.Links) {
			return nil, fmt.Errorf("truth has link %d, the public roads are %d", last, len(env.Links))
		}
	}
	slices.SortFunc(out.Trips, Path.order)
	return out, nil
}

// Null knows the roads and no trip.
func (pathTask) Null(env *Env) Answer { return env.paths(1) }

// Rekey gives every user the paths of the tokens that stood for him at the time. Of
// paths of one user that overlap in time (two SIMs in one pocket) the longest
// in time stays, of equals the first.
func (p *Paths) Rekey(who func(key, from, to uint32) []Share) Answer {
	out := *p
	out.Trips = []Path{}
	for _, t := range p.Trips {
		for _, s := range who(t.User, t.Start, t.End) {
			if s.Weight > 0 {
				mine := t
				mine.User = s.User
				out.Trips = append(out.Trips, mine)
			}
		}
	}
	slices.SortFunc(out.Trips, func(a, b Path) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(b.End-b.Start, a.End-a.Start), a.order(b))
	})
	kept := out.Trips[:0]
	for _, t := range out.Trips {
		first := len(kept)
		for first > 0 && kept[first-1].User == t.User {
			first--
		}
		if !slices.ContainsFunc(kept[first:], func(k Path) bool { return k.Start < t.End && t.Start < k.End }) {
			kept = append(kept, t)
		}
	}
	slices.SortFunc(kept, Path.order)
	out.Trips = kept
	return &out
}
