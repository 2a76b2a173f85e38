package benchmarks

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/dataset"
)

// exampleTries is how many of the best fitting persons are portrayed to find
// the one of whom the trace gives most away.
const exampleTries = 20

// writeExample writes the day of one member and what the portrait attack reads
// from her trace, which the identity release carries unchanged. The person is
// chosen for what shows; how often the attack is right, the rows say.
func (a *arena) writeExample(ctx context.Context, path string) error {
	users, err := a.exampleUsers(ctx)
	if err != nil {
		return err
	}
	if len(users) == 0 {
		return fmt.Errorf("example: no adult member has records")
	}
	var t sigcity.Trajectory
	var portrait []Inference
	most := -1
	for _, u := range users[:min(exampleTries, len(users))] {
		trace, err := a.trace(ctx, u)
		if err != nil {
			return err
		}
		inferred, err := a.inferences(a.person[u], trace)
		if err != nil {
			return err
		}
		right := 0
		for _, i := range inferred {
			right += int(btof(i.Right))
		}
		if right > most {
			most, t, portrait = right, trace, inferred
		}
	}
	person := a.person[t.User]
	e := &Example{Synthetic: true, Portrait: portrait, Person: a.examplePerson(person),
		Note: "Synthetic: this person, her trace and her day are made up by the generator; nobody in it exists. " +
			"She was picked as one of whom the trace gives much away; the attack's success rate says how usual that is.",
		Events: []ExampleEvent{}, Activities: []ExampleActivity{}, Trips: []ExampleTrip{}}
	day := a.exampleDay(person, t)
	e.Date = a.calendar.Date(day)
	a.fillDay(e, person, t, a.calendar.Start(day), a.calendar.Start(day+1))
	return writeJSON(path, e)
}

// exampleUsers ranks the adult members' SIMs with records by how near the
// person is to the paper's Figure 3: a woman of 25 to 40 with a job, who takes
// a preschool child to a kindergarten. Equals are in random order.
func (a *arena) exampleUsers(ctx context.Context) ([]sigcity.UserID, error) {
	fit := func(u sigcity.UserID) int {
		id := a.person[u]
		p, n := a.truth.Persons[id], 0
		for _, yes := range []bool{p.Sex == dataset.SexFemale, p.Age >= 25 && p.Age <= 40, p.Employment == dataset.Employed,
			a.hasPreschool(id), a.escorts(id), a.escorts(id)} {
			if yes {
				n++
			}
		}
		return n
	}
	var users []sigcity.UserID
	score := make([]int, len(a.person))
	for u, has := range a.hasRecords {
		if has && a.truth.Persons[a.person[u]].Age >= AdultAge {
			users = append(users, sigcity.UserID(u))
			score[u] = fit(sigcity.UserID(u))
		}
	}
	key := func(u sigcity.UserID) uint64 {
		return sigcity.Hash(a.seed, "benchmarks.example", uint64(a.person[u]), uint64(u))
	}
	slices.SortFunc(users, func(u, v sigcity.UserID) int {
		return cmp.Or(cmp.Compare(score[v], score[u]), cmp.Compare(key(u), key(v)))
	})
	for i, u := range users {
		if score[u] < score[users[0]] {
			return users[:i], ctx.Err()
		}
	}
	return users, ctx.Err()
}

// escorts says whether the person has been at a kindergarten.
func (a *arena) escorts(person uint32) bool {
	return slices.ContainsFunc(a.stays(person), func(s dataset.Activity) bool { return s.Kind == string(dataset.Kindergarten) })
}

// stays are a member's true activities in the window (sorted by person).
func (a *arena) stays(person uint32) []dataset.Activity {
	all := a.memTruth.Activities
	i, _ := slices.BinarySearchFunc(all, person, func(s dataset.Activity, p uint32) int { return cmp.Compare(s.Person, p) })
	j := i
	for j < len(all) && all[j].Person == person {
		j++
	}
	return all[i:j]
}

func (a *arena) trace(ctx context.Context, u sigcity.UserID) (sigcity.Trajectory, error) {
	for t, err := range a.raw.Users(ctx, sigcity.Range{First: u, Limit: u + 1}) {
		if err != nil {
			return t, err
		}
		return t.Clone(), nil
	}
	return sigcity.Trajectory{}, fmt.Errorf("example: SIM %d has no records", u)
}

func (a *arena) examplePerson(id uint32) ExamplePerson {
	p := a.truth.Persons[id]
	out := ExamplePerson{Sex: p.Sex, Age: int(p.Age), Employment: p.Employment, Income: int(p.Income), PreschoolChild: a.hasPreschool(id)}
	s := &scorer{a: a}
	if home, ok := s.anchor(id, dataset.ActHome); ok {
		out.HomeLon, out.HomeLat = home[0], home[1]
	}
	if work, ok := s.anchor(id, dataset.ActWork); ok {
		out.WorkLon, out.WorkLat, out.HasWork = work[0], work[1], true
	}
	return out
}

// exampleDay is the day with most kinds of activities, of equals the one with
// most records, of equals the first.
func (a *arena) exampleDay(person uint32, t sigcity.Trajectory) int {
	best, most := 0, -1
	for day := range a.calendar.Days() {
		from, to := a.calendar.Start(day), a.calendar.Start(day+1)
		kinds := map[string]bool{}
		for _, s := range a.stays(person) {
			if s.Start < to && s.End > from {
				kinds[s.Kind] = true
			}
		}
		if n := len(kinds)*1_000_000 + len(dataset.Window(t.Records, from, to)); n > most {
			best, most = day, n
		}
	}
	return best
}

func (a *arena) fillDay(e *Example, person uint32, t sigcity.Trajectory, from, to uint32) {
	clock := func(at uint32, layout string) string {
		return time.Unix(int64(at), 0).In(a.calendar.Location()).Format(layout)
	}
	areas := a.raw.Areas()
	for _, r := range dataset.Window(t.Records, from, to) {
		c := areas[r.Area]
		e.Events = append(e.Events, ExampleEvent{Time: r.Time, Clock: clock(r.Time, "15:04:05"), Event: r.Type.String(), Cell: c.Name, Lon: c.Center[0], Lat: c.Center[1]})
	}
	for _, s := range a.stays(person) {
		if s.Start < to && s.End > from {
			s.Start, s.End = max(s.Start, from), min(s.End, to)
			e.Activities = append(e.Activities, ExampleActivity{Kind: s.Kind, From: clock(s.Start, "15:04"), To: clock(s.End, "15:04"), Start: s.Start, End: s.End, Lon: s.Lon, Lat: s.Lat})
		}
	}
	for _, r := range a.memTruth.Trips {
		if r.Person == person && r.Start < to && r.End > from {
			e.Trips = append(e.Trips, ExampleTrip{r.Mode, r.Purpose, r.Start, r.End, r.FromLon, r.FromLat, r.ToLon, r.ToLat})
		}
	}
}

// inferences runs the portrait on the trace and compares it with truth.
func (a *arena) inferences(person uint32, t sigcity.Trajectory) ([]Inference, error) {
	p, err := attacks.NewPortrayer(a.raw.Areas(), a.public, a.calendar, attacks.DefaultPortraitParams())
	if err != nil {
		return nil, err
	}
	profile := p.Portrait(t)
	out := []Inference{}
	for _, x := range profile.Attributes {
		truth := attributeOf(x.Attribute)
		if truth == nil || len(x.Values) == 0 {
			continue
		}
		var evidence []string
		for _, v := range profile.Evidence {
			if v.Attribute == x.Attribute {
				evidence = append(evidence, v.String())
			}
		}
		i := Inference{Attribute: x.Attribute, Value: x.Values[0].Value, Score: x.Values[0].Score, Evidence: strings.Join(evidence, "; "), Truth: truth(a.city, person)}
		if i.Evidence == "" {
			i.Evidence = "public statistics only"
		}
		i.Right = i.Value == i.Truth
		out = append(out, i)
	}
	return out, nil
}
