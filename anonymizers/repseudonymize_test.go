package anonymizers

import (
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

func TestRepseudonymize(t *testing.T) {
	c := city()
	days := uint32(c.Calendar.Days()) * 86400
	for _, tc := range []struct {
		period  string
		periods int
	}{{"24h", 3}, {"48h", 2}, {"7h", 11}, {"71h", 2}, {"1h", 72}} {
		r := released(t, made(t, "repseudonymize", plugin.Args{"period": tc.period}), c.Data, 2)
		if len(r.meta.Periods) != tc.periods {
			t.Errorf("%s: %d periods, want %d", tc.period, len(r.meta.Periods), tc.periods)
		}
		at := c.Calendar.Start(0)
		for _, p := range r.meta.Periods {
			if p.From != at || p.To <= p.From {
				t.Fatalf("%s: period %+v begins not at %d", tc.period, p, at)
			}
			at = p.To
		}
		if at != c.Calendar.Start(0)+days {
			t.Errorf("%s: periods end at %d", tc.period, at)
		}
		// Tokens are dense, each with records of one user in one period, and the
		// tokens of a user never overlap in time.
		if r.meta.Users != len(r.links) {
			t.Errorf("%s: %d tokens with %d links", tc.period, r.meta.Users, len(r.links))
		}
		end := map[sigcity.UserID]uint32{}
		records := 0
		for i, l := range r.links {
			if int(l.Token) != i || len(r.rows[i]) == 0 {
				t.Fatalf("%s: link %d is of token %d with %d records", tc.period, i, l.Token, len(r.rows[i]))
			}
			if l.From < end[l.Source] {
				t.Fatalf("%s: token %d of user %d begins at %d, the one before ends at %d", tc.period, i, l.Source, l.From, end[l.Source])
			}
			end[l.Source] = l.To
			records += len(r.rows[i])
		}
		if int64(records) != c.Data.Info.Records {
			t.Errorf("%s: %d records of %d", tc.period, records, c.Data.Info.Records)
		}
		seen := map[uint64]bool{}
		for _, k := range r.keys {
			if seen[k] {
				t.Errorf("%s: two tokens have the same pseudonym", tc.period)
			}
			seen[k] = true
		}
	}
}

func TestRepseudonymizeLongerThanTheData(t *testing.T) {
	in := fixture.New(3, 2, 1).Data
	r := released(t, made(t, "repseudonymize", plugin.Args{"period": "48h"}), in, 1)
	if r.meta.Users != 3 || len(r.meta.Periods) != 0 {
		t.Errorf("%d tokens in %d periods, want 3 that never change", r.meta.Users, len(r.meta.Periods))
	}
}

// TestRepseudonymizeByLocalDays crosses a change of clocks.
func TestRepseudonymizeByLocalDays(t *testing.T) {
	in := fixture.New(2, 2, 1).Data
	in.Info.TimeZone, in.Info.Start, in.Info.Days = "Europe/Berlin", "2026-03-28", 3
	cal, err := in.Info.Calendar()
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range (repseudonymize{24 * 3600e9}).periods(cal) {
		if p.From != cal.Start(i) || p.To != cal.Start(i+1) {
			t.Errorf("period %d is %+v, want the local day", i, p)
		}
	}
}

func TestRepseudonymizeRefuses(t *testing.T) {
	for period, want := range map[string]string{"30s": "period = 30s, must be 0 or at least 1m", "90500ms": "must be 0 or", "-1h": "must be at least 0 s"} {
		if _, _, err := plugin.Make[Anonymizer]("repseudonymize", plugin.Args{"period": period}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", period, err, want)
		}
	}
	in := fixture.New(3, 2, 1).Data
	in.Info.Periods = make([]sigcity.Period, 2)
	for _, name := range []string{"repseudonymize", "glove", "dp-counts"} {
		_, err := made(t, name, nil).Anonymize(t.Context(), in, NewEnv(1))
		if err == nil || !strings.Contains(err.Error(), "pseudonyms of the input change (2 periods)") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
