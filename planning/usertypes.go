package planning

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/recognition"
)

// UserTypes is the answer of T08 and T20: what type everybody is of.
type UserTypes struct {
	Types []string    `json:"types"` // what Type counts
	Share []float64   `json:"share"` // of the people of each type; adds up to 1, or to 0 without any
	Users []TypedUser `json:"users"` // by user, then From
	// Others is the type of everybody whom Users does not list: what a predictor
	// says that does not look at users. Empty = it says nothing.
	Others string `json:"others,omitempty"`
}

// TypedUser is the type of one user from From to To (Unix seconds).
type TypedUser struct {
	User    uint32  `json:"user"`
	From    uint32  `json:"from"`
	To      uint32  `json:"to"`
	Type    uint8   `json:"type"`
	Cluster uint8   `json:"cluster"` // of users who are alike, found without types (T20; in truth the type)
	Days    float64 `json:"days"`    // seen, behind the type
}

// typeNames are the names of types in order of their numbers.
func typeNames[T fmt.Stringer](types []T) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = t.String()
	}
	return out
}

// typeRow is what a fold keeps of a user.
type typeRow struct {
	User   uint32
	Period sigcity.Period
	Type   uint8
	Days   uint32
	Still  bool // never leaves its place
}

func (r typeRow) compare(o typeRow) int {
	return byUser(r.User, o.User, r.Period.From, o.Period.From)
}

func (r typeRow) check(*Env) error { return nil }

// typed is the row of a view. A phone that never leaves its place is a machine or lies
// in a drawer.
func typed(v *View, p *recognition.UserProfile, kind uint8) typeRow {
	return typeRow{User: v.User, Period: v.Period, Type: kind, Days: uint32(p.Days), Still: p.Locations <= 1 && p.Moving == 0}
}

// days is the number of days that a view can tell of, at least one.
func (v *View) days() int {
	w := v.Window()
	return max(1, int(math.Round(float64(w.To-w.From)/86400)))
}

// userTypes makes the answer of rows in order. Shares are of phones that move; a
// token of a linkage period counts by the part of the whole time that the period is.
func (e *Env) userTypes(types []string, rows []typeRow) (*UserTypes, error) {
	out := &UserTypes{Types: types, Share: make([]float64, len(types)), Users: make([]TypedUser, len(rows))}
	whole := e.window()
	for i, r := range rows {
		if int(r.Type) >= len(types) {
			return nil, fmt.Errorf("user %d is of type %d, there are %d", r.User, r.Type, len(types))
		}
		out.Users[i] = TypedUser{User: r.User, From: r.Period.From, To: r.Period.To, Type: r.Type, Days: float64(r.Days)}
		if from, to := max(r.Period.From, whole.From), min(r.Period.To, whole.To); from < to && !r.Still {
			out.Share[r.Type] += float64(to-from) / float64(whole.To-whole.From)
		}
	}
	out.share()
	return out, nil
}

// share turns counts into shares.
func (t *UserTypes) share() {
	sum := 0.0
	for _, n := range t.Share {
		sum += n
	}
	for i := range t.Share {
		t.Share[i] = ratio(t.Share[i], sum)
	}
}

// put adds somebody of truth.
func (t *UserTypes) put(person uint32, span sigcity.Period, kind uint8) {
	t.Users = append(t.Users, TypedUser{User: person, From: span.From, To: span.To, Type: kind, Cluster: kind, Days: 1})
	t.Share[kind]++
}

// sameTypes is the predictor that calls everybody alike.
func sameTypes[T fmt.Stringer](types []T, all T) *UserTypes {
	names := typeNames(types)
	out := &UserTypes{Types: names, Share: make([]float64, len(names)), Others: all.String()}
	out.Share[slices.Index(names, out.Others)] = 1
	return out
}

// Rekey gives every user the types of the tokens that stood for him. By one gives
// him a single one.
func (t *UserTypes) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	out := &UserTypes{Types: t.Types, Share: t.Share, Others: t.Others}
	for _, u := range t.Users {
		for _, s := range who(u.User, u.From, u.To) {
			mine := u
			mine.User, mine.Days = s.User, u.Days*s.Weight
			out.Users = append(out.Users, mine)
		}
	}
	slices.SortStableFunc(out.Users, func(a, b TypedUser) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.From, b.From))
	})
	return out
}

// single leaves every user one type: that with most days behind it, of equals the
// higher number, and the cluster of the row with most days of that type.
func (t *UserTypes) single() []TypedUser {
	var out []TypedUser
	votes := make([]float64, len(t.Types))
	for users := t.Users; len(users) > 0; {
		n := countWhile(users, func(u TypedUser) bool { return u.User == users[0].User })
		clear(votes)
		for _, u := range users[:n] {
			votes[u.Type] += u.Days
		}
		best := users[0]
		for _, u := range users[1:n] {
			if cmp.Or(cmp.Compare(votes[u.Type], votes[best.Type]), cmp.Compare(u.Type, best.Type), cmp.Compare(u.Days, best.Days)) > 0 {
				best = u
			}
		}
		out = append(out, best)
		users = users[n:]
	}
	return out
}

// compare lays two answers over each other: who is wanted of which type and
// which one he got, and the clusters of those that got has one of.
func (t *UserTypes) compare(got *UserTypes) (c *confusion, types, clusters []int) {
	c = newConfusion(len(t.Types))
	found, others := got.single(), slices.Index(t.Types, got.Others)
	for _, w := range t.single() {
		kind := others // -1, unanswered, where nothing is said of others
		if i, ok := slices.BinarySearchFunc(found, w.User, func(u TypedUser, user uint32) int { return cmp.Compare(u.User, user) }); ok {
			kind = int(found[i].Type)
			types, clusters = append(types, int(w.Type)), append(clusters, int(found[i].Cluster))
		}
		c.add(int(w.Type), kind, 1)
	}
	return c, types, clusters
}

// scoreTypes is the macro-F1 of the types: the mean of their F1.
func scoreTypes(want, got Answer) float64 {
	w, g, ok := both[UserTypes](want, got)
	if !ok || !slices.Equal(w.Types, g.Types) {
		return 0
	}
	c, _, _ := w.compare(g)
	return c.macroF1()
}

// detailTypes: accuracy, Cohen's κ, and of each type the F1 and the error of its share,
// as a share of the wanted one.
func detailTypes(want, got Answer) map[string]float64 {
	w, g, ok := both[UserTypes](want, got)
	if !ok || !slices.Equal(w.Types, g.Types) {
		return nil
	}
	c, types, clusters := w.compare(g)
	out := map[string]float64{"accuracy": c.accuracy(), "kappa": c.cohenKappa(), "share_wape": wapeOf(w.Share, g.Share)}
	wants, gots, _ := c.sums()
	for k, name := range w.Types {
		if wants[k] == 0 {
			continue
		}
		name = underscored(name)
		out["f1_"+name] = f1(c.cell[k*(c.classes+1)+k], wants[k], gots[k])
		out["wape_"+name] = wapeOf(w.Share[k:k+1], g.Share[k:k+1])
	}
	if slices.Max(append(clusters, 0)) > 0 {
		if ari := recognition.AdjustedRandIndex(types, clusters); !math.IsNaN(ari) {
			out["cluster_ari"] = ari
		}
	}
	return out
}

// underscored is a name as part of a metric's.
func underscored(name string) string {
	b := []byte(name)
	for i := range b {
		if b[i] == '-' {
			b[i] = '_'
		}
	}
	return string(b)
}

// Sheets: the share of each type, and the type of every user.
func (t *UserTypes) Sheets(*Env) []Sheet {
	shares := Sheet{Name: "types", Title: "Share of people by type", Columns: []string{"type", "share"}, Picture: Picture{Kind: Columns, Label: "type", Value: []string{"share"}}}
	for i, name := range t.Types {
		shares.Rows = append(shares.Rows, []any{name, t.Share[i]})
	}
	users := Sheet{Name: "users", Title: "Types of users", Columns: []string{"user", "from", "to", "type", "cluster", "days"}}
	for _, u := range t.Users {
		users.Rows = append(users.Rows, []any{u.User, u.From, u.To, t.Types[u.Type], int(u.Cluster), u.Days})
	}
	return []Sheet{shares, users}
}
