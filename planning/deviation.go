package planning

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	def := recognition.DefaultCorrectParams()
	plugin.Add(plugin.Entry[Task]{
		Name: "deviation-correction", ID: "T22",
		Doc:      "records in cells where the phone was not: ping-pong and drift, and where it was",
		Citation: "our definition, named after the patent's title; not the patented method. DECRE after Wu et al. 2014",
		Params: []plugin.Param{
			{Name: "method", Type: plugin.String, Default: def.Method.String(), Choices: []string{recognition.ReturnWindow.String(), recognition.DECRE.String()}, Doc: "how ping-pong is found"},
			{Name: "return", Type: plugin.Duration, Default: "15m", Min: 60, Max: 21600, Doc: "longest excursion that is taken for ping-pong (multimno's shortest stay)"},
			{Name: "rest", Type: plugin.Duration, Default: "10m", Min: 1, Max: 21600, Doc: "how long a phone dwells in a cell that it rests in (Wu et al. 2014)"},
			{Name: "max_speed_ms", Type: plugin.Float, Default: float64(recognition.MaxRailSpeedMS), Min: 10, Max: 400, Doc: "speed above which a record is an error and left out first, m/s (assumed; multimno's 55 takes fast trains for errors)"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			p := def
			var err error
			if p.Method, err = recognition.ParsePingPongMethod(v.String("method")); err != nil {
				return nil, err
			}
			p.ReturnS, p.RestS = uint32(v.Duration("return").Seconds()), uint32(v.Duration("rest").Seconds())
			return deviationTask{p, recognition.CleanParams{MaxSpeedMS: v.Float("max_speed_ms")}}, nil
		},
	})
}

// Deviations is the answer of T22: the records that are not where the phone was. All
// others stay as they are.
type Deviations struct {
	Users []UserDeviations `json:"users"` // by user, then From

	at    func(person, time uint32) (geo.XY, bool) // where people truly were; nil where nobody knows
	areas *geo.Areas                               // of Area and To
}

// UserDeviations are those of one user from From to To (Unix seconds).
type UserDeviations struct {
	User    uint32      `json:"user"`
	From    uint32      `json:"from"`
	To      uint32      `json:"to"`
	Records []Deviation `json:"records"` // by time
}

// Deviation is one record.
type Deviation struct {
	Time  uint32         `json:"time"` // Unix seconds
	Drift bool           `json:"drift"`
	Area  sigcity.AreaID `json:"area"` // as recorded, and
	To    sigcity.AreaID `json:"to"`   // as corrected; in truth, which knows no record, both are nowhere
}

// compare orders records by time and kind.
func (d Deviation) compare(o Deviation) int {
	return cmp.Or(cmp.Compare(d.Time, o.Time), compareBool(d.Drift, o.Drift))
}

// nowhere stands for no area.
const nowhere = math.MaxUint32

// deviationTask finds ping-pong (P1) and drift (P2) in records cleaned by P0.
type deviationTask struct {
	correct recognition.CorrectParams
	clean   recognition.CleanParams
}

func (deviationTask) Needs() Need { return Need{Horizon: Day} }

func (t deviationTask) Fold(env *Env) Fold {
	var (
		cleaner   *recognition.Cleaner
		corrector *recognition.Corrector
		rows      []sigcity.Record
		marks     []recognition.Mark
		fixes     []recognition.Fix
		odd       []Deviation
	)
	return &listFold[UserDeviations]{env: env, tag: "deviation-correction/1", take: func(v *View) (UserDeviations, bool) {
		if cleaner == nil {
			cleaner, corrector = recognition.NewCleaner(env.areas(), t.clean), recognition.NewCorrector(env.areas(), t.correct)
		}
		rows, marks = cleaner.Clean(rows[:0], marks[:0], v.Trajectory())
		fixes = corrector.Correct(fixes[:0], sigcity.Trajectory{User: sigcity.UserID(v.User), Records: rows})
		odd = odd[:0]
		for i, f := range fixes {
			if f.Mark&(recognition.MarkPingPong|recognition.MarkDrift) != 0 {
				odd = append(odd, Deviation{rows[i].Time, f.Mark&recognition.MarkDrift != 0, rows[i].Area, f.Record.Area})
			}
		}
		slices.SortStableFunc(odd, Deviation.compare)
		return UserDeviations{v.User, v.Period.From, v.Period.To, slices.Clone(odd)}, len(odd) > 0
	}, owner: func(u *UserDeviations) (uint32, uint32) { return u.User, u.From },
		write: appendDeviations, read: func(d *decoder) UserDeviations { return readDeviations(d, env) },
		answer: func(users []UserDeviations) (Answer, error) {
			return &Deviations{Users: users, areas: env.areas()}, nil
		}}
}

func appendDeviations(b []byte, u *UserDeviations) []byte {
	for _, x := range []uint32{u.User, u.From, u.To, uint32(len(u.Records))} {
		b = binary.AppendUvarint(b, uint64(x))
	}
	last := uint32(0)
	for _, r := range u.Records {
		kind := uint64(r.Time-last) << 1
		if r.Drift {
			kind |= 1
		}
		b = binary.AppendUvarint(b, kind)
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.Area)), uint64(r.To))
		last = r.Time
	}
	return b
}

func readDeviations(d *decoder, env *Env) UserDeviations {
	u := UserDeviations{User: d.uint32(), From: d.uint32(), To: d.uint32()}
	time := uint64(0)
	for n := d.length(3); n > 0 && d.err == nil; n-- {
		kind := d.uint()
		if time += kind >> 1; time > math.MaxUint32 {
			d.fail("a record at %d, want a time of 32 bits", time)
		}
		u.Records = append(u.Records, Deviation{uint32(time), kind&1 == 1, d.area(env), d.area(env)})
	}
	return u
}

// FromTruth lists the records that are flagged as ping-pong or drift, of phones that
// somebody carries.
func (deviationTask) FromTruth(ctx context.Context, t *dataset.Truth, env *Env) (Answer, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	person := map[uint32]uint32{}
	for _, s := range t.SIMs {
		if s.Person >= 0 {
			person[s.User] = uint32(s.Person)
		}
	}
	out := &Deviations{at: truePositions{t, env.Proj}.at, areas: env.areas()}
	span := env.window()
	for flags := t.Flags; len(flags) > 0; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		user := flags[0].User
		n := countWhile(flags, func(f dataset.EventFlag) bool { return f.User == user })
		if p, ok := person[user]; ok {
			u := UserDeviations{User: p, From: span.From, To: span.To}
			for _, f := range flags[:n] {
				if (f.Flag == dataset.FlagPingPong || f.Flag == dataset.FlagDrift) && f.Time >= span.From && f.Time < span.To {
					u.Records = append(u.Records, Deviation{f.Time, f.Flag == dataset.FlagDrift, nowhere, nowhere})
				}
			}
			if len(u.Records) > 0 {
				slices.SortStableFunc(u.Records, Deviation.compare)
				out.Users = append(out.Users, u)
			}
		}
		flags = flags[n:]
	}
	return out.joined(), nil
}

// joined has the records of one user in one list each, out of lists in any order.
func (d *Deviations) joined() *Deviations {
	slices.SortStableFunc(d.Users, func(a, b UserDeviations) int { return byUser(a.User, b.User, a.From, b.From) })
	out := d.Users[:0:0]
	for _, u := range d.Users {
		k := len(out) - 1
		if k < 0 || out[k].User != u.User {
			out = append(out, u)
			continue
		}
		last := &out[k]
		last.From, last.To = min(last.From, u.From), max(last.To, u.To)
		last.Records = slices.Concat(last.Records, u.Records)
		slices.SortStableFunc(last.Records, Deviation.compare)
	}
	d.Users = out
	return d
}

// truePositions says where people truly were.
type truePositions struct {
	t    *dataset.Truth
	proj geo.Projection
}

// at is where a person was; false where truth does not tell, as of those outside the city.
func (w truePositions) at(person, time uint32) (geo.XY, bool) {
	acts := w.t.Activities
	i, _ := slices.BinarySearchFunc(acts, 0, func(a dataset.Activity, _ int) int {
		if byUser(a.Person, person, a.Start, time) <= 0 {
			return -1
		}
		return 1
	})
	if i > 0 && acts[i-1].Person == person && acts[i-1].End > time {
		a := &acts[i-1]
		return w.proj.XY([2]float64{a.Lon, a.Lat}), a.Kind != dataset.ActAway
	}
	trips := w.t.Trips
	i, _ = slices.BinarySearchFunc(trips, 0, func(t dataset.Trip, _ int) int {
		if byUser(t.Person, person, t.Start, time) <= 0 {
			return -1
		}
		return 1
	})
	if i > 0 && trips[i-1].Person == person && trips[i-1].End > time {
		if q, err := w.t.Roads.At(&trips[i-1], time); err == nil {
			return w.proj.XY(q), true
		}
	}
	return geo.XY{}, false
}
