package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

// printTaskTable prints the rows of tasks as a Markdown table for a document, a
// line for each task and zoning.
func printTaskTable(out io.Writer, rows []benchmarks.Result) {
	fmt.Fprintln(out, "| | task | zoning | null | raw against truth | informative | the other figures |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|")
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Probe == rows[0].Probe && rows[n].Zoning == rows[0].Zoning {
			n++
		}
		printTask(out, rows[:n])
		rows = rows[n:]
	}
}

// printTask prints the line of one task at one zoning.
func printTask(out io.Writer, rows []benchmarks.Result) {
	id := strings.TrimPrefix(rows[0].Probe, "plan/")
	name := id
	if e, err := plugin.Find[planning.Task](id); err == nil {
		name = "`" + e.Name + "`"
	}
	var raw, null, informative string
	var more []string
	for _, r := range rows {
		switch {
		case r.Status != benchmarks.OK && r.Metric == benchmarks.MetricUtility:
			raw = string(r.Status) + ": " + strings.ReplaceAll(r.Error, "|", "/")
		case r.Status != benchmarks.OK:
		case r.Metric == benchmarks.MetricFloor:
			null = fmt.Sprintf("%.3f", r.Value)
		case r.Metric == benchmarks.MetricSpan:
			informative = "no"
			if r.Lo > benchmarks.InformativeSpan {
				informative = "yes"
			}
		case r.Metric == benchmarks.MetricUtilityGT:
			raw = fmt.Sprintf("**%.3f**", r.Value)
			if r.Lo < r.Hi {
				raw += fmt.Sprintf(" (%.3f–%.3f)", r.Lo, r.Hi)
			}
		case r.Unit == "" && r.Goal == "": // a figure of the task's own
			more = append(more, fmt.Sprintf("%s %.3g", r.Metric, r.Value))
		}
	}
	fmt.Fprintf(out, "| %s | %s | %s | %s | %s | %s | %s |\n", id, name, rows[0].Zoning, null, raw, informative, strings.Join(more, ", "))
}
