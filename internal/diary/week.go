package diary

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

// Week is an actogram of several days, a row each: what the person did above
// the cells and the records. Below stand the most frequent cells with their
// shares of the records of nights and of office hours, by which home and work
// stand out.
type Week struct{ *Diary }

const (
	rowHeight = 50.0
	weekTop   = 58.0
	weekCells = 6 // listed below
)

// WriteSVG writes the picture.
func (p Week) WriteSVG(w io.Writer) error {
	_, err := io.WriteString(w, p.draw())
	return err
}

func (p Week) draw() string {
	cells, _ := p.Cells()
	shown := cells[:min(len(cells), weekCells)]
	table := weekTop + rowHeight*float64(p.N) + 44
	keys := table + 26 + 22*float64(len(shown)) + 14
	c := p.newCanvas(0, "", "") // measures the legend
	signs := slices.Concat(c.modeSigns(), c.kindSigns(), []sign{
		{"area", "cell c1", "cell of the latest record, by its number in the table"}, {"tick", "tick", "records"}, {"area", "band", "night, 22–6 h"}})
	title := fmt.Sprintf("%d days from %s: %s", p.N, p.local(p.Cal.Start(p.First)).Format("Monday 2006-01-02"), p.Who())
	c = p.newCanvas(c.signs(keys, signs, false)+2, title, "A row a day: stays and trips, the cells of the records, and the records")
	c.Text(12, 22, "h", title)
	c.Text(12, 42, "s", fmt.Sprintf("SIM %d: %d records in %d cells. Colours: the truth. Grey: what the network recorded.", p.User, len(p.Records), len(c.rank)))
	bottom := weekTop + rowHeight*float64(p.N)
	for _, h := range [][2]uint32{{0, 6}, {22, c.long / 3600}} {
		begin := p.Cal.Start(p.First)
		x := c.x(p.First, begin+h[0]*3600)
		c.Rect(x, weekTop-6, c.x(p.First, begin+h[1]*3600)-x, bottom-weekTop+6, "band")
	}
	c.axis(weekTop-6, bottom)
	for i := range p.N {
		day, y := p.First+i, weekTop+rowHeight*float64(i)
		date := p.local(p.Cal.Start(day))
		c.Text(12, y+14, "name", date.Format("Mon 2 Jan"))
		n := c.ticks(day, y+36, 7, func(sigcity.Event) bool { return true })
		c.Text(12, y+31, "s", fmt.Sprintf("%d records", n))
		c.truth(day, y, 19)
		c.cellBar(day, y+20, 14)
	}
	p.table(c, table, shown)
	c.signs(keys, signs, true)
	return string(c.Done())
}

// table lists cells with bars for their shares.
func (p Week) table(c *canvas, y float64, cells []CellUse) {
	_, all := p.Cells()
	home, hasHome := p.anchor(dataset.ActHome)
	work, hasWork := p.anchor(dataset.ActWork)
	columns := []struct {
		name string
		x    float64
		of   func(CellUse) int
	}{
		{"of all records", 186, func(u CellUse) int { return u.Records }},
		{"of those 22–6 h", 306, func(u CellUse) int { return u.Night }},
		{"9–17 h, workdays", 426, func(u CellUse) int { return u.Office }},
	}
	c.Text(12, y, "s", "cell")
	for _, col := range columns {
		c.Text(col.x, y, "s", col.name)
	}
	if hasHome {
		c.Text(648, y, "s", "km from home", "text-anchor", "end")
	}
	if hasWork {
		c.Text(748, y, "s", "km from work", "text-anchor", "end")
	}
	for i, u := range cells {
		y := y + 22*float64(i) + 22
		c.Rect(12, y-13, 18, 17, "cell "+cellClass(i+1))
		c.Text(21, y, "in "+cellClass(i+1), strconv.Itoa(i+1))
		c.Text(38, y, "", p.Areas[u.Area].Name)
		for _, col := range columns {
			share := 0.0
			if total := col.of(all); total > 0 {
				share = float64(col.of(u)) / float64(total)
			}
			c.Rect(col.x, y-11, max(78*share, 0.5), 13, "c3")
			c.Text(col.x+78*share+5, y, "s", fmt.Sprintf("%.0f %%", math.Round(100*share)))
		}
		at := p.Areas[u.Area].Center
		if hasHome {
			c.Text(648, y, "", fmt.Sprintf("%.1f", geo.Distance(at, home)/1000), "text-anchor", "end")
		}
		if hasWork {
			c.Text(748, y, "", fmt.Sprintf("%.1f", geo.Distance(at, work)/1000), "text-anchor", "end")
		}
	}
}
