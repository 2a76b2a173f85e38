package gen

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sigcity/sigcity"
)

// The procedures of one phone, by hand: cells 0 and 1 are in one tracking
// area, cell 2 in another; T3412 is 1000 s, inactivity 10 s.
func TestSignaling(t *testing.T) {
	g := &signaling{tacs: []uint32{7, 7, 8}, t3412: 1000, inactivity: 10}
	rec := func(t uint32, e sigcity.Event, a sigcity.AreaID) sigcity.Record {
		return sigcity.Record{Time: t, Type: e, Area: a}
	}
	for _, c := range []struct {
		name    string
		moves   []move
		demands []demand
		to      uint32
		want    []sigcity.Record
	}{
		{"idle: attach, then the timer", nil, nil, 2500, []sigcity.Record{
			rec(100, sigcity.Attach, 0), rec(1100, sigcity.PeriodicUpdate, 0), rec(2100, sigcity.PeriodicUpdate, 0)}},
		{"an idle move inside the tracking area is silent", []move{{300, 1}}, nil, 1500, []sigcity.Record{
			rec(100, sigcity.Attach, 0), rec(1100, sigcity.PeriodicUpdate, 1)}},
		{"an idle move to another one updates and restarts the timer", []move{{300, 2}}, nil, 1500, []sigcity.Record{
			rec(100, sigcity.Attach, 0), rec(300, sigcity.TrackingAreaUpdate, 2), rec(1300, sigcity.PeriodicUpdate, 2)}},
		{"data restarts the timer when the connection ends", nil, []demand{newDemand(200, sigcity.ServiceRequest, 50)}, 1500, []sigcity.Record{
			rec(100, sigcity.Attach, 0), rec(200, sigcity.ServiceRequest, 0), rec(1260, sigcity.PeriodicUpdate, 0)}},
		{"data of a connected phone needs no request, a call does", nil,
			[]demand{newDemand(200, sigcity.ServiceRequest, 50), newDemand(240, sigcity.ServiceRequest, 50), newDemand(260, sigcity.CallIn, 5)}, 1000, []sigcity.Record{
				rec(100, sigcity.Attach, 0), rec(200, sigcity.ServiceRequest, 0), rec(260, sigcity.CallIn, 0)}},
		{"no second call while one lasts", nil, []demand{newDemand(200, sigcity.CallOut, 100), newDemand(299, sigcity.CallIn, 50),
			newDemand(300, sigcity.CallIn, 20)}, 1300, []sigcity.Record{
			rec(100, sigcity.Attach, 0), rec(200, sigcity.CallOut, 0), rec(300, sigcity.CallIn, 0)}},
		{"a connected phone is handed over, and updates in a new tracking area", []move{{210, 1}, {220, 2}, {400, 1}},
			[]demand{newDemand(200, sigcity.CallOut, 100)}, 1200, []sigcity.Record{
				rec(100, sigcity.Attach, 0), rec(200, sigcity.CallOut, 0), rec(210, sigcity.Handover, 1),
				rec(220, sigcity.Handover, 2), rec(220, sigcity.TrackingAreaUpdate, 2), rec(400, sigcity.TrackingAreaUpdate, 1)}},
		{"off: silent, then attach where it is", []move{{500, 2}},
			[]demand{newDemand(200, sigcity.Detach, 600), newDemand(300, sigcity.CallIn, 10)}, 1900, []sigcity.Record{
				rec(100, sigcity.Attach, 0), rec(200, sigcity.Detach, 0), rec(800, sigcity.Attach, 2), rec(1800, sigcity.PeriodicUpdate, 2)}},
	} {
		start := phone{wake: 100}
		p := start
		got := g.day(nil, &p, 0, c.moves, c.demands, c.to)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
		// Cut anywhere, the same records come out.
		for cut := uint32(50); cut < c.to; cut += 50 {
			p = start
			i, _ := slices.BinarySearchFunc(c.moves, cut, func(m move, t uint32) int { return int(m.time) - int(t) })
			cell := sigcity.AreaID(0)
			if i > 0 {
				cell = c.moves[i-1].cell
			}
			got := g.day(nil, &p, 0, c.moves[:i], c.demands, cut)
			got = g.day(got, &p, cell, c.moves[i:], slices.Clone(p.carry), c.to)
			if d := cmp.Diff(c.want, got); d != "" {
				t.Errorf("%s, cut at %d: %s", c.name, cut, d)
			}
		}
	}
}

// Every SIM of a real run keeps the protocol, and the figures are those of the
// realism report. Over 24 other seeds each figure lay at least 15 of its standard
// deviations inside its band, and the quietest hour was always 4 and the busiest
// 18 or 19: a failure by chance is out of the question.
func TestPhonesKeepTheProtocol(t *testing.T) {
	city := town(t)
	g := newGenerator(t, city, config(2000, 4, 2))
	mix, total := map[sigcity.Event]float64{}, 0.0
	var perHour [24]float64
	night, same := 0.0, 0.0
	var perDay []float64
	for part := range g.pop.Parts {
		p := g.newPartRun(part)
		rows := make([][]sigcity.Record, len(p.rows))
		for i := range g.cal.Days() {
			d := newDay(g.cal, i)
			if err := p.live(d); err != nil {
				t.Fatal(err)
			}
			if err := p.signal(d); err != nil {
				t.Fatal(err)
			}
			for k, r := range p.rows {
				rows[k] = append(rows[k], r.Records...)
				perDay = append(perDay, float64(len(r.Records)))
			}
		}
		for k, recs := range rows {
			sim := &g.pop.SIMs[int(p.first)+k]
			protocol(t, recs, city.Operators[sim.Operator].PLMN(), city.Areas(), uint32(g.cfg.Phone.T3412S))
			for i, r := range recs {
				mix[r.Type]++
				total++
				_, second := g.cal.Clock(r.Time)
				perHour[second/3600]++
				if i > 0 && second < 6*3600 {
					night++
					if recs[i-1].Area == r.Area {
						same++
					}
				}
			}
		}
	}
	slices.Sort(perDay)
	mean := total / float64(len(perDay))
	t.Logf("events per phone and day: mean %.1f, median %.0f; night in the same cell %.3f; mix %v", mean, perDay[len(perDay)/2], same/night, mix)
	if median := perDay[len(perDay)/2]; median < 60 || median > 150 || mean < 80 || mean > 120 {
		t.Errorf("events per phone and day: median %.0f, mean %.0f, want 60 to 150 and about 100 [R02]", median, mean)
	}
	if same/night < 0.85 {
		t.Errorf("%.3f of consecutive records at night in the same cell, want at least 0.85", same/night)
	}
	trough, peak := slices.Min(perHour[:]), slices.Max(perHour[:])
	hour := slices.Index(perHour[:], trough)
	if r := trough / peak; r < 0.15 || r > 0.45 || hour < 2 || hour > 5 {
		t.Errorf("trough %.2f of the peak at %d h, want 0.15 to 0.45 from 3 to 5 h [R12]", r, hour)
	}
	if h := slices.Index(perHour[:], peak); h < 17 || h > 21 {
		t.Errorf("peak at %d h, want 18 to 21 [R12]", h)
	}
	for _, e := range sigcity.Events() {
		if mix[e] == 0 {
			t.Errorf("no %s", e)
		}
	}
}

// protocol holds one SIM's records against the procedures.
func protocol(t *testing.T, recs []sigcity.Record, plmn string, areas []sigcity.Area, t3412 uint32) {
	t.Helper()
	if len(recs) == 0 || recs[0].Type != sigcity.Attach {
		t.Fatalf("the first record is no attach")
	}
	for i, r := range recs {
		if areas[r.Area].Operator != plmn {
			t.Fatalf("record %+v of a SIM of %s in a cell of %s", r, plmn, areas[r.Area].Operator)
		}
		if i == 0 {
			continue
		}
		b := recs[i-1]
		gap := r.Time - b.Time
		switch {
		case r.Time < b.Time:
			t.Fatalf("record %d goes back in time", i)
		case (b.Type == sigcity.Detach) != (r.Type == sigcity.Attach):
			t.Fatalf("%s after %s", r.Type, b.Type)
		case r.Type == sigcity.PeriodicUpdate && gap < t3412:
			t.Fatalf("periodic update %d s after %s, want at least %d", gap, b.Type, t3412)
		case r.Type == sigcity.PeriodicUpdate && (b.Type == sigcity.PeriodicUpdate || b.Type == sigcity.Attach) && gap != t3412:
			t.Fatalf("periodic update %d s after %s, want %d [R04]", gap, b.Type, t3412)
		case r.Type == sigcity.TrackingAreaUpdate && areas[r.Area].TAC == areas[b.Area].TAC && b.Area == r.Area && gap > 0:
			t.Fatalf("tracking-area update in the same area")
		case gap > t3412+7500 && b.Type != sigcity.Detach: // the longest call is two hours
			t.Fatalf("silent for %d s", gap)
		}
	}
}

// A phone without data use leaves the floor of the timer [R03].
func TestIdlePhone(t *testing.T) {
	city := town(t)
	cfg := config(300, 3, 2)
	cfg.Phone.Bursts, cfg.Phone.Background, cfg.Phone.Calls, cfg.Phone.SMS = 0, 0, 0, 0
	cfg.Phone.Outages, cfg.Phone.NightOff, cfg.Phone.Fades, cfg.Phone.FadesNight = 0, 0, 0, 0
	g := newGenerator(t, city, cfg)
	p := g.newPartRun(0)
	n, k := 0.0, 0.0
	for i := range g.cal.Days() {
		d := newDay(g.cal, i)
		if err := p.live(d); err != nil {
			t.Fatal(err)
		}
		if err := p.signal(d); err != nil {
			t.Fatal(err)
		}
		for _, r := range p.rows {
			k++
			for _, x := range r.Records {
				switch x.Type {
				case sigcity.PeriodicUpdate, sigcity.Attach:
					n++
				case sigcity.TrackingAreaUpdate:
				default:
					t.Fatalf("%s of an idle phone [R07]", x.Type)
				}
			}
		}
	}
	if got := n / k; got < 22 || got > 27 {
		t.Errorf("%.1f periodic updates a day, want 22 to 26.7", got)
	}
}

// A second sees at most one change of cell, the last; none if it leads back.
func TestOneChangeASecond(t *testing.T) {
	c, s := &camper{}, &camping{cell: 1}
	for _, m := range []move{{10, 2}, {20, 3}, {20, 4}, {30, 5}, {30, 4}, {40, 4}, {50, 1}} {
		c.take(s, m.time, m.cell)
	}
	if d := cmp.Diff([]move{{10, 2}, {20, 4}, {50, 1}}, c.out, cmp.AllowUnexported(move{})); d != "" {
		t.Error(d)
	}
	if s.cell != 1 {
		t.Errorf("in cell %d, want 1", s.cell)
	}
}

// Whoever calls again does so after the call before.
func TestCallsFollow(t *testing.T) {
	cfg := DefaultConfig()
	tr := newTraffic(&cfg.Phone)
	r := sigcity.Rand(1, "calls")
	followed := 0
	for range 500 {
		tr.out = tr.out[:0]
		tr.talk(r, 0.5, sigcity.CallOut, func(float64) uint32 { return 1000 })
		for i := 1; i < len(tr.out); i++ {
			if before := tr.out[i-1]; tr.out[i].time() > 1000 {
				followed++
				if tr.out[i].time() < before.time()+before.seconds()+20 {
					t.Fatalf("a call at %d s follows one of %d s at %d s", tr.out[i].time(), before.seconds(), before.time())
				}
			}
		}
	}
	if followed == 0 {
		t.Error("no call follows another")
	}
}

func TestDiurnal(t *testing.T) {
	for name, rate := range map[string][24]float64{"data": dataByHour, "calls": callsByHour, "sms": smsByHour} {
		d := newDiurnal(rate)
		if d[0] != 0 || d[4*24] != 1 || !slices.IsSorted(d[:]) {
			t.Fatalf("%s: no distribution", name)
		}
		last := 0.0
		for i := range 1000 {
			x := d.at(float64(i) / 1000)
			if x < last || x >= 1 {
				t.Fatalf("%s: at(%g) = %g after %g", name, float64(i)/1000, x, last)
			}
			q := int(x * 4 * 24)
			if u := d[q] + (x*4*24-float64(q))*(d[q+1]-d[q]); math.Abs(u-float64(i)/1000) > 1e-9 {
				t.Fatalf("%s: at(%g) is where %g is done", name, float64(i)/1000, u)
			}
			last = x
		}
	}
}

func TestDemandOrder(t *testing.T) {
	d := newDemand(1_772_000_000, sigcity.Detach, 1<<30)
	if d.time() != 1_772_000_000 || d.event() != sigcity.Detach || d.seconds() != 1<<24-1 {
		t.Errorf("demand %d %s %d", d.time(), d.event(), d.seconds())
	}
	if newDemand(5, sigcity.SMSIn, 9000) > newDemand(6, sigcity.Attach, 0) {
		t.Error("order is not order in time")
	}
}

// BenchmarkPhones is phones alone: no planning, no writing.
func BenchmarkPhones(b *testing.B) {
	city := town(b)
	g := newGenerator(b, city, config(2000, 1, 1))
	p := g.newPartRun(0)
	d := newDay(g.cal, 0)
	if err := p.live(d); err != nil {
		b.Fatal(err)
	}
	fresh := slices.Clone(p.phones)
	events := 0
	b.ReportAllocs()
	for b.Loop() {
		copy(p.phones, fresh)
		if err := p.signal(d); err != nil {
			b.Fatal(err)
		}
		for _, r := range p.rows {
			events += len(r.Records)
		}
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkDays is planning alone.
func BenchmarkDays(b *testing.B) {
	city := town(b)
	g := newGenerator(b, city, config(2000, 1, 1))
	p := g.newPartRun(0)
	d := newDay(g.cal, 0)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.live(d); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(2000*float64(b.N)/b.Elapsed().Seconds(), "person-days/s")
}
