package anonymizers

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// releaseFile is out/release.json.
type releaseFile struct {
	Kind    sigcity.Kind        `json:"kind"`
	Claims  []sigcity.Guarantee `json:"claims"`
	Periods []sigcity.Period    `json:"periods"`
}

// readRelease reads what a command wrote: events.csv, areas.csv (absent = the input's), links.csv (absent = the
// input's numbers) and release.json (absent = trajectories without claims), or, for an aggregate, tables/*.csv.
func readRelease(dir fs.FS, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	info := releaseFile{}
	err := open(dir, "release.json", func(r io.Reader) (err error) {
		info, err = readReleaseFile(r, "release.json")
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if len(info.Claims) == 0 {
		info.Claims = noClaims()
	}
	rel := &sigcity.Release{Kind: info.Kind, Claims: info.Claims}
	if rel.Tables, err = readTables(dir); err != nil {
		return nil, err
	}
	if info.Kind == sigcity.Aggregate {
		if len(rel.Tables) == 0 {
			return nil, errors.New("no tables/*.csv, which an aggregate release must have")
		}
		return rel, nil
	}
	areas := in.Areas()
	err = open(dir, "areas.csv", func(r io.Reader) (err error) {
		areas, err = dataset.ReadAreasCSV(r, "areas.csv")
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	links, err := readOutLinks(dir, in.Meta().Users)
	if err != nil {
		return nil, err
	}
	meta := *in.Meta()
	meta.Periods, meta.Records = info.Periods, -1
	if links != nil {
		meta.Users = 0 // told by the file
	}
	var data *dataset.Mem
	err = open(dir, "events.csv", func(r io.Reader) (err error) {
		data, err = dataset.ReadEventsCSV(r, "events.csv", areas, meta)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("no events.csv (an aggregate release says \"kind\": \"aggregate\" in release.json)")
	}
	if err != nil {
		return nil, err
	}
	if err := withinDays(data, in.Meta()); err != nil {
		return nil, err
	}
	data.Keys = make([]uint64, len(data.Rows))
	for u := range data.Keys {
		data.Keys[u] = env.Hash("exec.token", uint64(u))
	}
	rel.Data = data
	if links == nil {
		env.LinkSame(meta.Users)
		return rel, nil
	}
	if links, err = checkLinks(links, data); err != nil {
		return nil, err
	}
	for _, l := range links {
		env.link(l)
	}
	return rel, nil
}

// open calls read with a file of dir.
func open(dir fs.FS, name string, read func(io.Reader) error) error {
	f, err := dir.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return read(f)
}

func readReleaseFile(r io.Reader, name string) (releaseFile, error) {
	var out releaseFile
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(&out); err != nil {
		return out, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return out, fmt.Errorf("%s: want one JSON object and nothing after it", name)
	}
	for i, p := range out.Periods {
		if p.From >= p.To || (i > 0 && p.From < out.Periods[i-1].To) {
			return out, fmt.Errorf("%s: periods[%d] = %d … %d, must begin before it ends and not before the last one ended", name, i, p.From, p.To)
		}
	}
	for i, g := range out.Claims {
		if g.Kind == "" || g.K < 0 || g.Epsilon < 0 || g.Delta < 0 || g.Delta > 1 {
			return out, fmt.Errorf("%s: claims[%d]: want a kind, k ≥ 0, epsilon ≥ 0 and 0 ≤ delta ≤ 1", name, i)
		}
	}
	return out, nil
}

// withinDays checks that no record begins outside the days of the data set.
func withinDays(data *dataset.Mem, meta *sigcity.Meta) error {
	from, to, err := daySpan(meta)
	if err != nil {
		return err
	}
	for u, rows := range data.Rows {
		for _, r := range rows {
			if r.Time < from || r.Time >= to {
				return fmt.Errorf("events.csv: user %d: time %d, must be from %d to %d, the days of the data set", u, r.Time, from, to-1)
			}
			if r.End() < r.Time {
				return fmt.Errorf("events.csv: user %d: time %d + span %d, must stay below %d", u, r.Time, r.Span, uint32(math.MaxUint32))
			}
		}
	}
	return nil
}

func readOutLinks(dir fs.FS, users int) (links []sigcity.Link, err error) {
	err = open(dir, "links.csv", func(r io.Reader) (err error) {
		links, err = dataset.ReadLinksCSV(r, "links.csv", math.MaxInt32, users)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return links, err
}

// checkLinks sees that every record lies in a link of its token. It returns the
// links of tokens with records: a suppressed user's say nothing.
func checkLinks(links []sigcity.Link, data *dataset.Mem) ([]sigcity.Link, error) {
	kept := links[:0]
	for u, rows := range data.Rows {
		n := 0
		for n < len(links) && int(links[n].Token) == u {
			n++
		}
		own := links[:n]
		links = links[n:]
		for _, r := range rows {
			if !slices.ContainsFunc(own, func(l sigcity.Link) bool { return l.From <= r.Time && r.Time < l.To }) {
				return nil, fmt.Errorf("links.csv: the record of token %d at time %d has no link: want a row that says whom it carries", u, r.Time)
			}
		}
		if len(rows) > 0 {
			kept = append(kept, own...)
		}
	}
	return kept, nil
}

// readTables reads tables/*.csv in order of name: a header of column names and
// rows of finite numbers.
func readTables(dir fs.FS) ([]sigcity.Table, error) {
	names, err := fs.Glob(dir, "tables/*.csv")
	if err != nil {
		return nil, err
	}
	var out []sigcity.Table
	for _, name := range names {
		err := open(dir, name, func(r io.Reader) error {
			t, err := readTable(r, name)
			t.Name = strings.TrimSuffix(path.Base(name), ".csv")
			out = append(out, t)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func readTable(r io.Reader, name string) (sigcity.Table, error) {
	c := csv.NewReader(r)
	c.ReuseRecord = true
	head, err := c.Read()
	if err == io.EOF {
		return sigcity.Table{}, fmt.Errorf("%s:1: empty file, want a header of column names", name)
	}
	if err != nil {
		return sigcity.Table{}, csvError(name, err)
	}
	t := sigcity.Table{Columns: slices.Clone(head), Data: make([][]float64, len(head))}
	for i, h := range t.Columns {
		if h == "" || slices.Contains(t.Columns[:i], h) {
			return sigcity.Table{}, fmt.Errorf("%s:1: column %d is called %q: want names that differ", name, i+1, h)
		}
	}
	for {
		row, err := c.Read()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return sigcity.Table{}, csvError(name, err)
		}
		for i, text := range row {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				line, _ := c.FieldPos(i)
				return sigcity.Table{}, fmt.Errorf("%s:%d: %s %q: want a finite number", name, line, t.Columns[i], text)
			}
			t.Data[i] = append(t.Data[i], x)
		}
	}
}

// csvError names file and line.
func csvError(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return fmt.Errorf("%s:%d: %w", name, p.Line, p.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
