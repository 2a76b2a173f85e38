package benchmarks

import (
	"fmt"
	"slices"
	"time"

	"github.com/sigcity/sigcity/attacks"
)

// Kinds of adversaries.
const (
	// SameRecord adversaries saw the very records that are released: an upper
	// bound, labelled so and kept out of the realistic risk.
	SameRecord = "same-record"
	// Realistic adversaries watched the target by other means: the true place
	// with an error, mapped to the nearest cell, and the true time with an error.
	Realistic = "realistic"
	// Adaptive adversaries are realistic ones who also know the method and its
	// parameters.
	Adaptive = "adaptive"
)

// Adversary says how an attack's knowledge of its targets is drawn. The zero
// value means the defaults of each field.
type Adversary struct {
	Kinds   []string      `mapstructure:"kinds" yaml:"kinds" json:"kinds,omitempty"`                // same-record, realistic, adaptive; default the first two for points, else realistic
	Points  []int         `mapstructure:"points" yaml:"points" json:"points,omitempty"`             // points known of a target; default 4
	Places  []int         `mapstructure:"places" yaml:"places" json:"places,omitempty"`             // top places known; default 3
	NoiseM  float64       `mapstructure:"noise_m" yaml:"noise_m" json:"noise_m,omitempty"`          // σ per axis of a realistic position, m; default 200
	TimeErr time.Duration `mapstructure:"time_error" yaml:"time_error" json:"time_error,omitempty"` // largest error of a realistic time; default 5m
}

// adversary is one way to know the targets.
type adversary struct {
	name    string // as rows print it
	kind    string
	points  int
	places  int
	noiseM  float64
	timeErr uint32 // s
	needs   []attacks.Source
}

// knows reports whether the adversary has a kind of knowledge.
func (a adversary) knows(s attacks.Source) bool { return slices.Contains(a.needs, s) }

// expand lists the adversaries of an attack that needs some knowledge. Errors
// begin with the key below adversary.
func (a Adversary) expand(needs []attacks.Source) ([]adversary, error) {
	points, places := slices.Contains(needs, attacks.SomePoints), slices.Contains(needs, attacks.TopPlaces)
	switch {
	case !points && len(a.Points) > 0:
		return nil, fmt.Errorf("points: the attack uses no points")
	case !places && len(a.Places) > 0:
		return nil, fmt.Errorf("places: the attack uses no top places")
	case a.NoiseM < 0 || a.NoiseM > 1e5:
		return nil, fmt.Errorf("noise_m = %g, must be from 0 to 100000", a.NoiseM)
	case a.TimeErr < 0 || a.TimeErr > 24*time.Hour:
		return nil, fmt.Errorf("time_error = %v, must be from 0s to 24h", a.TimeErr)
	}
	base := adversary{kind: Realistic, noiseM: 200, timeErr: 300, needs: needs}
	if a.NoiseM > 0 {
		base.noiseM = a.NoiseM
	}
	if a.TimeErr > 0 {
		base.timeErr = uint32(a.TimeErr / time.Second)
	}
	kinds := a.Kinds
	if len(kinds) == 0 {
		kinds = []string{Realistic}
		if points {
			kinds = []string{SameRecord, Realistic}
		}
	}
	var out []adversary
	for i, kind := range kinds {
		switch {
		case kind != SameRecord && kind != Realistic && kind != Adaptive:
			return nil, fmt.Errorf("kinds[%d] = %q, must be %s, %s or %s", i, kind, SameRecord, Realistic, Adaptive)
		case kind == SameRecord && !points && !places:
			return nil, fmt.Errorf("kinds[%d] = %s: the attack draws nothing from the target's records", i, kind)
		}
		for _, p := range counts(points, a.Points, 4) {
			for _, n := range counts(places, a.Places, 3) {
				if points && (p < 1 || p > 1000) {
					return nil, fmt.Errorf("points = %d, must be from 1 to 1000", p)
				}
				if places && (n < 1 || n > 100) {
					return nil, fmt.Errorf("places = %d, must be from 1 to 100", n)
				}
				w := base
				w.kind, w.points, w.places, w.name = kind, p, n, kind
				if slices.Contains(needs, attacks.Register) {
					w.name += " register"
				}
				if points {
					w.name += fmt.Sprintf(" %d points", p)
				}
				if places {
					w.name += fmt.Sprintf(" top %d", n)
				}
				out = append(out, w)
			}
		}
	}
	return out, nil
}

func counts(wanted bool, given []int, byDefault int) []int {
	switch {
	case !wanted:
		return []int{0}
	case len(given) == 0:
		return []int{byDefault}
	}
	return given
}
