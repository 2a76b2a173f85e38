package planning

import (
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/network"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "expressway-state", ID: "T01",
		Doc:        "free, slow or jammed: the expressways in every quarter of an hour of a typical workday and day off",
		Citation:   "our definition, named after the patent's title; not the patented method",
		Params:     roadStateParams(),
		Complexity: "O(n) in records, 0.1 ms a trip by car",
		New: func(v plugin.Values) (Task, error) {
			t, err := newRoadStateTask(v, "expressway-state/1", func(c network.RoadClass) bool { return c == network.Motorway || c == network.Trunk })
			return expresswayTask{t}, err
		},
	})
}

// expresswayTask is T01: motorways and trunk roads without ramps; speed decides.
type expresswayTask struct{ roadStateTask }

// Score is the linearly weighted κ of the states by length and time, at least 0: all
// roads free, the null predictor's answer, is 0 where any is not.
func (expresswayTask) Score(want, got Answer) float64 {
	w, g, ok := both[RoadStates](want, got)
	if !ok {
		return 0
	}
	return max(0, stateConfusion(w, g).weightedKappa(1))
}
