//go:build unix

package dataset

import (
	"context"
	"io"
	"math"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sigcity/sigcity"
)

// benchData is a day of n SIMs at about a hundred records each.
func benchData(n int) *Mem {
	m := &Mem{Info: sigcity.Meta{Users: n, TimeZone: "Etc/UTC", Start: "2026-03-02", Days: 1}}
	for i := range 4000 {
		m.Cells = append(m.Cells, sigcity.Area{ID: sigcity.AreaID(i)})
	}
	cal, err := m.Info.Calendar()
	if err != nil {
		panic(err)
	}
	for u := range n {
		r := sigcity.Rand(1, "bench", uint64(u))
		home, work := sigcity.AreaID(r.IntN(4000)), sigcity.AreaID(r.IntN(4000))
		t := cal.Start(0)
		var rows []sigcity.Record
		for t += r.Uint32N(1700); t < cal.Start(1); t += r.Uint32N(1700) {
			a := home
			if r.IntN(3) == 0 {
				a = work
			}
			if r.IntN(8) == 0 {
				a = sigcity.AreaID(r.IntN(4000))
			}
			rows = append(rows, sigcity.Record{Time: t, Area: a, Type: sigcity.Event(1 + r.IntN(10))})
		}
		m.Rows = append(m.Rows, rows)
		m.Info.Records += int64(len(rows))
	}
	return m
}

// rate reports rows per second of this process's CPU time, which a busy machine
// does not blur; the returned function ends the measurement.
func rate(b *testing.B, rows int64) func() {
	b.Helper()
	start := cpuSeconds()
	return func() {
		b.ReportMetric(float64(rows)*float64(b.N)/(cpuSeconds()-start)/1e6, "Mrows/cpu-s")
	}
}

func cpuSeconds() float64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// The encoder alone, on one worker: rows per CPU-second.
func BenchmarkEncodeEvents(b *testing.B) {
	m := benchData(PartUsers)
	var users []sigcity.Trajectory
	for u, rows := range m.Rows {
		users = append(users, sigcity.Trajectory{User: sigcity.UserID(u), Records: rows})
	}
	for _, c := range []struct {
		name string
		imsi func(sigcity.UserID) int64
	}{{"raw", imsi}, {"release", nil}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			defer rate(b, m.Info.Records)()
			l, err := new(layouts).eventLayout(c.imsi != nil)
			if err != nil {
				b.Fatal(err)
			}
			check := &eventCheck{users: PartUsers, to: math.MaxUint32, areas: math.MaxInt32}
			var e encoder
			for b.Loop() {
				if _, err := e.write(context.Background(), io.Discard, l, c.imsi, check, 1, users); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What a data set costs whole: spooling, sorting, encoding, hashing, fsync.
func BenchmarkWriteDataset(b *testing.B) {
	m := benchData(PartUsers)
	defer rate(b, m.Info.Records)()
	for b.Loop() {
		if _, err := WriteDataset(context.Background(), filepath.Join(b.TempDir(), "d"), m, Manifest{}, 1); err != nil {
			b.Fatal(err)
		}
	}
}

// Users over one part and one day, on one goroutine.
func BenchmarkUsers(b *testing.B) {
	m := benchData(PartUsers)
	f := rawFolder(b, filepath.Join(b.TempDir(), "d"), m, PartUsers, 1)
	b.ReportAllocs()
	defer rate(b, m.Info.Records)()
	for b.Loop() {
		n := int64(0)
		for t, err := range f.Users(context.Background(), sigcity.Range{}) {
			if err != nil {
				b.Fatal(err)
			}
			n += int64(len(t.Records))
		}
		if n != m.Info.Records {
			b.Fatalf("%d records, want %d", n, m.Info.Records)
		}
	}
}

func BenchmarkWriteEventsCSV(b *testing.B) {
	m := benchData(1024)
	defer rate(b, m.Info.Records)()
	for b.Loop() {
		if err := WriteEventsCSV(context.Background(), io.Discard, m); err != nil {
			b.Fatal(err)
		}
	}
}
