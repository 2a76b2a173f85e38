package anonymizers

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "noise",
		Doc:  "disturbance: Gaussian displacement of every record's place, snapped to the nearest cell, and of its time",
		Params: []plugin.Param{
			{Name: "sigma_m", Type: plugin.Float, Default: 1000.0, Min: 0, Max: 50000, Doc: "standard deviation of the displacement along each axis, m"},
			{Name: "sigma_min", Type: plugin.Float, Default: 15.0, Min: 0, Max: 1440, Doc: "standard deviation of the displacement in time, minutes"},
		},
		Citation: "Lin, Shen & Teng, Review on Data Sharing in Smart City Planning Based on Mobile Phone Signaling Big Data, " +
			"IRSPSD 2021, §4.1 (disturbance)",
		Guarantee:  "none: drawn per record, the noise averages out over a long stay",
		Neutral:    plugin.Args{"sigma_m": 0, "sigma_min": 0},
		Complexity: "O(n log n)",
		New: func(v plugin.Values) (Anonymizer, error) {
			return disturbance(v.Float("sigma_m"), v.Float("sigma_min")*60), nil
		},
	})
}

// disturbance displaces places by sigmaM metres and times by sigmaS seconds.
func disturbance(sigmaM, sigmaS float64) Anonymizer {
	return perUser{func(in sigcity.Dataset) (RecordFunc, []sigcity.Area, error) {
		from, to, err := daySpan(in.Meta())
		if err != nil {
			return nil, nil, err
		}
		if to == from {
			return nil, nil, fmt.Errorf("noise: the data set has no days")
		}
		d := disturber{sigmaM: sigmaM, sigmaS: sigmaS, from: from, to: to}
		if sigmaM > 0 {
			d.areas = geo.NewAreas(in.Areas(), planeOf(in.Areas()))
		}
		return d.apply, nil, nil
	}}
}

type disturber struct {
	sigmaM, sigmaS float64
	from, to       uint32
	areas          *geo.Areas
}

// apply works in place: two or three normal draws per record, no allocation.
func (d disturber) apply(t sigcity.Trajectory, rng *rand.Rand) sigcity.Trajectory {
	for i := range t.Records {
		r := &t.Records[i]
		if d.sigmaM > 0 {
			r.Area = d.place(r.Area, rng)
		}
		if d.sigmaS > 0 {
			r.Time, r.Milli = d.time(r.Time, rng), 0
		}
	}
	if d.sigmaS > 0 {
		slices.SortFunc(t.Records, compareRecords)
	}
	return t
}

func (d disturber) place(area sigcity.AreaID, rng *rand.Rand) sigcity.AreaID {
	p := d.areas.Centers[area]
	q := geo.XY{X: p.X + float64(d.sigmaM*rng.NormFloat64()), Y: p.Y + float64(d.sigmaM*rng.NormFloat64())}
	// Sectors of a site may share a centre; the record's own cell is as near
	// as the one that the index lists first.
	if near, m := d.areas.Nearest(q); q.Dist(p) > m {
		return near
	}
	return area
}

// time displaces t and folds it back at the ends of the data set's days: cut
// off, it would pile up there.
func (d disturber) time(t uint32, rng *rand.Rand) uint32 {
	length := float64(d.to - d.from)
	x := math.Abs(math.Round(float64(t) - float64(d.from) + float64(d.sigmaS*rng.NormFloat64())))
	x = math.Mod(x, 2*length)
	if x >= length {
		x = 2*length - 1 - x
	}
	return d.from + uint32(min(max(x, 0), length-1))
}
