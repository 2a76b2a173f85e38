package benchmarks

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/planning"
)

func TestJudge(t *testing.T) {
	ctx, data := context.Background(), folder(t, 80, 2, 9)
	var links []sigcity.Link
	for u := range sigcity.UserID(80) {
		links = append(links, sigcity.Link{Token: u, Source: u, From: 0, To: 1<<32 - 1})
	}
	rel := &sigcity.Release{Kind: sigcity.Trajectories, Data: data}
	release, links, err := dataset.Spool(ctx, filepath.Join(t.TempDir(), "release"), rel, dataset.ReleaseInfo{Method: "identity"}, dataset.Manifest{Meta: *data.Meta(), Code: "test"}, links, 5, 1)
	if err != nil {
		t.Fatal(err)
	}
	g := testGrid("identity")
	j, err := NewJudge(ctx, data, release, links, g, 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := j.Plan(ctx, []string{"U09", "T06"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range plan {
		if r.Metric == MetricUtility {
			n++
			if r.Status != OK || r.Value < 1-exactly || r.Value > 1+exactly {
				t.Errorf("%s at %s: %+v, want 1", r.Probe, r.Zoning, r)
			}
		}
	}
	if n != 2*len(g.Zonings) {
		t.Errorf("%d answers, want %d", n, 2*len(g.Zonings))
	}
	rows, err := j.Attack(ctx, []AttackGrid{{Attack: "home-work"}}, 2)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(r Result) bool { return r.Metric == MetricHit1 })
	if i < 0 || rows[i].Value < 0.7 || rows[i].N != 80 || rows[i].ControlN != 0 {
		t.Errorf("home-work on identity: %+v, want most of 80 found and no controls", rows)
	}
	if _, err := NewJudge(ctx, data, release, nil, g, 1, "test"); err == nil || !strings.Contains(err.Error(), "links") {
		t.Errorf("without links: %v", err)
	}
	if _, err := NewJudge(ctx, data, data, links, g, 1, "test"); err == nil || !strings.Contains(err.Error(), "must be a release") {
		t.Errorf("a data set for a release: %v", err)
	}
	if _, err := NewJudge(ctx, release, release, links, g, 1, "test"); err == nil {
		t.Error("a release for a data set passes")
	}
}

// Judged by themselves, raw data are raw data, and score against truth what the
// scale says; every answer is handed on.
func TestJudgeRaw(t *testing.T) {
	ctx, data := context.Background(), folder(t, 80, 2, 9)
	g := testGrid("identity")
	j, err := NewJudge(ctx, data, nil, nil, g, 1, "test")
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]int{}
	j.Keep = func(task, zoning string, answer planning.Answer, env *planning.Env) error {
		kept[task+" "+zoning]++
		if answer == nil || env.Zoning == nil {
			t.Errorf("%s at %s: answer %v", task, zoning, answer)
		}
		return nil
	}
	rows, err := j.Plan(ctx, []string{"U09", "T06"}, 2)
	if err != nil {
		t.Fatal(err)
	}
	value := map[string]float64{}
	for _, r := range rows {
		if r.Method != MethodRaw || r.Status != OK && r.Metric != MetricUtilityNorm { // this city has no trips, so staying is a good guess
			t.Errorf("%+v", r)
		}
		value[r.Probe+" "+r.Zoning+" "+r.Metric] = r.Value
	}
	for _, z := range g.Zonings {
		for _, id := range []string{"U09", "T06"} {
			at := "plan/" + id + " " + z + " "
			if value[at+MetricUtility] != 1 || value[at+MetricUtilityGT] != value[at+MetricCeiling] {
				t.Errorf("%s: utility %v, score %v, scale %v to %v", at, value[at+MetricUtility], value[at+MetricUtilityGT], value[at+MetricFloor], value[at+MetricCeiling])
			}
			if kept[id+" "+z] != 1 {
				t.Errorf("%s: the answer is kept %d times", at, kept[id+" "+z])
			}
		}
	}
}
