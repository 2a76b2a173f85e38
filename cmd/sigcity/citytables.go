package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// tables writes tables of text, each under a title: the first column to the
// left, the others to the right.
type tables struct {
	out  io.Writer
	rows [][]string
	err  error
}

// head ends the table before and starts one.
func (t *tables) head(title string, columns ...any) {
	t.flush()
	t.line("\n%s", title)
	t.row(columns...)
}

// row adds a row; whole numbers get their thousands apart, others the digits
// that say something.
func (t *tables) row(cells ...any) {
	var row []string
	for _, c := range cells {
		switch v := c.(type) {
		case float64:
			row = append(row, decimals(v))
		case int:
			row = append(row, grouped(int64(v)))
		case int64:
			row = append(row, grouped(v))
		default:
			row = append(row, fmt.Sprint(v))
		}
	}
	t.rows = append(t.rows, row)
}

func (t *tables) flush() {
	var width []int
	for _, row := range t.rows {
		for i, c := range row {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], utf8.RuneCountInString(c))
		}
	}
	for _, row := range t.rows {
		line := "  " + row[0] + strings.Repeat(" ", width[0]-utf8.RuneCountInString(row[0]))
		for i, c := range row[1:] {
			line += "  " + strings.Repeat(" ", width[i+1]-utf8.RuneCountInString(c)) + c
		}
		t.line("%s", strings.TrimRight(line, " "))
	}
	t.rows = t.rows[:0]
}

// line writes a line as it is; after an error nothing more.
func (t *tables) line(format string, args ...any) {
	if t.err == nil {
		_, t.err = fmt.Fprintf(t.out, format+"\n", args...)
	}
}

// print writes the report for people.
func (r cityReport) print(out io.Writer) error {
	t := &tables{out: out}
	t.line("%s, %.1f × %.1f km, time zone %s\nmap data: %s", r.Name, r.WidthKm, r.HeightKm, r.TimeZone, r.Attribution)
	r.printLand(t)
	r.printWays(t)
	r.printNetwork(t)
	t.flush()
	if len(r.Warnings) > 0 {
		t.line("\nNotes")
	}
	for _, n := range r.Warnings {
		t.line("- %s", n)
	}
	if left := r.leftOut(); len(left) > 0 {
		t.line("\nLeft out and counted: %s", strings.Join(left, ", "))
	}
	return t.err
}

func (r cityReport) printLand(t *tables) {
	t.head("People", "", "all", "estimated")
	t.row("inhabitants", r.Inhabitants)
	t.row("homes", r.Homes, share(float64(r.HomesStandIn), float64(r.Homes)))
	t.row("jobs", r.Jobs, share(float64(r.JobsEstimated), float64(r.Jobs)))
	t.head("Buildings", "use", "buildings", "estimated", "floor km²", "homes")
	for _, b := range r.Buildings {
		t.row(b.Use, b.Buildings, share(float64(b.Estimated), float64(b.Buildings)), b.FloorKm2, int64(b.Dwellings+0.5))
	}
	t.head("Places", "category", "places", "estimated", "jobs")
	for _, p := range r.Places {
		t.row(spaced(string(p.Category)), p.Places, share(float64(p.Estimated), float64(p.Places)), int64(p.Jobs+0.5))
	}
	t.head("Communities by affluence, 1 modest to 5 high-end", "affluence", "communities", "homes")
	for _, c := range r.Communities {
		t.row(c.Affluence, c.Communities, int64(c.Dwellings+0.5))
	}
	t.head("Land use", "use", "areas", "km²")
	for _, l := range r.LandUse {
		t.row(l.Use, l.Areas, l.Km2)
	}
}

func (r cityReport) printWays(t *tables) {
	t.head(fmt.Sprintf("Roads: %s nodes, %s edges", grouped(int64(r.Roads.Nodes)), grouped(int64(r.Roads.Edges))), "class", "edges", "km", "km by car")
	for _, c := range r.Roads.Classes {
		t.row(c.Class, c.Edges, c.Km, c.ByCar)
	}
	if len(r.Roads.Rails) > 0 {
		t.head("Tracks", "class", "ways", "km")
	}
	for _, k := range r.Roads.Rails {
		t.row(spaced(k.Class), k.Ways, k.Km)
	}
	if len(r.Lines) > 0 {
		t.head("Lines, each direction by itself", "mode", "lines", "stops", "km", "headways estimated")
	}
	for _, l := range r.Lines {
		t.row(spaced(l.Mode), l.Lines, l.Stops, l.Km, share(float64(l.Estimated), float64(l.Lines)))
	}
	if len(r.Hubs) > 0 {
		t.head("Hubs", "kind", "hubs")
	}
	for _, h := range r.Hubs {
		t.row(spaced(h.Kind), h.Hubs)
	}
	if len(r.Gates) > 0 {
		t.head("Gates: where people leave the map", "kind", "gates", "weight")
	}
	for _, g := range r.Gates {
		t.row(spaced(g.Kind), g.Gates, g.Weight)
	}
	r.printCongestion(t)
}

func (r cityReport) printCongestion(t *tables) {
	const title = "Links of arterial roads slower than a share of their free speed, by local hour"
	slow := slices.ContainsFunc(r.Congestion, func(h slowHour) bool { return h.Below07 > 0 })
	switch {
	case slow:
		t.head(title+"; hours without any are left out", "hour", "below 0.7", "below 0.4")
	case len(r.Congestion) > 0:
		t.flush()
		t.line("\n%s: below 0.7 in no hour", title)
	}
	for _, h := range r.Congestion {
		if h.Below07 > 0 {
			t.row(fmt.Sprintf("%02d", h.Hour), share(h.Below07, 1), share(h.Below04, 1))
		}
	}
}

func (r cityReport) printNetwork(t *tables) {
	t.head("Network", "operator", "cells named", "subscribers", "sites", "cells", "tracking areas")
	for _, o := range r.Operators {
		t.row(o.PLMN, o.Network, share(o.Share, 1), o.Sites, o.Cells, o.TrackingAreas)
	}
	t.head("Sites and cells by kind", "operator", "kind", "sites", "estimated", "cells", "by radio")
	for _, o := range r.Operators {
		for _, k := range o.Kinds {
			var radios []string
			for _, c := range k.Radios {
				radios = append(radios, cmp.Or(c.Radio, "?")+" "+grouped(int64(c.Cells)))
			}
			t.row(o.PLMN, k.Kind, k.Sites, share(float64(k.Synthetic), float64(k.Sites)), k.Cells, strings.Join(radios, ", "))
		}
	}
	t.head("Spacing of macro sites in m, all operators, by the inhabitants around", "land", "sites", "10 %", "median", "90 %")
	for _, s := range r.Spacing {
		t.row(s.Class, s.Sites, int64(s.P10+0.5), int64(s.P50+0.5), int64(s.P90+0.5))
	}
}

// leftOut lists what of the input was not used.
func (r cityReport) leftOut() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(r.Counts)) {
		used := !slices.ContainsFunc([]string{"bad_", "broken_", "incomplete_", "graph_cut_off", "file_"}, func(p string) bool { return strings.HasPrefix(name, p) })
		if n := r.Counts[name]; n > 0 && !used && name != "file_rows" {
			out = append(out, name+" "+grouped(n))
		}
	}
	return out
}

// spaced writes a name of the code for readers.
func spaced(s string) string { return strings.ReplaceAll(s, "_", " ") }

// share writes a part of a whole in per cent, a dash where it is nothing.
func share(part, whole float64) string {
	switch p := 100 * part / max(whole, 1e-9); {
	case part == 0:
		return "–"
	case p < 0.1:
		return "< 0.1 %"
	case p < 10:
		return fmt.Sprintf("%.1f %%", p)
	default:
		return fmt.Sprintf("%.0f %%", p)
	}
}

// decimals writes a figure of any size with what its digits say.
func decimals(v float64) string {
	switch {
	case v >= 100:
		return grouped(int64(v + 0.5))
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// grouped writes a whole number with its thousands apart.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
