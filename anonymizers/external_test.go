package anonymizers_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// This file adds a method as one file anywhere in the module can. The
// conformance tests run over it like over any other.
func init() {
	plugin.Add(plugin.Entry[anonymizers.Anonymizer]{
		Name:       "example-thin",
		Doc:        "an example: every record stays with a given probability",
		Params:     []plugin.Param{{Name: "share", Type: plugin.Float, Default: 0.5, Min: 0, Max: 1, Doc: "probability that a record stays"}},
		Citation:   "this test",
		Guarantee:  "none",
		Neutral:    plugin.Args{"share": 1},
		Complexity: "O(n)",
		New: func(v plugin.Values) (anonymizers.Anonymizer, error) {
			share := v.Float("share")
			return anonymizers.PerUser(func(t sigcity.Trajectory, rng *rand.Rand) sigcity.Trajectory {
				kept := t.Records[:0]
				for _, r := range t.Records {
					if rng.Float64() < share {
						kept = append(kept, r)
					}
				}
				t.Records = kept
				return t
			}), nil
		},
	})
}

// Find a method in the registry, set its parameters, and run it.
func Example() {
	method, values, err := plugin.Make[anonymizers.Anonymizer]("generalize", plugin.Args{"space": "grid-5km", "bin": "6h"})
	if err != nil {
		fmt.Println(err)
		return
	}
	raw := fixture.New(100, 1, 1).Data
	release, err := method.Anonymize(context.Background(), raw, anonymizers.NewEnv(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(values.Text())
	fmt.Println(len(raw.Areas()), "cells became", len(release.Data.Areas()), "areas;", release.Claims[0])
	for t, err := range release.Data.Users(context.Background(), sigcity.Range{Limit: 1}) {
		fmt.Println(len(t.Records), "records, the first lasts", t.Records[0].Span+1, "s", err)
	}
	// Output:
	// bin=6h0m0s, space=grid-5km
	// 100 cells became 4 areas; none
	// 48 records, the first lasts 21600 s <nil>
}
