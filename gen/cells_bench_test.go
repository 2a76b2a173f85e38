package gen

import (
	"testing"
	"time"

	"github.com/sigcity/sigcity"
)

// BenchmarkCamper is what following the cells of a person's day takes: that of
// 10,000 persons in the large city, days after another.
func BenchmarkCamper(b *testing.B) {
	city := preset(b, "large")
	cfg := config(10_000, 3650, 1)
	cfg.Profile, cfg.TimeZone = Curated, city.TimeZone
	p := newGenerator(b, city, cfg).newPartRun(0)
	camper, stream := p.tools[0].camper, p.tools[0].stream
	var sum time.Duration
	days, moves := 0, 0
	for b.Loop() {
		d := newDay(p.cal, days)
		if err := p.live(d); err != nil {
			b.Fatal(err)
		}
		begin := cpu()
		for i := range p.phones {
			if p.owner[i] < 0 || gone(p.segs[p.owner[i]]) {
				continue
			}
			r := stream.Seed(sigcity.Mix(uint64(i), uint64(d.index)))
			moves += len(camper.day(r, &p.phones[i].camping, d, p.segs[p.owner[i]]))
		}
		sum += cpu() - begin
		days++
	}
	of := float64(days * len(p.here))
	b.ReportMetric(float64(sum.Nanoseconds())/of, "ns/person-day")
	b.ReportMetric(float64(moves)/of, "moves/person-day")
}
