package planning

import (
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/network"
)

func init() {
	plugin.Add(plugin.Entry[Task]{
		Name: "road-state", ID: "T03",
		Doc:      "free, slow or jammed by speed and density: the urban main roads in every quarter of an hour of a typical workday and day off",
		Citation: "our definition, named after the patent's title; not the patented method",
		Params: append(roadStateParams(), plugin.Param{Name: "density", Type: plugin.Float, Default: 0.25, Min: 0, Max: 1,
			Doc: "share of the critical density below which a road is one class better than its speed says; 0 = speed alone"}),
		Complexity: "O(n) in records, 0.1 ms a trip by car",
		New: func(v plugin.Values) (Task, error) {
			t, err := newRoadStateTask(v, "road-state/1", func(c network.RoadClass) bool {
				return c == network.Primary || c == network.Secondary || c == network.Tertiary
			})
			t.density = v.Float("density")
			return urbanRoadTask{t}, err
		},
	})
}

// urbanRoadTask is T03: primary, secondary and tertiary roads; speed and density decide.
type urbanRoadTask struct{ roadStateTask }

// Score is the macro-F1 of the states that either answer has, by length and time. All
// roads free scores about a third where all three states are wanted.
func (urbanRoadTask) Score(want, got Answer) float64 {
	w, g, ok := both[RoadStates](want, got)
	if !ok {
		return 0
	}
	return stateConfusion(w, g).macroF1()
}
