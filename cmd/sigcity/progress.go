package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress shows how far a long work is: a bar on a terminal, a plain line
// every few seconds elsewhere, nothing with --quiet.
type progress struct {
	mu      sync.Mutex
	name    string
	out     io.Writer
	now     func() time.Time
	begin   time.Time
	last    time.Time
	bars    *mpb.Progress
	bar     *mpb.Bar
	silent  bool
	stopped bool
}

// plainEvery is how often a plain line is printed.
const plainEvery = 5 * time.Second

func (a *app) progress(name string) *progress {
	p := &progress{name: name, out: a.stderr, now: a.now, begin: a.now(), last: a.now(), silent: a.quiet}
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
	if p.bars != nil {
		if p.bar == nil {
			p.bar = p.bars.AddBar(total, mpb.BarRemoveOnComplete(),
				mpb.PrependDecorators(decor.Name(p.name+" ")),
				mpb.AppendDecorators(decor.Percentage(), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_GO)))
		}
		p.bar.SetCurrent(done)
		return
	}
	now := p.now()
	if now.Sub(p.last) < plainEvery || done <= 0 {
		return
	}
	p.last = now
	left := time.Duration(float64(now.Sub(p.begin)) * float64(total-done) / float64(done)).Round(time.Second)
	fmt.Fprintf(p.out, "%s: %d %%, %v left\n", p.name, 100*done/total, left)
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
