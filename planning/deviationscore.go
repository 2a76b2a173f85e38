package planning

import (
	"math"

	"github.com/sigcity/sigcity"
)

// Null finds no record odd.
func (deviationTask) Null(*Env) Answer { return &Deviations{} }

// Rekey gives every person the records of the tokens that stood for him at the time.
func (d *Deviations) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	out := &Deviations{at: d.at, areas: d.areas}
	for _, u := range d.Users {
		if person, ok := soleUser(who(u.User, u.From, u.To)); ok {
			u.User = person
			out.Users = append(out.Users, u)
			continue
		}
		for i := range u.Records {
			r := u.Records[i : i+1]
			for _, s := range who(u.User, r[0].Time, r[0].Time+1) {
				if s.Weight > 0 {
					out.Users = append(out.Users, UserDeviations{s.User, u.From, u.To, r})
				}
			}
		}
	}
	return out.joined()
}

// flagCounts is how many records of one kind are wanted, got, and both.
type flagCounts struct{ want, got, both float64 }

func (c flagCounts) f1() float64 { return f1(c.both, c.want, c.got) }

// compare counts the records of each kind, ping-pong and drift. Records are the same if person, second and kind
// are; several that are count as often as both sides have them.
func (d *Deviations) compare(got *Deviations) (kind [2]flagCounts) {
	g := got.Users
	count := func(rows []Deviation, wanted bool) {
		for _, r := range rows {
			c := &kind[kindOf(r)]
			if wanted {
				c.want++
			} else {
				c.got++
			}
		}
	}
	for _, u := range got.Users {
		count(u.Records, false)
	}
	for _, u := range d.Users {
		count(u.Records, true)
		g = g[countWhile(g, func(x UserDeviations) bool { return x.User < u.User }):]
		if len(g) == 0 || g[0].User != u.User {
			continue
		}
		for a, b := u.Records, g[0].Records; len(a) > 0 && len(b) > 0; {
			switch order := a[0].compare(b[0]); {
			case order < 0:
				a = a[1:]
			case order > 0:
				b = b[1:]
			default:
				kind[kindOf(a[0])].both++
				a, b = a[1:], b[1:]
			}
		}
	}
	return kind
}

func kindOf(r Deviation) int {
	if r.Drift {
		return 1
	}
	return 0
}

// kindNames are the kinds in order of kindOf.
func kindNames() []string { return []string{"ping_pong", "drift"} }

// Score is the F1 of the flags, both kinds together.
func (deviationTask) Score(want, got Answer) float64 {
	w, g, ok := both[Deviations](want, got)
	if !ok {
		return 0
	}
	k := w.compare(g)
	return flagCounts{k[0].want + k[1].want, k[0].got + k[1].got, k[0].both + k[1].both}.f1()
}

// positionEvery is of how many records found the position of one is compared with truth.
const positionEvery = 8

// Detail: F1, precision and recall by kind; against truth the root mean square error of the position
// of every eighth record found, at the centres of its areas as recorded and as corrected, in metres.
func (deviationTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Deviations](want, got)
	if !ok {
		return nil
	}
	k := w.compare(g)
	out := map[string]float64{}
	for i, name := range kindNames() {
		out["f1_"+name] = k[i].f1()
		out["precision_"+name], out["recall_"+name] = ratio(k[i].both, k[i].got), ratio(k[i].both, k[i].want)
	}
	if w.at == nil || g.areas == nil {
		return out
	}
	var n, before, after [2]float64
	for _, u := range g.Users {
		for i := 0; i < len(u.Records); i += positionEvery {
			r := u.Records[i]
			at, ok := w.at(u.User, r.Time)
			if !ok || r.Area == nowhere {
				continue
			}
			kind := kindOf(r)
			n[kind]++
			before[kind] += at.Dist2(g.areas.Centers[r.Area])
			after[kind] += at.Dist2(g.areas.Centers[r.To])
		}
	}
	for i, name := range kindNames() {
		if n[i] > 0 {
			out["rmse_before_m_"+name], out["rmse_after_m_"+name] = math.Sqrt(before[i]/n[i]), math.Sqrt(after[i]/n[i])
		}
	}
	if all := n[0] + n[1]; all > 0 {
		out["rmse_before_m"], out["rmse_after_m"] = math.Sqrt((before[0]+before[1])/all), math.Sqrt((after[0]+after[1])/all)
	}
	return out
}

// Sheets: how many records are odd in each hour of the day, and the records.
func (d *Deviations) Sheets(e *Env) []Sheet {
	var hours [24][2]int
	list := Sheet{Name: "records", Title: "Records that are not where the phone was", Columns: []string{"user", "time", "kind", "area", "corrected_area"}}
	name := func(a sigcity.AreaID) string {
		if uint64(a) < uint64(len(e.Areas)) {
			return e.Areas[a].Name
		}
		return ""
	}
	for _, u := range d.Users {
		for _, r := range u.Records {
			list.Rows = append(list.Rows, []any{u.User, r.Time, kindNames()[kindOf(r)], name(r.Area), name(r.To)})
			_, second := e.Calendar.Clock(r.Time)
			hours[min(max(second, 0)/3600, 23)][kindOf(r)]++
		}
	}
	chart := Sheet{Name: "flags-by-hour", Title: "Odd records by hour", Columns: append([]string{"hour"}, kindNames()...),
		Picture: Picture{Kind: Columns, Label: "hour", Value: kindNames()}}
	for h, n := range hours {
		chart.Rows = append(chart.Rows, []any{h, n[0], n[1]})
	}
	return []Sheet{chart, list}
}
