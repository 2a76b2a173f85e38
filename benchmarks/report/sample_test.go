package report

import (
	"encoding/json"
	"fmt"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/fixture"
)

// hostile is text that would break out of HTML, SVG, an attribute or a style,
// were it not escaped.
const hostile = `</title><script src="https://evil.example/x.js">alert(1)</script>"'><img src=x onerror=alert(2)>`

func est(v, half float64) *benchmarks.Estimate {
	return &benchmarks.Estimate{Value: v, Lo: v - half, Hi: v + half, N: 500}
}

// sampleMark makes one mark with tasks and attacks around its utility and risk.
func sampleMark(method, label, subset string, u, r *benchmarks.Estimate) benchmarks.Mark {
	m := benchmarks.Mark{Method: method, Label: label, Subset: subset, Kind: "trajectories", Seeds: []uint64{1, 2}, Utility: u, UtilityRaw: u,
		Answered: 3, Informative: 3, Risk: r, RiskBy: "home-work, register", RiskUpper: est(0.97, 0.02), RiskUpperBy: "unicity, 4 exact points",
		Baseline: 0.0005, Claim: "none", Audit: "none", DisplacementM: 812.4, DisplacementP90M: 1893, TimeBlurMin: 12.5, SuppressedUsers: 0.03, SuppressedRows: 0.0812, Status: "ok"}
	for i, id := range []string{"U09", "U10", "U12", "T06"} {
		t := benchmarks.TaskMark{Task: id, Zoning: "grid-1km", Informative: i < 3, Ceiling: 0.93, Floor: 0.21, Coverage: 0.98, Status: "ok"}
		if u != nil {
			t.Raw, t.Norm = est(max(0, u.Value-0.04*float64(i)), 0.02), est(u.Value-0.03*float64(i), 0.03)
		} else {
			t.Status, t.Error = benchmarks.NA, "the release has no "+hostile
		}
		m.Tasks = append(m.Tasks, t)
	}
	for i, a := range []string{"home-work", "top-n", "portrait", "unicity"} {
		h := benchmarks.HitMark{Attack: a, Adversary: []string{"register", "3 places", "map", "4 points, same record"}[i], Claim: "same-user",
			Metric: "hit_at_1", UpperBound: i == 3, Control: 0.02, Baseline: 0.0005, Coverage: 0.91, Headline: true, Status: "ok"}
		if r != nil {
			h.Value = est(max(0.01, r.Value-0.05*float64(i)), 0.02)
		} else {
			h.Status, h.Error = benchmarks.NA, "an aggregate has no records to link"
		}
		if a == "portrait" && r != nil { // several claims, each with a headline
			for _, attribute := range []string{"sex", "preschool_child"} {
				h.Claim, h.Metric = "attribute:"+attribute, "attribute:"+attribute+" residual_risk"
				m.Attacks = append(m.Attacks, h)
			}
			continue
		}
		if r == nil {
			h.Metric = "n/a"
		}
		m.Attacks = append(m.Attacks, h)
	}
	return m
}

// sample is a small whole input, with every kind of mark, on the fixture city.
func sample() Input {
	city := fixture.New(60, 1, 3)
	marks := []benchmarks.Mark{
		sampleMark("identity", "identity", "", est(1, 0), est(0.61, 0.04)),
		sampleMark("random", "random", "", est(0.02, 0.03), est(0.003, 0.003)),
		sampleMark("generalize", "generalize 1 km, 1 h", "", est(0.91, 0.03), est(0.44, 0.05)),
		sampleMark("generalize", "generalize 3 km, 1 h", "", est(0.74, 0.05), est(0.21, 0.04)),
		sampleMark("generalize", "generalize 8 km, 4 h", "", est(0.39, 0.06), est(0.08, 0.03)),
		sampleMark("noise", "noise σ 500 m", "", est(0.86, 0.04), est(0.47, 0.05)),
		sampleMark("noise", "noise σ 2 km", "", est(0.62, 0.04), est(0.3, 0.04)),
		sampleMark("repseudonymize", "repseudonymize 24 h", "", est(0.83, 0.04), est(0.29, 0.04)),
		sampleMark("glove", "glove k=2", "300 persons × 1 day", est(0.48, 0.09), est(0.13, 0.06)),
		sampleMark("glove", "glove k=5", "300 persons × 1 day", est(0.27, 0.08), est(0.05, 0.04)),
		sampleMark("dp-counts", "dp-counts ε=1", "", est(0.68, 0.06), nil),
		sampleMark("exec", "exec "+hostile, "", nil, nil),
	}
	marks[0].Control, marks[1].Control = true, true
	marks[5].Dominated, marks[5].DominatedBy = true, "generalize 1 km, 1 h"
	marks[6].Dominated, marks[6].DominatedBy = true, "repseudonymize 24 h"
	marks[7].Answered = 2
	marks[7].Tasks[0].Norm = nil
	marks[8].Claim, marks[8].Audit = "k=2 per SIM", "holds"
	marks[9].Claim, marks[9].Audit = "k=5 per SIM", "broken"
	marks[10].Kind, marks[10].Claim, marks[10].Audit = "aggregate", "ε=1, δ=0 per person", "unchecked"
	marks[11].Status, marks[11].Tasks, marks[11].Attacks = "failed", nil, nil
	s := benchmarks.Summary{
		Schema: benchmarks.SummarySchema, Synthetic: true,
		Dataset: benchmarks.DatasetFacts{Name: "fixture", City: "Fixture <City>", Persons: 60, Inhabitants: 12000, SIMs: 66, Records: 46200, Days: 7, Start: "2026-03-02",
			Cells: 100, AreaKm2: 100, SIMsPerKm2: 0.66, Warnings: []string{"612 buildings have no levels: estimated"}},
		Marks: marks,
		SelfTests: []benchmarks.SelfTest{{Name: "identity", Pass: true, Run: true, Text: "scores 1 against raw, and no method beats its attack success"},
			{Name: "random", Pass: true, Run: true, Text: "cannot be told from chance"}},
		Verdict: "With 66 SIMs at 0.66 SIMs per km², no method keeps more than half of the utility while halving the risk except repseudonymize 24 h, which keeps 0.83 [0.79, 0.87] and leaves 0.29 [0.25, 0.33] of the targets linked.",
		Counts:  map[string]int{"ok": 812, "n/a": 12, "failed": 1},
		Problems: []benchmarks.Problem{{Label: "exec " + hostile, Probe: "release", Status: "failed", Phase: "anonymize",
			Error: `exec: command "python3 x.py": exit status 1: ` + hostile}},
		Code: "v0.1.0+abc123",
	}
	city.Map.City = "Fixture <City>"
	city.Map.LandUse, city.Map.Roads = sampleGround(city)
	return Input{Summary: s, Map: city.Map, Cells: cellsOf(city.Data.Areas()), Example: sampleExample(city), Command: "sigcity bench quickstart --out 'demo & more'",
		Run:     json.RawMessage(`{"schema":"sigcity.run/1","go":"go1.26","seeds":[1,2],"note":"<b>` + "`" + `"}`),
		Results: []benchmarks.Result{{Method: "noise", Warnings: []string{"few controls"}}, {Method: "glove", Warnings: []string{"few controls", hostile}}}}
}

// sampleGround draws a street grid and a few blocks on the fixture's plane.
func sampleGround(city *fixture.City) (uses []dataset.LandUse, roads []dataset.Road) {
	b := city.Map.Bounds
	at := func(x, y float64) (lon, lat float64) {
		return b.Min[0] + x*(b.Max[0]-b.Min[0]), b.Min[1] + y*(b.Max[1]-b.Min[1])
	}
	for i, use := range []string{"green", "residential", "commercial", "retail", "industrial", "water", "unknown"} {
		l := dataset.LandUse{Use: use}
		x, y := 0.1+0.12*float64(i), 0.15+0.1*float64(i%4)
		for _, c := range [][2]float64{{0, 0}, {0.1, 0.02}, {0.12, 0.2}, {0.01, 0.17}, {0, 0}} {
			lon, lat := at(x+c[0], y+c[1])
			l.Lon, l.Lat = append(l.Lon, lon), append(l.Lat, lat)
		}
		uses = append(uses, l)
	}
	for i, class := range []string{"residential", "tertiary", "primary", "rail", "footway", "something new"} {
		r := dataset.Road{Class: class}
		for j := range 12 {
			lon, lat := at(float64(j)/10-0.05, 0.1+0.13*float64(i)+0.01*float64(j%3))
			r.Lon, r.Lat = append(r.Lon, lon), append(r.Lat, lat)
		}
		roads = append(roads, r)
	}
	return uses, roads
}

// sampleExample is the day of a young woman with a child, as in the paper.
func sampleExample(city *fixture.City) *benchmarks.Example {
	const midnight = 1772409600 // 2026-03-02 00:00 UTC
	e := &benchmarks.Example{Synthetic: true, Note: "Nobody: a generated person.", Date: "2026-03-02",
		Person: benchmarks.ExamplePerson{Sex: "female", Age: 31, Employment: "employed", Income: 5, PreschoolChild: true}}
	days := []struct {
		kind     string
		cell     int
		from, to float64
	}{{"home", 12, 0, 7.5}, {"kindergarten", 14, 7.8, 8}, {"work", 57, 8.5, 12}, {"restaurant", 58, 12.1, 12.9}, {"work", 57, 13, 17},
		{"kindergarten", 14, 17.5, 17.7}, {"department_store", 36, 18, 18.8}, {"salon", 37, 19, 19.8}, {"home", 12, 20.2, 24}}
	cells := city.Data.Areas()
	for i, d := range days {
		p := cells[d.cell].Center
		e.Activities = append(e.Activities, benchmarks.ExampleActivity{Kind: d.kind, From: clock(d.from)[:5], To: clock(d.to)[:5],
			Start: midnight + uint32(d.from*3600), End: midnight + uint32(d.to*3600), Lon: p[0], Lat: p[1]})
		if i > 0 {
			q := cells[days[i-1].cell].Center
			e.Trips = append(e.Trips, benchmarks.ExampleTrip{Mode: "car", Purpose: d.kind, FromLon: q[0], FromLat: q[1], ToLon: p[0], ToLat: p[1]})
		}
		for h := d.from; h < d.to; h += 0.4 {
			c := cells[d.cell+i%2]
			e.Events = append(e.Events, benchmarks.ExampleEvent{Time: midnight + uint32(h*3600), Clock: clock(h), Event: "service-request", Cell: c.Name, Lon: c.Center[0], Lat: c.Center[1]})
		}
	}
	e.Portrait = []benchmarks.Inference{
		{Attribute: "sex", Value: "female", Score: 0.81, Evidence: "stays at a beauty salon on 2 of 7 days", Truth: "female", Right: true},
		{Attribute: "preschool_child", Value: "yes", Score: 0.93, Evidence: "kindergarten twice every weekday", Truth: "yes", Right: true},
		{Attribute: "income", Value: "5", Score: 0.44, Evidence: "sleeps in a high-end community <5th quintile>; department store", Truth: "4", Right: false},
		{Attribute: "employment", Truth: "employed"},
	}
	return e
}

func clock(h float64) string {
	s := int(h * 3600)
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

func cellsOf(areas []sigcity.Area) (out []dataset.Cell) {
	for _, a := range areas {
		out = append(out, dataset.CellOf(a))
	}
	return out
}
