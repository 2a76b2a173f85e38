package dataset

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sigcity/sigcity"
)

// buckets sort records by output file without holding them: per day and part a
// file of fixed-size rows, appended to through a small buffer.
type buckets struct {
	dir   string
	parts []Part
	cal   *sigcity.Calendar
	max   int // bytes of a buffer
	files []bucket
}

type bucket struct {
	mu   sync.Mutex
	buf  []byte
	rows int64
}

// bucketRow is the size of a row: user, time, span, area, milli, type.
const bucketRow = 20

// bufferBytes bounds the buffers of all buckets together.
const bufferBytes = 64 << 20

func newBuckets(dir string, cal *sigcity.Calendar, parts []Part) (*buckets, error) {
	if err := os.Mkdir(dir, 0o777); err != nil {
		return nil, err
	}
	n := cal.Days() * len(parts)
	size := min(max(bufferBytes/max(n, 1), 64*bucketRow), 1<<17)
	return &buckets{dir: dir, parts: parts, cal: cal, max: size - size%bucketRow, files: make([]bucket, n)}, nil
}

// partOf is the part that holds user u.
func (b *buckets) partOf(u sigcity.UserID) int {
	i, ok := slices.BinarySearchFunc(b.parts, u, func(p Part, u sigcity.UserID) int { return int(p.First) - int(u) })
	if !ok {
		i--
	}
	return i
}

func (b *buckets) path(i int) string { return filepath.Join(b.dir, fmt.Sprint(i)) }

// add appends a trajectory under a new name. Records of one user must be
// added by one goroutine; different users may be added side by side.
func (b *buckets) add(user sigcity.UserID, records []sigcity.Record) error {
	part := b.partOf(user)
	for i := 0; i < len(records); {
		day := clampDay(b.cal, records[i].Time)
		j := i + 1
		for j < len(records) && clampDay(b.cal, records[j].Time) == day {
			j++
		}
		if err := b.append(day*len(b.parts)+part, user, records[i:j]); err != nil {
			return err
		}
		i = j
	}
	return nil
}

func (b *buckets) append(i int, user sigcity.UserID, records []sigcity.Record) error {
	k := &b.files[i]
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, r := range records {
		k.buf = binary.LittleEndian.AppendUint32(k.buf, uint32(user))
		k.buf = binary.LittleEndian.AppendUint32(k.buf, r.Time)
		k.buf = binary.LittleEndian.AppendUint32(k.buf, r.Span)
		k.buf = binary.LittleEndian.AppendUint32(k.buf, uint32(r.Area))
		k.buf = binary.LittleEndian.AppendUint16(k.buf, r.Milli)
		k.buf = append(k.buf, byte(r.Type), 0)
		if len(k.buf) >= b.max {
			if err := b.flush(i); err != nil {
				return err
			}
		}
	}
	k.rows += int64(len(records))
	return nil
}

// flush appends the buffer to the file. Files are not kept open: there may be
// more of them than a process may open.
func (b *buckets) flush(i int) error {
	f, err := os.OpenFile(b.path(i), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(b.files[i].buf)
	if e := f.Close(); err == nil {
		err = e
	}
	b.files[i].buf = b.files[i].buf[:0]
	return err
}

// load reads a bucket back as trajectories in ascending user, and removes it.
// Within a user, records are in order of time to the millisecond, equal ones in
// the order they were added.
func (b *buckets) load(day, part int) ([]sigcity.Trajectory, error) {
	i := day*len(b.parts) + part
	rows, err := b.take(i)
	if err != nil {
		return nil, err
	}
	first, n := b.parts[part].First, b.parts[part].Users
	end := make([]int, n+1) // counting sort: end[u] is where user u's records end
	for at := 0; at < len(rows); at += bucketRow {
		end[sigcity.UserID(binary.LittleEndian.Uint32(rows[at:]))-first+1]++
	}
	for u := range n {
		end[u+1] += end[u]
	}
	records := make([]sigcity.Record, len(rows)/bucketRow)
	next := slices.Clone(end[:n])
	for at := 0; at < len(rows); at += bucketRow {
		row := rows[at : at+bucketRow]
		u := sigcity.UserID(binary.LittleEndian.Uint32(row)) - first
		records[next[u]] = sigcity.Record{Time: binary.LittleEndian.Uint32(row[4:]), Span: binary.LittleEndian.Uint32(row[8:]),
			Area: sigcity.AreaID(binary.LittleEndian.Uint32(row[12:])), Milli: binary.LittleEndian.Uint16(row[16:]), Type: sigcity.Event(row[18])}
		next[u]++
	}
	var out []sigcity.Trajectory
	for u := range n {
		if rs := records[end[u]:end[u+1]]; len(rs) > 0 {
			if !slices.IsSortedFunc(rs, compareTime) { // seconds ascend, milliseconds need not
				slices.SortStableFunc(rs, compareTime)
			}
			out = append(out, sigcity.Trajectory{User: first + sigcity.UserID(u), Records: rs})
		}
	}
	return out, nil
}

// take is all rows of a bucket, which is then gone.
func (b *buckets) take(i int) ([]byte, error) {
	k := &b.files[i]
	head, err := os.ReadFile(b.path(i))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if err == nil {
		if err := os.Remove(b.path(i)); err != nil {
			return nil, err
		}
	}
	rows := append(head, k.buf...)
	k.buf = nil
	if int64(len(rows)) != k.rows*bucketRow {
		return nil, fmt.Errorf("%s: %d bytes, want %d", b.path(i), len(rows), k.rows*bucketRow)
	}
	return rows, nil
}

// writeTo writes every bucket as its file of events.
func (b *buckets) writeTo(ctx context.Context, w *Writer) error {
	for day := range b.cal.Days() {
		for part := range b.parts {
			users, err := b.load(day, part)
			if err != nil {
				return err
			}
			if err := w.Events(ctx, Slot{day, part}, users); err != nil {
				return err
			}
		}
	}
	return os.RemoveAll(b.dir)
}
