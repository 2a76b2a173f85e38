package gen

import (
	"testing"

	"github.com/sigcity/sigcity/dataset"
)

func passagesFollow(t *testing.T, f *dataset.Folder) {
	lines, stops := rows[dataset.Line](t, f, dataset.TableLines), rows[dataset.Stop](t, f, dataset.TableStops)
	type key struct {
		person  uint32
		hub     int64
		at      uint32
		purpose string
	}
	leaves, arrives := map[key]bool{}, map[key]bool{} // what boards and what gets off or begins
	for _, trip := range rows[dataset.Trip](t, f, dataset.TableTrips) {
		n := len(trip.Rides)
		for k, x := range trip.Rides {
			l := &lines[x.Line]
			on, off := stops[l.Stops[x.Board]].Hub, stops[l.Stops[x.Alight]].Hub
			changed := k > 0 && on >= 0 && stops[lines[trip.Rides[k-1].Line].Stops[trip.Rides[k-1].Alight]].Hub == on
			changes := k+1 < n && off >= 0 && stops[lines[trip.Rides[k+1].Line].Stops[trip.Rides[k+1].Board]].Hub == off
			if on >= 0 {
				p := dataset.PassDepart
				if changed {
					p = dataset.PassTransfer
				}
				leaves[key{trip.Person, on, x.Start, p}] = true
			}
			if off >= 0 {
				p := dataset.PassArrive
				if changes {
					p = dataset.PassTransfer
				}
				arrives[key{trip.Person, off, x.End, p}] = true
			}
		}
	}
	at := map[int64]int64{}
	for _, h := range rows[dataset.Hub](t, f, dataset.TableHubs) {
		if h.Place >= 0 {
			at[h.Place] = int64(h.ID)
		}
	}
	work, flights := map[key]uint32{}, map[key]uint32{} // of the latter, whatever the hub and the purpose
	for _, a := range rows[dataset.Activity](t, f, dataset.TableActivities) {
		if h, ok := at[a.Place]; ok && a.Kind == dataset.ActWork {
			work[key{a.Person, h, a.Start, dataset.PassWork}] = a.End
		}
		if a.Kind == string(dataset.Airport) {
			flights[key{person: a.Person, at: a.Start}] = a.End
		}
	}
	counts := map[string]int{}
	last := map[uint32]uint32{}
	for _, p := range rows[dataset.HubPassage](t, f, dataset.TableHubPassages) {
		if p.Leave < p.Arrive || p.Arrive < last[p.Person] {
			t.Fatalf("passage %+v after one from %d on", p, last[p.Person])
		}
		last[p.Person] = p.Arrive
		if end, ok := flights[key{person: p.Person, at: p.Arrive}]; ok && end == p.Leave && (p.Purpose == dataset.PassDepart || p.Purpose == dataset.PassArrive) {
			delete(flights, key{person: p.Person, at: p.Arrive})
			continue
		}
		counts[p.Purpose]++
		from, to := key{p.Person, int64(p.Hub), p.Arrive, p.Purpose}, key{p.Person, int64(p.Hub), p.Leave, p.Purpose}
		ok := true
		switch p.Purpose {
		case dataset.PassDepart:
			ok = leaves[to]
		case dataset.PassArrive:
			ok = arrives[from]
		case dataset.PassTransfer:
			ok = leaves[to] && arrives[from]
		case dataset.PassWork:
			ok = work[from] == p.Leave
		}
		if !ok {
			t.Fatalf("passage %+v is none of a ride or stay", p)
		}
	}
	if len(flights) > 0 {
		t.Errorf("no passage of the airport for %v", flights)
	}
	if n := counts[dataset.PassDepart] + counts[dataset.PassTransfer]; n != len(leaves) || n == 0 {
		t.Errorf("%d passages lead on board, %d do by the trips", n, len(leaves))
	}
	if n := counts[dataset.PassArrive] + counts[dataset.PassTransfer]; n != len(arrives) {
		t.Errorf("%d passages begin on board, %d do by the trips", n, len(arrives))
	}
	if counts[dataset.PassWork] != len(work) || counts[dataset.PassTransfer] == 0 || counts[dataset.PassThrough] == 0 {
		t.Errorf("passages %v, %d stays at work", counts, len(work))
	}
}
