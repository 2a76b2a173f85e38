package attacks

import (
	"context"
	"testing"

	"github.com/sigcity/sigcity/internal/plugin"
)

// BenchmarkGuess attacks 10,000 targets among 10,000 tokens over a week.
func BenchmarkGuess(b *testing.B) {
	s := identityScene(10_000, 7, 1, 200)
	s.know.Workers = 2
	for _, e := range plugin.All[Attack]() {
		if e.Required {
			continue
		}
		b.Run(e.Name, func(b *testing.B) {
			a, _, err := plugin.Make[Attack](e.Name, nil)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := a.Guess(context.Background(), s.rel, s.know, newRand()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(s.know.Targets))*float64(b.N)/b.Elapsed().Seconds(), "targets/s")
		})
	}
}
