package report

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/sigcity/sigcity/internal/citymap"
	"github.com/sigcity/sigcity/network"

	"github.com/sigcity/sigcity/benchmarks"
)

// page is what the template prints: every figure is already text.
type page struct {
	Title, City     string
	Style           template.CSS
	Synthetic       bool
	Facts           []fact
	FailedTests     []benchmarks.SelfTest
	PassedTests     []benchmarks.SelfTest
	UncheckedTests  []benchmarks.SelfTest
	Verdict, More   string        // its first sentence, and the others
	Wide, Narrow    template.HTML // utility against risk
	Marks           []markRow
	Unplaced        []string // marks that the picture cannot show, and why
	HasSubset       bool
	HasAggregate    bool
	Tasks, Attacks  *matrix
	City2D          *cityMap
	Attribution     string
	Example         *exampleView
	Problems        []benchmarks.Problem
	Counts          []fact
	Command         string
	Run             []fact
	RunJSON         string
	Warnings        []string
	Code            string
	Glossary        []term
	DatasetWarnings []string
}

// fact is a named figure.
type fact struct{ Name, Value, Note string }

// exampleView is one person's day and portrait.
type exampleView struct {
	Note, Date string
	Person     string
	Day, Strip template.HTML
	Stops      []stop
	Events     int
	Portrait   []inference
	Right      int
}

type inference struct {
	Attribute, Value, Score, Evidence, Truth string
	Percent                                  int // of the bar; −1 = the score is no share
	Right, Answered                          bool
}

func newPage(in Input) page {
	s := in.Summary
	p := page{
		Title: in.Title, City: cmp.Or(s.Dataset.City, s.Dataset.Name, "a city"), Style: template.CSS(citymap.BaseStyle + styleText), Synthetic: s.Synthetic,
		Facts: facts(in), Problems: s.Problems, Command: in.Command, Code: s.Code, Glossary: glossary(),
		Warnings: warnings(in.Results), DatasetWarnings: s.Dataset.Warnings, Attribution: s.Dataset.Attribution,
	}
	if p.Title == "" {
		p.Title = "Anonymization against de\u2011anonymization: " + p.City
	}
	p.Verdict = s.Verdict
	if first, rest, ok := strings.Cut(s.Verdict, ". "); ok {
		p.Verdict, p.More = first+".", rest
	}
	for _, t := range s.SelfTests {
		switch {
		case !t.Run:
			p.UncheckedTests = append(p.UncheckedTests, t)
		case t.Pass:
			p.PassedTests = append(p.PassedTests, t)
		default:
			p.FailedTests = append(p.FailedTests, t)
		}
	}
	for _, status := range sortedKeys(s.Counts) {
		p.Counts = append(p.Counts, fact{Name: status, Value: count(int64(s.Counts[status]))})
	}
	p.marks(s.Marks)
	if in.Map != nil {
		p.City2D = drawCity(in.Map, in.Cells)
		p.Attribution = cmp.Or(in.Map.Attribution, p.Attribution, network.Attribution)
	}
	if in.Example != nil {
		p.Example = newExample(in)
	}
	p.Run = append(p.Run, provenance(s)...)
	p.run(in.Run)
	return p
}

// marks fills the picture and the tables.
func (p *page) marks(list []benchmarks.Mark) {
	colors := methodColors(list)
	var marks []mark
	for i, m := range list {
		d := mark{N: i + 1, Method: m.Method, Label: m.Label, Subset: m.Subset, Utility: estimate(m.Utility), Risk: estimate(m.Risk),
			Dominated: m.Dominated, Aggregate: m.Kind == "aggregate", Control: m.Control, Color: colors[m.Method], Scale: scaleOf(m)}
		if m.Answered < m.Informative {
			d.Tasks = fmt.Sprintf("%d of %d tasks", m.Answered, m.Informative)
		}
		marks = append(marks, d)
		p.Marks = append(p.Marks, newMarkRow(m, d))
		p.HasSubset = p.HasSubset || m.Subset != ""
		p.HasAggregate = p.HasAggregate || d.Aggregate
		if why := unplaced(m); why != "" {
			p.Unplaced = append(p.Unplaced, m.Label+": "+why)
		}
	}
	const utility = "utility: mean truth-normalised score (0 = knows nothing, 1 = raw data)"
	const risk = "risk: worst realistic attack (share of targets)"
	if linked, aggregates := split(marks); len(linked)+len(aggregates) > 0 {
		p.Wide = drawScatter(marks, utility, risk, false)
		p.Narrow = drawScatter(marks, "utility (0 nothing, 1 raw data)", "risk (share of targets)", true)
	}
	p.Tasks = taskMatrix(list, colors)
	p.Attacks = attackMatrix(list, colors)
}

// scaleOf names what a mark may be compared with: its subset and the tasks
// that its utility is the mean of.
func scaleOf(m benchmarks.Mark) string {
	scale := m.Subset
	for _, t := range m.Tasks {
		if t.Informative && t.Norm != nil {
			scale += "\x00" + t.Task + " " + t.Zoning
		}
	}
	return scale
}

// unplaced says why a mark is not in the picture, "" where it is.
func unplaced(m benchmarks.Mark) string {
	switch {
	case m.Status != "" && m.Status != benchmarks.OK:
		return m.Status
	case m.Utility == nil:
		return "no informative task could be answered from it"
	case m.Risk == nil && m.Kind != "aggregate":
		return "no realistic attack was measured on it, which is not a risk of 0"
	}
	return ""
}

func estimate(e *benchmarks.Estimate) interval {
	if e == nil || math.IsNaN(e.Value) {
		return interval{}
	}
	return interval{e.Value, e.Lo, e.Hi, true}
}

// methodColors gives each method a colour in the order of the grid; controls
// are black.
func methodColors(list []benchmarks.Mark) map[string]string {
	out := map[string]string{}
	n := 0
	for _, m := range list {
		switch {
		case m.Control:
			out[m.Method] = "#1B1F24"
		case out[m.Method] == "":
			out[m.Method] = palette[n%len(palette)]
			n++
		}
	}
	return out
}

func facts(in Input) []fact {
	d := in.Summary.Dataset
	out := []fact{
		{"City", cmp.Or(d.City, d.Name, "–"), ""},
		{"Persons", count(int64(d.Persons)), ""},
		{"SIMs (N)", count(int64(d.SIMs)), ""},
		{"Days", count(int64(d.Days)), ""},
		{"Events", count(d.Records), ""},
		{"Cells", count(int64(d.Cells)), ""},
	}
	if d.Start != "" {
		out[3].Note = "from " + d.Start
	}
	if d.Inhabitants > d.Persons {
		out[1].Note = "a sample of " + count(int64(d.Inhabitants)) + " inhabitants"
	}
	if d.SIMs > 0 && d.Days > 0 {
		out[4].Note = quantity(float64(d.Records)/float64(d.SIMs)/float64(d.Days)) + " per SIM and day"
	}
	if in.Map != nil {
		if name, _ := citymap.LargestOperator(in.Cells); len(in.Cells) > 0 {
			out[5].Note = "largest operator " + name
		}
		sites := map[string]bool{} // operators share masts
		for _, c := range in.Cells {
			sites[fmt.Sprint(c.Operator, c.Antenna)] = true
		}
		out = append(out, fact{"Sites", count(int64(len(sites))), ""})
	}
	if d.AreaKm2 > 0 {
		out = append(out, fact{"Density", quantity(d.SIMsPerKm2), "SIMs per km² over " + quantity(d.AreaKm2) + " km²"})
	}
	return out
}

func newExample(in Input) *exampleView {
	e := in.Example
	v := &exampleView{Note: e.Note, Date: e.Date, Events: len(e.Events), Strip: drawStrip(e), Person: describePerson(e.Person)}
	if in.Map != nil {
		v.Day, v.Stops = drawDay(in.Map, e)
	}
	for _, i := range e.Portrait {
		r := inference{Attribute: words(i.Attribute), Value: words(i.Value), Score: share(i.Score), Evidence: i.Evidence, Truth: words(i.Truth),
			Right: i.Right, Answered: i.Value != "", Percent: -1}
		if i.Score >= 0 && i.Score <= 1 {
			r.Percent = int(math.Round(i.Score * 100))
		}
		if i.Right {
			v.Right++
		}
		v.Portrait = append(v.Portrait, r)
	}
	return v
}

// describePerson is the truth about the example in a few words.
func describePerson(p benchmarks.ExamplePerson) string {
	parts := []string{cmp.Or(p.Sex, "sex not told"), fmt.Sprintf("%d years", p.Age), words(p.Employment)}
	if p.Income > 0 {
		parts = append(parts, fmt.Sprintf("household income class %d of 5", p.Income))
	}
	if p.PreschoolChild {
		parts = append(parts, "has a preschool child")
	}
	return strings.Join(parts, ", ")
}

// provenance says what the figures hang on.
func provenance(s benchmarks.Summary) []fact {
	var seeds []uint64
	for _, m := range s.Marks {
		seeds = append(seeds, m.Seeds...)
	}
	slices.Sort(seeds)
	var out []fact
	for _, f := range []fact{{Name: "Version", Value: s.Code}, {Name: "Seeds", Value: strings.Trim(fmt.Sprint(slices.Compact(seeds)), "[]")},
		{Name: "Data set", Value: s.Dataset.Name}, {Name: "Its manifest, SHA-256", Value: s.Dataset.SHA256},
		{Name: "Serving cell", Value: s.Dataset.Radio}, {Name: "Movement", Value: s.Dataset.Movement}} {
		if f.Value != "" {
			out = append(out, f)
		}
	}
	return out
}

// run lists what run.json says at its top level and keeps the rest as text.
func (p *page) run(raw json.RawMessage) {
	if len(raw) == 0 {
		return
	}
	var pretty bytes.Buffer
	if json.Indent(&pretty, raw, "", "  ") == nil {
		p.RunJSON = pretty.String()
	}
	var top map[string]any
	if json.Unmarshal(raw, &top) != nil {
		return
	}
	for _, k := range sortedKeys(top) {
		switch k {
		case "schema", "code", "command", "dataset", "dataset_name", "os", "arch":
			continue // told already, or of no weight
		}
		switch v := top[k].(type) {
		case string, bool, float64:
			p.Run = append(p.Run, fact{Name: words(k), Value: fmt.Sprint(v)})
		}
	}
}

// warnings gathers what the rows warn of, once each, with the methods concerned.
func warnings(rows []benchmarks.Result) []string {
	methods := map[string][]string{}
	for _, r := range rows {
		for _, w := range r.Warnings {
			if !slices.Contains(methods[w], r.Method) {
				methods[w] = append(methods[w], r.Method)
			}
		}
	}
	var out []string
	for _, w := range sortedKeys(methods) {
		slices.Sort(methods[w])
		out = append(out, w+" ("+strings.Join(methods[w], ", ")+")")
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// palette is Okabe and Ito's set (2008) of colours that stay apart for
// colour-blind readers, without yellow (too light on white) and black.
var palette = [...]string{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7A5195", "#5B4A3F"}
