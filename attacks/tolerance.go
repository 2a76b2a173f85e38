package attacks

import (
	"fmt"
	"math"
	"strconv"
)

// deviations is how many standard deviations of its own error and of known
// noise an adversary allows for: 98.9 % of displacements in the plane.
const deviations = 3

// tolerance is how far in metres and seconds a record may lie from an
// observation of the person who left it: the adversary's own error and, if it
// is adaptive, the noise that the release is known to carry.
func (k Knowledge) tolerance() (meters, seconds float64) {
	meters = deviations * math.Hypot(k.ErrorM, k.Mechanism.number("sigma_m"))
	return meters, k.ErrorS + float64(deviations*60*k.Mechanism.number("sigma_min"))
}

// exact says that the adversary saw the very records.
func (k Knowledge) exact() bool { return k.ErrorM == 0 && k.ErrorS == 0 }

// number is a positive parameter of the known mechanism, else 0.
func (m *Mechanism) number(name string) float64 {
	if m == nil {
		return 0
	}
	f, err := strconv.ParseFloat(fmt.Sprint(m.Params[name]), 64)
	if err != nil || !(f > 0) || math.IsInf(f, 0) {
		return 0
	}
	return f
}
