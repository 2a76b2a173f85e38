package diary

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sigcity/sigcity/geo"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
)

const (
	quarter  = 900 // seconds a character of the text form stands for
	topCells = 9   // cells that have a digit
)

// WriteText writes the days as text, a row of letters for what the person did
// and one of digits for the cells in the records, a character a quarter of an
// hour; then the cells that the digits name.
func (d *Diary) WriteText(w io.Writer) error {
	cells, _ := d.Cells()
	var b strings.Builder
	indent := strings.Repeat(" ", len("Mon 2026-03-02  "))
	b.WriteString(indent)
	for h := 0; h < 24; h += 3 {
		fmt.Fprintf(&b, "%-12d", h)
	}
	b.WriteString("24\n")
	for day := d.First; day < d.First+d.N; day++ {
		head := d.local(d.Cal.Start(day)).Format("Mon 2006-01-02") + "  "
		if d.HasTruth {
			b.WriteString(head + strings.TrimRight(d.letters(day), " ") + "\n")
			head = indent
		}
		if seen := strings.TrimRight(d.digits(day, cells), " "); seen != "" || !d.HasTruth {
			b.WriteString(head + seen + "\n")
		}
	}
	if d.HasTruth {
		b.WriteString("\n" + d.key(len(cells) > topCells) + "\n")
	}
	b.WriteString("\n")
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return d.writeCells(w)
}

// letters is the truth of a day, for each quarter of an hour what took most of it.
func (d *Diary) letters(day int) string {
	from, to := d.Cal.Start(day), d.Cal.Start(day+1)
	n := int((to - from + quarter - 1) / quarter)
	out := make([]byte, n)
	for q := range out {
		lo := from + uint32(q)*quarter
		hi := min(lo+quarter, to)
		var seconds [256]uint32
		for _, a := range d.Activities {
			if s, e := max(a.Start, lo), min(a.End, hi); s < e {
				seconds[lookOf(a.Kind).letter] += e - s
			}
		}
		for _, t := range d.Trips {
			if s, e := max(t.Start, lo), min(t.End, hi); s < e {
				seconds[tripLetter] += e - s
			}
		}
		out[q] = ' '
		for c, s := range seconds {
			if s > seconds[out[q]] {
				out[q] = byte(c)
			}
		}
	}
	return string(out)
}

// digits are the cells of a day, for each quarter of an hour the one with most
// records, + for a cell without a digit.
func (d *Diary) digits(day int, cells []CellUse) string {
	from, to := d.Cal.Start(day), d.Cal.Start(day+1)
	rank := ranks(cells)
	count := make([][topCells + 2]int, (to-from+quarter-1)/quarter)
	for _, r := range d.Records {
		if r.Time >= from && r.Time < to {
			count[(r.Time-from)/quarter][min(rank[r.Area], topCells+1)]++
		}
	}
	out := make([]byte, len(count))
	for q := range count {
		best := 0
		for i, n := range count[q] {
			if n > count[q][best] {
				best = i
			}
		}
		switch {
		case best == 0:
			out[q] = ' '
		case best > topCells:
			out[q] = '+'
		default:
			out[q] = byte('0' + best)
		}
	}
	return string(out)
}

// key names the letters that are in use; more: there are cells without a digit.
func (d *Diary) key(more bool) string {
	used := d.usedKinds()
	parts := make([]string, 0, len(used)+2)
	for _, l := range used {
		parts = append(parts, string(l.letter)+" "+words(l.kind))
	}
	parts = append(parts, string(tripLetter)+" trip")
	if more {
		parts = append(parts, "+ another cell")
	}
	return strings.Join(parts, ", ")
}

// usedKinds are the kinds of stays in the days, in the order of looks; kinds
// without a letter of their own come as one, "other".
func (d *Diary) usedKinds() (out []look) {
	used := map[byte]bool{}
	for _, a := range d.Activities {
		used[lookOf(a.Kind).letter] = true
	}
	for _, l := range append(looks(), look{"other", otherLetter, "free"}) {
		if used[l.letter] {
			out = append(out, l)
		}
	}
	return out
}

// writeCells tells of the most frequent cells when they were used and, by the
// truth, how far they are from home and work.
func (d *Diary) writeCells(w io.Writer) error {
	cells, all := d.Cells()
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	home, hasHome := d.anchor(dataset.ActHome)
	work, hasWork := d.anchor(dataset.ActWork)
	head := "\tcell\trecords\tof all\tof those 22–6 h\tof those 9–17 h of working days"
	if hasHome {
		head += "\tkm from home"
	}
	if hasWork {
		head += "\tkm from work"
	}
	fmt.Fprintln(t, head)
	for i, c := range cells[:min(len(cells), topCells)] {
		a := d.Areas[c.Area]
		fmt.Fprintf(t, "%d\t%s\t%d\t%s\t%s\t%s", i+1, a.Name, c.Records, percent(c.Records, all.Records), percent(c.Night, all.Night), percent(c.Office, all.Office))
		if hasHome {
			fmt.Fprintf(t, "\t%.2f", geo.Distance(a.Center, home)/1000)
		}
		if hasWork {
			fmt.Fprintf(t, "\t%.2f", geo.Distance(a.Center, work)/1000)
		}
		fmt.Fprintln(t)
	}
	if more := cells[min(len(cells), topCells):]; len(more) > 0 {
		var rest CellUse
		for _, c := range more {
			rest.Records, rest.Night, rest.Office = rest.Records+c.Records, rest.Night+c.Night, rest.Office+c.Office
		}
		fmt.Fprintf(t, "+\t%d others\t%d\t%s\t%s\t%s\n", len(more), rest.Records, percent(rest.Records, all.Records), percent(rest.Night, all.Night), percent(rest.Office, all.Office))
	}
	return t.Flush()
}

// anchor is the person's place of a kind on the last of the days.
func (d *Diary) anchor(kind string) (at orb.Point, ok bool) {
	_, end := d.Span()
	for _, a := range d.Anchors {
		if a.Kind == kind && (a.To == 0 || a.From < end && end <= a.To) {
			return orb.Point{a.Lon, a.Lat}, true
		}
	}
	return at, false
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(n)/float64(of))
}
