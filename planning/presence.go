package planning

import (
	"cmp"
	"fmt"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "dynamic-population", ID: "U12",
		Doc:        "people present per zone in every hour of a typical workday and weekend day",
		Citation:   "Zhong et al. 2017; presence as in multimno's PresentPopulation",
		Params:     presenceParams(),
		Complexity: "O(n + hours) in records",
		New: func(v plugin.Values) (Task, error) {
			return presenceTask{presenceRuleOf(v)}, nil
		},
	})
}

// slots is the number of hours that U12 tells apart: 24 of a workday, then 24
// of a weekend day or holiday.
const slots = 48

// Presence is the answer of U12: the mean number of people present in the
// middle of each hour of day.
type Presence struct {
	Zoning string        `json:"zoning"`
	Slots  [][]ZoneCount `json:"slots"` // 24 of a workday, 24 of a weekend day; nil = the data has no such day
}

// presenceTask asks where every phone is in the middle of every hour.
type presenceTask struct{ presenceRule }

func (presenceTask) Needs() Need { return Need{Horizon: Snapshot, Aggregates: true} }

func (p presenceTask) Fold(env *Env) Fold {
	return newTallyFold(env, "dynamic-population/2", p.bySlot, env.presenceOf)
}

type slotArea struct {
	Slot uint32
	Area sigcity.AreaID
}

func (k slotArea) compare(o slotArea) int {
	return cmp.Or(cmp.Compare(k.Slot, o.Slot), cmp.Compare(k.Area, o.Area))
}

func (k slotArea) check(e *Env) error {
	if k.Slot >= slots {
		return fmt.Errorf("slot %d, there are %d", k.Slot, slots)
	}
	return e.checkArea(uint32(k.Area))
}

func (e *Env) presenceOf(sums []tallied[slotArea]) (Answer, error) {
	return e.presence(bySlots(sums), e.spread), nil
}

// presence turns sums over the days into the mean day, on zones, expanded by
// one factor such that the mean number of people present is the population.
// spread lays a slot's counts on zones.
func (e *Env) presence(counts [slots][]areaCount, spread func([]areaCount) map[geo.ZoneID]float64) *Presence {
	days := slotDays(e.moments())
	sum, moments := 0.0, 0.0
	for s := range counts {
		sum += max(0, sumCounts(counts[s]))
		moments += days[s]
	}
	factor := e.factor(sum / moments)
	out := &Presence{Zoning: e.Zoning.Name(), Slots: make([][]ZoneCount, slots)}
	for s := range counts {
		if days[s] > 0 {
			out.Slots[s] = e.zoneCounts(spread(counts[s]), factor/days[s])
		}
	}
	return out
}
