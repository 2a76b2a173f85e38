package attacks

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/recognition"
)

// Profile is a user portrait (paper §5.2, Figure 3): what one trajectory says
// of its owner to one who has the public map.
type Profile struct {
	Anchors    recognition.Anchors
	Attributes []Inferred // in a fixed order
	Evidence   []Evidence // strongest first
}

// Inferred is one attribute with its values, most probable first; scores add
// up to 1.
type Inferred struct {
	Attribute string
	Values    []Answer
}

// Evidence is one observation and what it did to one attribute.
type Evidence struct {
	Source    string // a place category, or one of the Source constants
	Attribute string
	Value     string         // the value whose odds it changed
	Factor    float64        // by how much; below 1 it speaks against the value
	Sure      float64        // 0 … 1, how surely the observation is what it looks like; a share of office hours
	Area      sigcity.AreaID // where
	Days, Of  int            // weekdays seen there, of weekdays with records; for errands, of all errands
	Clock     int            // usual time, second of local day, −1 = none
	Affluence float64        // of communities, 1 … 5
}

// Sources of evidence beside the place categories.
const (
	SourceCommunity = "community" // the neighbourhood of the home
	SourceWorkplace = "workplace" // a fixed place in office hours
	SourceAtHome    = "at-home"   // at home in office hours
)

// String is the evidence in words, as on the paper's Figure 3.
func (e Evidence) String() string {
	around := ""
	if e.Clock >= 0 {
		minutes := (e.Clock + 300) / 600 * 10
		around = fmt.Sprintf(" around %02d:%02d", minutes/60%24, minutes%60)
	}
	switch e.Source {
	case SourceCommunity:
		grade := "mid-range"
		if e.Affluence >= 3.75 {
			grade = "high-end"
		} else if e.Affluence <= 2.25 {
			grade = "modest"
		}
		return grade + " community at home time"
	case SourceWorkplace:
		only := ""
		if e.Factor > 1 { // speaks for neither job nor studies
			only = "only "
		}
		return fmt.Sprintf("at one place away from home in %s%.0f %% of office hours", only, 100*e.Sure)
	case SourceAtHome:
		return fmt.Sprintf("at home in %.0f %% of office hours", 100*e.Sure)
	case string(dataset.Kindergarten):
		if e.Days == 0 {
			return fmt.Sprintf("no kindergarten on the way on %d weekdays", e.Of)
		}
		return fmt.Sprintf("kindergarten on %d of %d weekdays%s", e.Days, e.Of, around)
	case string(dataset.University):
		return "university at work time"
	}
	name := map[string]string{string(dataset.Salon): "beauty salon", string(dataset.DepartmentStore): "department store"}[e.Source]
	errands := "errands"
	if e.Of == 1 {
		errands = "errand"
	}
	if e.Days == 0 {
		return fmt.Sprintf("no %s on %d %s", name, e.Of, errands)
	}
	return fmt.Sprintf("%s on %d of %d %s%s", name, e.Days, e.Of, errands, around)
}

// What the adversary believes (all assumed; docs/attacks.md).
const (
	oddsEscort     = 60.0    // on a preschool child, of one who surely brings or fetches at a kindergarten every weekday
	oddsNoEscort   = 0.7     // and of one who surely does not
	oddsUniversity = 300.0   // on being a student, of one who surely spends the office hours at a university
	timesSalon     = 5.0     // visits of women to beauty salons, in those of men
	timesStore     = 1.8     // visits of people with high income to department stores, in those of others
	oddsIdle       = 8.0     // on neither job nor studies, of one never seen at one place away from home in office hours
	idleShare      = 1 / 3.0 // share of office hours at such a place that says nothing; twice as much is as strong as none
)

// Portrayer makes portraits from trajectories of one release. It reuses its
// memory and is for one goroutine; Fork makes more.
type Portrayer struct {
	p     PortraitParams
	town  *townscape
	watch *observer
	seen  []*neighborhood // by area, looked up when first needed
}

// NewPortrayer works on trajectories over the given areas, with the public map
// (nil = none) and local time.
func NewPortrayer(areas []sigcity.Area, m *dataset.Map, cal *sigcity.Calendar, p PortraitParams) (*Portrayer, error) {
	rel := &Release{Kind: sigcity.Trajectories, Data: &dataset.Mem{Cells: areas}}
	g, err := newGround(rel, Knowledge{Map: m, Calendar: cal}, "portrait")
	if err != nil {
		return nil, err
	}
	return newPortrayer(newTownscape(g, m, areas), p), nil
}

func newPortrayer(town *townscape, p PortraitParams) *Portrayer {
	return &Portrayer{p: p, town: town, watch: newObserver(town.g), seen: make([]*neighborhood, town.g.areas.Len())}
}

// Fork makes an equal Portrayer for another goroutine.
func (p *Portrayer) Fork() *Portrayer { return newPortrayer(p.town, p.p) }

// Portrait infers what t says of its owner.
func (p *Portrayer) Portrait(t sigcity.Trajectory) Profile {
	anchors, post, evidence := p.infer(t)
	out := Profile{Anchors: anchors, Evidence: evidence}
	for _, a := range attributes() {
		out.Attributes = append(out.Attributes, Inferred{a.name, post.answers(a)})
	}
	return out
}

func (p *Portrayer) infer(t sigcity.Trajectory) (recognition.Anchors, posterior, []Evidence) {
	h := p.watch.observe(t)
	post := p.p.prior()
	var evidence []Evidence
	for _, e := range p.evidence(h) {
		e.Factor = math.Pow(e.Factor, p.p.Strength)
		if math.Abs(math.Log(e.Factor)) < 0.02 {
			continue // moves a probability by less than half a point
		}
		post.multiply(e.Attribute, e.Value, e.Factor)
		evidence = append(evidence, e)
	}
	slices.SortStableFunc(evidence, func(a, b Evidence) int {
		return cmp.Compare(math.Abs(math.Log(b.Factor)), math.Abs(math.Log(a.Factor)))
	})
	return h.anchors, post, evidence
}

// around is the map around an area, looked up once.
func (p *Portrayer) around(id sigcity.AreaID) *neighborhood {
	if p.seen[id] == nil {
		p.seen[id] = p.town.around(id)
	}
	return p.seen[id]
}

// share is the probability that a visit to an area on an occasion is to a
// place of the category.
func (p *Portrayer) share(id sigcity.AreaID, o occasion, c dataset.Category) float64 {
	return p.around(id).share[o][slices.Index(p.town.categories, c)]
}

// mixed is the factor on the odds of a value with the given prior where an
// observation is with probability sure what it looks like, which would put
// odds yes on the value, and else puts odds no on it: sure is a probability
// after seeing, so it mixes the probabilities and not the odds.
func mixed(prior, sure, yes, no float64) float64 {
	p := float64(sure*raised(prior, yes)) + float64((1-sure)*raised(prior, no))
	return odds(p) / odds(prior)
}

// raised is a probability with a factor on its odds.
func raised(p, factor float64) float64 { return p * factor / (1 - p + float64(p*factor)) }

func odds(p float64) float64 { return p / (1 - p) }

// evidence applies every rule to a person's habits.
func (p *Portrayer) evidence(h habits) []Evidence {
	var out []Evidence
	if h.anchors.HasHome {
		if n := p.around(h.anchors.Home); n.dwellings > 0 {
			out = append(out, Evidence{Source: SourceCommunity, Attribute: AttrIncome, Value: HighIncome, Sure: 1, Clock: -1,
				Factor: odds(n.high) / odds(p.p.High), Area: h.anchors.Home, Affluence: n.affluence})
		}
	}
	if h.office.all >= 3 {
		out = append(out, p.officeEvidence(h)...)
	}
	if e, ok := p.escortEvidence(h); ok {
		out = append(out, e)
	}
	if len(h.errands) > 0 {
		out = append(out, p.errandEvidence(h, dataset.Salon, AttrSex, Female, p.p.Female, timesSalon),
			p.errandEvidence(h, dataset.DepartmentStore, AttrIncome, HighIncome, p.p.High, timesStore))
	}
	return out
}

// officeEvidence: who spends the office hours at one place away from home has a
// job or studies there.
func (p *Portrayer) officeEvidence(h habits) []Evidence {
	work := h.office.atWork / h.office.all
	e := Evidence{Source: SourceWorkplace, Attribute: AttrEmployment, Value: OtherValue, Sure: work, Clock: -1, Area: h.anchors.Work,
		Factor: math.Pow(oddsIdle, max(-1, 1-work/idleShare))}
	if home := h.office.atHome / h.office.all; e.Factor > 1 && home > work {
		e.Source, e.Sure, e.Area = SourceAtHome, home, h.anchors.Home
	}
	out := []Evidence{e}
	if sure := work; h.anchors.HasWork {
		if sure *= p.share(h.anchors.Work, dayplace, dataset.University); sure > 0 {
			out = append(out, Evidence{Source: string(dataset.University), Attribute: AttrEmployment, Value: StudentValue, Sure: sure,
				Factor: mixed(p.p.Student, sure, oddsUniversity, 1), Area: h.anchors.Work, Clock: -1})
		}
	}
	return out
}

// escortEvidence takes the area where a kindergarten visit is most regular. One
// day says nothing about a habit where more days were seen, and a kindergarten
// beside home or work leaves no trace: then absence says nothing either.
func (p *Portrayer) escortEvidence(h habits) (Evidence, bool) {
	e := Evidence{Source: string(dataset.Kindergarten), Attribute: AttrPreschool, Value: Yes, Of: h.weekdays, Clock: -1}
	for _, s := range h.stops {
		if s.days < min(2, h.weekdays) {
			continue
		}
		sure := p.share(s.area, escort, dataset.Kindergarten) * s.weight / float64(h.weekdays)
		if sure > e.Sure {
			e.Sure, e.Area, e.Days, e.Clock = sure, s.area, s.days, s.clocks/s.days
		}
	}
	absent := oddsNoEscort
	if h.weekdays < 3 || p.besideAnchor(h, dataset.Kindergarten) {
		absent = 1
	}
	e.Factor = mixed(p.p.Preschool, e.Sure, oddsEscort, absent)
	return e, e.Days > 0 || absent < 1
}

// besideAnchor reports whether a place of the category lies beside home or
// work, or no home is known.
func (p *Portrayer) besideAnchor(h habits, c dataset.Category) bool {
	return !h.anchors.HasHome || p.share(h.anchors.Home, errand, c) > 0 || h.anchors.HasWork && p.share(h.anchors.Work, errand, c) > 0
}

// errandEvidence weighs where a person's errands went. Of the errands to an
// area a share s is to places of the category, of all errands in the city a
// share mean; people with the value go there so many times as often as others.
// Given that an errand is made, it leads to this area with odds
//
//	(1 − s + s·a)/(1 − mean + mean·a) against (1 − s + s·b)/(1 − mean + mean·b)
//
// where a and b = a/times are visits in terms of the average person's. So an
// area with more of the category than usual speaks for the value, one with
// less against it, and all the city's areas together for nothing.
func (p *Portrayer) errandEvidence(h habits, c dataset.Category, attr, value string, prior, times float64) Evidence {
	e := Evidence{Source: string(c), Attribute: attr, Value: value, Of: len(h.errands), Clock: -1, Factor: 1}
	b := 1 / (1 - prior + float64(prior*times))
	a, mean, best := times*b, p.town.mean[errand][slices.Index(p.town.categories, c)], 0.0
	of := func(s, rate float64) float64 { return 1 - s + float64(s*rate) }
	none := 1.0
	for _, o := range h.errands {
		s := p.share(o.area, errand, c)
		e.Factor *= of(s, a) * of(mean, b) / (of(mean, a) * of(s, b))
		none *= 1 - s
		if s > mean {
			e.Days++
		}
		if s > max(mean, best) {
			best, e.Area, e.Clock = s, o.area, o.clock
		}
	}
	e.Sure = 1 - none
	return e
}
