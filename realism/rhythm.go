package realism

import (
	"fmt"

	"gonum.org/v1/gonum/stat"
)

// rhythmRows are the hours of the day and of the week (R12).
func rhythmRows() []row {
	const milan = "Telecom Italia, Milan, November 2013"
	out := []row{
		{id: "R12", figure: "trough", name: "quietest hour over busiest, all records", unit: "ratio", reference: "0.15–0.45 (Milan: internet 0.33)",
			low: 0.15, high: 0.45, source: milan, calibrated: true, measure: func(s *survey) value { return s.trough(cAll, true) }},
		{id: "R12", figure: "trough-sms", name: "quietest hour over busiest, messages", unit: "ratio", reference: "0.02–0.1 (Milan: 0.04)", low: 0.02, high: 0.1,
			source: milan, measure: func(s *survey) value { return s.trough(cSMS, false) }},
		{id: "R12", figure: "trough-calls", name: "quietest hour over busiest, calls", unit: "ratio", reference: "0.005–0.05 (Milan: 0.01)", low: 0.005, high: 0.05,
			source: milan, measure: func(s *survey) value { return s.trough(cCalls, false) }},
		{id: "R12", figure: "trough-hour", name: "quietest hour", unit: "h local", reference: "3–5 h", low: 2, high: 6, calibrated: true,
			measure: func(s *survey) value { return s.extreme(0, 24, -1) }},
		{id: "R12", figure: "morning-peak", name: "busiest hour from 8 to 14 h", unit: "h local", reference: "about 11 h", low: 10, high: 12, calibrated: true,
			measure: func(s *survey) value { return s.extreme(8, 14, 1) }},
		{id: "R12", figure: "evening-peak", name: "busiest hour from 15 to 24 h", unit: "h local", reference: "18–21 h", low: 17, high: 22,
			measure: func(s *survey) value { return s.extreme(15, 24, 1) }},
	}
	for _, c := range []struct {
		figure, name string
		class        int
		low          float64
	}{{"milan-calls", "calls", cCalls, 0.9}, {"milan-sms", "messages", cSMS, 0.9}, {"milan-data", "data sessions", cData, open}} {
		out = append(out, row{id: "R12", figure: c.figure, name: "correlation with Milan, hours of a weekday, " + c.name, unit: "r",
			reference: "at least 0.9 for calls and messages", low: c.low, high: open, source: milan, measure: func(s *survey) value { return s.likeMilan(c.class, c.name) }})
		out = append(out, row{id: "R12", figure: c.figure + "-week", name: "correlation with Milan, hours of the week, " + c.name, unit: "r",
			reference: "the shape of the week", low: open, high: open, source: milan, days: 7, measure: func(s *survey) value { return s.weekLikeMilan(c.class, c.name) }})
	}
	return out
}

// hoursOf are the records of a class by hour of a weekday.
func (s *survey) hoursOf(class int, w weights) []float64 {
	at := class*dayKinds*24 + weekdays*24
	return s.signals.hours.weighted(w)[at : at+24]
}

func (s *survey) hourCount(class int) int64 {
	at := class*dayKinds*24 + weekdays*24
	return s.signals.hours.total(at, at+24)
}

// minPerHour is how many records a class needs in the mean hour of a weekday.
const minPerHour = 20

func (s *survey) tooFew(class int) string {
	if n := s.hourCount(class); n < 24*minPerHour {
		return fmt.Sprintf("%d records on weekdays, want %d", n, 24*minPerHour)
	}
	return ""
}

// trough is the count of the quietest hour of weekdays over that of the busiest.
func (s *survey) trough(class int, chart bool) value {
	if why := s.tooFew(class); why != "" {
		return missing("%s", why)
	}
	v := s.estimate(s.hourCount(class), func(w weights) float64 {
		h := s.hoursOf(class, w)
		least, most := h[0], h[0]
		for _, n := range h {
			least, most = min(least, n), max(most, n)
		}
		return least / most
	})
	v.note = "records on weekdays"
	if chart {
		v.charts = []Chart{s.hoursChart()}
	}
	return v
}

// extreme is the hour from lo to hi−1 with most (sign 1) or fewest records.
func (s *survey) extreme(lo, hi int, sign float64) value {
	if why := s.tooFew(cAll); why != "" {
		return missing("%s", why)
	}
	v := s.estimate(s.hourCount(cAll), func(w weights) float64 {
		h, best := s.hoursOf(cAll, w), lo
		for i := lo; i < hi; i++ {
			if sign*h[i] > sign*h[best] {
				best = i
			}
		}
		return float64(best)
	})
	v.note = "records on weekdays"
	return v
}

var classNames = [classes]string{"all records", "calls", "messages", "data sessions"}

// shares are parts of a whole, in per cent.
func shares(n []float64) []float64 {
	sum := 0.0
	for _, v := range n {
		sum += v
	}
	out := make([]float64, len(n))
	for i, v := range n {
		out[i] = 100 * v / sum
	}
	return out
}

// clock is a chart over hours, with a tick every so many.
func clock(title, x, y string, every float64, s ...Series) Chart {
	c := single(title, x, y, s...)
	c.Every = every
	return c
}

func (s *survey) hoursChart() Chart {
	c := clock("Hours of a weekday", "hour of the day", "% of the day's records in the hour", 6)
	for class := range classes {
		if s.tooFew(class) == "" {
			c.Series = append(c.Series, Series{Name: classNames[class], Mark: Line, X: hoursAxis(24), Y: shares(s.hoursOf(class, whole()))})
		}
	}
	return c
}

// hoursAxis are the middles of n hours.
func hoursAxis(n int) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = float64(i) + 0.5
	}
	return out
}

const noReference = "give the activity of Milan with --reference FILE"

// likeMilan correlates the 24 hours of weekdays.
func (s *survey) likeMilan(class int, name string) value {
	if s.milan == nil {
		return missing(noReference)
	}
	if why := s.tooFew(class); why != "" {
		return missing("%s", why)
	}
	want := s.milan.weekday(class)
	v := s.estimate(s.hourCount(class), func(w weights) float64 { return stat.Correlation(s.hoursOf(class, w), want, nil) })
	v.note = "records on weekdays"
	v.charts = []Chart{clock("Hours of a weekday: "+name, "hour of the day", "% of the day's in the hour", 6,
		Series{Name: "this data set", X: hoursAxis(24), Y: shares(s.hoursOf(class, whole()))},
		Series{Name: "Milan", X: hoursAxis(24), Y: shares(want)})}
	return v
}

// weekLikeMilan correlates the 168 hours of the week, each a mean of its days.
func (s *survey) weekLikeMilan(class int, name string) value {
	if s.milan == nil {
		return missing(noReference)
	}
	days := make([]float64, 7)
	for d := range s.days {
		days[weekdayOf(s.cal, d)]++
	}
	got, sum := make([]float64, hoursOfWeek), int64(0)
	for h := range got {
		n := s.signals.week[class*hoursOfWeek+h]
		got[h], sum = float64(n)/days[h/24], sum+n
	}
	if sum < hoursOfWeek*minPerHour {
		return missing("%d records, want %d", sum, hoursOfWeek*minPerHour)
	}
	want := s.milan.Hours[class]
	return value{v: stat.Correlation(got, want, nil), n: sum, note: "records", charts: []Chart{clock("Hours of the week: "+name, "hours from Monday", "% of the week's in the hour", 24,
		Series{Name: "this data set", X: hoursAxis(hoursOfWeek), Y: shares(got)}, Series{Name: "Milan", X: hoursAxis(hoursOfWeek), Y: shares(want)})}}
}
