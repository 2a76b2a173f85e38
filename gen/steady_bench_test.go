package gen

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/network"
)

// BenchmarkSteady is the steady state: further days of 10,000 persons in the
// large city, ground truth included, once everything is prepared. It reports
// event rows per CPU-second, what each step takes of a person's day, and how
// many times the CPU of the bare Parquet writer that is.
func BenchmarkSteady(b *testing.B) {
	city := preset(b, "large")
	for _, profile := range []string{Curated, Raw} {
		b.Run(profile, func(b *testing.B) { benchmarkSteady(b, city, profile) })
	}
}

func benchmarkSteady(b *testing.B, city *network.City, profile string) {
	cfg := config(10_000, 3650, 1)
	cfg.Profile, cfg.TimeZone = profile, city.TimeZone
	g := newGenerator(b, city, cfg)
	m, err := manifest(city, g.pop, cfg)
	if err != nil {
		b.Fatal(err)
	}
	if g.out, err = dataset.Create(filepath.Join(b.TempDir(), "data"), m, func(u sigcity.UserID) int64 { return g.pop.SIMs[u].IMSI }, 1); err != nil {
		b.Fatal(err)
	}
	if err := g.out.Map(city.Map()); err != nil {
		b.Fatal(err)
	}
	if _, err := g.cells(); err != nil {
		b.Fatal(err)
	}
	p := g.newPartRun(0)
	var live, signal, write, bare time.Duration
	events, index := 0, 0
	took := func(sum *time.Duration, step func() error) {
		begin := cpu()
		if err := step(); err != nil {
			b.Fatal(err)
		}
		*sum += cpu() - begin
	}
	for b.Loop() {
		d := newDay(g.cal, index)
		took(&live, func() error { return p.live(d) })
		took(&signal, func() error { return p.signal(d) })
		took(&write, func() error { return p.write(d) })
		again := dataset.Slot{Day: index, Part: 0}
		took(&bare, func() error { return g.out.Events(b.Context(), again, p.rows) })
		for i := range p.rows {
			events += len(p.rows[i].Records)
		}
		index++
	}
	all := live + signal + write
	days := float64(index * len(p.here))
	b.ReportMetric(float64(events)/all.Seconds(), "rows/CPU-s")
	b.ReportMetric(all.Seconds()/bare.Seconds(), "×writer")
	b.ReportMetric(float64(live.Nanoseconds())/days, "live-ns/person-day")
	b.ReportMetric(float64(signal.Nanoseconds())/days, "signal-ns/person-day")
	b.ReportMetric(float64(write.Nanoseconds())/days, "write-ns/person-day")
	b.ReportMetric(float64(bare.Nanoseconds())/days, "bare-ns/person-day")
}

// cpu is the processor time of the process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
