package realism

import (
	"fmt"
	"slices"
	"strings"
)

// travelRows are trips, modes, and free days (R29–R32). References of a
// metropolis are Shanghai's and Beijing's, of smaller cities Kanazawa's (0.46
// million inhabitants) and Matsuyama's (0.51 million).
func travelRows(p place) []row {
	const kanazawa, shanghai, matsuyama = "person trip survey of Kanazawa 2007, Ishikawa prefecture", "Shanghai travel survey 2014", "person trip survey of Matsuyama 2023"
	trips := row{id: "R29", figure: "trips", name: "trips per person and day", unit: "trips", reference: "2.51 (Kanazawa 2007; 2.63 in 1995)", low: 2.26, high: 2.76,
		source: kanazawa, calibrated: true, measure: tripsPerDay}
	car := row{id: "R31", figure: "car", name: "trips by car", unit: "%", reference: "67.2 % (Kanazawa 2007)", low: 62.2, high: 72.2, source: kanazawa, measure: modeShare("car")}
	if p.metropolis() {
		trips.reference, trips.low, trips.high, trips.source = "2.16 (Shanghai 2014: 1.04 to and from work)", 1.91, 2.41, shanghai
		car.reference, car.low, car.high, car.source = "31.5 % (Beijing 2014)", 26.5, 36.5, "Xinhua"
	}
	return []row{trips,
		{id: "R30", figure: "length", name: "length of a trip, mean", unit: "km", reference: "6.9 km (Shanghai 2014), 6.5 (2009)", low: 5.9, high: 7.9, source: shanghai, scope: metropolis, measure: tripLength},
		car,
		{id: "R31", figure: "rail", name: "trips by rail", unit: "%", reference: "1.8 % (Kanazawa 2007)", low: 0, high: 6.8, source: kanazawa, scope: smaller, measure: modeShare(rail...)},
		{id: "R31", figure: "bus", name: "trips by bus", unit: "%", reference: "4.6 % (Kanazawa 2007)", low: 0, high: 9.6, source: kanazawa, scope: smaller, measure: modeShare("bus")},
		{id: "R31", figure: "public", name: "trips by bus and rail together", unit: "%", reference: "6.4 % (Kanazawa 2007)", low: 1.4, high: 11.4, source: kanazawa, scope: smaller,
			measure: modeShare(append([]string{"transit", "bus"}, rail...)...)},
		{id: "R32", figure: "trips", name: "trips per person on free days against weekdays", unit: "% change", reference: "−19 % (1.97 and 1.60)", low: -25, high: -13, source: matsuyama,
			calibrated: true, days: 6, scope: smaller, measure: freeDayTrips},
		{id: "R32", figure: "out-weekday", name: "persons who go out on a weekday", unit: "%", reference: "72.2 %", low: 66.2, high: 78.2, source: matsuyama, calibrated: true, scope: smaller,
			measure: goingOut(weekdays)},
		{id: "R32", figure: "out-free", name: "persons who go out on a free day", unit: "%", reference: "55.6 %", low: 49.6, high: 61.6, source: matsuyama, calibrated: true, days: 6, scope: smaller,
			measure: goingOut(freeDays)},
	}
}

// rail are the names of modes on rails.
var rail = []string{"rail", "train", "metro", "subway", "tram", "high-speed-rail", "high_speed_rail", "hsr"}

// personDays are the persons and days of one kind that are in the city for a part
// of the day at least: surveys ask who is there.
func (s *survey) personDays(w weights, kind int) float64 {
	return s.people.n.at(w, pPersons)*float64(s.lives.days[kind]) - s.lives.gone.at(w, kind)
}

// perPersonDay is a count over persons and days of one kind.
func (s *survey) perPersonDay(c *counts, kind int) func(w weights) float64 {
	return func(w weights) float64 {
		return c.at(w, kind) / s.personDays(w, kind)
	}
}

func tripsPerDay(s *survey) value {
	if s.lives == nil {
		return missing(truthless)
	}
	v := s.estimate(int64(s.people.persons)*int64(s.days), func(w weights) float64 {
		return (s.lives.trips.at(w, weekdays) + s.lives.trips.at(w, freeDays)) / (s.personDays(w, weekdays) + s.personDays(w, freeDays))
	})
	v.note = "persons and days"
	return v
}

func tripLength(s *survey) value {
	if s.lives == nil {
		return missing(truthless)
	}
	n := s.lives.trips.total(0, dayKinds)
	if n == 0 {
		return missing("no trips")
	}
	v := s.estimate(n, func(w weights) float64 {
		return s.lives.metres.at(w, 0) / (s.lives.trips.at(w, weekdays) + s.lives.trips.at(w, freeDays)) / 1000
	})
	all := s.lives.lengths.binned(whole())
	v.note = fmt.Sprintf("trips; median %.1f km", all.quantile(0.5)/1000)
	v.charts = []Chart{single("Length of a trip", "m", "share of trips per m", density("trips", all.between(50, 2e5).rebin(60))).logLog()}
	return v
}

// modeShare is the share of trips by the named modes. A data set that knows
// only transit has neither buses nor rails.
func modeShare(names ...string) func(*survey) value {
	return func(s *survey) value {
		if s.lives == nil {
			return missing(truthless)
		}
		n := s.lives.trips.total(0, dayKinds)
		if n == 0 {
			return missing("no trips")
		}
		var of []int
		for i, m := range s.lives.modes {
			if slices.Contains(names, m) {
				of = append(of, i)
			}
		}
		if len(of) == 0 {
			known := slices.Sorted(slices.Values(s.lives.modes))
			return missing("not applicable: the data set has no such mode, only %s", strings.Join(known, ", "))
		}
		v := s.estimate(n, func(w weights) float64 {
			sum := 0.0
			for _, i := range of {
				sum += s.lives.byMode.at(w, i)
			}
			return 100 * sum / (s.lives.trips.at(w, weekdays) + s.lives.trips.at(w, freeDays))
		})
		v.note = "trips"
		if names[0] == "car" {
			v.charts = []Chart{s.modesChart(n)}
		}
		return v
	}
}

func (s *survey) modesChart(n int64) Chart {
	labels := slices.Sorted(slices.Values(s.lives.modes))
	series := Series{Name: "trips", Mark: Bars}
	for _, m := range labels {
		series.Y = append(series.Y, 100*s.lives.byMode.at(whole(), slices.Index(s.lives.modes, m))/float64(n))
	}
	return bars("Modes", "% of trips", labels, series)
}

func freeDayTrips(s *survey) value {
	switch {
	case s.lives == nil:
		return missing(truthless)
	case s.lives.days[weekdays] == 0 || s.lives.days[freeDays] == 0:
		return missing("not applicable: the data set has no weekday or no free day")
	}
	free, work := s.perPersonDay(s.lives.trips, freeDays), s.perPersonDay(s.lives.trips, weekdays)
	v := s.estimate(int64(s.people.persons), func(w weights) float64 { return 100 * (free(w)/work(w) - 1) })
	v.note = fmt.Sprintf("persons; %.2f trips on weekdays, %.2f on free days", work(whole()), free(whole()))
	return v
}

func goingOut(kind int) func(*survey) value {
	return func(s *survey) value {
		switch {
		case s.lives == nil:
			return missing(truthless)
		case s.lives.days[kind] == 0:
			return missing("not applicable: the data set has no such day")
		}
		out := s.perPersonDay(s.lives.out, kind)
		v := s.estimate(int64(s.people.persons)*int64(s.lives.days[kind]), func(w weights) float64 { return 100 * out(w) })
		v.note = "persons and days"
		return v
	}
}
