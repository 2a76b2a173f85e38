package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far a long work is, how fast it goes and how long it will
// still take: a bar on a terminal, a plain line every few seconds elsewhere,
// nothing with --quiet.
type progress struct {
	mu      sync.Mutex
	name    string
	unit    string // of what is counted
	out     io.Writer
	now     func() time.Time
	begin   time.Time
	last    time.Time
	pace    pace
	text    atomic.Value // string: speed and time left, for the bar
	bars    *mpb.Progress
	bar     *mpb.Bar
	silent  bool
	stopped bool
}

// plainEvery is how often a plain line is printed.
const plainEvery = 5 * time.Second

func (a *app) progress(name, unit string) *progress {
	p := &progress{name: name, unit: unit, out: a.stderr, now: a.now, begin: a.now(), last: a.now(), silent: a.quiet}
	p.text.Store("")
	if f, ok := a.stderr.(*os.File); ok && !a.quiet {
		if st, err := f.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
			p.bars = mpb.New(mpb.WithOutput(f), mpb.WithWidth(48))
		}
	}
	return p
}

// Set reports done of total; it may be called from several goroutines.
func (p *progress) Set(done, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.silent || p.stopped || total <= 0 {
		return
	}
	now := p.now()
	p.pace.add(now, done)
	if p.bars != nil {
		if p.bar == nil {
			p.bar = p.bars.AddBar(total, mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Name(p.name+" ")),
				mpb.AppendDecorators(decor.Percentage(), decor.Any(func(decor.Statistics) string { return p.text.Load().(string) })))
		}
		p.text.Store(p.pace.text(p.unit, total))
		p.bar.SetCurrent(done)
		return
	}
	if now.Sub(p.last) < plainEvery {
		return
	}
	p.last = now
	fmt.Fprintf(p.out, "%s: %d %%%s\n", p.name, 100*done/total, p.pace.text(p.unit, total))
}

// pace tells how fast work goes of late. What an earlier run had done already
// goes by in a moment, and must not count for long.
type pace struct {
	marks [16]mark // the latest last, a second apart at least
	n     int
	now   mark
}

type mark struct {
	at   time.Time
	done int64
}

func (p *pace) add(at time.Time, done int64) {
	p.now = mark{at, done}
	if p.n > 0 && at.Sub(p.marks[p.n-1].at) < time.Second {
		return
	}
	if p.n == len(p.marks) {
		copy(p.marks[:], p.marks[1:])
		p.n--
	}
	p.marks[p.n] = p.now
	p.n++
}

// text is the speed and the time left, empty where neither is known yet.
func (p *pace) text(unit string, total int64) string {
	if p.n == 0 {
		return ""
	}
	first := p.marks[0]
	seconds := p.now.at.Sub(first.at).Seconds()
	speed := float64(p.now.done-first.done) / seconds
	if seconds < 1 || speed <= 0 {
		return ""
	}
	left := time.Duration(float64(total-p.now.done) / speed * float64(time.Second)).Round(time.Second)
	figure := fmt.Sprintf("%.0f", speed)
	if speed < 10 {
		figure = fmt.Sprintf("%.1f", speed)
	}
	return fmt.Sprintf(", %s %s/s, %v left", figure, unit, left)
}

// Stop ends the display and gives the time it took.
func (p *progress) Stop() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
	if p.bars != nil {
		if p.bar != nil {
			p.bar.Abort(true)
		}
		p.bars.Shutdown()
	}
	return p.now().Sub(p.begin)
}
