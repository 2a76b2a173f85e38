package realism

import (
	"slices"
	"testing"
)

// TestPaired: a call has its other end only if second, both SIMs and duration agree.
func TestPaired(t *testing.T) {
	out, in := callEnd{100, 1, 2, 60, false}, callEnd{100, 1, 2, 60, true}
	for _, c := range []struct {
		name string
		ends []callEnd
		want int // ends with the other one
	}{
		{"both ends", []callEnd{in, out}, 2},
		{"the caller's only", []callEnd{out}, 0},
		{"the callee's only", []callEnd{in}, 0},
		{"a second late", []callEnd{out, {101, 1, 2, 60, true}}, 0},
		{"another duration", []callEnd{out, {100, 1, 2, 61, true}}, 0},
		{"called back, not taken", []callEnd{out, {100, 2, 1, 60, true}}, 0},
		{"three calls, one torn", []callEnd{out, in, {50, 3, 4, 9, false}, {50, 3, 4, 9, true}, {70, 5, 6, 9, true}}, 4},
	} {
		slices.SortFunc(c.ends, callEnd.compare)
		got := 0
		for i := range c.ends {
			if paired(c.ends, i) {
				got++
			}
		}
		if got != c.want {
			t.Errorf("%s: %d ends with the other one, want %d", c.name, got, c.want)
		}
	}
}
