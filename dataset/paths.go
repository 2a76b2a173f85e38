package dataset

import (
	"fmt"
	"regexp"

	"github.com/sigcity/sigcity"
)

// TableEvents is the table that [Writer.Events] writes.
const TableEvents = "events"

// TableContacts is the table of calls and messages beside the events.
const TableContacts = "contacts"

// Contact is a row of contacts/: what a call or message record leaves besides
// its event, at the SIM of one end. It belongs to the event of the same user,
// time and type.
type Contact struct {
	User      uint32 `parquet:"user,delta"`
	Time      uint32 `parquet:"time,delta"`      // Unix seconds UTC
	Event     int32  `parquet:"event,dict"`      // call-out, call-in, sms-out or sms-in
	Peer      int64  `parquet:"peer"`            // the other SIM, −1 = a number outside the data set
	DurationS int32  `parquet:"duration_s,dict"` // of a call, seconds; 0 = not answered
}

// The files of the areas: raw data has cells, a release has areas.
const (
	TableCells = "cells"
	TableAreas = "areas"
)

// The tables of map/.
const (
	TablePlaces      = "map/places"
	TableCommunities = "map/communities"
	TableRoads       = "map/roads"
	TableLandUse     = "map/land_use"
	TableLines       = "map/lines"
	TableStops       = "map/stops"
	TableHubs        = "map/hubs"
	TableGates       = "map/gates"
	TableZones       = "map/zones"
)

const mapFile = "map/map.json"

// PartUsers is the number of tokens in a part of a release or an import.
const PartUsers = 8192

// PartsOf cuts users 0 … n−1 into parts of PartUsers.
func PartsOf(n int) []Part {
	var out []Part
	for first := 0; first < n; first += PartUsers {
		out = append(out, Part{First: sigcity.UserID(first), Users: min(PartUsers, n-first)})
	}
	return out
}

var tableName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$`)

// slotPath is the file of a slot of a table, relative to the folder.
func slotPath(cal *sigcity.Calendar, parts int, table string, s Slot) (string, error) {
	if !tableName.MatchString(table) {
		return "", fmt.Errorf("table name %q: want lower-case letters, digits, _ and - between slashes", table)
	}
	if s.Day < -1 || s.Day >= cal.Days() {
		return "", fmt.Errorf("%s: day %d, want one of the %d days", table, s.Day, cal.Days())
	}
	if s.Part < -1 || s.Part >= parts {
		return "", fmt.Errorf("%s: part %d, want one of the %d parts", table, s.Part, parts)
	}
	if s == Whole {
		return table + ".parquet", nil
	}
	day, part := "", "all"
	if s.Day >= 0 {
		day = "date=" + cal.Date(s.Day) + "/"
	}
	if s.Part >= 0 {
		part = fmt.Sprintf("part-%04d", s.Part)
	}
	return table + "/" + day + part + ".parquet", nil
}
