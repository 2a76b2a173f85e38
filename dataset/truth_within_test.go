package dataset

import "testing"

func TestAnchorWithin(t *testing.T) {
	for _, c := range []struct {
		name                 string
		from, to             uint32 // of the anchor
		windowFrom, windowTo uint32
		want                 uint32
	}{
		{"always", 0, 0, 100, 400, 300},
		{"all of it", 50, 500, 100, 400, 300},
		{"its end", 50, 150, 100, 400, 50},
		{"its beginning", 350, 500, 100, 400, 50},
		{"before", 50, 100, 100, 400, 0},
		{"after", 400, 500, 100, 400, 0},
		{"from the epoch", 0, 150, 100, 400, 50},
	} {
		a := Anchor{From: c.from, To: c.to}
		if got := a.Within(c.windowFrom, c.windowTo); got != c.want {
			t.Errorf("%s: %d s, want %d", c.name, got, c.want)
		}
	}
}
