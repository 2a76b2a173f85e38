package dataset

import (
	"context"
	"io"
	"sync"

	"github.com/parquet-go/parquet-go"

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

// encoder writes one event file. It is not used for a second one: Reset of the
// library's writer (v0.32) empties the column paths in the footers that follow.
type encoder struct {
	imsi   func(sigcity.UserID) int64 // nil = release schema
	w      *parquet.GenericWriter[any]
	groups []*parquet.ConcurrentRowGroupWriter
	values []*valueBuffer // one per worker
}

func newEncoder(out io.Writer, imsi func(sigcity.UserID) int64, workers int) *encoder {
	schema := parquet.SchemaOf(releaseEvent{})
	if imsi != nil {
		schema = parquet.SchemaOf(rawEvent{})
	}
	e := &encoder{imsi: imsi, values: make([]*valueBuffer, workers)}
	e.w = parquet.NewGenericWriter[any](out, schema, createdBy, compression,
		parquet.SortingWriterConfig(parquet.SortingColumns(parquet.Ascending("user"), parquet.Ascending("time"))))
	for range workers { // they are used again for later row groups
		e.groups = append(e.groups, e.w.BeginRowGroup())
	}
	return e
}

// write encodes a file. Row groups are encoded side by side and written in order.
func (e *encoder) write(ctx context.Context, first sigcity.UserID, users []sigcity.Trajectory) (rows int64, err error) {
	runs := groupRuns(first, users)
	for len(runs) > 0 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		batch := runs[:min(len(runs), len(e.groups))]
		runs = runs[len(batch):]
		errs := make([]error, len(batch))
		var wg sync.WaitGroup
		for i, run := range batch {
			if i == len(batch)-1 { // the last here: no goroutine for one worker
				errs[i] = e.fill(i, run)
				break
			}
			wg.Go(func() { errs[i] = e.fill(i, run) })
		}
		wg.Wait()
		for i := range batch {
			if errs[i] != nil {
				return 0, errs[i]
			}
			n, err := e.groups[i].Commit()
			if err != nil {
				return 0, err
			}
			rows += n
		}
	}
	return rows, e.w.Close()
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

// chunk is how many rows go to the columns at a time: few enough to stay in the
// cache, where a pass per column over the records would not.
const chunk = 128

// eventColumnCount is the number of columns of either schema.
const eventColumnCount = 5

type valueBuffer [eventColumnCount][chunk]parquet.Value

// fill encodes one row group.
func (e *encoder) fill(worker int, users []sigcity.Trajectory) error {
	if e.values[worker] == nil {
		e.values[worker] = new(valueBuffer)
	}
	g, buf, n := e.groups[worker], e.values[worker], 0
	// Where the columns of the schema are; span and imsi share a place.
	imsi, time, span := -1, 1, 2
	if e.imsi != nil {
		imsi, time, span = 1, 2, -1
	}
	for _, t := range users {
		user := parquet.Int32Value(int32(t.User))
		var id parquet.Value
		if imsi >= 0 && len(t.Records) > 0 {
			id = parquet.Int64Value(e.imsi(t.User))
		}
		for k := range t.Records {
			r := &t.Records[k]
			buf[0][n] = user
			if imsi >= 0 {
				buf[imsi][n] = id
			} else {
				buf[span][n] = parquet.Int32Value(int32(r.Span))
			}
			buf[time][n] = parquet.Int64Value(int64(r.Time)*1000 + int64(r.Milli))
			buf[3][n] = parquet.Int32Value(int32(r.Area))
			buf[4][n] = parquet.Int32Value(int32(r.Type))
			if n++; n == chunk {
				if err := buf.writeTo(g, n); err != nil {
					return err
				}
				n = 0
			}
		}
	}
	if err := buf.writeTo(g, n); err != nil {
		return err
	}
	return g.Flush()
}

func (b *valueBuffer) writeTo(g *parquet.ConcurrentRowGroupWriter, n int) error {
	for c, col := range g.ColumnWriters() {
		if _, err := col.WriteRowValues(b[c][:n]); err != nil {
			return err
		}
	}
	return nil
}
