package diary

import (
	_ "embed" // the page's template
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html.tmpl
var pageText string

// page is what the template prints.
type page struct {
	Title   string
	Picture template.HTML
	Rows    []row
	Text    string
}

// row is a record beside the truth.
type row struct{ Time, Event, Cell, Truth string }

func (p page) write(w io.Writer) error {
	t, err := template.New("diary").Parse(pageText)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

// WriteHTML writes the picture and the records as a page that loads nothing.
func (p Day) WriteHTML(w io.Writer) error {
	picture, err := p.draw()
	if err != nil {
		return err
	}
	out := page{Title: fmt.Sprintf("SIM %d on %s", p.User, p.Cal.Date(p.First)), Picture: template.HTML(picture)}
	for _, r := range p.Records {
		_, what, err := p.Describe(r.Time)
		if err != nil {
			return err
		}
		out.Rows = append(out.Rows, row{p.Clock(r.Time), r.Type.String(), p.Areas[r.Area].Name, what})
	}
	return out.write(w)
}

// WriteHTML writes the picture and the text form as a page that loads nothing.
func (p Week) WriteHTML(w io.Writer) error {
	var text strings.Builder
	if err := p.WriteText(&text); err != nil {
		return err
	}
	return page{Title: fmt.Sprintf("SIM %d, %d days from %s", p.User, p.N, p.Cal.Date(p.First)), Picture: template.HTML(p.draw()), Text: text.String()}.write(w)
}
