package dataset

import (
	"fmt"

	"github.com/parquet-go/parquet-go"

	"github.com/sigcity/sigcity"
)

// cursor reads the users first ≤ id < limit of one event file, a row group at a time.
type cursor struct {
	file         *parquetFile
	groups       []parquet.RowGroup // left to read
	col          eventColumns
	areas        int
	first, limit sigcity.UserID

	users   []int32          // of the block
	records []sigcity.Record // of the block, one per element of users
	pos     int
	last    int64 // user of the last run, −1 before the first

	i32 []int32
	i64 []int64
}

// eventColumns are column positions; span is −1 in raw data.
type eventColumns struct{ user, time, area, event, span int }

func newCursor(p *parquetFile, areas int, first, limit sigcity.UserID) (*cursor, error) {
	c := &cursor{file: p, areas: areas, first: first, limit: limit, last: -1}
	err := guard(p.name, func() (err error) {
		if c.col, err = columnsOf(p); err != nil {
			return err
		}
		for _, g := range p.RowGroups() {
			// Statistics say whether a row group holds any of the users; a file
			// without them is read whole.
			chunk, ok := g.ColumnChunks()[c.col.user].(*parquet.FileColumnChunk)
			if ok {
				lo, hi, known := chunk.Bounds()
				if known && (hi.Int32() < int32(first) || int64(lo.Int32()) >= int64(limit)) {
					continue
				}
			}
			c.groups = append(c.groups, g)
		}
		return nil
	})
	return c, err
}

func columnsOf(p *parquetFile) (c eventColumns, err error) {
	get := func(name string, kind parquet.Kind) int {
		if err != nil {
			return -1
		}
		var i int
		i, err = p.column(name, kind)
		return i
	}
	c = eventColumns{user: get("user", parquet.Int32), time: get("time", parquet.Int64), event: get("event", parquet.Int32), span: -1}
	if _, raw := p.Schema().Lookup("cell"); raw {
		c.area = get("cell", parquet.Int32)
		return c, err
	}
	c.area, c.span = get("area", parquet.Int32), get("span", parquet.Int32)
	return c, err
}

// user is the next user that has records; ok is false at the end.
func (c *cursor) user() (u sigcity.UserID, ok bool, err error) {
	for c.pos == len(c.users) {
		if len(c.groups) == 0 {
			return 0, false, nil
		}
		g := c.groups[0]
		c.groups = c.groups[1:]
		if err := guard(c.file.name, func() error { return c.load(g) }); err != nil {
			return 0, false, err
		}
	}
	return sigcity.UserID(c.users[c.pos]), true, nil
}

// take appends the records of user u, who is next, to dst.
func (c *cursor) take(dst []sigcity.Record, u sigcity.UserID) ([]sigcity.Record, error) {
	for {
		next, ok, err := c.user()
		if err != nil || !ok || next != u {
			return dst, err
		}
		i := c.pos
		for c.pos < len(c.users) && c.users[c.pos] == int32(u) {
			c.pos++
		}
		dst = append(dst, c.records[i:c.pos]...)
	}
}

// load decodes the wanted rows of a row group.
func (c *cursor) load(g parquet.RowGroup) (err error) {
	c.pos = 0
	if c.users, err = readColumn(c.users[:0], g, c.col.user); err != nil {
		return err
	}
	lo, hi, err := c.wanted()
	if err != nil {
		return err
	}
	c.users = c.users[lo:hi]
	if lo == hi {
		return nil
	}
	if cap(c.records) < hi-lo {
		c.records = make([]sigcity.Record, hi-lo)
	}
	c.records = c.records[:hi-lo]
	if c.i64, err = readColumn(c.i64[:0], g, c.col.time); err != nil {
		return err
	}
	for i, t := range c.i64[lo:hi] {
		if t < 0 || t>>32 >= 1000 { // the seconds would not fit 32 bits
			return fmt.Errorf("row %d: time %d ms, want one from 1970 to 2106", lo+i, t)
		}
		s := uint64(t) / 1000
		c.records[i] = sigcity.Record{Time: uint32(s), Milli: uint16(uint64(t) - s*1000)}
	}
	if err := c.int32s(g, c.col.area, lo, hi, c.areas, "area", func(r *sigcity.Record, v int32) { r.Area = sigcity.AreaID(v) }); err != nil {
		return err
	}
	if err := c.int32s(g, c.col.event, lo, hi, len(sigcity.Events())+1, "event", func(r *sigcity.Record, v int32) { r.Type = sigcity.Event(v) }); err != nil {
		return err
	}
	if c.col.span >= 0 {
		if err := c.int32s(g, c.col.span, lo, hi, 1<<31, "span", func(r *sigcity.Record, v int32) { r.Span = uint32(v) }); err != nil {
			return err
		}
	}
	return c.ordered()
}

// wanted is the run of rows whose users are asked for.
func (c *cursor) wanted() (lo, hi int, err error) {
	for lo < len(c.users) && c.users[lo] < int32(c.first) {
		lo++
	}
	prev := int32(0)
	for _, u := range c.users {
		if u < prev {
			return 0, 0, fmt.Errorf("user %d after user %d, want ascending users", u, prev)
		}
		prev = u
		if int64(u) < int64(c.limit) {
			hi++
		}
	}
	return lo, max(lo, hi), nil
}

// int32s sets one field of the block's records from a column, whose values
// must lie in 0 … limit−1.
func (c *cursor) int32s(g parquet.RowGroup, col, lo, hi, limit int, name string, set func(*sigcity.Record, int32)) (err error) {
	if c.i32, err = readColumn(c.i32[:0], g, col); err != nil {
		return err
	}
	for i, v := range c.i32[lo:hi] {
		if uint(v) >= uint(limit) {
			return fmt.Errorf("row %d: %s %d, want one below %d", lo+i, name, v, limit)
		}
		set(&c.records[i], v)
	}
	return nil
}

// ordered checks what everybody relies on: ascending time within a user, and
// users that go on ascending from row group to row group.
func (c *cursor) ordered() error {
	if int64(c.users[0]) < c.last {
		return fmt.Errorf("user %d after user %d, want ascending users", c.users[0], c.last)
	}
	c.last = int64(c.users[len(c.users)-1])
	for i := 1; i < len(c.records); i++ {
		if c.records[i].Time < c.records[i-1].Time && c.users[i] == c.users[i-1] {
			return fmt.Errorf("user %d: record at %d after one at %d, want ascending time", c.users[i], c.records[i].Time, c.records[i-1].Time)
		}
	}
	return nil
}
