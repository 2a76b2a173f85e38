package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/sigcity/sigcity"
)

// ExportCSV writes a data set as events.csv and areas.csv in the folder dir,
// which it makes; ext ("", ".gz" or ".zst") compresses the events. Files appear
// only when complete.
func ExportCSV(ctx context.Context, dir string, in sigcity.Dataset, ext string) (err error) {
	if exts := []string{"", ".gz", ".zst"}; !slices.Contains(exts, ext) {
		return fmt.Errorf("compression %q: want one of %q", ext, exts)
	}
	made, err := makeParents(filepath.Clean(dir))
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			removeEmpty(made)
		}
	}()
	areas, err := CreateText(filepath.Join(dir, "areas.csv"))
	if err != nil {
		return err
	}
	defer areas.Abort()
	if err := WriteAreasCSV(areas, in.Areas()); err != nil {
		return err
	}
	events, err := CreateText(filepath.Join(dir, "events.csv"+ext))
	if err != nil {
		return err
	}
	defer events.Abort()
	if err := WriteEventsCSV(ctx, events, in); err != nil {
		return err
	}
	return errors.Join(areas.Close(), events.Close())
}

// ImportCSV makes a data set folder of an events and an areas file, plain,
// .gz, .bz2 or .zst. What meta leaves empty (users, time zone, start date,
// days) is taken from the data, and the manifest's warnings say so. Errors name
// file and line; after one, nothing is left of dir's new content.
func ImportCSV(ctx context.Context, eventsPath, areasPath, dir string, meta sigcity.Meta) (*Folder, error) {
	areas, err := readText(areasPath, ReadAreasCSV)
	if err != nil {
		return nil, err
	}
	mem, err := readText(eventsPath, func(r io.Reader, name string) (*Mem, error) { return ReadEventsCSV(r, name, areas, meta) })
	if err != nil {
		return nil, err
	}
	if mem.Info.Start == "" {
		return nil, fmt.Errorf("%s: no records, and no start date given: want one of them to tell the days", eventsPath)
	}
	m := Manifest{Meta: mem.Info, Code: "import", Models: Models{Radio: "imported", Movement: "imported"}}
	for _, w := range []struct {
		guessed bool
		text    string
	}{
		{meta.TimeZone == "", "time zone not told, taken as " + mem.Info.TimeZone},
		{meta.Start == "" || meta.Days == 0, "start date or number of days not told, taken from the first and last record"},
		{meta.Users == 0, "number of users not told, taken from the highest user id"},
	} {
		if w.guessed {
			m.Warnings = append(m.Warnings, w.text)
		}
	}
	return WriteDataset(ctx, dir, mem, m, 1)
}

func readText[T any](path string, read func(r io.Reader, name string) (T, error)) (T, error) {
	r, err := OpenText(path)
	if err != nil {
		var none T
		return none, err
	}
	defer r.Close()
	return read(r, path)
}

// WriteDataset writes any data set as a folder with the users' own ids; the
// folder has no IMSIs. m.Meta and m.Parts are taken from it.
func WriteDataset(ctx context.Context, dir string, in sigcity.Dataset, m Manifest, workers int) (*Folder, error) {
	m.Meta = *in.Meta()
	m.Parts = PartsOf(m.Meta.Users)
	return write(ctx, dir, m, in, workers, func(u sigcity.UserID) sigcity.UserID { return u }, func(*Writer, copied) error { return nil })
}
