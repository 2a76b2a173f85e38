package planning

import (
	"testing"

	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
)

// A person lives where the anchor is valid longest within the days that are planned for.
func TestAnchorsOfMovers(t *testing.T) {
	env, c := testEnv(t), fixture.New(20, 2, 1)
	begin, end := env.window().From, env.window().To
	third := (end - begin) / 3
	truth := *c.Truth
	truth.Anchors = nil
	for _, a := range c.Truth.Anchors {
		if a.Kind == dataset.ActHome && a.Person < 2 {
			other := a
			other.Lon += 0.02
			at := begin + third // person 0 moves early, person 1 late
			if a.Person == 1 {
				at += third
			}
			a.From, a.To, other.From, other.To = begin, at, at, end
			truth.Anchors = append(truth.Anchors, a, other)
			continue
		}
		truth.Anchors = append(truth.Anchors, a)
	}
	was, got := anchorsOf(c.Truth, dataset.ActHome, env), anchorsOf(&truth, dataset.ActHome, env)
	if got[0] == was[0] || got[1] != was[1] || got[2] != was[2] || len(got) != len(was) {
		t.Errorf("homes %v, %v and %v; without moves %v, %v and %v", got[0], got[1], got[2], was[0], was[1], was[2])
	}
}
