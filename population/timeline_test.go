package population

import (
	"math"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
)

func timeline(t testing.TB, p *Population, days, before, workers int) *Timeline {
	t.Helper()
	cal, err := sigcity.NewCalendar("Europe/Berlin", "2026-03-02", days, nil)
	if err != nil {
		t.Fatal(err)
	}
	life, err := p.Timeline(t.Context(), cal, before, workers)
	if err != nil {
		t.Fatal(err)
	}
	return life
}

// restless is a population in which much changes.
func restless(t testing.TB, persons int) *Population {
	t.Helper()
	p := build(t, town(t), persons, 2)
	p.Config.Moves.HomePerYear, p.Config.Moves.JobPerYear, p.Config.Moves.JobAfterMove = 1.5, 0.8, 0.3
	return p
}

// Numbers of moves and of changes of job are binomial: five standard errors fail
// with a probability below 1e-6 each.
func TestRates(t *testing.T) {
	p := restless(t, 6000)
	const days = 2 * 364
	life := timeline(t, p, days, days, 2)
	years := 2 * days / daysPerYear
	weekend, total, jobs, byMove, workers := 0.0, 0.0, 0.0, 0.0, 0.0
	var moves, homes [3]float64 // of the young, the elder, the others
	for h := range p.Households {
		group := 2
		switch head := p.Persons[p.Households[h].First].Age; {
		case head < 35:
			group = 0
		case head >= 60:
			group = 1
		}
		homes[group]++
		for _, x := range life.Moves(uint32(h)) {
			moves[group]++
			total++
			if wd := ((int(x.Day) % 7) + 7) % 7; wd >= 5 { // the first day is a Monday
				weekend++
			}
		}
	}
	for i := range p.Persons {
		if p.Persons[i].Employment == Employed && p.Persons[i].Main != None {
			workers++
			for _, x := range life.Changes(uint32(i)) {
				switch x.Reason {
				case NewJob:
					jobs++
				case JobByMove:
					byMove++
				}
				if ((int(x.Day)%7)+7)%7 != 0 {
					t.Fatalf("person %d begins a job on day %d, no Monday", i, x.Day)
				}
			}
		}
	}
	near := func(what string, got, want, n float64) {
		t.Helper()
		if math.Abs(got-want) > 5*math.Sqrt(want/n) {
			t.Errorf("%s: %.3f, want %.3f", what, got, want)
		}
	}
	near("moves a year", total/float64(len(p.Households))/years, p.Config.Moves.HomePerYear, float64(len(p.Households))*years)
	near("jobs a year", jobs/workers/years, p.Config.Moves.JobPerYear, workers*years)
	rate := func(g int) float64 { return moves[g] / homes[g] }
	if rate(0) < 1.5*rate(2) || rate(1) > 0.7*rate(2) {
		t.Errorf("moves a household: %.2f of the young, %.2f of the elder, %.2f of others", rate(0), rate(1), rate(2))
	}
	if share := weekend / total; math.Abs(share-8./13) > 0.05 { // month ends are on all weekdays alike
		t.Errorf("%.2f of the moves at weekends, want %.2f", share, 8./13)
	}
	if byMove < 100 {
		t.Errorf("%v changes of job followed a move", byMove)
	}
}

// What a day is like depends neither on how many days follow, nor on how far
// back the timeline reaches, nor on the workers.
func TestTimelineIsPure(t *testing.T) {
	p := restless(t, 1500)
	long := timeline(t, p, 200, 300, 1)
	for _, c := range []struct{ days, before, workers int }{{200, 300, 2}, {200, 300, 7}, {20, 300, 2}, {200, 0, 1}, {33, 95, 2}} {
		life := timeline(t, p, c.days, c.before, c.workers)
		for h := range uint32(len(p.Households)) {
			want := slices.DeleteFunc(slices.Clone(long.Moves(h)), func(x Move) bool { return int(x.Day) < -c.before || int(x.Day) >= c.days })
			if !slices.Equal(life.Moves(h), want) {
				t.Fatalf("%+v: household %d moves %v, want %v", c, h, life.Moves(h), want)
			}
		}
		for i := range uint32(len(p.Persons)) {
			want := slices.DeleteFunc(slices.Clone(long.Changes(i)), func(x Change) bool { return int(x.Day) < -c.before || int(x.Day) >= c.days })
			if !slices.Equal(life.Changes(i), want) {
				t.Fatalf("%+v: person %d changes %v, want %v", c, i, life.Changes(i), want)
			}
		}
	}
}

// Homes and main places follow from each other and meet what the population
// tells of the first day; anchors tile the days.
func TestTimelineHangsTogether(t *testing.T) {
	p := restless(t, 1500)
	const days, before = 150, 120
	life := timeline(t, p, days, before, 2)
	begin, end := life.cal.Start(0), life.cal.Start(days)
	schools := 0
	for h := range uint32(len(p.Households)) {
		if !life.Alters(h) && len(life.Moves(h)) > 0 {
			t.Fatalf("household %d moves, but does not alter", h)
		}
		if got := life.Home(h, -1); got != p.Households[h].Pos {
			t.Fatalf("household %d begins at %v, lives at %v", h, p.Households[h].Pos, got)
		}
		at := life.Home(h, -before-1)
		for _, x := range life.Moves(h) {
			if x.From != at || x.To == at || life.Home(h, int(x.Day)-1) != x.From || life.Home(h, int(x.Day)) != x.To {
				t.Fatalf("household %d moves from %v to %v, lived at %v", h, x.From, x.To, at)
			}
			if b := &p.City.Buildings[x.to]; b.Dwellings <= 0 || b.Pos.Dist(x.To) > 2*standInM {
				t.Fatalf("household %d moves to %v, into building %d of %v dwellings at %v", h, x.To, x.to, b.Dwellings, b.Pos)
			}
			at = x.To
		}
	}
	for i := range uint32(len(p.Persons)) {
		who := &p.Persons[i]
		if got := life.Main(i, -1); got != who.Main {
			t.Fatalf("person %d begins at %d, goes to %d", i, who.Main, got)
		}
		at := life.Main(i, -before-1)
		for _, x := range life.Changes(i) {
			if x.From != at || x.To == at || life.Main(i, int(x.Day)) != x.To {
				t.Fatalf("person %d changes from %d to %d, was at %d", i, x.From, x.To, at)
			}
			if at = x.To; x.Reason == SchoolMove {
				schools++
			}
		}
	}
	if schools == 0 {
		t.Error("no child changed school")
	}
	var last dataset.Anchor
	several := 0
	for part := range p.Parts {
		for _, a := range life.Anchors(part) {
			single := a.Kind != dataset.ActHome && a.Kind != dataset.ActWork
			switch same := a.Person == last.Person && a.Kind == last.Kind; {
			case same && a.From != 0:
				several++
				if last.To <= last.From {
					t.Fatalf("anchor %+v is never valid", last)
				}
				if a.From != last.To || a.To <= a.From || a.To > end {
					t.Fatalf("anchor %+v follows %+v", a, last)
				}
			case a.From == 0 && a.To == 0:
			case a.From != begin:
				t.Fatalf("anchor %+v begins late", a)
			}
			if !single && last.Kind != a.Kind && last.From != 0 && last.To != end {
				t.Fatalf("anchor %+v ends early", last)
			}
			last = a
		}
	}
	if several == 0 {
		t.Error("no anchor follows another")
	}
}

// Most moves are short, and richer households move to richer neighbourhoods.
func TestWhereTo(t *testing.T) {
	p := restless(t, 6000)
	p.Config.Moves.ScaleM, p.Config.IncomeFromCommunity = 300, 1 // the town is small
	life := timeline(t, p, 364, 0, 2)
	var ways, blind []float64
	sum, n := [5]float64{}, [5]float64{}
	for h := range uint32(len(p.Households)) {
		for _, x := range life.Moves(h) {
			ways = append(ways, x.From.Dist(x.To))
			blind = append(blind, x.From.Dist(p.Households[(int(h)+1)%len(p.Households)].Pos))
			if c := p.City.Buildings[x.to].Community; c >= 0 {
				class := p.Households[h].Income - 1
				sum[class] += float64(p.affluence(c))
				n[class]++
			}
		}
	}
	slices.Sort(ways)
	slices.Sort(blind)
	if got, most := ways[len(ways)/2], 0.6*blind[len(blind)/2]; got > most {
		t.Errorf("the median move is %.0f m, want at most %.0f", got, most)
	}
	if poor, rich := sum[0]/n[0], sum[4]/n[4]; !(rich > poor+0.5) {
		t.Errorf("the poorest move to affluence %.2f, the richest to %.2f", poor, rich)
	}
}

// The register tells of the homes and jobs of its date.
func TestRegisterLag(t *testing.T) {
	p := restless(t, 3000)
	p.Config.Register.HomeErrorM, p.Config.Register.WorkErrorM, p.Config.Register.WorkShare = 0, 0, 1
	outdated := map[int][2]int{}
	for _, lag := range []int{0, 100} {
		p.Config.Register.LagDays = lag
		life := timeline(t, p, 10, lag, 2)
		entries, identities := p.OutsideRegister(life)
		old := [2]int{}
		for k, e := range entries {
			who := &p.Persons[identities[k].Person]
			at := p.City.Proj.XY([2]float64{e.HomeLon, e.HomeLat})
			if at.Dist(life.Home(who.Household, -lag-1)) > 0.1 {
				t.Fatalf("lag %d: entry %d is off its home", lag, k)
			}
			if at.Dist(p.Households[who.Household].Pos) > 0.1 {
				old[0]++
			}
			if e.HasWork && p.City.Proj.XY([2]float64{e.WorkLon, e.WorkLat}).Dist(p.Pos(who.Main)) > 0.1 {
				old[1]++
			}
		}
		outdated[lag] = old
	}
	if outdated[0] != [2]int{} || outdated[100][0] < 100 || outdated[100][1] < 50 {
		t.Errorf("outdated homes and work places by lag: %v", outdated)
	}
}

// On even ground the default law gives the distances that it was set by.
func TestDistancesOfMoves(t *testing.T) {
	m := DefaultConfig().Moves
	law := func(d float64) float64 { return d * math.Pow(d*d+m.ScaleM*m.ScaleM, -m.DistanceExponent/2) }
	share := func(to float64) (sum float64) {
		const step = 10.0
		for d := step / 2; d < to; d += step {
			sum += law(d) * step
		}
		return sum
	}
	if near, middle := share(5000)/share(20000), share(10000)/share(20000); math.Abs(near-0.70) > 0.01 || math.Abs(middle-0.89) > 0.01 {
		t.Errorf("%.3f of the moves within 5 km, %.3f within 10", near, middle)
	}
}

func BenchmarkTimeline(b *testing.B) {
	p := build(b, town(b), 20000, 2)
	var at geo.XY
	for b.Loop() {
		at = timeline(b, p, 7, 180, 2).Home(0, 3)
	}
	_ = at
}
