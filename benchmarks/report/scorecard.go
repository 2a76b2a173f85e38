package report

import (
	"bufio"
	_ "embed"
	"fmt"
	"html/template"
	"io"

	"github.com/sigcity/sigcity/realism"
)

//go:embed scorecard.html.tmpl
var scorecardText string

// scorecardPage is what the scorecard's template shows.
type scorecardPage struct {
	Style    template.CSS
	Name     string
	Summary  string
	Sections []scorecardSection
	Charts   []scorecardChart
}

type scorecardSection struct {
	Title   string
	Meaning string
	Verdict string // "12 of 14 hold", "" where there are none
	Rows    []scorecardRow
}

type scorecardRow struct {
	*realism.Result
	Value   string
	Bounds  string
	Verdict string
	Count   string // of cases
}

type scorecardChart struct {
	Title, Y string
	Row      string // R15
	Verdict  string
	Figures  []string // value and tolerance
	Legend   []legendEntry
	Drawing  template.HTML
}

type legendEntry struct {
	Color template.CSS
	Name  string
}

// WriteScorecard writes the page of a realism scorecard: the rows by section
// and a picture of each distribution. It loads nothing; the same scorecard
// gives the same bytes.
func WriteScorecard(w io.Writer, card *realism.Scorecard) error {
	t, err := template.New("scorecard").Parse(scorecardText)
	if err != nil {
		return fmt.Errorf("scorecard page: %w", err)
	}
	out := bufio.NewWriterSize(w, 1<<16)
	if err := t.Execute(out, newScorecardPage(card)); err != nil {
		return fmt.Errorf("scorecard page: %w", err)
	}
	return out.Flush()
}

func newScorecardPage(card *realism.Scorecard) scorecardPage {
	p := scorecardPage{Style: template.CSS(styleText), Name: card.Name, Summary: card.Summary()}
	for _, s := range card.Sections() {
		if len(s.Results) == 0 {
			continue
		}
		section := scorecardSection{Title: s.Title, Meaning: s.Meaning}
		if held, judged := s.Passed(); judged > 0 {
			section.Verdict = fmt.Sprintf("%d of %d hold", held, judged)
		}
		for _, r := range s.Results {
			row := scorecardRow{Result: r, Value: r.Measured(), Bounds: r.Bounds(), Verdict: r.Verdict()}
			if r.Value != nil && r.N > 0 {
				row.Count = count(r.N)
			}
			section.Rows = append(section.Rows, row)
		}
		p.Sections = append(p.Sections, section)
	}
	for i := range card.Results {
		r := &card.Results[i]
		for k := range r.Charts {
			if drawing := drawDistribution(&r.Charts[k]); drawing != "" {
				p.Charts = append(p.Charts, newScorecardChart(r, &r.Charts[k], drawing))
			}
		}
	}
	return p
}

func newScorecardChart(r *realism.Result, c *realism.Chart, drawing template.HTML) scorecardChart {
	out := scorecardChart{Title: c.Title, Row: r.ID, Verdict: r.Verdict(), Drawing: drawing}
	if len(c.Labels) == 0 {
		out.Y = c.Y
	}
	figures := fmt.Sprintf("%s: %s %s", r.Name, r.Measured(), r.Unit)
	out.Figures = append(out.Figures, figures, "published: "+r.Reference)
	if b := r.Bounds(); b != "" {
		out.Figures = append(out.Figures, "tolerance: "+b)
	}
	for i, s := range c.Series {
		if len(c.Series) > 1 {
			out.Legend = append(out.Legend, legendEntry{template.CSS(palette[i%len(palette)]), s.Name})
		}
	}
	return out
}
