package dataset

import (
	"context"

	"github.com/sigcity/sigcity"
)

// What is odd about the feed, in the ground truth.
const (
	TableEventFlags  = "truth/event_flags"
	TableFeedFaults  = "truth/feed_faults"
	TableCellChanges = "truth/cell_changes"
)

// EventFlag is a row of truth/event_flags: something odd about one record. A
// record with several flags has several rows; most records have none.
type EventFlag struct {
	User   uint32 `parquet:"user,delta"`
	Record uint32 `parquet:"record,delta"` // which of the user's records of the local date, from 0
	Time   uint32 `parquet:"time,delta"`   // of the record, Unix seconds UTC
	Flag   string `parquet:"flag,dict"`
	DelayS int32  `parquet:"delay_s,dict"` // of a late record: seconds until it arrived; else 0
}

// Values of EventFlag.Flag.
const (
	FlagPingPong    = "ping_pong"    // in a cell that the phone only faded to, or on the way back from it
	FlagDrift       = "drift"        // in a distant cell, or on the way back from it
	FlagOutage      = "outage"       // the site of the best cell is off the air: this is another one
	FlagDuplicate   = "duplicate"    // an exact copy of the record before
	FlagLate        = "late"         // arrived DelayS after its time
	FlagUnknownCell = "unknown_cell" // the cell list does not tell where the cell is
)

// FeedFault is a row of truth/feed_faults: a fault that lasts, filed under the
// local date on which it begins.
type FeedFault struct {
	Kind string `parquet:"kind,dict"`
	Site int32  `parquet:"site"` // that is off the air; −1 = none
	TAC  uint32 `parquet:"tac"`  // that is not recorded; 0 = none
	From uint32 `parquet:"from"` // Unix seconds UTC
	To   uint32 `parquet:"to"`   // exclusive
}

// Values of FeedFault.Kind.
const (
	FaultSiteOutage = "site_outage" // no cell of the site is on the air
	FaultProbeGap   = "probe_gap"   // no record of the tracking area is there
)

// CellChange is a row of truth/cell_changes: how the cell list and the network
// part ways, or change.
type CellChange struct {
	Kind    string  `parquet:"kind,dict"`
	Cell    int32   `parquet:"cell"`    // row of the cell list
	Instead int32   `parquet:"instead"` // of which row it takes the place; −1 = of none
	Time    uint32  `parquet:"time"`    // Unix seconds UTC; 0 = all the time
	Lon     float64 `parquet:"lon"`     // of the antenna, where it truly is
	Lat     float64 `parquet:"lat"`
}

// Values of CellChange.Kind.
const (
	CellNew        = "new"        // goes on air
	CellMoved      = "moved"      // the CGI of Instead goes on air here, and off air there
	CellRenumbered = "renumbered" // the cell of Instead has another CGI from now on
	CellUnknown    = "unknown"    // the cell list does not tell where it is
)

// KindUnknown is the Kind of a cell that records name and the operator's cell
// list lacks: all that is known is its tracking area. Centre and radius are
// those of the tracking area.
const KindUnknown = "unknown"

// OpenEnd is the end of a validity that has a beginning and no end.
const OpenEnd = 1<<32 - 1

// FlagsOf reads the flags of one user's records on a day, in order of record;
// none where the data set has no such table.
func FlagsOf(ctx context.Context, f *Folder, user sigcity.UserID, day int) ([]EventFlag, error) {
	for part, p := range f.m.Parts {
		if user < p.First || user >= p.First+sigcity.UserID(p.Users) {
			continue
		}
		path, err := slotPath(f.cal, len(f.m.Parts), TableEventFlags, Slot{day, part})
		if err != nil {
			return nil, err
		}
		e, ok := f.files[path]
		if !ok {
			return nil, nil
		}
		return gather(func(yield func(EventFlag, error) bool) { readFile(ctx, f, e, yield) },
			func(r *EventFlag) bool { return r.User == uint32(user) })
	}
	return nil, nil
}
