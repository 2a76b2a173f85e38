package dataset

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// MergeOptions steer Merge; the zero value looks for the shards beside the folder.
type MergeOptions struct {
	Shards   []string                // folders of the shards, none = those beside the folder
	Keep     bool                    // leave the shards where they are
	Workers  int                     // that check files, 0 = 1
	Progress func(done, total int64) // bytes checked; calls may overlap; nil = nobody asks
}

// Merge closes the shards of a data set into the folder dir: byte for byte what
// one run would have written. Every file is compared with the manifest of its
// shard. Files are linked where the file system can, else copied, and the shards
// removed when the folder is in place. A merge that was cut off is repeated;
// where the folder is there already and no shard is left, that is opened.
func Merge(ctx context.Context, dir string, opt MergeOptions) (*Folder, error) {
	dir = filepath.Clean(dir)
	if err := recoverReplaced(dir); err != nil {
		return nil, err
	}
	if len(opt.Shards) == 0 {
		var err error
		if opt.Shards, err = shardDirs(dir, ""); err != nil {
			return nil, err
		}
	}
	set, err := readShards(opt.Shards)
	if err != nil {
		return nil, err
	}
	done, err := set.closed(ctx, dir)
	if err != nil {
		return nil, err
	}
	if !done {
		if err := set.complete(dir); err != nil {
			return nil, err
		}
		if err := set.merge(ctx, dir, &opt); err != nil {
			return nil, err
		}
	}
	f, err := Open(dir)
	if err != nil || opt.Keep {
		return f, err
	}
	for _, s := range set {
		if err := removeOurs(s.dir); err != nil {
			return nil, fmt.Errorf("%s is complete, but a shard could not be removed: %w", dir, err)
		}
	}
	return f, RemovePreparation(dir)
}

// shardFolder is a finished shard.
type shardFolder struct {
	dir string
	m   *Manifest
}

// shardSet are shards of one data set, in order.
type shardSet []shardFolder

// readShards reads the manifests and sees that they belong together.
func readShards(dirs []string) (shardSet, error) {
	var set shardSet
	for _, dir := range dirs {
		dir = filepath.Clean(dir)
		m, err := ReadManifest(filepath.Join(dir, ManifestName))
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: no %s: not a finished shard", dir, ManifestName)
		}
		if err != nil {
			return nil, err
		}
		if m.Shard == nil {
			return nil, fmt.Errorf("%s: a whole data set, want a shard of one", dir)
		}
		if err := checkReplaceable(dir); err != nil { // it is to be removed
			return nil, err
		}
		set = append(set, shardFolder{dir, m})
	}
	slices.SortStableFunc(set, func(a, b shardFolder) int { return cmp.Compare(a.m.Shard.Index, b.m.Shard.Index) })
	for i := range set {
		if i > 0 && set[i].m.Shard.Index == set[i-1].m.Shard.Index && set[i].m.Shard.Of == set[i-1].m.Shard.Of {
			return nil, fmt.Errorf("shard %s is there twice: %s and %s", set[i].m.Shard, set[i-1].dir, set[i].dir)
		}
		if err := sameRun(set[0], set[i]); err != nil {
			return nil, err
		}
	}
	return set, nil
}

// sameRun is an error unless two shards are of one run.
func sameRun(a, b shardFolder) error {
	differ := func(what string, x, y any) error {
		return fmt.Errorf("the shards are not of one data set: %s has %s = %v, %s has %v", a.dir, what, x, b.dir, y)
	}
	switch {
	case a.m.Shard.Of != b.m.Shard.Of:
		return differ("shards", a.m.Shard.Of, b.m.Shard.Of)
	case a.m.Code != b.m.Code:
		return differ("code", a.m.Code, b.m.Code)
	case a.m.ConfigSHA256 != b.m.ConfigSHA256:
		key, x, y := firstDifference(a.m.Config, b.m.Config)
		return differ(key, x, y)
	}
	if !sameWhole(a.m, b.m) {
		return fmt.Errorf("the shards are not of one data set: %s and %s have the same configuration but other manifests", a.dir, b.dir)
	}
	return nil
}

// whole is what the manifest says of the whole data set, before any file.
func (m *Manifest) whole() Manifest {
	out := *m
	out.Shard, out.Files, out.Counts = nil, nil, nil
	out.Meta.Records = -1
	return out
}

func sameWhole(a, b *Manifest) bool {
	x, errX := json.Marshal(a.whole())
	y, errY := json.Marshal(b.whole())
	return errX == nil && errY == nil && string(x) == string(y)
}

// firstDifference names the first key, in order of name, whose value differs
// between two JSON objects.
func firstDifference(a, b json.RawMessage) (key string, x, y any) {
	var p, q map[string]json.RawMessage
	if json.Unmarshal(a, &p) != nil || json.Unmarshal(b, &q) != nil {
		return "config", string(a), string(b)
	}
	keys := maps.Clone(p)
	maps.Copy(keys, q)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if string(p[k]) == string(q[k]) {
			continue
		}
		if strings.HasPrefix(string(p[k]), "{") && strings.HasPrefix(string(q[k]), "{") {
			sub, x, y := firstDifference(p[k], q[k])
			return k + "." + sub, x, y
		}
		return k, string(p[k]), string(q[k])
	}
	return "config_sha256", "another hash", "the same configuration"
}

// complete is an error unless all shards are there, each with all its parts.
func (set shardSet) complete(dir string) error {
	if len(set) == 0 {
		return fmt.Errorf("%s: no finished shard %s%si-of-n; make them with sigcity generate --out %s --shard i/n", dir, dir, shardInfix, dir)
	}
	of := set[0].m.Shard.Of
	var missing []string
	next := 0
	for i := range of {
		if next < len(set) && set[next].m.Shard.Index == i {
			next++
			continue
		}
		s := Shard{i, of}
		text := s.String()
		if _, err := os.Stat(s.Dir(dir) + partialSuffix); err == nil {
			text += " (half-made)"
		}
		if missing = append(missing, text); len(missing) == 8 && of-i > 2 {
			missing = append(missing, "…")
			break
		}
	}
	if missing != nil {
		return fmt.Errorf("%s: %d of %d shards are finished; missing: %s. Make them with sigcity generate --shard", dir, len(set), of, strings.Join(missing, ", "))
	}
	for _, s := range set {
		path, err := s.m.missingEvents()
		if err != nil {
			return fmt.Errorf("%s: %w", s.dir, err)
		}
		if path != "" {
			return fmt.Errorf("%s: no %s in the list of files of shard %s", s.dir, path, s.m.Shard)
		}
	}
	return nil
}

// closed says whether dir is what the shards make: an earlier merge was done, or
// was cut off while it removed them.
func (set shardSet) closed(ctx context.Context, dir string) (bool, error) {
	m, err := ReadManifest(filepath.Join(dir, ManifestName))
	if err != nil || m.Release != nil || m.Shard != nil {
		return false, nil // nothing of ours, or damaged: Create looks
	}
	if len(set) == 0 {
		begun, err := shardDirs(dir, partialSuffix)
		return len(begun) == 0, err
	}
	if !sameWhole(m, set[0].m) {
		return false, nil
	}
	there := map[File]bool{}
	for _, f := range m.Files {
		there[f] = true
	}
	for _, s := range set {
		for _, f := range s.m.Files {
			if !there[f] {
				return false, nil
			}
		}
	}
	err = verify(ctx, dir, m.Files)
	return err == nil, ctx.Err()
}

// merge builds dir from the shards.
func (set shardSet) merge(ctx context.Context, dir string, opt *MergeOptions) error {
	m := set[0].m.whole()
	w, err := Create(dir, m, nil, opt.Workers)
	if err != nil {
		return err
	}
	counts := map[string]int64{}
	for _, s := range set {
		for k, n := range s.m.Counts {
			counts[k] += n
		}
	}
	if err := set.adopt(ctx, w, opt); err != nil {
		if ctx.Err() != nil {
			return errors.Join(err, w.Keep())
		}
		return errors.Join(err, w.Abort())
	}
	return w.Close(counts)
}

// adopt takes over the files of all shards.
func (set shardSet) adopt(ctx context.Context, w *Writer, opt *MergeOptions) error {
	total, done := int64(0), atomic.Int64{}
	for _, s := range set {
		for _, f := range s.m.Files {
			total += f.Bytes
		}
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(w.workers)
	for _, s := range set {
		for _, f := range s.m.Files {
			g.Go(func() error {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := w.adopt(s.dir, f); err != nil {
					return fmt.Errorf("shard %s: %w", s.m.Shard, err)
				}
				if n := done.Add(f.Bytes); opt.Progress != nil {
					opt.Progress(n, total)
				}
				return nil
			})
		}
	}
	return g.Wait()
}

// adopt takes over a file of another folder that is as want says: it links or,
// across file systems, copies it.
func (w *Writer) adopt(dir string, want File) error {
	w.mu.Lock()
	have := w.files[want.Path]
	w.mu.Unlock()
	if have == want && w.has(want.Path) == nil {
		return nil
	}
	from, to := filepath.Join(dir, filepath.FromSlash(want.Path)), w.path(want.Path)
	if err := checkFile(from, want); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) { // of a killed run
		return err
	}
	if os.Link(from, to) != nil {
		return w.copyFile(from, want)
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return err
	}
	return w.keep(want)
}

func (w *Writer) copyFile(from string, want File) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	return w.put(want.Path, func(f *file) (int64, error) {
		if _, err := io.Copy(f, in); err != nil {
			return 0, err
		}
		if f.sum() != want.SHA256 {
			return 0, fmt.Errorf("%s: changed while it was copied", from)
		}
		return want.Rows, nil
	})
}
