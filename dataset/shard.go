package dataset

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Shard is a share of a data set that one run makes alone: shard Index of Of has
// the files of the parts Index, Index + Of, Index + 2 Of, …, and shard 0 those
// that belong to no part as well. A shard may have no part at all.
type Shard struct {
	Index int `json:"index"` // 0 … Of − 1
	Of    int `json:"of"`
}

// MaxShards bounds Shard.Of.
const MaxShards = 65536

// ParseShard reads a shard as i/n.
func ParseShard(text string) (Shard, error) {
	i, n, ok := strings.Cut(text, "/")
	index, err1 := strconv.Atoi(i)
	of, err2 := strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil {
		return Shard{}, fmt.Errorf("shard %q, want i/n, such as 0/4 to 3/4", text)
	}
	s := Shard{index, of}
	return s, s.Validate()
}

// Validate says whether there is such a shard.
func (s Shard) Validate() error {
	if s.Of < 1 || s.Of > MaxShards {
		return fmt.Errorf("shard %s: %d shards, want 1 to %d", s, s.Of, MaxShards)
	}
	if s.Index < 0 || s.Index >= s.Of {
		return fmt.Errorf("shard %s: shard %d, want one of 0 to %d", s, s.Index, s.Of-1)
	}
	return nil
}

func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Has says whether the files of a part are the shard's; part −1 stands for the
// files that belong to no part.
func (s Shard) Has(part int) bool { return max(part, 0)%s.Of == s.Index }

// Parts counts the shard's parts of a data set of n.
func (s Shard) Parts(n int) int { return (n - s.Index + s.Of - 1) / s.Of }

var partFile = regexp.MustCompile(`/part-(\d{4,9})\.parquet$`)

// partOf is the part of a file, −1 where it belongs to none.
func partOf(path string) int {
	m := partFile.FindStringSubmatch(path)
	if m == nil {
		return -1
	}
	n, _ := strconv.Atoi(m[1]) // up to nine digits
	return n
}

const shardInfix = ".shard-"

// Dir is the folder of the shard of a data set out. It lies beside out.
func (s Shard) Dir(out string) string {
	return fmt.Sprintf("%s%s%0*d-of-%d", filepath.Clean(out), shardInfix, len(strconv.Itoa(s.Of-1)), s.Index, s.Of)
}

var shardName = regexp.MustCompile(`^\d+-of-\d+$`)

// shardDirs lists the folders of shards beside a data set out: the finished ones,
// or with partialSuffix the half-made ones.
func shardDirs(out, suffix string) (dirs []string, err error) {
	out = filepath.Clean(out)
	names, err := listDir(filepath.Dir(out))
	for _, n := range names {
		rest, ours := strings.CutPrefix(n, filepath.Base(out)+shardInfix)
		rest, kind := strings.CutSuffix(rest, suffix)
		if !ours || !kind || !shardName.MatchString(rest) {
			continue
		}
		dir := filepath.Join(filepath.Dir(out), n)
		if suffix == "" { // a removal that was cut off leaves an empty folder
			if _, err := os.Stat(filepath.Join(dir, ManifestName)); err != nil {
				continue
			}
		}
		dirs = append(dirs, dir)
	}
	return dirs, err
}

// errShard says that a folder holds no whole data set.
func errShard(dir string, s Shard) error {
	whole, _, _ := strings.Cut(dir, shardInfix)
	return fmt.Errorf("%s: shard %s of a data set, not a whole one; when all shards are made, close them: sigcity merge %s", dir, s, whole)
}

// Verify reads the manifest of a finished data set or shard and compares every
// file with it.
func Verify(ctx context.Context, dir string) (*Manifest, error) {
	m, err := ReadManifest(filepath.Join(dir, ManifestName))
	if err != nil {
		return nil, err
	}
	return m, verify(ctx, dir, m.Files)
}

// verify compares files with what a manifest says of them.
func verify(ctx context.Context, dir string, files []File) error {
	for _, e := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := checkFile(filepath.Join(dir, filepath.FromSlash(e.Path)), e); err != nil {
			return err
		}
	}
	return nil
}

// checkShard says whether a manifest may be that of its shard.
func (m *Manifest) checkShard() error {
	s := m.Shard
	if s == nil {
		return nil
	}
	if err := s.Validate(); err != nil {
		return err
	}
	if m.Release != nil {
		return errors.New("a shard of a release, want one of raw data")
	}
	for _, f := range m.Files {
		if part := partOf(f.Path); !s.Has(part) {
			return fmt.Errorf("file %q: of another shard than %s", f.Path, s)
		}
	}
	return nil
}

// missingEvents names a part and day without a file, empty = none.
func (m *Manifest) missingEvents() (string, error) {
	cal, err := m.Meta.Calendar()
	if err != nil {
		return "", err
	}
	for part := range m.Parts {
		if !m.Shard.Has(part) {
			continue
		}
		for day := range cal.Days() {
			path, err := slotPath(cal, len(m.Parts), TableEvents, Slot{day, part})
			if err != nil {
				return "", err
			}
			if _, ok := slices.BinarySearchFunc(m.Files, path, func(f File, p string) int { return strings.Compare(f.Path, p) }); !ok {
				return path, nil
			}
		}
	}
	return "", nil
}
