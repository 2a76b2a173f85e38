package anonymizers

import (
	"cmp"
	"fmt"

	"github.com/sigcity/sigcity"
)

// compareRecords orders records by everything that they hold, so that the order
// of records released with equal times tells nothing.
func compareRecords(a, b sigcity.Record) int {
	if a.Time != b.Time {
		return cmp.Compare(a.Time, b.Time)
	}
	if a.Milli != b.Milli {
		return cmp.Compare(a.Milli, b.Milli)
	}
	return cmp.Or(cmp.Compare(a.Span, b.Span), cmp.Compare(a.Area, b.Area), cmp.Compare(a.Type, b.Type))
}

// daySpan is the time from the first local midnight to the one after the last
// day, in Unix seconds: all the records of a data set lie in it.
func daySpan(meta *sigcity.Meta) (from, to uint32, err error) {
	cal, err := meta.Calendar()
	if err != nil {
		return 0, 0, err
	}
	return cal.Start(0), cal.Start(cal.Days()), nil
}

// onePseudonym is an error where the input's users are pseudonyms that change: a
// claim per SIM could not be kept then.
func onePseudonym(meta *sigcity.Meta) error {
	if n := len(meta.Periods); n > 1 {
		return fmt.Errorf("pseudonyms of the input change (%d periods), they must each stand for one SIM throughout", n)
	}
	return nil
}
