package report

import (
	"math"
	"strconv"
	"strings"

	"github.com/sigcity/sigcity/internal/svg"
)

// scale maps values lo … hi to positions from … to.
type scale struct{ lo, hi, from, to float64 }

// at is the position of v, held inside the scale.
func (s scale) at(v float64) float64 {
	f := (v - s.lo) / (s.hi - s.lo)
	f = max(0, min(1, f))
	return s.from + float64(f*(s.to-s.from))
}

// ticks are about n round values within the scale.
func (s scale) ticks(n int) []float64 {
	step := svg.NiceStep((s.hi - s.lo) / float64(n))
	var out []float64
	for i := math.Ceil(s.lo/step - 1e-9); float64(i*step) <= s.hi+float64(step*1e-9); i++ {
		out = append(out, float64(i*step))
	}
	return out
}

// minus replaces the hyphen of a negative number by a minus sign.
func minus(s string) string {
	if strings.HasPrefix(s, "-") {
		return "−" + s[1:]
	}
	return s
}

// share writes a score or share: two decimals, more where two would say
// nothing of a small value.
func share(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case a == 0:
		return "0"
	case a < 0.00005:
		return "< 0.0001"
	case a < 0.01:
		return minus(strconv.FormatFloat(v, 'g', 2, 64))
	}
	return minus(strconv.FormatFloat(v, 'f', 2, 64))
}

// quantity writes a figure of any size: three significant digits, thousands
// set apart.
func quantity(v float64) string {
	a := math.Abs(v)
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return "–"
	case a >= 1e15:
		return minus(strconv.FormatFloat(v, 'g', 3, 64))
	case a >= 100:
		return count(int64(math.Round(v)))
	case a >= 10:
		return minus(strconv.FormatFloat(v, 'f', 1, 64))
	}
	return share(v)
}

// count writes a whole number with thin spaces between thousands.
func count(n int64) string {
	if n < 0 {
		return "−" + count(-n)
	}
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// interval is a figure with its 95 % interval; OK is false where there is none.
type interval struct {
	V, Lo, Hi float64
	OK        bool
}

// bounded reports whether the interval has a width worth drawing.
func (i interval) bounded() bool { return i.OK && i.Hi > i.Lo }

// with writes value and interval.
func (i interval) with(f func(float64) string) string {
	switch {
	case !i.OK:
		return "n/a"
	case !i.bounded():
		return f(i.V)
	}
	return f(i.V) + " [" + f(i.Lo) + ", " + f(i.Hi) + "]"
}

// String writes 0.31 [0.27, 0.35], all three to as many decimals as the value
// needs: two, and up to four where it is small.
func (i interval) String() string { return i.with(i.share()) }

func (i interval) share() func(float64) string {
	decimals := 2
	for v := math.Abs(i.V); v > 0 && v < 0.0095 && decimals < 4; v *= 10 {
		decimals++
	}
	if !i.bounded() {
		return share
	}
	return func(v float64) string {
		s := strconv.FormatFloat(v, 'f', decimals, 64)
		if strings.Trim(s, "-0.") == "" {
			s = strings.TrimPrefix(s, "-")
		}
		return minus(s)
	}
}
