package dataset

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
)

// TestSpoolLosses: what of the input no token with records carries is counted.
func TestSpoolLosses(t *testing.T) {
	m := sample(4, 5, 1, 3)
	rows := slices.MaxFunc(m.Rows, func(a, b []sigcity.Record) int { return len(a) - len(b) })
	m.Rows = [][]sigcity.Record{rows, rows, nil, rows} // token 2 has no records
	kept := 3 * int64(len(rows))
	link := func(token, source sigcity.UserID) sigcity.Link {
		return sigcity.Link{Token: token, Source: source, From: 0, To: 1}
	}
	for name, c := range map[string]struct {
		kind    sigcity.Kind
		told    sigcity.Losses
		links   []sigcity.Link
		users   int64
		records int64
	}{
		"one each":             {sigcity.Trajectories, sigcity.Losses{Users: 3, Records: kept}, []sigcity.Link{link(0, 5), link(1, 0), link(3, 1)}, 0, 0},
		"silent token":         {sigcity.Trajectories, sigcity.Losses{Users: 6, Records: kept + 10}, []sigcity.Link{link(0, 0), link(1, 1), link(2, 2), link(3, 3)}, 3, 10},
		"two tokens a user":    {sigcity.Boxes, sigcity.Losses{Users: 2, Records: kept}, []sigcity.Link{link(0, 0), link(1, 0), link(3, 4)}, 0, 0},
		"two users a token":    {sigcity.Boxes, sigcity.Losses{Users: 5, Records: kept}, []sigcity.Link{link(0, 0), link(0, 1), link(1, 2), link(3, 3)}, 1, 0},
		"more records":         {sigcity.Trajectories, sigcity.Losses{Users: 1, Records: 1}, []sigcity.Link{link(0, 0)}, 0, 0},
		"nobody is followed":   {sigcity.Points, sigcity.Losses{Users: 6, Records: kept + 1}, nil, 0, 1},
		"nothing of the input": {sigcity.Trajectories, sigcity.Losses{}, []sigcity.Link{link(0, 0)}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			rel := &sigcity.Release{Kind: c.kind, Data: m}
			f, _, err := Spool(context.Background(), filepath.Join(t.TempDir(), "r"), rel, ReleaseInfo{Method: "test", Losses: c.told}, Manifest{}, c.links, 9, 2)
			if err != nil {
				t.Fatal(err)
			}
			got := f.Manifest().Release.Losses
			if got.SuppressedUsers != c.users || got.SuppressedRecords != c.records || got.Users != c.told.Users || got.Records != c.told.Records {
				t.Errorf("losses %+v, want %d users and %d records suppressed", got, c.users, c.records)
			}
		})
	}
}

// TestCheckOutput: it says what Create would, makes nothing and leaves nothing.
func TestCheckOutput(t *testing.T) {
	base := t.TempDir()
	mk := func(name string) {
		t.Helper()
		path := filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mk("photos/me.jpg")
	mk("half.partial/thesis.tex")
	mk("file")
	m := instants(sample(20, 2, 1, 5))
	rawFolder(t, filepath.Join(base, "ours"), m, 20, 1)
	if err := os.Mkdir(filepath.Join(base, "empty"), 0o777); err != nil {
		t.Fatal(err)
	}
	before := tree(t, base)
	for name, want := range map[string]string{
		"ours": "", "empty": "", "new": "", "deep/down/new": "",
		"photos": "me.jpg", "half": "thesis.tex", "file": "file", "file/below": "file",
	} {
		err := CheckOutput(filepath.Join(base, name))
		if (err == nil) != (want == "") || (err != nil && !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: error %v, want one that names %q", name, err, want)
		}
	}
	sameTree(t, before, tree(t, base))
	if names, err := listDir(base); err != nil || len(names) != 5 {
		t.Errorf("the folder holds %v, want the 5 of before", names)
	}
}
