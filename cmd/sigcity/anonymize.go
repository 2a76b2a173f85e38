package main

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

func (a *app) anonymizeCmd() *cobra.Command {
	var in, out, keyOut string
	var params []string
	var seed uint64
	cmd := &cobra.Command{
		Use:   "anonymize METHOD --in DIR --out DIR",
		Short: "make a release of a data set",
		Long: `anonymize runs one method on a data set. Tokens are renamed by a secret random permutation, and randomness is
cryptographic, unless --seed asks for a reproducible release, which nobody should publish.
--key-out writes which token carries whom: keep it, it undoes the release; attack and plan need it to score.`,
		Example: `  sigcity anonymize generalize --param space=h3-8 --param bin=1h --in data --out release
  sigcity anonymize glove --param k=5 --in data --out release --key-out key.csv
  sigcity anonymize exec --param command='python3 coarsen.py' --in data --out release
  sigcity list glove                                  a method's parameters`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in == "" || out == "" {
				return usage(errors.New("--in and --out are both needed: the data set and the folder of the release"))
			}
			values, err := parseParams(params)
			if err != nil {
				return usage(err)
			}
			r := releaseRun{method: args[0], args: values, in: in, out: out, keyOut: keyOut}
			if cmd.Flags().Changed("seed") {
				r.seed = &seed
			}
			return a.anonymize(cmd.Context(), r)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&in, "in", "", "data set")
	fl.StringVar(&out, "out", "", "folder of the release")
	fl.StringVar(&keyOut, "key-out", "", "write the links from tokens to SIMs to this CSV file (.gz, .zst)")
	fl.StringArrayVar(&params, "param", nil, "parameter of the method, name=value; may be repeated")
	fl.Uint64Var(&seed, "seed", 0, "reproducible randomness from this seed: for tests, not for publication")
	return cmd
}

// parseParams reads name=value pairs.
func parseParams(params []string) (plugin.Args, error) {
	out := plugin.Args{}
	for _, p := range params {
		name, value, ok := strings.Cut(p, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--param %q: want name=value", p)
		}
		if _, twice := out[name]; twice {
			return nil, fmt.Errorf("--param %s is given twice", name)
		}
		out[name] = value
	}
	return out, nil
}

// releaseRun is one run of anonymize. A nil seed means cryptographic randomness.
type releaseRun struct {
	method          string
	args            plugin.Args
	in, out, keyOut string
	seed            *uint64
}

func (a *app) anonymize(ctx context.Context, r releaseRun) error {
	method, values, err := plugin.Make[anonymizers.Anonymizer](r.method, r.args)
	if err != nil {
		return usage(err)
	}
	f, err := dataset.Open(r.in)
	if err != nil {
		return usage(err)
	}
	if err := checkOut(r.out, true); err != nil {
		return err
	}
	if err := checkKeyOut(r.keyOut, r.out); err != nil {
		return usage(err)
	}
	seed, noise, err := randomness(r.seed)
	if err != nil {
		return err
	}
	info := dataset.ReleaseInfo{Method: r.method, Params: map[string]any{}}
	for k, v := range values {
		info.Params[k] = fmt.Sprint(v)
	}
	if info.Losses.Users, info.Losses.Records, err = countActive(ctx, f); err != nil {
		return err
	}
	if info.Losses.Users == 0 {
		return usage(fmt.Errorf("%s: no records to anonymize", r.in))
	}
	env := anonymizers.NewEnv(seed)
	env.Workers, env.Noise = a.workers, noise
	if env.Subscriber, err = subscribers(ctx, f); err != nil {
		return err
	}
	bar := a.progress(r.method, "users")
	env.Progress = func(done, total int) { bar.Set(int64(done), int64(total)) }
	var mu sync.Mutex
	var links []sigcity.Link
	env.Link = func(l sigcity.Link) {
		mu.Lock()
		links = append(links, l)
		mu.Unlock()
	}
	rel, err := method.Anonymize(ctx, f, env)
	if err != nil {
		bar.Stop()
		return err
	}
	m := dataset.Manifest{FormatVersion: dataset.FormatVersion, Meta: *f.Meta(), Code: codeVersion(), Attribution: f.Manifest().Attribution}
	release, links, err := dataset.Spool(ctx, r.out, rel, info, m, links, sigcity.Hash(seed, "cmd.tokens"), a.workers)
	took := bar.Stop()
	if err != nil {
		return err
	}
	if r.keyOut != "" {
		if err := writeKey(r.keyOut, links); err != nil {
			// Nobody could score the release, or make it again: it is half of what was asked for.
			return errors.Join(fmt.Errorf("%s is not written, and %s removed: %w", r.keyOut, r.out, err), os.RemoveAll(release.Dir()))
		}
		a.say("key: %s (keep it secret: it undoes the release)", r.keyOut)
	}
	if !noise.Secure() {
		a.say("note: --seed makes the release reproducible and therefore reversible: do not publish it")
	}
	a.sayRelease(release, took)
	fmt.Fprintln(a.stdout, release.Dir())
	return nil
}

func (a *app) sayRelease(f *dataset.Folder, took time.Duration) {
	info := f.Manifest().Release
	for _, c := range info.Claims {
		a.say("claims %s", c)
	}
	if n := info.Losses.SuppressedUsers; n > 0 {
		a.say("note: %d of %d users with records are not in the release", n, info.Losses.Users)
	}
	a.say("%s: %d tokens, %d records of %d (%.1f s)", info.Method, f.Meta().Users, max(f.Meta().Records, 0), info.Losses.Records, took.Seconds())
}

// checkKeyOut says, before any work, what would keep the key from being
// written, or give it away with the release.
func checkKeyOut(path, release string) error {
	if path == "" {
		return nil
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(release)
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(dir, full); err == nil && filepath.IsLocal(rel) {
		return fmt.Errorf("--key-out %s: lies in the release, which whoever gets the release would read; choose a place outside %s", path, release)
	}
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return fmt.Errorf("--key-out %s: is there and no file", path)
	}
	w, err := dataset.CreateText(path)
	if err != nil {
		return fmt.Errorf("--key-out: %w", err)
	}
	w.Abort()
	return nil
}

// countActive counts the users who have records, and these.
func countActive(ctx context.Context, f *dataset.Folder) (users, records int64, err error) {
	for t, err := range f.Users(ctx, sigcity.Range{}) {
		if err != nil {
			return 0, 0, err
		}
		users++
		records += int64(len(t.Records))
	}
	return users, records, nil
}

// randomness is seeded where the user asks for it and cryptographic otherwise.
func randomness(seed *uint64) (uint64, anonymizers.Noise, error) {
	if seed != nil {
		return *seed, anonymizers.SeededNoise(*seed), nil
	}
	var b [8]byte
	if _, err := crand.Read(b[:]); err != nil {
		return 0, nil, err
	}
	return binary.LittleEndian.Uint64(b[:]), anonymizers.SecureNoise(), nil
}

// subscribers is what the operator knows of the SIMs' holders; nil where the
// data set has no such tables.
func subscribers(ctx context.Context, f *dataset.Folder) (func(sigcity.UserID) (anonymizers.Subscriber, bool), error) {
	if !f.HasTable(dataset.TableSIMs) || !f.HasTable(dataset.TablePersons) {
		return nil, nil
	}
	var persons []dataset.Person
	for p, err := range dataset.ReadTable[dataset.Person](ctx, f, dataset.TablePersons) {
		if err != nil {
			return nil, err
		}
		persons = append(persons, p)
	}
	slices.SortFunc(persons, func(a, b dataset.Person) int { return cmp.Compare(a.ID, b.ID) }) // every part has its own
	holder := make([]int64, f.Meta().Users)
	for s, err := range dataset.ReadTable[dataset.SIM](ctx, f, dataset.TableSIMs) {
		if err != nil {
			return nil, err
		}
		holder[s.User] = s.Person
	}
	return func(u sigcity.UserID) (anonymizers.Subscriber, bool) {
		if int(u) >= len(holder) || holder[u] < 0 || int(holder[u]) >= len(persons) {
			return anonymizers.Subscriber{}, false
		}
		return anonymizers.SubscriberOf(persons[holder[u]], f.Meta().Start)
	}, nil
}

func writeKey(path string, links []sigcity.Link) error {
	w, err := dataset.CreateText(path)
	if err != nil {
		return err
	}
	if err := dataset.WriteLinksCSV(w, links); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}
