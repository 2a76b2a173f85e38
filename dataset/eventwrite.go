package dataset

import (
	"context"
	"io"
	"sync"

	"github.com/sigcity/sigcity"
)

// groupUsers is the number of users whose records make a row group: small
// enough that a read of few users reads little. It is part of the format's
// determinism, so it depends on nothing.
const groupUsers = 512

// rawEvent is the schema of events in raw data; releaseEvent that of a release
// and of imported data.
type (
	rawEvent struct {
		User  int32 `parquet:"user,delta"`
		IMSI  int64 `parquet:"imsi,dict"`
		Time  int64 `parquet:"time,delta,timestamp(millisecond)"`
		Cell  int32 `parquet:"cell,dict"`
		Event int32 `parquet:"event,dict"`
	}
	releaseEvent struct {
		User  int32 `parquet:"user,delta"`
		Time  int64 `parquet:"time,delta,timestamp(millisecond)"`
		Span  int32 `parquet:"span,dict"`
		Area  int32 `parquet:"area,dict"`
		Event int32 `parquet:"event,dict"`
	}
)

// eventLayout is the layout of event files, with the schema of raw data or not.
func (l *layouts) eventLayout(raw bool) (*layout, error) {
	if raw {
		return l.of(rawEvent{}, "user", "time")
	}
	return l.of(releaseEvent{}, "user", "time")
}

// encoder writes event files, one after another.
type encoder struct {
	file   rowFile
	groups []*eventGroup // one per worker
}

// write writes a file of the trajectories of a part, whose records the check lets
// pass. imsi is nil for the release schema. Row groups are encoded side by side
// and written in order.
func (e *encoder) write(ctx context.Context, out io.Writer, l *layout, imsi func(sigcity.UserID) int64, check *eventCheck, workers int,
	users []sigcity.Trajectory) (rows int64, err error) {
	e.file.begin(out, l)
	runs := groupRuns(check.first, users)
	for len(e.groups) < min(workers, len(runs)) {
		e.groups = append(e.groups, new(eventGroup))
	}
	for len(runs) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		batch := runs[:min(len(runs), workers)]
		runs = runs[len(batch):]
		errs := make([]error, len(batch))
		var wg sync.WaitGroup
		for i, run := range batch {
			if i == len(batch)-1 { // the last here: no goroutine for one worker
				errs[i] = e.groups[i].fill(l, imsi, check, run)
				break
			}
			wg.Go(func() { errs[i] = e.groups[i].fill(l, imsi, check, run) })
		}
		wg.Wait()
		for i := range batch {
			if errs[i] != nil {
				return 0, errs[i]
			}
			if err := e.file.add(&e.groups[i].rowGroup); err != nil {
				return 0, err
			}
		}
	}
	return e.file.footer.NumRows, e.file.close()
}

// groupRuns cuts trajectories with records where a row group ends.
func groupRuns(first sigcity.UserID, users []sigcity.Trajectory) [][]sigcity.Trajectory {
	var out [][]sigcity.Trajectory
	for i := 0; i < len(users); {
		j, rows := i, 0
		for group := (users[i].User - first) / groupUsers; j < len(users) && (users[j].User-first)/groupUsers == group; j++ {
			rows += len(users[j].Records)
		}
		if rows > 0 {
			out = append(out, users[i:j])
		}
		i = j
	}
	return out
}

// eventGroup encodes a row group of events: a page of values of each column at a
// time, which is also as much as stays in the cache.
type eventGroup struct {
	rowGroup
	n                       int // rows of the page
	user, span, area, event []int32
	imsi, time              []int64
}

// fill encodes the row group of some users.
func (g *eventGroup) fill(l *layout, imsi func(sigcity.UserID) int64, check *eventCheck, users []sigcity.Trajectory) error {
	g.begin(l)
	if g.user == nil {
		g.user, g.span, g.area, g.event = make([]int32, pageRows), make([]int32, pageRows), make([]int32, pageRows), make([]int32, pageRows)
		g.imsi, g.time = make([]int64, pageRows), make([]int64, pageRows)
	}
	for i := range users {
		t := &users[i]
		id := int64(0)
		if imsi != nil && len(t.Records) > 0 {
			id = imsi(t.User)
		}
		for done := 0; done < len(t.Records); {
			n, ok := g.put(check, t, done, id)
			if done += n; !ok {
				return check.explain(t, done)
			}
			if g.n == pageRows {
				if err := g.flush(imsi != nil); err != nil {
					return err
				}
			}
		}
	}
	return g.flush(imsi != nil)
}

// put adds the records of a user from one on to the page, as many as it holds,
// and returns their number; ok is false where the next one cannot be written.
func (g *eventGroup) put(check *eventCheck, t *sigcity.Trajectory, from int, id int64) (n int, ok bool) {
	n = min(len(t.Records)-from, pageRows-g.n)
	records, end := t.Records[from:from+n], g.n+n
	users, ids, times := g.user[g.n:end], g.imsi[g.n:end], g.time[g.n:end]
	spans, areas, events := g.span[g.n:end], g.area[g.n:end], g.event[g.n:end]
	before := int64(0)
	if from > 0 {
		before = millis(&t.Records[from-1])
	}
	for i := range records {
		r := &records[i]
		if check.wrong(r, before) {
			return i, false
		}
		before = millis(r)
		users[i], ids[i], times[i] = int32(t.User), id, before
		spans[i], areas[i], events[i] = int32(r.Span), int32(r.Area), int32(r.Type)
	}
	g.n = end
	return n, true
}

// flush encodes the page in the order of the schema's columns.
func (g *eventGroup) flush(raw bool) (err error) {
	n, next := g.n, 0
	if n == 0 {
		return nil
	}
	words := func(values []int32) {
		if err == nil {
			err = g.int32s(next, values[:n], nil)
		}
		next++
	}
	longs := func(values []int64) {
		if err == nil {
			err = g.int64s(next, values[:n], nil)
		}
		next++
	}
	words(g.user)
	if raw {
		longs(g.imsi)
	}
	longs(g.time)
	if !raw {
		words(g.span)
	}
	words(g.area)
	words(g.event)
	g.n, g.rows = 0, g.rows+int64(n)
	return err
}
