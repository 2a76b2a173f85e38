package planning

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	def := recognition.DefaultStayParams()
	plugin.Add(plugin.Entry[Task]{
		Name: "travel-stay", ID: "T06",
		Doc:      "when each person stays and when they travel",
		Citation: "our definition, named after the patent's title; not the patented method. Stays after Hariharan & Toyama 2004",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "30m", Min: 60, Max: 86400, Doc: "shortest stay; shorter stops are travel, in truth too"},
			{Name: "gap", Type: plugin.Duration, Default: "12h", Min: 600, Max: 7 * 86400, Doc: "longest silence inside a stay or a trip"},
			{Name: "radius_m", Type: plugin.Float, Default: 0.0, Min: 0, Max: 50000, Doc: "roam radius; 0 = clip(0.7 × local site spacing, 300 m, 2 km)"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			p := def
			p.MinS, p.GapS, p.RadiusM = uint32(v.Duration("min_stay").Seconds()), uint32(v.Duration("gap").Seconds()), v.Float("radius_m")
			return travelStayTask{p}, nil
		},
	})
}

// Timelines is the answer of T06.
type Timelines struct {
	Segments []Segment `json:"segments"` // by user, then start; those of one user do not overlap
	// Others is the timeline of every user whom Segments does not list: what a
	// predictor says that does not look at users. Its User means nothing.
	Others []Segment `json:"others,omitempty"`
}

// Segment is a stay or a travel of one user; what no segment covers is unknown.
type Segment struct {
	User  uint32 `json:"user"`
	Start uint32 `json:"start"` // Unix seconds, Start ≤ t < End
	End   uint32 `json:"end"`
	Stay  bool   `json:"stay"`
}

// travelStayTask labels time: stays are those of P4, travel is the trips (P7)
// between them.
type travelStayTask struct{ p recognition.StayParams }

func (travelStayTask) Needs() Need { return Need{Horizon: Day} }

func (t travelStayTask) Fold(env *Env) Fold {
	return &rowFold[Segment]{env: env, tag: "travel-stay/2", take: func(dst []Segment, v *View) []Segment {
		window := v.Window()
		put := func(start, end uint32, stay bool) {
			if start, end = max(start, window.From), min(end, window.To); start < end {
				dst = append(dst, Segment{User: v.User, Start: start, End: end, Stay: stay})
			}
		}
		stays, trips := v.Stays(t.p)
		for _, s := range stays {
			put(s.Start, s.End, true)
		}
		for _, s := range trips {
			put(s.Start, s.End, false)
		}
		return dst
	}, answer: func(rows []Segment) (Answer, error) { return &Timelines{Segments: rows}, nil }}
}

func (s Segment) check(*Env) error {
	if s.Start >= s.End {
		return fmt.Errorf("a segment ends at %d, which is not after its start, %d", s.End, s.Start)
	}
	return nil
}

// compare orders segments by user, then time, a stay before a trip.
func (s Segment) compare(o Segment) int {
	stay := 0
	if s.Stay != o.Stay {
		stay = 1
		if s.Stay {
			stay = -1
		}
	}
	return cmp.Or(cmp.Compare(s.User, o.User), cmp.Compare(s.Start, o.Start), cmp.Compare(s.End, o.End), stay)
}

// sortSegments orders segments by user, then time. Users are dense and a
// user's segments mostly in order already, so it counts users instead of
// comparing them: answers are ordered once for every jackknife group.
func sortSegments(all []Segment) []Segment {
	if slices.IsSortedFunc(all, Segment.compare) {
		return all
	}
	users := 0
	for _, s := range all {
		users = max(users, int(s.User)+1)
	}
	if users > 64*len(all) { // sparse after all: counting would cost more than comparing
		slices.SortFunc(all, Segment.compare)
		return all
	}
	first := make([]int, users+1)
	for _, s := range all {
		first[int(s.User)+1]++
	}
	for u := range users {
		first[u+1] += first[u]
	}
	out := make([]Segment, len(all))
	next := slices.Clone(first)
	for _, s := range all {
		out[next[s.User]] = s
		next[s.User]++
	}
	for u := range users {
		slices.SortFunc(out[first[u]:first[u+1]], Segment.compare)
	}
	return out
}

// FromTruth takes activities of at least min_stay for stays, everything in
// between for travel, for every person who has a SIM. An activity that goes on at
// the same place is one stay.
func (t travelStayTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	span := env.window()
	out := &Timelines{}
	err := env.eachPerson(ctx, truth, func(person uint32, acts []dataset.Activity, trips []dataset.Trip) {
		for _, s := range t.timeline(acts, trips) {
			s.User, s.Start, s.End = person, max(s.Start, span.From), min(s.End, span.To)
			if s.Start < s.End {
				out.Segments = append(out.Segments, s)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out.Segments = sortSegments(out.Segments)
	return out, nil
}

func countWhile[T any](xs []T, ok func(T) bool) int {
	n := 0
	for n < len(xs) && ok(xs[n]) {
		n++
	}
	return n
}

// timeline is the stays and travels of one person in the city; acts and trips
// are by start.
func (t travelStayTask) timeline(acts []dataset.Activity, trips []dataset.Trip) []Segment {
	type piece struct {
		Segment
		lon, lat float64
	}
	var pieces []piece
	for _, a := range acts {
		if a.Kind == dataset.ActAway {
			continue
		}
		if k := len(pieces) - 1; k >= 0 && pieces[k].End == a.Start && pieces[k].lon == a.Lon && pieces[k].lat == a.Lat {
			pieces[k].End = a.End
		} else {
			pieces = append(pieces, piece{Segment{Start: a.Start, End: a.End}, a.Lon, a.Lat})
		}
	}
	var line []Segment
	for _, p := range pieces {
		p.Stay = p.End-p.Start >= t.p.MinS
		line = append(line, p.Segment)
	}
	for _, trip := range trips {
		line = append(line, Segment{Start: trip.Start, End: trip.End})
	}
	slices.SortStableFunc(line, Segment.compare)
	// Travel that goes on is one travel.
	joined := line[:0]
	for _, s := range line {
		if k := len(joined) - 1; k >= 0 && !s.Stay && !joined[k].Stay && joined[k].End == s.Start {
			joined[k].End = s.End
		} else {
			joined = append(joined, s)
		}
	}
	return joined
}

// Null says that everybody stays all the time, the majority class.
func (travelStayTask) Null(env *Env) Answer {
	span := env.window()
	return &Timelines{Others: []Segment{{Start: span.From, End: span.To, Stay: true}}}
}

// Rekey gives every user the segments of the tokens that stood for him at the
// time. Where two tokens speak of the same time, the earlier segment goes on.
// Neighbouring segments with the same label, as at a change of pseudonym, join.
func (t *Timelines) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	var all []Segment
	for _, s := range t.Segments {
		for _, share := range who(s.User, s.Start, s.End) {
			if share.Weight > 0 {
				mine := s
				mine.User = share.User
				all = append(all, mine)
			}
		}
	}
	all = sortSegments(all)
	out := &Timelines{Others: t.Others}
	for _, s := range all {
		if k := len(out.Segments) - 1; k >= 0 && out.Segments[k].User == s.User {
			last := &out.Segments[k]
			s.Start = max(s.Start, last.End)
			if s.Start >= s.End {
				continue
			}
			if last.End == s.Start && last.Stay == s.Stay {
				last.End = s.End
				continue
			}
		}
		out.Segments = append(out.Segments, s)
	}
	return out
}

// Score is the minute F1: the harmonic mean of precision and recall of the
// time labelled as stay, and the same for travel, averaged over the labels that are
// wanted (so that "always stay" does not win by majority).
func (travelStayTask) Score(want, got Answer) float64 {
	w, g, ok := both[Timelines](want, got)
	if !ok {
		return 0
	}
	stay, travel := w.compare(g)
	return mean(stay.minutes(), travel.minutes())
}

func (travelStayTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Timelines](want, got)
	if !ok {
		return nil
	}
	stay, travel := w.compare(g)
	out := map[string]float64{
		"segment_f1": f1(stay.matched+travel.matched, stay.wantN+travel.wantN, stay.gotN+travel.gotN),
		"minute_f1":  mean(stay.minutes(), travel.minutes()),
	}
	if stay.want > 0 {
		out["stay_minute_f1"] = stay.minutes().value
	}
	if travel.want > 0 {
		out["travel_minute_f1"] = travel.minutes().value
	}
	return out
}

// agreement counts the time and the segments of one label.
type agreement struct {
	want, got, both      float64 // seconds
	wantN, gotN, matched float64 // segments; matched = with IoU ≥ 0.5
}

// part is one figure of a mean, if there is anything to measure.
type part struct {
	value float64
	ok    bool
}

func (a agreement) minutes() part { return part{f1(a.both, a.want, a.got), a.want > 0} }

// mean of the parts there are; 1 where there are none.
func mean(parts ...part) float64 {
	sum, n := 0.0, 0.0
	for _, p := range parts {
		if p.ok {
			sum += p.value
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}

// compare lays the timelines of the users of t over those of got; users that
// t does not have are left out.
func (t *Timelines) compare(got *Timelines) (stay, travel agreement) {
	label := func(s Segment) *agreement {
		if s.Stay {
			return &stay
		}
		return &travel
	}
	w, g := t.Segments, got.Segments
	for len(w) > 0 {
		user := w[0].User
		n := countWhile(w, func(s Segment) bool { return s.User == user })
		g = g[countWhile(g, func(s Segment) bool { return s.User < user }):]
		m := countWhile(g, func(s Segment) bool { return s.User == user })
		line := g[:m]
		if m == 0 {
			line = got.Others
		}
		for _, s := range w[:n] {
			label(s).want += float64(s.End - s.Start)
			label(s).wantN++
		}
		for _, s := range line {
			label(s).got += float64(s.End - s.Start)
			label(s).gotN++
		}
		overlap(w[:n], line, label)
		w, g = w[n:], g[m:]
	}
	return stay, travel
}

// overlap walks two timelines of one user and adds up where labels agree. Two
// segments match if they share half of what both together cover. Segments of a
// timeline do not overlap, so a segment has two matches only if each is exactly
// half; then the first counts.
func overlap(w, g []Segment, label func(Segment) *agreement) {
	wantTaken, gotTaken := -1, -1
	for i, j := 0, 0; i < len(w) && j < len(g); {
		a, b := w[i], g[j]
		if from, to := max(a.Start, b.Start), min(a.End, b.End); from < to && a.Stay == b.Stay {
			label(a).both += float64(to - from)
			if union := max(a.End, b.End) - min(a.Start, b.Start); 2*uint64(to-from) >= uint64(union) && wantTaken < i && gotTaken < j {
				label(a).matched++
				wantTaken, gotTaken = i, j
			}
		}
		if a.End < b.End {
			i++
		} else {
			j++
		}
	}
}
