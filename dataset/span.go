package dataset

import (
	"time"

	"github.com/sigcity/sigcity"
)

// defaultZone is the time zone of imported data that does not say.
const defaultZone = "Etc/UTC"

// fillSpan fills in an empty time zone, start date or number of days so that
// the calendar holds all records, and checks that the calendar can be made.
func fillSpan(m *sigcity.Meta, records []sigcity.Record) error {
	if m.TimeZone == "" {
		m.TimeZone = defaultZone
	}
	if len(records) > 0 && (m.Start == "" || m.Days == 0) {
		loc, err := time.LoadLocation(m.TimeZone)
		if err != nil {
			return err
		}
		lo, hi := records[0].Time, records[0].Time
		for _, r := range records {
			lo, hi = min(lo, r.Time), max(hi, r.Time)
		}
		if m.Start == "" {
			m.Start = time.Unix(int64(lo), 0).In(loc).Format(sigcity.DateLayout)
		}
		if m.Days == 0 {
			first, err := time.Parse(sigcity.DateLayout, m.Start) // civil days: in UTC they are all 24 h
			if err != nil {
				return err
			}
			last, _ := time.Parse(sigcity.DateLayout, time.Unix(int64(hi), 0).In(loc).Format(sigcity.DateLayout))
			m.Days = max(1, int(last.Sub(first)/(24*time.Hour))+1)
		}
	}
	if m.Start == "" && len(records) == 0 {
		return nil // nothing to tell the days from
	}
	_, err := m.Calendar()
	return err
}

// clampDay is the day whose folder holds a record of time t: records that a
// release moved out of the calendar are kept with the first or the last day.
func clampDay(cal *sigcity.Calendar, t uint32) int {
	return min(max(cal.Day(t), 0), cal.Days()-1)
}
