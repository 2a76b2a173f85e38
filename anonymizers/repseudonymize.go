package anonymizers

import (
	"context"
	"fmt"
	"iter"
	"sort"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "repseudonymize",
		Doc:  "every user gets a new pseudonym at the end of every period",
		Params: []plugin.Param{
			{Name: "period", Type: plugin.Duration, Default: "24h", Min: 0, Max: 366 * 86400,
				Doc: "how long a pseudonym lasts; whole days change at local midnight, others count from the first; 0 or longer than the data: never changes"},
		},
		Citation: "Zang & Bolot, Anonymization of Location Data Does Not Work, MobiCom 2011 (publish short periods); " +
			"id = HMAC(key, user, ⌊t/T⌋)",
		Guarantee:  "none: the periods of one user can be joined by their profile",
		Neutral:    plugin.Args{"period": "0s"},
		Complexity: "O(n)",
		New:        newRepseudonymize,
	})
}

// minPeriod keeps the number of pseudonyms a user burns through bounded.
const minPeriod = time.Minute

func newRepseudonymize(v plugin.Values) (Anonymizer, error) {
	p := v.Duration("period")
	if p != 0 && (p < minPeriod || p%time.Second != 0) {
		return nil, fmt.Errorf("period = %v, must be 0 or at least %v, in whole seconds", p, minPeriod)
	}
	return repseudonymize{p}, nil
}

type repseudonymize struct{ period time.Duration }

// Anonymize reads the input once, to number the pseudonyms: user by user, in
// each the periods that have records, so that they are dense. A record belongs
// to the period that it begins in.
func (m repseudonymize) Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	meta := *in.Meta()
	if err := onePseudonym(&meta); err != nil {
		return nil, fmt.Errorf("repseudonymize: %w", err)
	}
	cal, err := meta.Calendar()
	if err != nil {
		return nil, err
	}
	periods := m.periods(cal)
	if len(periods) < 2 {
		return PerUser(identity).Anonymize(ctx, in, env)
	}
	used := make([][]uint32, meta.Users) // per user: the periods with records
	err = env.eachUser(ctx, in, func(t sigcity.Trajectory) error {
		last := -1
		for _, r := range t.Records {
			if p := periods.at(r.Time, last); p != last {
				used[t.User] = append(used[t.User], uint32(p))
				last = p
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	d := &renamed{in: in, env: env, periods: periods, first: make([]sigcity.UserID, meta.Users+1)}
	token := sigcity.UserID(0)
	for u, ps := range used {
		d.first[u] = token
		for _, p := range ps {
			d.period = append(d.period, p)
			env.link(sigcity.Link{Token: token, Source: sigcity.UserID(u), From: periods[p].From, To: periods[p].To})
			token++
		}
	}
	d.first[meta.Users] = token
	meta.Users, meta.Periods = int(token), periods
	d.meta = meta
	return &sigcity.Release{Kind: sigcity.Trajectories, Claims: noClaims(), Data: d}, nil
}

// periodList is a partition of the data set's days.
type periodList []sigcity.Period

func (m repseudonymize) periods(cal *sigcity.Calendar) periodList {
	from, end := cal.Start(0), cal.Start(cal.Days())
	if m.period == 0 || m.period >= time.Duration(end-from)*time.Second {
		return periodList{{From: from, To: end}}
	}
	var out periodList
	const day = 24 * time.Hour
	if m.period%day == 0 { // by local days, whatever the clocks do
		step := int(m.period / day)
		for d := 0; d < cal.Days(); d += step {
			out = append(out, sigcity.Period{From: cal.Start(d), To: cal.Start(min(d+step, cal.Days()))})
		}
		return out
	}
	step := uint32(m.period / time.Second)
	for t := from; t < end; {
		to := t + min(step, end-t)
		out = append(out, sigcity.Period{From: t, To: to})
		t = to
	}
	return out
}

// at is the period of t; hint is where the record before lay. Times outside
// the days belong to the first or the last.
func (p periodList) at(t uint32, hint int) int {
	if hint >= 0 && p[hint].From <= t && t < p[hint].To {
		return hint
	}
	i := sort.Search(len(p), func(i int) bool { return p[i].To > t })
	return min(i, len(p)-1)
}

// renamed is a data set whose users are the pseudonyms.
type renamed struct {
	in      sigcity.Dataset
	env     Env
	meta    sigcity.Meta
	periods periodList
	first   []sigcity.UserID // per user of in: its first pseudonym; one more at the end
	period  []uint32         // per pseudonym
}

func (d *renamed) Meta() *sigcity.Meta   { return &d.meta }
func (d *renamed) Areas() []sigcity.Area { return d.in.Areas() }

// user is the user behind a pseudonym.
func (d *renamed) user(token sigcity.UserID) sigcity.UserID {
	return sigcity.UserID(sort.Search(len(d.first)-1, func(u int) bool { return d.first[u+1] > token }))
}

// Key is the pseudonym proper: a keyed hash of user and period.
func (d *renamed) Key(token sigcity.UserID) uint64 {
	return d.env.Hash("pseudonym", d.in.Key(d.user(token)), uint64(d.period[token]))
}

func (d *renamed) Users(ctx context.Context, r sigcity.Range) iter.Seq2[sigcity.Trajectory, error] {
	return func(yield func(sigcity.Trajectory, error) bool) {
		r := r.Clamp(d.meta.Users)
		if r.First >= r.Limit {
			return
		}
		users := sigcity.Range{First: d.user(r.First), Limit: d.user(r.Limit-1) + 1}
		for t, err := range d.in.Users(ctx, users) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(sigcity.Trajectory{}, err)
				return
			}
			token, rows := d.first[t.User], t.Records
			for len(rows) > 0 {
				p := d.periods.at(rows[0].Time, -1)
				n := 1
				for n < len(rows) && d.periods.at(rows[n].Time, p) == p {
					n++
				}
				if token >= r.First && token < r.Limit {
					kept := dataset.Window(rows[:n], r.From, r.To)
					if len(kept) > 0 && !yield(sigcity.Trajectory{User: token, Records: kept}, nil) {
						return
					}
				}
				token, rows = token+1, rows[n:]
			}
		}
	}
}
