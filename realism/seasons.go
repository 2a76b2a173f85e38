package realism

import "github.com/sigcity/sigcity"

// seasons is the clock that runs as fast as the city calls: between two moments
// it counts the hours of mean activity, so that intervals on it are free of the
// rhythm of days and weeks (Jo, Karsai, Kertész & Kaski 2012).
type seasons struct {
	begin uint32    // Unix seconds
	at    []float64 // hours of mean activity by the end of each elapsed hour, from 0
}

func newSeasons(cal *sigcity.Calendar, n *signals) *seasons {
	s := &seasons{begin: cal.Start(0), at: []float64{0}}
	week := n.week[cCalls*hoursOfWeek : (cCalls+1)*hoursOfWeek]
	// Where few days were seen, hours of the week without days count as nothing
	// was called in them; the mean is over those the calendar has.
	sum, hours := 0.0, 0
	var rate []float64
	days := make([]float64, 7)
	for d := range cal.Days() {
		days[weekdayOf(cal, d)]++
	}
	for d := range cal.Days() {
		wd := weekdayOf(cal, d)
		for h := range int(cal.Start(d+1)-cal.Start(d)) / 3600 {
			v := float64(week[24*wd+min(h, 23)]) / days[wd]
			rate, sum, hours = append(rate, v), sum+v, hours+1
		}
	}
	for i, v := range rate {
		step := 1.0
		if sum > 0 {
			step = v * float64(hours) / sum
		}
		s.at = append(s.at, s.at[i]+step)
	}
	return s
}

// clock is the reading at Unix second t.
func (s *seasons) clock(t uint32) float64 {
	if t <= s.begin {
		return 0
	}
	h := int(t-s.begin) / 3600
	if h >= len(s.at)-1 {
		return s.at[len(s.at)-1]
	}
	return s.at[h] + float64((s.at[h+1]-s.at[h])*float64((t-s.begin)%3600)/3600)
}

// judge fits the intervals between the calls that a user makes; buf is scratch.
func (s *seasons) judge(u *userFigures, rows []sigcity.Record, buf []float64) []float64 {
	last := -1
	for i := range rows {
		if rows[i].Type != sigcity.CallOut {
			continue
		}
		if last >= 0 && rows[i].Time > rows[last].Time {
			buf = append(buf, float64(rows[i].Time-rows[last].Time))
		}
		last = i
	}
	if len(buf) < minIntervals {
		return buf
	}
	if wins, ok := weibullWins(buf); ok {
		if u.weibull = 0; wins {
			u.weibull = 1
		}
	}
	buf, last = buf[:0], -1
	for i := range rows {
		if rows[i].Type != sigcity.CallOut {
			continue
		}
		if last >= 0 && rows[i].Time > rows[last].Time {
			buf = append(buf, s.clock(rows[i].Time)-s.clock(rows[last].Time))
		}
		last = i
	}
	u.bursty = float32(burstiness(buf))
	return buf
}
