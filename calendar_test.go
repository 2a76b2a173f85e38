package sigcity

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCalendar(t *testing.T) {
	// Clocks go forward in Andorra on Sunday 29 March 2026: a day of 23 hours.
	c, err := NewCalendar("Europe/Andorra", "2026-03-27", 5, []string{"2026-03-30"})
	if err != nil {
		t.Fatal(err)
	}
	wantKinds := []DayKind{Weekday, Weekend, Weekend, Holiday, Weekday}
	for d, want := range wantKinds {
		if c.Kind(d) != want {
			t.Errorf("%s is a %s, want %s", c.Date(d), c.Kind(d), want)
		}
	}
	if h := (c.Start(3) - c.Start(2)) / 3600; h != 23 {
		t.Errorf("%s has %d hours, want 23", c.Date(2), h)
	}
	if c.Start(0) != uint32(time.Date(2026, 3, 26, 23, 0, 0, 0, time.UTC).Unix()) {
		t.Errorf("the first day begins at %d", c.Start(0))
	}
	for _, at := range []struct {
		t    uint32
		want int
	}{{c.Start(0) - 1, -1}, {c.Start(0), 0}, {c.Start(3) - 1, 2}, {c.Start(3), 3}, {c.Start(5) - 1, 4}, {c.Start(5), 5}, {c.Start(5) + 1e6, 5}, {0, -1}} {
		if got := c.Day(at.t); got != at.want {
			t.Errorf("%d is in day %d, want %d", at.t, got, at.want)
		}
	}
	if d, s := c.Clock(c.Start(3) + 3661); d != 3 || s != 3661 {
		t.Errorf("clock %d %d, want 3 3661", d, s)
	}
	if d, s := c.Clock(c.Start(0) - 5); d != -1 || s != -5 {
		t.Errorf("clock before the first day %d %d, want -1 -5", d, s)
	}
}

func TestCalendarRefuses(t *testing.T) {
	for _, c := range []struct {
		zone, start string
		days        int
		want        string
	}{
		{"Mars/Base", "2026-03-02", 1, "Mars/Base"},
		{"Etc/UTC", "02.03.2026", 1, "want YYYY-MM-DD"},
		{"Etc/UTC", "2026-03-02", 0, "days = 0, must be at least 1"},
		{"Etc/UTC", "1969-12-31", 1, "1970 to 2106"},
		{"Etc/UTC", "2106-02-07", 1, "1970 to 2106"},
	} {
		if _, err := NewCalendar(c.zone, c.start, c.days, nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s %d: error %v, want one with %q", c.zone, c.start, c.days, err, c.want)
		}
	}
}

// Day and Clock agree with the time package in every zone.
func TestCalendarAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]string{"Etc/UTC", "Asia/Shanghai", "Europe/Andorra", "America/New_York", "Asia/Kathmandu"}).Draw(t, "zone")
		c, err := NewCalendar(zone, "2026-03-01", 260, nil)
		if err != nil {
			t.Fatal(err)
		}
		at := c.Start(0) + rapid.Uint32Range(0, c.Start(260)-c.Start(0)-1).Draw(t, "offset")
		local := time.Unix(int64(at), 0).In(c.Location())
		if d := c.Day(at); c.Date(d) != local.Format(DateLayout) {
			t.Fatalf("%v is in %s, want %s", local, c.Date(d), local.Format(DateLayout))
		}
	})
}

func TestWeight(t *testing.T) {
	if w := (&Meta{Persons: 200, Inhabitants: 1000}).Weight(); w != 5 {
		t.Errorf("weight %g, want 5", w)
	}
	if w := (&Meta{}).Weight(); w != 1 {
		t.Errorf("weight of an unknown sample %g, want 1", w)
	}
}
