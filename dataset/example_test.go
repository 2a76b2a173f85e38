package dataset_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// A data set in memory is written as a folder and read back: only the second
// day, only the users who have records then.
func Example() {
	dir, err := os.MkdirTemp("", "sigcity")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	mem := &dataset.Mem{
		Info:  sigcity.Meta{Name: "tiny", Users: 2, TimeZone: "Etc/UTC", Start: "2026-03-02", Days: 2},
		Cells: []sigcity.Area{{ID: 0, Name: "999-01-256", Center: orb.Point{7.42, 43.73}, Radius: 300}},
		Rows: [][]sigcity.Record{
			{{Time: 1772413200, Type: sigcity.Attach}, {Time: 1772499600, Type: sigcity.ServiceRequest}},
			{{Time: 1772420400, Type: sigcity.CallOut}},
		},
	}
	ctx := context.Background()
	f, err := dataset.WriteDataset(ctx, filepath.Join(dir, "tiny"), mem, dataset.Manifest{Code: "example"}, 1)
	if err != nil {
		log.Fatal(err)
	}
	for _, file := range f.Manifest().Files {
		fmt.Println(file.Path, file.Rows)
	}
	cal, err := f.Meta().Calendar()
	if err != nil {
		log.Fatal(err)
	}
	for t, err := range f.Users(ctx, sigcity.Range{From: cal.Start(1), To: cal.Start(2)}) {
		if err != nil {
			log.Fatal(err)
		}
		for _, r := range t.Records {
			fmt.Println(t.User, r.Time, f.Areas()[r.Area].Name, r.Type)
		}
	}
	// Output:
	// README.md 0
	// areas.geojson 1
	// areas.parquet 1
	// events/date=2026-03-02/part-0000.parquet 2
	// events/date=2026-03-03/part-0000.parquet 1
	// 0 1772499600 999-01-256 service-request
}
