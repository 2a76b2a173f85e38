package benchmarks

import (
	"cmp"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/planning"
)

// linkIndex answers whom a token carries. It never leaves the scorer.
type linkIndex struct {
	a        *arena
	byToken  []sigcity.Link // by token, start, source
	first    []int          // per token, and one more
	bySource [][]sigcity.Link
}

func newLinkIndex(links []sigcity.Link, tokens int, a *arena) *linkIndex {
	x := &linkIndex{a: a, byToken: slices.Clone(links), first: make([]int, tokens+1), bySource: make([][]sigcity.Link, a.meta.Users)}
	slices.SortFunc(x.byToken, func(l, m sigcity.Link) int {
		return cmp.Or(cmp.Compare(l.Token, m.Token), cmp.Compare(l.From, m.From), cmp.Compare(l.Source, m.Source))
	})
	for _, l := range x.byToken {
		x.first[l.Token+1]++
		x.bySource[l.Source] = append(x.bySource[l.Source], l)
	}
	for t := range tokens {
		x.first[t+1] += x.first[t]
	}
	return x
}

// of lists a token's links.
func (x *linkIndex) of(token sigcity.UserID) []sigcity.Link {
	return x.byToken[x.first[token]:x.first[token+1]]
}

// carries reports whether the token is linked to anybody at t.
func (x *linkIndex) carries(token sigcity.UserID, t uint32) bool {
	return slices.ContainsFunc(x.of(token), func(l sigcity.Link) bool { return l.From <= t && t < l.To })
}

// group is the jackknife group of a token: that of the first person it
// carries, or a hash of its own where it carries nobody (synthetic traces, machines).
func (x *linkIndex) group(token sigcity.UserID) int {
	for _, l := range x.of(token) {
		if p := x.a.person[l.Source]; p != nobody {
			return x.a.group(p)
		}
	}
	return int(sigcity.Hash(1, "benchmarks.group", uint64(token)) % uint64(x.a.groups))
}

// shares lists the persons whom a token stands for between from and to (0 =
// no bound), each by its part of the linked time; parts add up to 1.
func (x *linkIndex) shares(token, from, to uint32) []planning.Share {
	if int(token) >= len(x.first)-1 {
		return nil
	}
	from = max(from, x.a.from)
	if to == 0 || to > x.a.to {
		to = x.a.to
	}
	var out []planning.Share
	total := 0.0
	for _, l := range x.of(sigcity.UserID(token)) {
		lo, hi := max(l.From, from), min(l.To, to)
		if lo >= hi {
			continue
		}
		person := x.a.person[l.Source]
		if person == nobody {
			continue
		}
		w := float64(hi - lo)
		total += w
		if i := slices.IndexFunc(out, func(s planning.Share) bool { return s.User == person }); i >= 0 {
			out[i].Weight += w
		} else {
			out = append(out, planning.Share{User: person, Weight: w})
		}
	}
	for i := range out {
		out[i].Weight /= total
	}
	return out
}

// rawShares re-keys raw SIMs to persons.
func (a *arena) rawShares(user, _, _ uint32) []planning.Share {
	if int(user) >= len(a.person) || a.person[user] == nobody {
		return nil
	}
	return []planning.Share{{User: a.person[user], Weight: 1}}
}

// rightTokens lists the tokens with records that carry some SIM of the person.
func (o *opened) rightTokens(sims []sigcity.UserID) []sigcity.UserID {
	var out []sigcity.UserID
	for _, u := range sims {
		for _, l := range o.links.bySource[u] {
			if o.scan.records[l.Token] > 0 {
				out = append(out, l.Token)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
