package planning

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/recognition"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "mobile-payment", ID: "T15",
		Doc:      "who pays by phone, where they shop: a control, since signaling hardly tells",
		Citation: "our definition, named after the patent's title; not the patented method",
		Params: []plugin.Param{
			{Name: "min_stay", Type: plugin.Duration, Default: "10m", Min: 60, Max: 86400, Doc: "shortest stay that may be shopping"},
			{Name: "till", Type: plugin.Duration, Default: "5m", Min: 10, Max: 3600, Doc: "how long before leaving people pay"},
			{Name: "threshold", Type: plugin.Float, Default: 0.5, Min: 0.01, Max: 1, Doc: "least chance that a burst of data at the till is no accident"},
		},
		Complexity: "O(n) in records",
		New: func(v plugin.Values) (Task, error) {
			p := recognition.DefaultStayParams()
			p.MinS = uint32(v.Duration("min_stay").Seconds())
			return paymentTask{p, uint32(v.Duration("till").Seconds()), v.Float("threshold")}, nil
		},
	})
}

// Payments is the answer of T15.
type Payments struct {
	Stays []ShopStay `json:"stays"` // by user, then start
}

// ShopStay is a stay where people buy.
type ShopStay struct {
	User  uint32  `json:"user"`
	Start uint32  `json:"start"` // Unix seconds, Start ≤ t < End
	End   uint32  `json:"end"`
	Paid  bool    `json:"paid"`  // by phone
	Score float64 `json:"score"` // how sure it is, 0 … 1
}

func (s ShopStay) compare(o ShopStay) int {
	return cmp.Or(cmp.Compare(s.User, o.User), cmp.Compare(s.Start, o.Start), cmp.Compare(s.End, o.End), compareBool(s.Paid, o.Paid), cmp.Compare(s.Score, o.Score))
}

func (s ShopStay) check(*Env) error {
	if s.Start > s.End {
		return fmt.Errorf("a stay ends at %d, before its start, %d", s.End, s.Start)
	}
	return checkNumber(s.Score)
}

type paymentTask struct {
	stays     recognition.StayParams
	till      uint32
	threshold float64
}

func (paymentTask) Needs() Need { return Need{Horizon: Day} }

// Shops are open from 08:00 to 22:00 (assumed).
const (
	shopOpens  = 8 * 3600
	shopCloses = 22 * 3600
)

// Fold keeps the stays that may be shopping: neither at home nor at work (P6(a)), in an area
// with shops, that end while shops are open.
func (t paymentTask) Fold(env *Env) Fold {
	return &rowFold[ShopStay]{env: env, tag: "mobile-payment/1", take: func(dst []ShopStay, v *View) []ShopStay {
		stays, _ := v.Stays(t.stays)
		if len(stays) == 0 {
			return dst
		}
		rate, rows := v.burstRate(), v.Records
		for _, s := range stays {
			_, second := env.Calendar.Clock(s.End)
			if second < shopOpens || second > shopCloses || !env.hasShops(s.Area) || !v.outside(s.Area) {
				continue
			}
			rows = rows[countWhile(rows, func(r sigcity.Record) bool { return r.Time < s.Start }):]
			in := dataset.Window(rows, s.Start, s.End)
			score := t.score(in, s, rate)
			dst = append(dst, ShopStay{v.User, s.Start, s.End, score >= t.threshold, score})
		}
		return dst
	}, answer: func(rows []ShopStay) (Answer, error) { return &Payments{rows}, nil }}
}

// burst reports whether a record begins a use of data.
func burst(r sigcity.Record) bool { return r.Type == sigcity.ServiceRequest }

// burstRate is how many bursts of data the phone makes a second while shops are open on the
// days with records.
func (v *View) burstRate() float64 {
	n, days, last := 0.0, 0.0, -1
	for _, r := range v.Records {
		day, second := v.env.Calendar.Clock(r.Time)
		if day != last {
			days, last = days+1, day
		}
		if burst(r) && second >= shopOpens && second < shopCloses {
			n++
		}
	}
	return ratio(n, days*(shopCloses-shopOpens))
}

// score is how likely a burst in the last till seconds of the stay is no accident: the
// chance that the phone, at its usual rate, makes none in that time; 0 without a burst. Only a short
// burst counts: none that is followed by another record within a minute.
func (t paymentTask) score(rows []sigcity.Record, s recognition.Stay, rate float64) float64 {
	const alone = 60
	for i := len(rows) - 1; i >= 0; i-- {
		r := rows[i]
		if r.Time+t.till < s.End && i < len(rows)-1 {
			break
		}
		if burst(r) && (i == len(rows)-1 || rows[i+1].Time >= r.Time+alone) {
			return math.Exp(-rate * float64(t.till))
		}
	}
	return 0
}

// hasShops reports whether a place to buy at lies in an area.
func (e *Env) hasShops(id sigcity.AreaID) bool {
	return slices.ContainsFunc(e.placesByArea()[id], func(p int) bool { return buying(string(e.Map.Places[p].Category)) })
}

// buying reports whether people buy at places of a kind.
func buying(kind string) bool { return placeFunction(dataset.Category(kind)) == functionCommerce }

// FromTruth lists the stays, of persons with a phone, at places where people buy.
func (t paymentTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	phone, span, bought := withPhone(truth), env.window(), truth.Purchases
	out := &Payments{}
	for _, a := range truth.Activities {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if !phone[a.Person] || !buying(a.Kind) {
			continue
		}
		s := ShopStay{User: a.Person, Start: max(a.Start, span.From), End: min(a.End, span.To)}
		if s.Start >= s.End {
			continue
		}
		before := func(p dataset.Purchase) bool {
			return p.Person < a.Person || (p.Person == a.Person && p.Time < a.Start)
		}
		bought = bought[countWhile(bought, before):]
		for _, p := range bought[:countWhile(bought, func(p dataset.Purchase) bool { return p.Person == a.Person && p.Time <= a.End })] {
			if p.Mobile {
				s.Paid, s.Score = true, 1
			}
		}
		out.Stays = append(out.Stays, s)
	}
	slices.SortFunc(out.Stays, ShopStay.compare)
	return out, ctx.Err()
}

// Null knows of no stay and no payment: most stays at shops have none.
func (paymentTask) Null(*Env) Answer { return &Payments{} }

// Rekey gives every user the stays of the tokens that stood for him, all of them.
func (p *Payments) Rekey(who func(key uint32, from, to uint32) []Share) Answer {
	out := &Payments{}
	for _, s := range p.Stays {
		for _, share := range who(s.User, s.Start, s.End) {
			if share.Weight > 0 {
				mine := s
				mine.User = share.User
				out.Stays = append(out.Stays, mine)
			}
		}
	}
	slices.SortFunc(out.Stays, ShopStay.compare)
	return out
}

// paymentAgreement counts payments, and what the wanted stays score.
type paymentAgreement struct {
	want, got, both float64 // payments
	found           float64 // wanted stays at which got has any
	stays           float64 // wanted ones
	scores          []float64
	paid            []bool
}

// paymentSlack is how far apart two stays may be and still be the same, s: docs/methods.md, scoring.
const paymentSlack = 15 * 60

// compare finds for every wanted stay the stays of got at the same time. A payment of got is
// right for one wanted payment only.
func (p *Payments) compare(got *Payments) paymentAgreement {
	var out paymentAgreement
	for _, s := range got.Stays {
		if s.Paid {
			out.got++
		}
	}
	g, taken := got.Stays, make([]bool, len(got.Stays))
	first := 0 // of g, not before the user
	for _, w := range p.Stays {
		for first < len(g) && g[first].User < w.User {
			first++
		}
		score, there, hit := 0.0, false, -1
		for i := first; i < len(g) && g[i].User == w.User && uint64(g[i].Start) <= uint64(w.End)+paymentSlack; i++ {
			if uint64(g[i].End)+paymentSlack < uint64(w.Start) {
				continue
			}
			there, score = true, max(score, g[i].Score)
			if hit < 0 && g[i].Paid && !taken[i] {
				hit = i
			}
		}
		out.stays++
		if there {
			out.found++
		}
		if w.Paid {
			out.want++
			if hit >= 0 {
				taken[hit], out.both = true, out.both+1
			}
		}
		out.scores, out.paid = append(out.scores, score), append(out.paid, w.Paid)
	}
	return out
}

// areaUnderCurve is the chance that one that is paid scores higher than one that is not, ties
// half (Mann & Whitney 1947); ok where there are both.
func areaUnderCurve(scores []float64, paid []bool) part {
	sum, yes := 0.0, 0.0
	for i, r := range ranks(scores) {
		if paid[i] {
			sum, yes = sum+r, yes+1
		}
	}
	no := float64(len(scores)) - yes
	if yes == 0 || no == 0 {
		return part{}
	}
	return part{(sum - yes*(yes-1)/2) / (yes * no), true}
}

// Score is the F1 of payments.
func (paymentTask) Score(want, got Answer) float64 {
	w, g, ok := both[Payments](want, got)
	if !ok {
		return 0
	}
	a := w.compare(g)
	return f1(a.both, a.want, a.got)
}

func (paymentTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[Payments](want, got)
	if !ok {
		return nil
	}
	a := w.compare(g)
	out := map[string]float64{"payment_f1": f1(a.both, a.want, a.got), "precision": ratio(a.both, a.got), "recall": ratio(a.both, a.want),
		"stays_found": ratio(a.found, a.stays)}
	if auc := areaUnderCurve(a.scores, a.paid); auc.ok {
		out["auc"] = auc.value
	}
	return out
}

// Sheets: the stays, and payments by hour.
func (p *Payments) Sheets(e *Env) []Sheet {
	list := Sheet{Name: "stays", Title: "Stays at shops", Columns: []string{"user", "start", "end", "paid", "score"}}
	hours := Sheet{Name: "hours", Title: "Payments by hour", Columns: []string{"hour", "stays", "payments"},
		Picture: Picture{Kind: Columns, Label: "hour", Value: []string{"stays", "payments"}}}
	var stays, paid [24]int
	for _, s := range p.Stays {
		list.Rows = append(list.Rows, []any{s.User, s.Start, s.End, s.Paid, s.Score})
		_, second := e.Calendar.Clock(s.End)
		h := min(max(second/3600, 0), 23)
		stays[h]++
		if s.Paid {
			paid[h]++
		}
	}
	for h := range stays {
		hours.Rows = append(hours.Rows, []any{h, stays[h], paid[h]})
	}
	return []Sheet{hours, list}
}
