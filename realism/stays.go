package realism

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// stayRows are where people spend their time, and how long at a stretch (R23, R33).
func stayRows() []row {
	hours := func(kind int) func(*survey) value {
		return func(s *survey) value {
			if s.lives == nil {
				return missing(truthless)
			}
			if s.lives.hours.total(hAll, hAll+1) == 0 {
				return missing("nobody has a work place")
			}
			v := s.ratio(s.lives.hours, kind, hAll, 100)
			v.n, v.note = s.lives.hours.total(hAll, hAll+1)/3600, "hours of persons with a work place"
			return v
		}
	}
	length := func(what string, pick func(l *lives) histogram, hi float64, low, high float64) func(*survey) value {
		return func(s *survey) value {
			if s.lives == nil {
				return missing(truthless)
			}
			h := pick(s.lives)
			n := h.total(0, h.width)
			if n < 30 {
				return missing("%d cases, want 30", n)
			}
			b := h.binned(whole())
			v := s.estimate(n, func(w weights) float64 { return h.binned(w).quantile(0.5) })
			v.note = fmt.Sprintf("5 to 95 %%: %.1f–%.1f h", b.quantile(0.05), b.quantile(0.95))
			v.charts = []Chart{single("Time "+what, "h", "share per hour", density("cases", b.between(0, hi).rebin(48))).between(low, high)}
			return v
		}
	}
	return []row{
		{id: "R23", figure: "home", name: "hours of workers at home", unit: "%", reference: "50–65 %", low: 42, high: 73, days: 6, measure: hours(hHome)},
		{id: "R23", figure: "work", name: "hours of workers at work", unit: "%", reference: "15–25 %", low: 7, high: 33, days: 6, measure: hours(hWork)},
		{id: "R33", figure: "pauses", name: "distance of the lengths of stays from a gamma distribution, W1", unit: "h", reference: "gamma-like pauses", low: open, high: 1,
			source: "Alessandretti et al. 2017", days: 2, measure: pausesFromGamma},
		{id: "R33", figure: "work", name: "time at work on a day with work, median", unit: "h", reference: "7–10 h", low: 7, high: 10,
			measure: length("at work on a day with work", func(l *lives) histogram { return l.work }, 16, 7, 10)},
		{id: "R33", figure: "kindergarten", name: "time in the kindergarten, median", unit: "h", reference: "7–9 h", low: 7, high: 9,
			measure: length("in the kindergarten on a day there", func(l *lives) histogram { return l.nursery }, 12, 7, 9)},
		{id: "R33", figure: "shop", name: "time in a shop, median", unit: "h", reference: "0.3–1.5 h", low: 0.3, high: 1.5,
			measure: length("in a shop", func(l *lives) histogram { return l.shop }, 4, 0.3, 1.5)},
	}
}

// pausesFromGamma is the Wasserstein distance of the stays' lengths from the
// gamma distribution of most likelihood, in hours: the area between the two
// cumulative distributions.
func pausesFromGamma(s *survey) value {
	if s.lives == nil {
		return missing(truthless)
	}
	h := s.lives.pauses
	if n := h.total(0, h.width); n < 500 {
		return missing("%d stays, want 500", n)
	}
	v := s.estimate(h.total(0, h.width), func(w weights) float64 {
		w1, _, _ := gammaDistance(h.binned(w))
		return w1 / 3600
	})
	b := h.binned(whole())
	_, k, mean := gammaDistance(b)
	v.note = fmt.Sprintf("true stays, none cut by the ends of the data; gamma of shape %.2f and mean %.1f h", k, mean/3600)
	data, law := Series{Name: "stays"}, Series{Name: "gamma"}
	sum, total := 0.0, b.total()
	for i, n := range b.n {
		sum += n
		x := b.edges[i+1]
		if x > 3*86400 {
			break
		}
		data.X, data.Y = append(data.X, x/3600), append(data.Y, sum/total)
		law.X, law.Y = append(law.X, x/3600), append(law.Y, mathext.GammaIncReg(k, k*x/mean))
	}
	v.charts = []Chart{single("Length of stays", "h", "share of stays up to", data, law).logX()}
	return v
}

// gammaDistance fits a gamma distribution to a histogram; w1 is in its units.
func gammaDistance(b binned) (w1, shape, mean float64) {
	total, meanLog := b.total(), 0.0
	for i, n := range b.n {
		mean += float64(n * b.mid(i) / total)
		meanLog += float64(n * math.Log(b.mid(i)) / total)
	}
	shape = gammaFit(mean, meanLog)
	sum := 0.0
	cdf := func(x float64) float64 { return mathext.GammaIncReg(shape, shape*x/mean) }
	// Below the first edge all is the gamma's; within a bin the data rise evenly.
	w1 = b.edges[0] * cdf(b.edges[0]) / 2
	for i, n := range b.n {
		w1 += float64(b.width(i) * math.Abs((sum+n/2)/total-cdf(b.mid(i))))
		sum += n
	}
	return w1, shape, mean
}
