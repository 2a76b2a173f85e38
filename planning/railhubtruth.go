package planning

import (
	"context"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity/dataset"
)

// roleOf are the roles of passages in truth.
func roleOf(purpose string) (HubRole, error) {
	switch purpose {
	case dataset.PassDepart:
		return RoleDepart, nil
	case dataset.PassArrive:
		return RoleArrive, nil
	case dataset.PassTransfer:
		return RoleTransfer, nil
	case dataset.PassVisit:
		return RolePickUp, nil
	case dataset.PassWork:
		return RoleStaff, nil
	case dataset.PassThrough:
		return RolePassBy, nil
	}
	return 0, fmt.Errorf("purpose %q of a passage, want depart, arrive, transfer, pass, work or visit", purpose)
}

// FromTruth takes the passages of railway stations by everybody with a SIM, and a row for
// each day that somebody is at a home beside one.
func (t railHubTask) FromTruth(ctx context.Context, truth *dataset.Truth, env *Env) (Answer, error) {
	out := &HubPopulation{}
	phone := withPhone(truth)
	for i := range truth.Passages {
		p := &truth.Passages[i]
		if err := env.checkHub(p.Hub); err != nil {
			return nil, fmt.Errorf("%s: person %d: %w", dataset.TableHubPassages, p.Person, err)
		}
		if !phone[p.Person] || !env.isStation(int64(p.Hub)) {
			continue
		}
		role, err := roleOf(p.Purpose)
		if err != nil {
			return nil, fmt.Errorf("%s: person %d: %w", dataset.TableHubPassages, p.Person, err)
		}
		out.Visits = append(out.Visits, HubVisit{AtHub{p.Person, p.Hub, p.Arrive, p.Leave, 1}, role})
	}
	if err := t.residents(ctx, truth, env, out); err != nil {
		return nil, err
	}
	sortEvents[HubVisit](out.Visits)
	return out, ctx.Err()
}

// residents appends the days of people at homes beside stations.
func (t railHubTask) residents(ctx context.Context, truth *dataset.Truth, env *Env, out *HubPopulation) error {
	hubs := env.railHubs()
	if len(hubs) == 0 {
		return nil
	}
	return env.eachPerson(ctx, truth, func(person uint32, acts []dataset.Activity, _ []dataset.Trip) {
		last := make([]int, len(hubs)) // day after the last one
		for _, a := range acts {
			if a.Kind != dataset.ActHome {
				continue
			}
			q := env.Proj.XY(orb.Point{a.Lon, a.Lat})
			for k, h := range hubs {
				if h.at.Dist(q) > t.homeM {
					continue
				}
				for day := max(env.Calendar.Day(a.Start), last[k]); day < env.Calendar.Days() && env.Calendar.Start(day) < a.End; day++ {
					last[k] = day + 1
					out.Visits = append(out.Visits, HubVisit{AtHub{person, uint32(h.hub), env.Calendar.Start(day), env.Calendar.Start(day + 1), 1}, RoleResident})
				}
			}
		}
	})
}

// tally is how much of each role is wanted, got and both.
func (p *HubPopulation) tally(got *HubPopulation) (want, have, both [hubRoles]float64) {
	for _, v := range p.Visits {
		want[v.Role] += v.Weight
	}
	for _, v := range got.Visits {
		have[v.Role] += v.Weight
	}
	matched(p.Visits, got.Visits, func(w, _ *HubVisit, weight float64) { both[w.Role] += weight })
	return want, have, both
}

// Score is the mean F1 of the roles that are wanted or got: a visit is found if its user,
// station and role are right, and its time within 15 min.
func (railHubTask) Score(want, got Answer) float64 {
	w, g, ok := both[HubPopulation](want, got)
	if !ok {
		return 0
	}
	wanted, have, hits := w.tally(g)
	sum, n := 0.0, 0.0
	for r := range hubRoles {
		if wanted[r]+have[r] > 0 {
			sum += f1(hits[r], wanted[r], have[r])
			n++
		}
	}
	if n == 0 {
		return 1
	}
	return sum / n
}

// Detail: of each role F1 and the error of its number, and WAPE of the numbers by
// station and role.
func (railHubTask) Detail(want, got Answer) map[string]float64 {
	w, g, ok := both[HubPopulation](want, got)
	if !ok {
		return nil
	}
	out := map[string]float64{"wape": wape(w.counts(), g.counts())}
	wanted, have, hits := w.tally(g)
	for r := range hubRoles {
		if wanted[r]+have[r] > 0 {
			out["f1_"+r.String()] = f1(hits[r], wanted[r], have[r])
			out["wape_"+r.String()] = wapeOf(wanted[r:r+1], have[r:r+1])
		}
	}
	return out
}

// hubRoleCount is the number of visits of a station in a role.
type hubRoleCount struct {
	hub    uint32
	role   HubRole
	visits float64
}

func (c hubRoleCount) order(o hubRoleCount) int {
	return byUser(c.hub, o.hub, uint32(c.role), uint32(o.role))
}

func (c hubRoleCount) count() float64 { return c.visits }

// counts lists the visits by station and role, in order.
func (p *HubPopulation) counts() []hubRoleCount {
	sums := map[uint32]*[hubRoles]float64{}
	hubs := uint32(0)
	for _, v := range p.Visits {
		if sums[v.Hub] == nil {
			sums[v.Hub] = new([hubRoles]float64)
		}
		sums[v.Hub][v.Role] += v.Weight
		hubs = max(hubs, v.Hub+1)
	}
	var out []hubRoleCount
	for h := range hubs {
		if sums[h] == nil {
			continue
		}
		for r, n := range sums[h] {
			if n > 0 {
				out = append(out, hubRoleCount{h, HubRole(r), n})
			}
		}
	}
	return out
}

// Sheets: the people at each station by role, on a map and as a table, and a list.
func (p *HubPopulation) Sheets(e *Env) []Sheet {
	all := Sheet{Name: "stations", Title: "Visits of railway stations", Columns: []string{"hub", "name", "lon", "lat"}, Picture: Picture{Kind: Points, Value: []string{"visits"}}}
	chart := Sheet{Name: "roles", Title: "Visits of railway stations by role", Columns: []string{"role", "visits"}, Picture: Picture{Kind: Columns, Label: "role", Value: []string{"visits"}}}
	all.Columns = append(append(all.Columns, hubRoleNames[:]...), "visits")
	var roles [hubRoles]float64
	byHub := map[uint32]*[hubRoles]float64{}
	for _, c := range p.counts() {
		if byHub[c.hub] == nil {
			byHub[c.hub] = new([hubRoles]float64)
		}
		byHub[c.hub][c.role] = c.visits
		roles[c.role] += c.visits
	}
	for i, h := range e.Map.Hubs {
		n := byHub[uint32(i)]
		if n == nil {
			continue
		}
		row, sum := []any{i, h.Name, h.Lon, h.Lat}, 0.0
		for _, x := range n {
			row, sum = append(row, x), sum+x
		}
		all.Rows = append(all.Rows, append(row, sum))
		all.Shapes = append(all.Shapes, orb.Point{h.Lon, h.Lat})
	}
	for r := range hubRoles {
		chart.Rows = append(chart.Rows, []any{r.String(), roles[r]})
	}
	list := Sheet{Name: "visits", Title: "Visits of railway stations", Columns: []string{"user", "hub", "start", "end", "role", "weight"}}
	for _, v := range p.Visits {
		list.Rows = append(list.Rows, []any{v.User, v.Hub, v.Start, v.End, v.Role.String(), v.Weight})
	}
	return []Sheet{all, chart, list}
}
