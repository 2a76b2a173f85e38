package sigcity_test

import (
	"fmt"

	"github.com/sigcity/sigcity"
)

// The same seed, scope and keys give the same numbers, in any order of asking.
func ExampleRand() {
	a := sigcity.Rand(42, "example", 7).IntN(1000)
	sigcity.Rand(42, "example", 8)
	b := sigcity.Rand(42, "example", 7).IntN(1000)
	fmt.Println(a == b)
	// Output: true
}

func ExampleCalendar() {
	cal, err := sigcity.NewCalendar("Asia/Shanghai", "2026-03-02", 7, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cal.Date(5), cal.Kind(5), cal.Start(0))
	// Output: 2026-03-07 weekend 1772380800
}
