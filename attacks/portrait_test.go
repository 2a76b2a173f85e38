package attacks

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

// The fixture's places: category i is at cell 7i.
const (
	kindergartenCell = 0
	universityCell   = 14
	salonCell        = 42
	storeCell        = 49
)

// livelyScene gives the fixture's people habits that follow their attributes:
// every second is a woman and at the beauty salon on Saturday, every fourth
// brings a child to the kindergarten, every fifth studies.
func livelyScene(users int) *scene {
	s := identityScene(users, 7, 3, 100)
	return s.rewrite(func(m *dataset.Mem) {
		for u, rows := range m.Rows {
			out := rows[:0:0]
			for _, r := range rows {
				day, clock := s.city.Calendar.Clock(r.Time)
				weekday := s.city.Calendar.Kind(day) == sigcity.Weekday
				switch {
				case u%2 == 0 && day == 5 && clock >= 14*3600 && clock < 15*3600+1800:
					r.Area = salonCell
				case student(u) && weekday && clock >= 8*3600 && clock < 17*3600:
					r.Area = universityCell
				case parent(u) && weekday && clock >= 7*3600+1800 && clock < 8*3600:
					continue
				}
				out = append(out, r)
			}
			if parent(u) {
				for day := range 5 {
					for _, minute := range []uint32{7*60 + 38, 7*60 + 44} {
						out = append(out, sigcity.Record{Time: s.city.Calendar.Start(day) + 60*minute, Area: kindergartenCell, Type: sigcity.ServiceRequest})
					}
				}
			}
			slices.SortFunc(out, func(a, b sigcity.Record) int { return int(a.Time) - int(b.Time) })
			m.Rows[u] = out
			if student(u) {
				s.know.Targets[u].Work = m.Cells[universityCell].Center
			}
		}
	})
}

func parent(u int) bool  { return u%4 == 0 }
func student(u int) bool { return u%5 == 3 }

// wanted is the true value of an attribute in the lively scene.
func wanted(claim string, u int) string {
	pick := func(is bool, yes, no string) string {
		if is {
			return yes
		}
		return no
	}
	switch claim {
	case ClaimAttribute + AttrSex:
		return pick(u%2 == 0, Female, Male)
	case ClaimAttribute + AttrPreschool:
		return pick(parent(u), Yes, No)
	}
	return pick(student(u), StudentValue, EmployedValue)
}

func TestPortraitReadsHabits(t *testing.T) {
	s := livelyScene(200)
	right, all := map[string]int{}, map[string]int{}
	// The adversary knows its register, and that phones here never leave their cell.
	for _, g := range run(t, "portrait", plugin.Args{"home_error_m": 100, "work_error_m": 100, "serving_error": 0}, s) {
		if g.Claim == ClaimAttribute+AttrIncome || len(g.Answers) == 0 {
			continue
		}
		all[g.Claim]++
		if g.Answers[0].Value == wanted(g.Claim, int(g.Target)) {
			right[g.Claim]++
		}
	}
	// Majorities: half are women, a quarter parents, a fifth students. Who lives
	// or works beside the place of a habit hides it.
	for claim, floor := range map[string]float64{AttrSex: 0.8, AttrPreschool: 0.85, AttrEmployment: 0.9} {
		claim = ClaimAttribute + claim
		share := float64(right[claim]) / float64(max(1, all[claim]))
		t.Logf("%s: %.3f of %d right", claim, share, all[claim])
		if all[claim] != 200 || share < floor {
			t.Errorf("%s: %.3f of %d right, want %.2f of 200", claim, share, all[claim], floor)
		}
	}
}

// Two women with one trajectory: the link is a coin toss, her sex is not.
func TestGroupsDoNotHideWhatTheyShare(t *testing.T) {
	lively := livelyScene(200)
	data := lively.rel.Data.(*dataset.Mem)
	for u := 0; u < 200; u += 2 {
		data.Rows[u+1] = data.Rows[u]
	}
	lively.know.Targets = slices.DeleteFunc(lively.know.Targets, func(x Target) bool { return x.ID%2 == 1 })
	links, female := 0.0, 0
	for _, g := range run(t, "home-work", nil, lively) {
		links += hit(g, lively.owners[g.Target])
	}
	for _, g := range run(t, "portrait", nil, lively) {
		if g.Claim == ClaimAttribute+AttrSex && len(g.Answers) > 0 && g.Answers[0].Value == Female {
			female++
		}
	}
	if links > 50+1e-9 || female < 80 {
		t.Errorf("of 100 women in groups of two %.1f linked and %d known as women; want at most 50 and at least 80", links, female)
	}
}

func TestStrengthZeroIsThePrior(t *testing.T) {
	s := livelyScene(40)
	for _, g := range run(t, "portrait", plugin.Args{"strength": 0, "prior_female": 0.3}, s) {
		if g.Claim == ClaimAttribute+AttrSex && (g.Answers[0].Value != Male || math.Abs(g.Answers[0].Score-0.7) > 1e-9) {
			t.Fatalf("target %d: %+v, want the prior", g.Target, g.Answers)
		}
	}
	if _, _, err := plugin.Make[Attack]("portrait", plugin.Args{"prior_employed": 0.9, "prior_student": 0.2}); err == nil || !strings.Contains(err.Error(), "prior_employed") {
		t.Errorf("error %v, want one that names the priors that add up to more than 1", err)
	}
}

func TestPortraitEvidence(t *testing.T) {
	s := livelyScene(40)
	p, err := NewPortrayer(s.city.Data.Cells, s.city.Map, s.city.Calendar, DefaultPortraitParams())
	if err != nil {
		t.Fatal(err)
	}
	read := func(u int) (Profile, map[string]Evidence) {
		profile := p.Portrait(sigcity.Trajectory{User: sigcity.UserID(u), Records: s.rel.Data.(*dataset.Mem).Rows[u]})
		out := map[string]Evidence{}
		for _, e := range profile.Evidence {
			out[e.Source] = e
		}
		return profile, out
	}
	found := 0
	for u := 0; u < 40; u += 4 { // mothers
		profile, by := read(u)
		if len(profile.Attributes) != 4 {
			t.Fatalf("%d attributes, want 4", len(profile.Attributes))
		}
		e, ok := by[string(dataset.Kindergarten)]
		if !ok {
			continue // lives or works next to it
		}
		found++
		if got := e.String(); got != "kindergarten on 5 of 5 weekdays around 07:40" || e.Area != kindergartenCell || e.Factor < 10 {
			t.Errorf("user %d: %q in area %d, factor %.1f", u, got, e.Area, e.Factor)
		}
		if salon := by[string(dataset.Salon)]; salon.Factor < 2 || salon.Area != salonCell || !strings.HasPrefix(salon.String(), "beauty salon on 1 of") {
			t.Errorf("user %d: %q in area %d, factor %.2f", u, salon, salon.Area, salon.Factor)
		}
		for i := range profile.Evidence[1:] {
			if math.Abs(math.Log(profile.Evidence[i+1].Factor)) > math.Abs(math.Log(profile.Evidence[i].Factor)) {
				t.Errorf("user %d: evidence is not in order of strength", u)
			}
		}
	}
	if found < 5 {
		t.Errorf("%d of 10 mothers seen at the kindergarten, want at least half", found)
	}
}

// The register tells of jobs by itself: with the traces ignored, who is listed
// with a work place is taken to be employed, and of the others as many as the
// prior leaves.
func TestRegisterTellsOfJobs(t *testing.T) {
	s := livelyScene(100)
	for i := range s.know.Targets {
		s.know.Targets[i].HasWork = i < 60
	}
	seen := map[bool]int{}
	for _, g := range run(t, "portrait", plugin.Args{"strength": 0, "prior_employed": 0.7, "prior_student": 0.05}, s) {
		if g.Claim != ClaimAttribute+AttrEmployment {
			continue
		}
		// Of 0.70 employed 0.60 are listed: of the others 0.10 : 0.05 : 0.25 are employed, students, neither.
		listed := g.Target < 60
		value, want := OtherValue, 0.25/0.40
		if listed {
			value, want = EmployedValue, 0.70/(0.70+0.05+0.25*oddsListed)
		}
		if a := g.Answers[0]; a.Value != value || math.Abs(a.Score-want) > 1e-9 {
			t.Errorf("target %d, listed %v: %s %.4f, want %s %.4f", g.Target, listed, a.Value, a.Score, value, want)
		}
		seen[listed]++
	}
	if seen[true] != 60 || seen[false] != 40 {
		t.Errorf("%v guesses by listed, want 60 and 40", seen)
	}
}

// One area over the whole city says nothing about wealth, and a place among
// many of other kinds says little.
func TestCoarseAreasDiluteEvidence(t *testing.T) {
	c := fixture.New(1, 1, 1)
	proj := c.Map.Projection()
	all := sigcity.Area{Center: proj.LonLat(geo.XY{X: 5000, Y: 5000}), Radius: 8000}
	cell := c.Data.Cells[kindergartenCell]
	g, err := newGround(&Release{Data: &dataset.Mem{Cells: []sigcity.Area{cell, all}}}, Knowledge{Map: c.Map, Calendar: c.Calendar}, "test")
	if err != nil {
		t.Fatal(err)
	}
	town := newTownscape(g, c.Map, nil)
	fine, coarse := town.around(0), town.around(1)
	if math.Abs(coarse.high-0.4) > 0.01 || fine.high > 0.2 {
		t.Errorf("high income %.3f in the whole city and %.3f in the modest quarter, want 0.4 and less than 0.2", coarse.high, fine.high)
	}
	if fine.share[escort][0] < 0.5 || coarse.share[escort][0] > 0.3 || coarse.share[escort][0] == 0 {
		t.Errorf("a stop is at the kindergarten with %.2f in its cell and %.2f in the whole city", fine.share[escort][0], coarse.share[escort][0])
	}
	for o, rates := range visitRates() {
		if len(rates) != len(dataset.Categories()) {
			t.Errorf("occasion %d: %d rates for %d categories", o, len(rates), len(dataset.Categories()))
		}
	}
}

// Evidence must not pile up on everybody: over the errands of the average
// person, spread over the areas by their draw, the factor on the odds is 1 in
// expectation among those without the value.
func TestErrandEvidenceIsCalibrated(t *testing.T) {
	c := fixture.New(1, 1, 1)
	p, err := NewPortrayer(c.Data.Cells, c.Map, c.Calendar, DefaultPortraitParams())
	if err != nil {
		t.Fatal(err)
	}
	const times, prior = 5.0, 0.4876
	b := 1 / (1 - prior + prior*times)
	draw, total, sum := 0.0, 0.0, 0.0
	for id := range sigcity.AreaID(len(c.Data.Cells)) {
		draw = otherVisits
		for k, n := range p.town.count(p.town.g.areas, id) {
			draw += n * p.town.rates[errand][k]
		}
		s := p.share(id, errand, dataset.Salon)
		e := p.errandEvidence(habits{errands: []outing{{area: id}}}, dataset.Salon, AttrSex, Female, prior, times)
		weight := draw * (1 - s + s*b) // errands of men to the area
		total += weight
		sum += weight * e.Factor
	}
	if math.Abs(sum/total-1) > 1e-9 {
		t.Errorf("mean factor among men %.12f, want 1", sum/total)
	}
}

func TestMixed(t *testing.T) {
	for _, c := range []struct{ prior, sure, yes, no, want float64 }{
		{0.09, 1, 60, 0.7, 60}, {0.09, 0, 60, 0.7, 0.7}, {0.5, 0.5, 3, 1, 0.625 / 0.375}, {0.3, 0.4, 1, 1, 1},
	} {
		if got := mixed(c.prior, c.sure, c.yes, c.no); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("mixed(%g, %g, %g, %g) = %g, want %g", c.prior, c.sure, c.yes, c.no, got, c.want)
		}
	}
}

func TestEvidenceInWords(t *testing.T) {
	for want, e := range map[string]Evidence{
		"high-end community at home time":                         {Source: SourceCommunity, Affluence: 4.6, Clock: -1},
		"mid-range community at home time":                        {Source: SourceCommunity, Affluence: 3, Clock: -1},
		"modest community at home time":                           {Source: SourceCommunity, Affluence: 1.2, Clock: -1},
		"kindergarten on 4 of 5 weekdays around 08:10":            {Source: "kindergarten", Days: 4, Of: 5, Clock: 8*3600 + 500},
		"university at work time":                                 {Source: "university", Clock: -1},
		"beauty salon on 1 of 3 errands around 15:00":             {Source: "salon", Days: 1, Of: 3, Clock: 15 * 3600},
		"no beauty salon on 1 errand":                             {Source: "salon", Of: 1, Clock: -1},
		"no beauty salon on 6 errands":                            {Source: "salon", Of: 6, Clock: -1},
		"department store on 3 of 5 errands around 18:30":         {Source: "department_store", Days: 3, Of: 5, Clock: 18*3600 + 1700},
		"at one place away from home in 82 % of office hours":     {Source: SourceWorkplace, Sure: 0.82, Clock: -1},
		"at one place away from home in only 8 % of office hours": {Source: SourceWorkplace, Sure: 0.08, Factor: 5, Clock: -1},
		"at home in 100 % of office hours":                        {Source: SourceAtHome, Sure: 1, Clock: -1},
		"no kindergarten on the way on 5 weekdays":                {Source: "kindergarten", Of: 5, Clock: -1},
	} {
		if got := e.String(); got != want {
			t.Errorf("%+v in words: %q, want %q", e, got, want)
		}
	}
}

func ExamplePortrayer() {
	c := fixture.New(1, 7, 1)
	// A quarter where the well-to-do live, around the only person's home.
	home := c.Truth.Anchors[0]
	c.Map.Communities = []dataset.Community{{Lon: home.Lon, Lat: home.Lat, RadiusM: 500, Dwellings: 200, Affluence: 5}}
	p, err := NewPortrayer(c.Data.Cells, c.Map, c.Calendar, DefaultPortraitParams())
	if err != nil {
		panic(err)
	}
	profile := p.Portrait(sigcity.Trajectory{Records: c.Data.Rows[0]})
	for _, e := range profile.Evidence {
		fmt.Println(e)
	}
	for _, a := range profile.Attributes {
		fmt.Printf("%s: %s %.2f\n", a.Attribute, a.Values[0].Value, a.Values[0].Score)
	}
	// Output:
	// at one place away from home in 100 % of office hours
	// high-end community at home time
	// no kindergarten on the way on 5 weekdays
	// no department store on 3 errands
	// no beauty salon on 3 errands
	// sex: male 0.53
	// preschool_child: no 0.94
	// income: high 0.66
	// employment: employed 0.90
}
