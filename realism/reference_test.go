package realism

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

// week is a reference file of one week, busier by day and on weekdays.
func week() []byte {
	var b bytes.Buffer
	b.WriteString("time,internet_traffic,sms_all,call_all\n")
	at := time.Date(2013, time.November, 3, 23, 0, 0, 0, time.UTC) // Monday 0 h in Milan
	for h := range hoursOfWeek {
		v := 1 + h%24*(24-h%24)
		if h >= 5*24 {
			v /= 2
		}
		fmt.Fprintf(&b, "%s,%d,%d,%d\n", at.Add(time.Duration(h)*time.Hour).Format(time.DateTime), 3*v, 2*v, v)
	}
	return b.Bytes()
}

func TestReadReference(t *testing.T) {
	r := milan(t)
	if got := r.Hours[cCalls][12]; got != 1+12*12 {
		t.Errorf("calls on Monday at noon %g, want 145", got)
	}
	if got := r.weekday(cSMS)[1]; got < 47.99 || got > 48.01 {
		t.Errorf("messages at 1 h %g, want 48", got)
	}
	text := string(week())
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "x.csv: header"},
		{"no calls", "time,internet_traffic,sms_all\n", "want the columns time, call_all"},
		{"half a week", text[:strings.Index(text, "2013-11-07")], "want every hour of a week"},
		{"bad time", "time,internet_traffic,sms_all,call_all\nnoon,1,1,1\n", "x.csv:2: time \"noon\""},
		{"bad number", strings.Replace(text, ",3,2,1\n", ",3,-2,1\n", 1), "x.csv:2: sms_all \"-2\""},
		{"not a number", strings.Replace(text, ",3,2,1\n", ",NaN,2,1\n", 1), "x.csv:2: internet_traffic \"NaN\""},
		{"ragged", strings.Replace(text, ",3,2,1\n", ",3,2\n", 1), "x.csv: record on line 2"},
	} {
		if _, err := ReadReference(strings.NewReader(c.text), "x.csv"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
}

func FuzzReadReference(f *testing.F) {
	f.Add(week())
	f.Add([]byte("time,internet_traffic,sms_all,call_all\n2013-11-01 00:00:00,1,1e400,1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := ReadReference(bytes.NewReader(b), "x.csv")
		if err != nil {
			return
		}
		for class, hours := range r.Hours {
			for h, v := range hours {
				if !(v >= 0) {
					t.Fatalf("class %d, hour %d: %g", class, h, v)
				}
			}
		}
	})
}
