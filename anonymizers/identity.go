package anonymizers

import (
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name:       "identity",
		Doc:        "the raw records under a pseudonym: the upper end of both utility and risk",
		Citation:   "de Montjoye et al., Unique in the Crowd: the privacy bounds of human mobility, Scientific Reports 3:1376, 2013",
		Guarantee:  "none",
		Neutral:    plugin.Args{},
		Complexity: "O(n)",
		New:        func(plugin.Values) (Anonymizer, error) { return PerUser(identity), nil },
	})
}

func identity(t sigcity.Trajectory, _ *rand.Rand) sigcity.Trajectory { return t }
