package network

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

// What phones that move go for is what the candidates say: for every kind of
// phone, in each medium, in and around the city and on the borders of tiles, from
// each of the candidates and from a cell far away.
func TestReselect(t *testing.T) {
	for _, c := range []*City{madeCity(t, "medium", 2), buildTown(t, town(30), Options{Inhabitants: 200_000})} {
		r := rand.New(rand.NewPCG(1, 2))
		m := &c.radio.ops[0].macro.coverage
		wide, high := float64(m.cols)*m.block, float64(m.rows)*m.block
		kept, second := 0, 0
		for range 20_000 {
			q := geo.XY{X: m.min.X + wide*(r.Float64()*1.2-0.1), Y: m.min.Y + high*(r.Float64()*1.2-0.1)}
			if r.IntN(2) == 0 { // in a hall or a tunnel, if there are any
				if s := &c.Sites[r.IntN(len(c.Sites))]; s.Kind != MacroSite {
					q = geo.XY{X: s.Pos.X + r.NormFloat64()*100, Y: s.Pos.Y + r.NormFloat64()*100}
				}
			}
			if r.IntN(4) == 0 {
				const unit = blockM / (2 << maxLevel)
				q.X = m.min.X + unit*float64(int((q.X-m.min.X)/unit))
			}
			ue := UE{Operator: r.IntN(len(c.Operators)), SA: r.IntN(2) == 0, Medium: Medium(r.IntN(3))}
			list := c.Camp(ue, q)
			for i := range len(list) + 1 {
				now, want := sigcity.AreaID(r.IntN(len(c.Cells))), list[0].Cell
				if i < len(list) {
					if now = list[i].Cell; list[i].BelowDB < list[0].BelowDB+HysteresisDB {
						want = now
					}
				} else if len(list) == maxCandidates || c.Sites[c.Cells[now].Site].Pos.Dist(q) < 10_000 {
					continue // may be a candidate
				}
				place := 0
				for _, x := range list[:max(slices.IndexFunc(list, func(x Candidate) bool { return x.Cell == want }), 0)] {
					if x.BelowDB < list[0].BelowDB+HysteresisDB {
						place++
					}
				}
				if got, rank := c.Reselect(ue, q, now); got != want || rank != place {
					t.Fatalf("%+v at %v in cell %d: %d, rank %d, want %d, rank %d, of %+v", ue, q, now, got, rank, want, place, list)
				}
				if place > 0 {
					second++
				}
				kept++
			}
		}
		if kept < 20_000 || second < 1000 {
			t.Errorf("%d looks, %d keep another cell than the best: too few to say anything", kept, second)
		}
	}
}

// The order of the tiles of a block has each of them once.
func TestSquareOrder(t *testing.T) {
	for level := range uint8(finestLevel + 1) {
		for k := range 1 << (2 * level) {
			tx, ty := inSquareOrder(k, level)
			if got := squareOrder(tx, ty, level); got != k || max(tx, ty) >= 1<<level {
				t.Fatalf("level %d: place %d is that of column %d and row %d, whose place is %d", level, k, tx, ty, got)
			}
		}
	}
}

// BenchmarkReselect is a phone on its way through a city.
func BenchmarkReselect(b *testing.B) {
	c := madeCity(b, "medium", 2)
	at := c.Buildings
	b.ReportAllocs()
	now, k := sigcity.AreaID(0), 0
	for b.Loop() {
		from, to := at[k*7919%len(at)].Pos, at[(k+1)*7919%len(at)].Pos
		for i := range 20 {
			now, _ = c.Reselect(UE{SA: true}, from.Lerp(to, float64(i)/20), now)
		}
		k++
	}
}
