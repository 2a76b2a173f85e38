package planning_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

func ExampleRun() {
	city := fixture.New(100, 7, 1)
	proj := city.Map.Projection()
	env := &planning.Env{Meta: city.Data.Meta(), Areas: city.Data.Areas(), Calendar: city.Calendar, Map: city.Map,
		Proj: proj, Zoning: geo.Grid{Proj: proj, Size: 1000}, Population: 50_000}
	task, _, err := plugin.Make[planning.Task]("U09", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	got, err := planning.Run(ctx, task, city.Data, env, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	want, err := task.FromTruth(ctx, city.Truth, env)
	if err != nil {
		fmt.Println(err)
		return
	}
	total := 0.0
	for _, z := range got.(*planning.Residents).Zones {
		total += z.Persons
	}
	fmt.Printf("%.0f residents, score %.2f\n", total, task.Score(want, got))
	// Output: 50000 residents, score 1.00
}

func BenchmarkTasks(b *testing.B) {
	c := fixture.New(2000, 7, 1)
	for _, entry := range plugin.All[planning.Task]() {
		b.Run(entry.ID, func(b *testing.B) {
			task, _, err := plugin.Make[planning.Task](entry.Name, nil)
			if err != nil {
				b.Fatal(err)
			}
			e := env(b, c.Data, c)
			for b.Loop() {
				if _, err := planning.RunGroups(context.Background(), []planning.Task{task}, c.Data, e,
					func(u sigcity.UserID) int { return int(u) % 40 }, 40, 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(c.Data.Info.Records)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
			b.ReportAllocs()
		})
	}
}
