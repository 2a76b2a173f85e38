package realism

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"time"
)

// Reference is the measured activity of Milan by hour of the week.
type Reference struct {
	Hours [classes][]float64 // 168 hours from Monday 0 h, local time; mean of the days in the file
}

// referenceZone is where the file's city is.
const referenceZone = "Europe/Rome"

// ReadReference reads the published activity of Milan (Telecom Italia Big Data
// Challenge): a CSV file with a header and the columns time (UTC,
// YYYY-MM-DD hh:mm:ss), sms_all, call_all and internet_traffic. Every hour of
// the week must be there, Friday 1 November 2013, a holiday, is left out. name
// is the file's in errors.
func ReadReference(r io.Reader, name string) (*Reference, error) {
	zone, err := time.LoadLocation(referenceZone)
	if err != nil {
		return nil, err
	}
	c := csv.NewReader(r)
	c.ReuseRecord = true
	header, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: header: %w", name, err)
	}
	columns := [...]struct {
		name  string
		class int
	}{{"call_all", cCalls}, {"sms_all", cSMS}, {"internet_traffic", cData}}
	when := slices.Index(header, "time")
	var at [len(columns)]int
	for i, col := range columns {
		if at[i] = slices.Index(header, col.name); at[i] < 0 || when < 0 {
			return nil, fmt.Errorf("%s: header %q: want the columns time, call_all, sms_all and internet_traffic", name, header)
		}
	}
	out := &Reference{}
	for class := range out.Hours {
		out.Hours[class] = make([]float64, hoursOfWeek)
	}
	var dates [hoursOfWeek]map[string]bool // the days each hour was seen on
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		line, _ := c.FieldPos(0)
		t, err := time.Parse(time.DateTime, row[when])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: time %q: want YYYY-MM-DD hh:mm:ss", name, line, row[when])
		}
		t = t.In(zone)
		if t.Month() == time.November && t.Day() == 1 { // All Saints
			continue
		}
		h := (int(t.Weekday())+6)%7*24 + t.Hour()
		if dates[h] == nil {
			dates[h] = map[string]bool{}
		}
		dates[h][t.Format(time.DateOnly)] = true
		for i, col := range columns {
			v, err := strconv.ParseFloat(row[at[i]], 64)
			if err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
				return nil, fmt.Errorf("%s:%d: %s %q: want a number of at least 0", name, line, col.name, row[at[i]])
			}
			out.Hours[col.class][h] += v
		}
	}
	for h, d := range dates {
		if len(d) == 0 {
			return nil, fmt.Errorf("%s: no row for hour %d of weekday %d (Monday = 0), local time: want every hour of a week", name, h%24, h/24)
		}
		for _, col := range columns {
			out.Hours[col.class][h] /= float64(len(d))
		}
	}
	copy(out.Hours[cAll], out.Hours[cData])
	return out, nil
}

// weekday is the mean activity by hour from Monday to Friday.
func (r *Reference) weekday(class int) []float64 {
	out := make([]float64, 24)
	for h := range 5 * 24 {
		out[h%24] += r.Hours[class][h] / 5
	}
	return out
}
