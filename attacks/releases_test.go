package attacks

import (
	"fmt"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
)

const sceneUsers = 200

// forms are the shapes that releases take, each built here in a few lines so
// that this test hangs on no anonymizer.
func forms() map[string]func(errorM float64) *scene {
	base := func(errorM float64) *scene { return identityScene(sceneUsers, 7, 3, errorM) }
	return map[string]func(float64) *scene{
		"identity": base,
		"hexagons": func(e float64) *scene {
			return base(e).rewrite(func(m *dataset.Mem) { hexagons(m, 7) })
		},
		"noise": func(e float64) *scene {
			s := base(e)
			proj := s.city.Map.Projection()
			areas := geo.NewAreas(s.city.Data.Cells, proj)
			rng := sigcity.Rand(1, "attacks.test.noise")
			return s.rewrite(func(m *dataset.Mem) {
				for _, rows := range m.Rows {
					for i, r := range rows {
						c := areas.Centers[r.Area]
						rows[i].Area, _ = areas.Nearest(geo.XY{X: c.X + 1000*rng.NormFloat64(), Y: c.Y + 1000*rng.NormFloat64()})
					}
				}
			})
		},
		"pairs": pairScene,
		"daily pseudonyms": func(e float64) *scene {
			s := base(e)
			return s.rewrite(func(m *dataset.Mem) {
				old := m.Rows
				m.Rows = nil
				for d := range m.Info.Days {
					p := sigcity.Period{From: s.city.Calendar.Start(d), To: s.city.Calendar.Start(d + 1)}
					m.Info.Periods = append(m.Info.Periods, p)
					for u, rows := range old {
						if d == 0 {
							s.owners[u] = nil
						}
						s.owners[u] = append(s.owners[u], sigcity.UserID(len(m.Rows)))
						m.Rows = append(m.Rows, dataset.Window(rows, p.From, p.To))
					}
				}
				m.Info.Users, m.Keys = len(m.Rows), nil
			})
		},
		"random": func(e float64) *scene {
			rng := sigcity.Rand(2, "attacks.test.random")
			return base(e).rewrite(func(m *dataset.Mem) {
				for _, rows := range m.Rows {
					home, work := sigcity.AreaID(rng.IntN(len(m.Cells))), sigcity.AreaID(rng.IntN(len(m.Cells)))
					for i := range rows { // people who never were, with anchors of their own
						rows[i].Area = home
						if h := rows[i].Time / 3600 % 24; h >= 8 && h < 17 {
							rows[i].Area = work
						}
						if rng.IntN(4) == 0 {
							rows[i].Area = sigcity.AreaID(rng.IntN(len(m.Cells)))
						}
					}
				}
			})
		},
	}
}

// hexagons generalises cells to H3 and times to hours.
func hexagons(m *dataset.Mem, res int) {
	z := geo.Hexagons(res)
	at := map[geo.ZoneID]sigcity.AreaID{}
	var areas []sigcity.Area
	to := make([]sigcity.AreaID, len(m.Cells))
	for i, c := range m.Cells {
		zone := z.Zone(c.Center)
		if _, ok := at[zone]; !ok {
			at[zone] = sigcity.AreaID(len(areas))
			areas = append(areas, sigcity.Area{ID: at[zone], Center: z.Center(zone), Footprint: z.Outline(zone), Radius: 1280})
		}
		to[i] = at[zone]
	}
	for _, rows := range m.Rows {
		for i, r := range rows {
			rows[i] = sigcity.Record{Time: r.Time / 3600 * 3600, Span: 3600, Area: to[r.Area]}
		}
	}
	m.Cells = areas
}

// pairScene merges users 2i and 2i+1 record by record into boxes, as GLOVE does
// with k = 2: both leave the same trajectory.
func pairScene(errorM float64) *scene {
	s := identityScene(sceneUsers, 7, 3, errorM)
	proj := s.city.Map.Projection()
	s.rel.Kind = sigcity.Boxes
	return s.rewrite(func(m *dataset.Mem) {
		cells := m.Cells
		m.Cells = nil
		at := map[[2]sigcity.AreaID]sigcity.AreaID{}
		for u := 0; u+1 < len(m.Rows); u += 2 {
			a, b := m.Rows[u], m.Rows[u+1]
			for i := range a {
				key := [2]sigcity.AreaID{min(a[i].Area, b[i].Area), max(a[i].Area, b[i].Area)}
				if _, ok := at[key]; !ok {
					at[key] = sigcity.AreaID(len(m.Cells))
					m.Cells = append(m.Cells, box(proj, at[key], cells[key[0]], cells[key[1]]))
				}
				from := min(a[i].Time, b[i].Time)
				r := sigcity.Record{Time: from, Span: max(a[i].Time, b[i].Time) - from, Area: at[key]}
				a[i], b[i] = r, r
			}
		}
	})
}

func box(proj geo.Projection, id sigcity.AreaID, a, b sigcity.Area) sigcity.Area {
	pts := append(proj.RingXY(a.Footprint), proj.RingXY(b.Footprint)...)
	lo, hi := pts[0], pts[0]
	for _, p := range pts {
		lo, hi = geo.XY{X: min(lo.X, p.X), Y: min(lo.Y, p.Y)}, geo.XY{X: max(hi.X, p.X), Y: max(hi.Y, p.Y)}
	}
	w, h := hi.X-lo.X, hi.Y-lo.Y
	return sigcity.Area{ID: id, Center: proj.LonLat(lo.Lerp(hi, 0.5)), Spacing: fixture.SpacingM,
		Radius:    0.5642 * (w + h) / 2, // of the disc as large as the square of the mean side
		Footprint: proj.Ring([]geo.XY{lo, {X: hi.X, Y: lo.Y}, hi, {X: lo.X, Y: hi.Y}})}
}

// TestReleaseForms holds every linkage attack to what each form of release gives
// away. Chance is 1/200. Upper bounds are theory: k identical trajectories give
// 1/k at most, and on other people's traces the hits of 200 targets are at most
// about Poisson(1) distributed, so that 12 or more have a probability below
// 1e-9. Lower bounds say that the attack works there: at least ten times chance,
// except where exact knowledge meets noisy records and is told so.
func TestReleaseForms(t *testing.T) {
	const chance, random = 1.0 / sceneUsers, 12.0 / sceneUsers
	noise := &Mechanism{Method: "noise", Params: map[string]any{"sigma_m": 1000.0}}
	topTwo := plugin.Args{"n": 2, "ordered": false}
	got := map[string]float64{}
	for _, c := range []struct {
		attack, form string
		errorM       float64
		mechanism    *Mechanism
		args         plugin.Args
		min, max     float64
	}{
		{"home-work", "identity", 200, nil, nil, 0.8, 1},
		{"home-work", "hexagons", 200, nil, nil, 10 * chance, 1},
		{"home-work", "noise", 200, nil, nil, 10 * chance, 1},
		{"home-work", "noise", 200, noise, nil, 10 * chance, 1},
		{"home-work", "pairs", 200, nil, nil, 10 * chance, 0.5},
		{"home-work", "daily pseudonyms", 200, nil, nil, 10 * chance, 1},
		{"home-work", "random", 200, nil, nil, 0, random},
		{"unicity", "identity", 0, nil, nil, 0.8, 1},
		{"unicity", "identity", 200, nil, nil, 10 * chance, 1},
		{"unicity", "hexagons", 0, nil, nil, 10 * chance, 1},
		{"unicity", "noise", 0, nil, nil, 0, 1},
		{"unicity", "noise", 0, noise, nil, 5 * chance, 1},
		{"unicity", "pairs", 0, nil, nil, 10 * chance, 0.5},
		{"unicity", "daily pseudonyms", 0, nil, nil, 10 * chance, 1},
		{"unicity", "random", 0, nil, nil, 0, random},
		{"top-n", "identity", 0, nil, topTwo, 0.8, 1},
		{"top-n", "identity", 200, nil, topTwo, 10 * chance, 1},
		{"top-n", "hexagons", 0, nil, topTwo, 10 * chance, 1},
		{"top-n", "noise", 0, nil, topTwo, 10 * chance, 1},
		{"top-n", "pairs", 0, nil, topTwo, 10 * chance, 0.5},
		{"top-n", "daily pseudonyms", 0, nil, topTwo, 10 * chance, 1},
		{"top-n", "random", 0, nil, topTwo, 0, random},
	} {
		s := forms()[c.form](c.errorM)
		s.know.Mechanism = c.mechanism
		name := fmt.Sprintf("%s, error %g m, adaptive %t: %s", c.attack, c.errorM, c.mechanism != nil, c.form)
		got[name] = hits(run(t, c.attack, c.args, s), s.owners)
		t.Logf("%-60s hit@1 %.3f", name, got[name])
		if got[name] < c.min || got[name] > c.max {
			t.Errorf("%s: hit@1 %.3f, want %.3f … %.3f", name, got[name], c.min, c.max)
		}
		// Nothing that blurs may help: the same adversary does best on identity.
		if id, ok := got[fmt.Sprintf("%s, error %g m, adaptive false: identity", c.attack, c.errorM)]; !ok || got[name] > id+1e-9 && c.form != "daily pseudonyms" {
			t.Errorf("%s: hit@1 %.3f, on identity %.3f", name, got[name], id)
		}
	}
	if plain, adaptive := got["unicity, error 0 m, adaptive false: noise"], got["unicity, error 0 m, adaptive true: noise"]; adaptive <= plain {
		t.Errorf("unicity on noise: adaptive %.3f, plain %.3f: knowing the noise does not help", adaptive, plain)
	}
}

// Two people with one trajectory cannot be told apart: no target may have its
// token above its partner's.
func TestIdenticalTrajectoriesTie(t *testing.T) {
	for _, attack := range []string{"home-work", "unicity", "top-n"} {
		s := pairScene(0)
		answered := 0
		for _, g := range run(t, attack, nil, s) {
			score := map[sigcity.UserID]float64{}
			for _, a := range g.Answers {
				score[a.Token] = a.Score
			}
			own := sigcity.UserID(g.Target)
			if _, ok := score[own]; !ok || g.Rest > 0 {
				continue
			}
			answered++
			if score[own] != score[own^1] {
				t.Errorf("%s, target %d: score %v, its double's %v", attack, g.Target, score[own], score[own^1])
			}
		}
		if answered < sceneUsers/4 {
			t.Errorf("%s: %d targets with their token among the answers, too few to test", attack, answered)
		}
	}
}
