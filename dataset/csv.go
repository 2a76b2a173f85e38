package dataset

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity"
)

// csvTable reads a CSV file by column name: columns may come in any order, those
// that are not required may be missing, unknown ones are an error.
type csvTable struct {
	name string
	r    *csv.Reader
	at   []int // per known column: its position in a row, −1 = missing
	cols []string
	row  []string
	n    int // rows read
}

func openCSV(r io.Reader, name string, required, optional []string) (*csvTable, error) {
	t := &csvTable{name: name, r: csv.NewReader(bufio.NewReaderSize(skipBOM(r), textBuffer)), cols: slices.Concat(required, optional)}
	t.r.ReuseRecord = true
	head, err := t.r.Read()
	if err == io.EOF {
		return nil, fmt.Errorf("%s:1: empty file, want a header line with %s", name, strings.Join(required, ","))
	}
	if err != nil {
		return nil, t.readError(err)
	}
	t.at = slices.Repeat([]int{-1}, len(t.cols))
	for i, h := range head {
		c := slices.Index(t.cols, strings.TrimSpace(h))
		if c < 0 {
			return nil, fmt.Errorf("%s:1: unknown column %q, want %s", name, h, strings.Join(t.cols, ","))
		}
		if t.at[c] >= 0 {
			return nil, fmt.Errorf("%s:1: column %q is there twice", name, h)
		}
		t.at[c] = i
	}
	for c := range required {
		if t.at[c] < 0 {
			return nil, fmt.Errorf("%s:1: no column %q, want %s", name, required[c], strings.Join(t.cols, ","))
		}
	}
	return t, nil
}

// skipBOM drops the byte-order mark that spreadsheets write.
func skipBOM(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if head, err := b.Peek(3); err == nil && string(head) == "\xef\xbb\xbf" {
		b.Discard(3)
	}
	return b
}

func (t *csvTable) readError(err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: %w", t.name, p.Line, p.Err)
	}
	return fmt.Errorf("%s: %w", t.name, err)
}

// next reads a row; false at the end.
func (t *csvTable) next() (bool, error) {
	row, err := t.r.Read()
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, t.readError(err)
	}
	t.row = row
	t.n++
	return true, nil
}

// text is a cell of the row, empty where the column is missing.
func (t *csvTable) text(col int) string {
	return strings.TrimSpace(t.cell(col))
}

// cell is text with its spaces kept: names are the user's.
func (t *csvTable) cell(col int) string {
	if t.at[col] < 0 {
		return ""
	}
	return t.row[t.at[col]]
}

// errorf is an error at a cell of the row.
func (t *csvTable) errorf(col int, format string, args ...any) error {
	line := 0
	if t.at[col] >= 0 {
		line, _ = t.r.FieldPos(t.at[col])
	}
	return fmt.Errorf("%s:%d: %s %q: %s", t.name, line, t.cols[col], t.text(col), fmt.Sprintf(format, args...))
}

// uint is a whole number from 0 to limit; an empty cell of an optional column is 0.
func (t *csvTable) uint(col int, limit uint64) (uint64, error) {
	s := t.text(col)
	if s == "" && t.at[col] < 0 {
		return 0, nil
	}
	v, err := strconv.ParseUint(s, 10, 64)
	if err != nil || v > limit {
		return 0, t.errorf(col, "want a whole number from 0 to %d", limit)
	}
	return v, nil
}

// float is a finite number from lo to hi; 0 where the column is missing.
func (t *csvTable) float(col int, lo, hi float64) (float64, error) {
	if t.at[col] < 0 {
		return 0, nil
	}
	v, err := strconv.ParseFloat(t.text(col), 64)
	if err != nil || !(v >= lo && v <= hi) || math.IsInf(v, 0) {
		if math.IsInf(hi, 1) {
			return 0, t.errorf(col, "want a number of at least %g", lo)
		}
		return 0, t.errorf(col, "want a number from %g to %g", lo, hi)
	}
	return v, nil
}

// Columns of an events file.
const (
	evUser = iota
	evTime
	evArea
	evEvent
	evMilli
	evSpan
)

// WriteEventsCSV writes user,time,milli,span,area,event rows: time in Unix
// seconds UTC, milli its milliseconds, span in seconds, area an AreaID and event
// a name (see [sigcity.Event]).
func WriteEventsCSV(ctx context.Context, w io.Writer, in sigcity.Dataset) error {
	b := bufio.NewWriterSize(w, textBuffer)
	b.WriteString("user,time,milli,span,area,event\n")
	var line []byte
	for t, err := range in.Users(ctx, sigcity.Range{}) {
		if err != nil {
			return err
		}
		for _, r := range t.Records {
			line = strconv.AppendUint(line[:0], uint64(t.User), 10)
			for _, v := range [...]uint64{uint64(r.Time), uint64(r.Milli), uint64(r.Span), uint64(r.Area)} {
				line = strconv.AppendUint(append(line, ','), v, 10)
			}
			line = append(append(append(line, ','), r.Type.String()...), '\n')
			if _, err := b.Write(line); err != nil {
				return err
			}
		}
	}
	return b.Flush()
}

// maxGap bounds the user ids of a CSV file that does not say how many users
// there are: ids count from 0, so a wild one is a mistake and no reason to
// allocate gigabytes.
const maxGap = 1 << 20

// ReadEventsCSV reads what WriteEventsCSV writes into memory; name is the
// file's name in errors, which give the line and what was expected. Columns
// are found by name; milli and span may be missing. Rows may come in any
// order: they are sorted by user and time, equal ones kept in order. Users are
// 0 … meta.Users−1, or 0 … max where meta.Users is 0; areas bounds the area ids. An empty time zone (→ Etc/UTC), start date or number of days of meta is
// filled in from the records.
func ReadEventsCSV(r io.Reader, name string, areas []sigcity.Area, meta sigcity.Meta) (*Mem, error) {
	t, err := openCSV(r, name, []string{"user", "time", "area", "event"}, []string{"milli", "span"})
	if err != nil {
		return nil, err
	}
	if len(areas) == 0 {
		return nil, fmt.Errorf("%s: no areas that its records could lie in", name)
	}
	type row struct {
		user uint32
		sigcity.Record
	}
	var rows []row
	top := uint32(0)
	for {
		ok, err := t.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		user, rec, err := t.event(len(areas), meta.Users)
		if err != nil {
			return nil, err
		}
		top = max(top, user)
		rows = append(rows, row{user, rec})
	}
	if meta.Users == 0 && len(rows) > 0 {
		if int64(top) > maxGap+64*int64(len(rows)) {
			return nil, fmt.Errorf("%s: user %d in a file of %d rows: users must be numbered from 0", name, top, len(rows))
		}
		meta.Users = int(top) + 1
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if a.user != b.user {
			return int(int64(a.user) - int64(b.user))
		}
		return compareTime(a.Record, b.Record)
	})
	m := &Mem{Info: meta, Cells: areas, Rows: make([][]sigcity.Record, meta.Users)}
	m.Info.Records = int64(len(rows))
	records := make([]sigcity.Record, len(rows)) // one array for all users
	for i, from := 0, 0; i < len(rows); i++ {
		records[i] = rows[i].Record
		if i+1 == len(rows) || rows[i+1].user != rows[i].user {
			m.Rows[rows[i].user] = records[from : i+1 : i+1]
			from = i + 1
		}
	}
	if err := fillSpan(&m.Info, records); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// compareTime orders records by time to the millisecond.
func compareTime(a, b sigcity.Record) int {
	switch {
	case a.Time != b.Time:
		if a.Time < b.Time {
			return -1
		}
		return 1
	case a.Milli != b.Milli:
		return int(a.Milli) - int(b.Milli)
	}
	return 0
}

func (t *csvTable) event(areas, users int) (uint32, sigcity.Record, error) {
	limits := [...]uint64{evUser: math.MaxInt32 - 1, evTime: math.MaxUint32, evArea: uint64(areas - 1), evEvent: 0, evMilli: 999, evSpan: math.MaxInt32}
	if users > 0 {
		limits[evUser] = uint64(users - 1)
	}
	var v [len(limits)]uint64
	for c, limit := range limits {
		if c == evEvent {
			continue
		}
		var err error
		if v[c], err = t.uint(c, limit); err != nil {
			return 0, sigcity.Record{}, err
		}
	}
	e, err := sigcity.ParseEvent(t.text(evEvent))
	if err != nil {
		return 0, sigcity.Record{}, t.errorf(evEvent, "%v", err)
	}
	return uint32(v[evUser]), sigcity.Record{Time: uint32(v[evTime]), Span: uint32(v[evSpan]), Area: sigcity.AreaID(v[evArea]),
		Milli: uint16(v[evMilli]), Type: e}, nil
}
