package gen

import (
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// sources writes the outside sources that are one table, and who stands behind
// the entries of all of them. It returns how many people each knows.
func (g *generator) sources() (map[string]int64, error) {
	register, identities := g.pop.OutsideRegister(g.timeline)
	g.absent.forgetWork(register, identities)
	counts := map[string]int64{"register": int64(len(register))}
	add := func(name string, more []dataset.Identity) {
		counts[name] = int64(len(more))
		identities = append(identities, more...)
	}
	if err := dataset.WriteTable(g.out, dataset.TableRegister, dataset.Whole, register); err != nil {
		return nil, err
	}
	n := newInformants(g.pop, &g.cfg.Outside)
	add("accounts", n.accounts.Identities())
	add("transit_cards", n.cards.Identities())
	edges, nodes := g.pop.ContactBook(&g.cfg.Outside.Contacts)
	add("contact_nodes", nodes)
	if err := dataset.WriteTable(g.out, dataset.TableContactBook, dataset.Whole, edges); err != nil {
		return nil, err
	}
	attributes, who, err := g.pop.Attributes(&g.cfg.Outside.Attributes)
	if err != nil {
		return nil, err
	}
	add("attributes", who)
	if err := dataset.WriteTable(g.out, dataset.TableAttributes, dataset.Whole, attributes); err != nil {
		return nil, err
	}
	return counts, dataset.WriteTable(g.out, dataset.TableIdentities, dataset.Whole, identities)
}

// restOfPart is what a part's days leave besides plans and records: purchases,
// passages of hubs, and what outside sources learn. They follow from the plans.
type restOfPart struct {
	*partRun
	persons []uint32 // by position
	wallet  []int32  // the first SIM of the line that pays, −1 = none
	bought  [][]purchase
	buyers  *buyers
	hubs    *hubs
	sources *informants
	unsent  []dataset.Checkin // posts of later days
}

func newRestOfPart(p *partRun) *restOfPart {
	r := &restOfPart{partRun: p, wallet: make([]int32, len(p.here)), bought: make([][]purchase, len(p.here)),
		buyers: newBuyers(p.cfg.Seed, &p.cfg.Purchases), hubs: newHubs(p.city), sources: newInformants(p.pop, &p.cfg.Outside)}
	for _, h := range p.households {
		for i, limit := p.pop.Members(h); i < limit; i++ {
			r.persons = append(r.persons, i)
		}
	}
	for i := range r.wallet {
		r.wallet[i] = -1
	}
	for i, at := range p.owner {
		if !p.pop.SIMs[int(p.first)+i].Initial() {
			continue // a machine, or the same line later
		}
		who := r.persons[at]
		if !p.pop.SIMs[int(p.first)+i].Second && p.phones[i].user.data > 0 && r.buyers.paysByPhone(who, p.pop.Persons[who].Age) {
			r.wallet[at] = int32(i)
		}
	}
	return r
}

// buy draws the purchases of the day of the people at some positions. Who is
// without a working phone pays in cash.
func (r *restOfPart) buy(t *tools, from, to int, before, d day) {
	for i := from; i < to; i++ {
		person, wallet := r.persons[i], r.wallet[i]
		r.bought[i] = r.buyers.day(r.bought[i][:0], person, r.pop.Persons[person].Age, wallet >= 0, d, r.segs[i])
		looked, line := false, party{}
		for k := range r.bought[i] {
			x := &r.bought[i][k]
			if !x.mobile {
				continue
			}
			sim := r.first + sigcity.UserID(wallet)
			if !looked {
				looked, line = true, t.talker.line(t.off[:0], sim, before, d)
				t.off = line.off
			}
			x.mobile, _ = line.reach(x.at, x.at)
		}
	}
}

// write writes the tables of a day that an earlier run did not.
func (r *restOfPart) write(d day) error {
	slot := dataset.Slot{Day: d.index, Part: r.part}
	purchases, passages, taps := r.told.purchases[:0], r.told.passages[:0], r.told.taps[:0]
	posts := r.unsent
	for i, person := range r.persons {
		for k := range r.bought[i] {
			purchases = append(purchases, r.bought[i][k].row(person))
		}
		passages = r.hubs.day(passages, person, r.segs[i])
		taps = r.sources.taps(taps, person, r.segs[i])
		posts = r.sources.posts(posts, person, d, r.segs[i])
	}
	r.told.purchases, r.told.passages, r.told.taps = purchases, passages, taps
	dataset.SortCardTaps(taps)
	dataset.SortCheckins(posts)
	end := d.midnight + uint32(d.length)
	today := len(posts)
	if i := slices.IndexFunc(posts, func(c dataset.Checkin) bool { return c.Time >= end }); i >= 0 {
		today = i
	}
	err := writeMissing(r.out, dataset.TablePurchases, slot, purchases)
	if err == nil {
		err = writeMissing(r.out, dataset.TableHubPassages, slot, passages)
	}
	if err == nil {
		err = writeMissing(r.out, dataset.TableCheckins, slot, posts[:today])
	}
	if err == nil {
		err = writeMissing(r.out, dataset.TableCards, slot, taps)
	}
	r.unsent = slices.Clone(posts[today:])
	return err
}

// writeMissing is dataset.WriteTable unless an earlier run wrote the file.
func writeMissing[T any](w *dataset.Writer, table string, slot dataset.Slot, rows []T) error {
	if w.Has(table, slot) {
		return nil
	}
	return dataset.WriteTable(w, table, slot, rows)
}
