package atlas

import (
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/internal/svg"
	"github.com/sigcity/sigcity/planning"
)

// The chart's plot lies between these, in user units.
const (
	chartW, chartH = 760.0, 380.0
	plotL, plotR   = 70.0, 600.0
	plotT, plotB   = 50.0, 330.0
	mostLabels     = 24 // along the horizontal axis
	mostSeries     = 6
)

// drawChart draws the series of a sheet over its labels, as curves or as columns.
func drawChart(s *planning.Sheet) (string, error) {
	if len(s.Picture.Value) == 0 || len(s.Picture.Value) > mostSeries {
		return "", fmt.Errorf("its chart has %d series, want 1 to %d", len(s.Picture.Value), mostSeries)
	}
	label, err := column(s, s.Picture.Label)
	if err != nil {
		return "", err
	}
	series := make([][]float64, len(s.Picture.Value))
	lo, hi := 0.0, 0.0
	for k, name := range s.Picture.Value {
		if series[k], err = values(s, name); err != nil {
			return "", err
		}
		for _, v := range series[k] {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	step := svg.NiceStep((hi - lo) / 5)
	lo, hi = step*math.Floor(lo/step), max(step*math.Ceil(hi/step), lo+step)
	y := func(v float64) float64 { return plotB - float64((v-lo)/(hi-lo)*(plotB-plotT)) }
	slot := (plotR - plotL) / float64(max(1, len(s.Rows)))
	x := func(i int) float64 { return plotL + float64(slot*(float64(i)+0.5)) }

	d := svg.NewDrawing(chartW, chartH, "answer", s.Title, fmt.Sprintf("%d rows", len(s.Rows)))
	d.Open("style")
	d.Raw(style)
	d.Close("style")
	d.Rect(0, 0, chartW, chartH, "paper", "fill", "#fdfcfa")
	d.Text(10, 25, "h", s.Title)
	for k := 0; ; k++ {
		v := lo + float64(step*float64(k))
		if v > hi+step/2 {
			break
		}
		d.Line(plotL, y(v), plotR, y(v), "grid")
		d.Text(plotL-8, y(v)+4, "", svg.TickLabel(v), "text-anchor", "end")
	}
	every := (len(s.Rows) + mostLabels - 1) / mostLabels
	for i, row := range s.Rows {
		if i%max(1, every) == 0 {
			d.Text(x(i), plotB+18, "", brief(row[label]), "text-anchor", "middle")
		}
	}
	d.Text((plotL+plotR)/2, plotB+40, "", strings.ReplaceAll(s.Picture.Label, "_", " "), "text-anchor", "middle")
	for k, name := range s.Picture.Value {
		class := fmt.Sprintf("s%d", k)
		if s.Picture.Kind == planning.Curves {
			pts := make([]orb.Point, len(s.Rows))
			for i, v := range series[k] {
				pts[i] = orb.Point{x(i), y(v)}
			}
			var p svg.Path
			p.Add(pts, false)
			d.Shape("curve "+class, strings.ReplaceAll(name, "_", " "), &p)
		} else {
			w := 0.8 * slot / float64(len(series))
			for i, v := range series[k] {
				top, bottom := y(max(v, 0)), y(min(v, 0))
				d.Rect(x(i)-0.4*slot+float64(k)*w, top, w, bottom-top, class)
			}
		}
		at := plotT + 22*float64(k)
		d.Rect(plotR+16, at-11, 14, 14, class)
		d.Text(plotR+36, at, "", strings.ReplaceAll(name, "_", " "))
	}
	d.Line(plotL, y(max(lo, 0)), plotR, y(max(lo, 0)), "axis")
	return string(d.Done()), nil
}

// brief is a label of an axis.
func brief(v any) string {
	if f, ok := v.(float64); ok {
		return svg.TickLabel(f)
	}
	if s := []rune(text(v)); len(s) > 10 {
		return string(s[:9]) + "…"
	}
	return text(v)
}
