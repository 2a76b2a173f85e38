package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
)

// nodesOnly is an extract without a single way.
const nodesOnly = `<?xml version="1.0"?><osm version="0.6">
<node id="1" lat="35.68" lon="139.76"><tag k="shop" v="bakery"/></node>
<node id="2" lat="35.69" lon="139.77"><tag k="amenity" v="school"/></node>
</osm>`

// TestBadMaps: what is wrong with an extract is said by its name, and nothing is left.
func TestBadMaps(t *testing.T) {
	in := t.TempDir()
	whole, err := os.ReadFile(fixture.ModuleFile(t, "delaware-latest.osm.pbf"))
	if err != nil {
		t.Fatal(err)
	}
	town := string(fixture.TownOSM())
	for name, c := range map[string]struct {
		file  string
		bytes string // "" = no such file
		words []string
	}{
		"missing":        {"nowhere.osm.pbf", "", []string{"nowhere.osm.pbf", "no such file"}},
		"cut in a block": {"cut.osm.pbf", string(whole[:1_000_003]), []string{"cut.osm.pbf", "cut off"}},
		"text as pbf":    {"letter.osm.pbf", "Dear sir or madam,\n", []string{"letter.osm.pbf", "want an OSM pbf"}},
		"nodes only":     {"nodes.osm", nodesOnly, []string{"nodes.osm", "no ways", "streets and buildings"}},
		"cut XML":        {"cut.osm", town[:len(town)/2], []string{"cut.osm"}},
		"no gzip":        {"town.osm.gz", town, []string{"town.osm.gz", "gz"}},
		"odd name":       {"town.shp", town, []string{"town.shp", ".osm.pbf"}},
		"empty":          {"empty.osm.pbf", " "[:0] + "\x00", []string{"empty.osm.pbf"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(in, c.file)
			if c.bytes != "" {
				write(t, path, c.bytes)
			}
			leavesNothing(t, exitUsage, func(out string) []string {
				return []string{"generate", "--osm", path, "--persons", "50", "--days", "1", "--out", out}
			}, c.words...)
		})
	}
	t.Run("tokyo-center", func(t *testing.T) {
		leavesNothing(t, exitUsage, func(out string) []string {
			return []string{"generate", "--osm", fixture.SharedFile(t, "osm/tokyo-center-northprint.osm.pbf"), "--out", out}
		}, "tokyo-center-northprint.osm.pbf", "no ways")
	})
}

// leavesNothing runs the program with an output folder two levels below an
// empty one and wants that to be empty afterwards.
func leavesNothing(t *testing.T, code int, args func(out string) []string, words ...string) {
	t.Helper()
	dir := t.TempDir()
	bad(t, code, args(filepath.Join(dir, "deep", "out")), words...)
	if left := paths(t, dir); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestBadConfiguration: flags and keys that are wrong are named with what was expected.
func TestBadConfiguration(t *testing.T) {
	dir := t.TempDir()
	file := func(text string) string {
		f, err := os.CreateTemp(dir, "*.yaml")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.WriteString(text); err != nil {
			t.Fatal(err)
		}
		return f.Name()
	}
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"--persons", "0"}, []string{"persons = 0", "from 1 to"}},
		{[]string{"--persons", "-5"}, []string{"persons = -5", "from 1 to"}},
		{[]string{"--persons", "many"}, []string{"--persons", "many", "sigcity generate --help"}},
		{[]string{"--days", "0"}, []string{"days = 0", "from 1 to"}},
		{[]string{"--inhabitants", "7"}, []string{"inhabitants = 7", "at least persons"}},
		{[]string{"--start", "2026-02-30"}, []string{"2026-02-30", "YYYY-MM-DD"}},
		{[]string{"--start", "tomorrow"}, []string{"tomorrow", "YYYY-MM-DD"}},
		{[]string{"--time-zone", "Mars/Olympus"}, []string{"time zone", "Mars/Olympus"}},
		{[]string{"--profile", "rwa"}, []string{"profile", "rwa", "curated"}},
		{[]string{"--seed", "-1"}, []string{"--seed", "-1"}},
		{[]string{"--invent-lines=maybe"}, []string{"--invent-lines", "maybe"}},
		{[]string{"--workers", "0"}, []string{"--workers = 0", "at least 1"}},
		{[]string{"--persnos", "5"}, []string{"--persnos", "sigcity generate --help"}},
		{[]string{"surplus"}, []string{"[surplus]", "sigcity generate --osm FILE|--city PRESET --out DIR"}},
		{[]string{"--config", file("persns: 5\n")}, []string{".yaml", `unknown key "persns", did you mean "persons"?`}},
		{[]string{"--config", file("life:\n  work_hour: 8\n")}, []string{".yaml", `"life.work_hour", did you mean "life.work_hours"?`}},
		{[]string{"--config", file("persons: abc\n")}, []string{".yaml", "persons = abc, must be a whole number"}},
		{[]string{"--config", file("days: 1.5\n")}, []string{".yaml", "days = 1.5, must be a whole number"}},
		{[]string{"--config", file("persons: [1]\n")}, []string{".yaml", "persons = [1], must be a whole number"}},
		{[]string{"--config", file("persons: [1\n")}, []string{".yaml", "line 1"}},
		{[]string{"--config", "nosuchpreset"}, []string{"nosuchpreset", "no such file", "quickstart"}},
		{[]string{"--config", dir}, []string{dir, "directory"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			leavesNothing(t, exitUsage, func(out string) []string {
				args := append([]string{"generate", "--osm", townFile(t), "--out", out}, c.args...)
				return args
			}, c.words...)
		})
	}
	t.Run("environment", func(t *testing.T) {
		t.Setenv("SIGCITY_DAYS", "week")
		leavesNothing(t, exitUsage, func(out string) []string { return []string{"generate", "--osm", townFile(t), "--out", out} },
			"environment SIGCITY_DAYS", "days = week, must be a whole number")
	})
}

func TestBadCommands(t *testing.T) {
	for _, c := range []struct {
		args  []string
		words []string
	}{
		{[]string{"generat"}, []string{`unknown command "generat", did you mean "generate"?`}},
		{[]string{"--wrokers", "2"}, []string{"--wrokers"}},
		{[]string{"list", "--workers", "0"}, []string{"--workers = 0", "at least 1"}},
		{[]string{"list", "glov"}, []string{`"glov", did you mean "glove"?`}},
		{[]string{"list", "a", "b"}, []string{"[a b]", "sigcity list"}},
		{[]string{"generate"}, []string{"--out"}},
		{[]string{"generate", "--out", "x"}, []string{"--osm"}},
		{[]string{"anonymize"}, []string{"want sigcity anonymize METHOD"}},
		{[]string{"anonymize", "noise"}, []string{"--in and --out"}},
		{[]string{"bench"}, []string{"want sigcity bench CONFIG.yaml|PRESET"}},
		{[]string{"bench", "quickstart"}, []string{"--out"}},
		{[]string{"bench", "quickstar", "--out", "x"}, []string{`did you mean "quickstart"?`}},
		{[]string{"config", "show", "bnech"}, []string{`did you mean "bench"?`}},
		{[]string{"config", "show", "bench", "--orign"}, []string{"sigcity config show --help"}},
		{[]string{"inspect", "nowhere"}, []string{"nowhere", "no such file"}},
		{[]string{"report", "nowhere"}, []string{"nowhere", "no such file"}},
		{[]string{"export", "nowhere", "--out", "x"}, []string{"nowhere"}},
		{[]string{"import", "nowhere.csv", "--areas", "a.csv", "--out", "x"}, []string{"a.csv", "no such file"}},
		{[]string{"plan", "U09"}, []string{"--dataset is needed"}},
		{[]string{"attack", "unicity", "--key", "k"}, []string{"--release and --dataset"}},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			bad(t, exitUsage, c.args, c.words...)
			if left := paths(t, "."); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

// TestBadOutput: a folder that is not ours is left as it is.
func TestBadOutput(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "theirs")
	if err := os.MkdirAll(theirs, 0o777); err != nil {
		t.Fatal(err)
	}
	letter := write(t, filepath.Join(theirs, "letter.txt"), "dear")
	data := copyDir(t, townData(t))
	release := filepath.Join(dir, "release")
	ok(t, "anonymize", "identity", "--in", data, "--out", release)
	partial := filepath.Join(dir, "x.partial")
	if err := os.Mkdir(partial, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(partial, "letter.txt"), "dear")
	csv := filepath.Join(dir, "csv")
	ok(t, "export", data, "--out", csv)
	before, ours := tree(t, dir), tree(t, data)

	generate := func(out string) []string {
		return []string{"generate", "--osm", townFile(t), "--persons", "20", "--days", "1", "--out", out}
	}
	anonymize := func(out string, more ...string) []string {
		return append([]string{"anonymize", "noise", "--in", data, "--out", out}, more...)
	}
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"generate":                {generate(theirs), []string{theirs, "letter.txt", "not a data set"}},
		"anonymize":               {anonymize(theirs), []string{theirs, "letter.txt", "not a data set"}},
		"bench":                   {[]string{"bench", "quickstart", "--osm", townFile(t), "--out", theirs}, []string{theirs, "letter.txt"}},
		"import":                  {[]string{"import", csv + "/events.csv", "--areas", csv + "/areas.csv", "--out", theirs}, []string{theirs, "letter.txt"}},
		"their partial":           {generate(filepath.Join(dir, "x")), []string{"x.partial", "letter.txt"}},
		"release on data":         {anonymize(data), []string{data, "holds a data set", "choose another folder"}},
		"data on release":         {generate(release), []string{release, "holds a release", "choose another folder"}},
		"a file":                  {generate(letter), []string{letter, "not a directory"}},
		"below a file":            {generate(filepath.Join(letter, "out")), []string{letter, "not a directory"}},
		"bench below a file":      {[]string{"bench", "quickstart", "--osm", townFile(t), "--out", filepath.Join(letter, "out")}, []string{letter, "not a directory"}},
		"key in the release":      {anonymize(filepath.Join(dir, "r"), "--key-out", filepath.Join(dir, "r", "key.csv")), []string{"key.csv", "lies in the release"}},
		"key in a missing folder": {anonymize(filepath.Join(dir, "r"), "--key-out", filepath.Join(dir, "no", "key.csv")), []string{"key.csv", "no such file"}},
		"key is a folder":         {anonymize(filepath.Join(dir, "r"), "--key-out", theirs), []string{theirs, "no file"}},
		"key as bz2":              {anonymize(filepath.Join(dir, "r"), "--key-out", filepath.Join(dir, "key.bz2")), []string{"key.bz2", ".gz or .zst"}},
	} {
		t.Run(name, func(t *testing.T) { bad(t, exitUsage, c.args, c.words...) })
	}
	if after := tree(t, dir); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("files changed: %v, were %v", after, before)
	}
	if after := tree(t, data); fmt.Sprint(after) != fmt.Sprint(ours) {
		t.Error("the data set was changed")
	}
	t.Run("unwritable", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("/proc, where not even root can write, is Linux's")
		}
		bad(t, exitUsage, generate("/proc/sigcity/out"), "/proc/sigcity")
		bad(t, exitUsage, anonymize("/proc/sigcity"), "/proc/")
	})
}

// TestBadData: what is wrong with a data set, a release or a key is said by file.
func TestBadData(t *testing.T) {
	data := townData(t)
	dir := t.TempDir()
	release, key := filepath.Join(dir, "release"), filepath.Join(dir, "key.csv")
	ok(t, "anonymize", "noise", "--in", data, "--out", release, "--key-out", key)
	counts := filepath.Join(dir, "counts")
	ok(t, "anonymize", "dp-counts", "--in", data, "--out", counts)
	keyText, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	events := filepath.Join("events", "date=2026-03-02", "part-0000.parquet")
	damaged := func(change func(b []byte) []byte) string {
		to := copyDir(t, data)
		b, err := os.ReadFile(filepath.Join(to, events))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(to, events), string(change(b)))
		return to
	}
	short := damaged(func(b []byte) []byte { return b[:len(b)/2] })
	scrambled := damaged(func(b []byte) []byte {
		for i := len(b) / 4; i < len(b)/4+64; i++ {
			b[i] ^= 0x5a
		}
		return b
	})
	headless := copyDir(t, data)
	if err := os.Remove(filepath.Join(headless, "dataset.json")); err != nil {
		t.Fatal(err)
	}
	noJSON := copyDir(t, data)
	write(t, filepath.Join(noJSON, "dataset.json"), `{"format_version": 1,`)
	future := copyDir(t, data)
	write(t, filepath.Join(future, "dataset.json"), `{"format_version": 99}`)

	attack := func(release, data, key string, more ...string) []string {
		return append([]string{"attack", "home-work", "--release", release, "--dataset", data, "--key", key}, more...)
	}
	plan := func(release, data, key string) []string {
		return []string{"plan", "U09", "--release", release, "--dataset", data, "--key", key}
	}
	keyFile := func(name, text string) string { return write(t, filepath.Join(dir, name), text) }
	rows := strings.SplitAfter(string(keyText), "\n")
	for name, c := range map[string]struct {
		args  []string
		words []string
	}{
		"data as release":        {attack(data, data, key), []string{data, "is a data set, must be a release"}},
		"release as data":        {attack(release, release, key), []string{release, "is a release, must be a generated data set"}},
		"counts anonymized":      {[]string{"anonymize", "noise", "--in", counts, "--out", filepath.Join(dir, "x")}, []string{counts, "no records"}},
		"plan, data as release":  {plan(data, data, key), []string{data, "must be a release"}},
		"cut parquet":            {[]string{"inspect", short}, []string{events, "truncated"}},
		"cut parquet, anonymize": {[]string{"anonymize", "noise", "--in", short, "--out", filepath.Join(dir, "x")}, []string{events, "truncated"}},
		"cut parquet, bench":     {[]string{"bench", "quickstart", "--dataset", short, "--out", filepath.Join(dir, "x")}, []string{events, "truncated"}},
		"no manifest":            {[]string{"inspect", headless}, []string{headless, "dataset.json", "not a finished data set"}},
		"cut manifest":           {[]string{"inspect", noJSON}, []string{"dataset.json", "want JSON"}},
		"format of the future":   {[]string{"inspect", future}, []string{"dataset.json", "format_version = 99"}},
		"no key":                 {attack(release, data, filepath.Join(dir, "none.csv")), []string{"none.csv", "no such file"}},
		"key of no columns":      {attack(release, data, keyFile("letter.csv", "dear\n")), []string{"letter.csv:1", "token,source,from,to"}},
		"key out of range":       {attack(release, data, keyFile("far.csv", rows[0]+"1,999999,1,2\n")), []string{"far.csv:2", "999999"}},
		"key of words":           {attack(release, data, keyFile("words.csv", rows[0]+"a,b,c,d\n")), []string{"words.csv:2", "a"}},
		"key cut short":          {plan(release, data, keyFile("short.csv", rows[0]+"1,2\n")), []string{"short.csv:2"}},
		"unknown method":         {[]string{"anonymize", "nois", "--in", data, "--out", filepath.Join(dir, "x")}, []string{`"nois", did you mean "noise"?`}},
		"unknown parameter":      {[]string{"anonymize", "noise", "--param", "sigma=1", "--in", data, "--out", filepath.Join(dir, "x")}, []string{`"sigma", did you mean "sigma_m"?`}},
		"parameter out of range": {[]string{"anonymize", "glove", "--param", "k=1", "--in", data, "--out", filepath.Join(dir, "x")}, []string{"k = 1, must be at least 2"}},
		"parameter of no value":  {[]string{"anonymize", "glove", "--param", "k", "--in", data, "--out", filepath.Join(dir, "x")}, []string{"--param", "name=value"}},
		"parameter twice":        {[]string{"anonymize", "glove", "--param", "k=2", "--param", "k=3", "--in", data, "--out", filepath.Join(dir, "x")}, []string{"--param k", "twice"}},
		"unknown attack":         {[]string{"attack", "home-wrk", "--release", release, "--dataset", data, "--key", key}, []string{`did you mean "home-work"?`}},
		"attack parameter":       {attack(release, data, key, "--param", "nights=2"), []string{"home-work", `unknown parameter "nights"`}},
		"no targets":             {attack(release, data, key, "--targets", "0"), []string{"--targets = 0, must be at least 1"}},
		"attack without key":     {[]string{"attack", "unicity", "--release", release, "--dataset", data}, []string{"--key is needed"}},
		"plan without key":       {[]string{"plan", "U09", "--release", release, "--dataset", data}, []string{release, "--key", "links"}},
		"unknown task":           {[]string{"plan", "jobs-housin", "--release", release, "--dataset", data}, []string{`did you mean "jobs-housing"?`}},
		"unknown zoning":         {append(plan(release, data, key), "--zoning", "grid-2parsec"), []string{"grid-2parsec"}},
		"zoning of no level":     {append(plan(release, data, key), "--zoning", "admin-13"), []string{"admin-13", "admin-1 … admin-12"}},
		"level the map lacks":    {append(plan(release, data, key), "--zoning", "admin-3"), []string{`zoning "admin-3"`, "no administrative areas"}},
		"no such user":           {[]string{"inspect", data, "--user", "99999"}, []string{"--user = 99999", "from 0 to"}},
		"no such day":            {[]string{"inspect", data, "--user", "1", "--day", "2026-04-01"}, []string{"--day 2026-04-01", "2026-03-02"}},
		"no such hour":           {[]string{"inspect", data, "--user", "1", "--from", "25:99"}, []string{"--from", "HH:MM"}},
		"unknown format":         {[]string{"export", data, "--format", "xls", "--out", filepath.Join(dir, "x")}, []string{"--format", "csv.gz"}},
	} {
		t.Run(name, func(t *testing.T) {
			bad(t, exitUsage, c.args, c.words...)
			if left, _ := filepath.Glob(filepath.Join(dir, "x*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
	// A change within the file shows when it is read or hashed, not before.
	t.Run("scrambled parquet", func(t *testing.T) {
		bad(t, exitFailed, []string{"anonymize", "noise", "--in", scrambled, "--out", filepath.Join(dir, "x")}, events)
		bad(t, exitFailed, []string{"inspect", scrambled, "--verify"}, events, "SHA-256")
		if left, _ := filepath.Glob(filepath.Join(dir, "x*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
