package network

import (
	"syscall"
	"testing"
	"time"
)

// cpuSeconds is the processor time that the process has used, user and system.
func cpuSeconds(t testing.TB) float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds()
}

// BenchmarkCongest also gives the processor time and the percentages of
// arterial link-hours of a working day that are slow.
func BenchmarkCongest(b *testing.B) {
	for _, name := range figureCities {
		b.Run(name, func(b *testing.B) {
			c := figureCity(b, name)
			var x *Congestion
			cpu := cpuSeconds(b)
			for b.Loop() {
				x = congest(b, c, CongestionOptions{Workers: 2})
			}
			b.ReportMetric((cpuSeconds(b)-cpu)/float64(b.N), "cpu-s/op")
			b.ReportMetric(100*x.SlowArterials(0.7, 7, 9), "%<0.7@07-09")
			b.ReportMetric(100*x.SlowArterials(0.4, 7, 9), "%<0.4@07-09")
			b.ReportMetric(100*x.SlowArterials(0.7, 3, 4), "%<0.7@03")
			b.ReportMetric(float64(c.Report.Counts["inhabitants"]), "inhabitants")
			b.ReportMetric(float64(c.Graph().Nodes()), "nodes")
		})
	}
}
