package dataset

import (
	"cmp"
	"context"
	"slices"
)

// What an attacker may hold, drawn from truth with coverage, errors and delay.
// Every source has numbers of its own for people; truth/identities says whose
// they are.
const (
	TableCheckins    = "outside/checkins"
	TableCards       = "outside/transit_cards"
	TableContactBook = "outside/contacts"
	TableAttributes  = "outside/attributes"
)

// Values of Identity.Source.
const (
	SourceRegister    = "register"
	SourceCheckins    = "checkins"
	SourceCards       = "transit_cards"
	SourceContactBook = "contacts"
	SourceAttributes  = "attributes"
)

// Checkin is a row of outside/checkins: a post with a place on it, of a social
// network. It is filed under the day of the post, which may be later than that
// of the stay.
type Checkin struct {
	Time    uint32  `parquet:"time,delta"` // of the post
	Account uint32  `parquet:"account"`
	Name    string  `parquet:"name,dict"`     // the name in the register, or an invented handle
	Kind    string  `parquet:"category,dict"` // of the place: a kind of activity
	Lon     float64 `parquet:"lon"`
	Lat     float64 `parquet:"lat"`
}

// CardTap is a row of outside/transit_cards: a card at a reader.
type CardTap struct {
	Time uint32 `parquet:"time,delta"` // by the reader's clock
	Card uint32 `parquet:"card"`
	Tap  string `parquet:"tap,dict"`  // in, out
	Mode string `parquet:"mode,dict"` // bus, tram, or of the line that is reached or left by the gate: metro, rail, high_speed
	Line int64  `parquet:"line,dict"` // id in map/lines of the vehicle that the reader is in, −1 = at a gate
	Stop int64  `parquet:"stop,dict"` // id in map/stops, −1 = at the gate of a hub
	Hub  int64  `parquet:"hub,dict"`  // id in map/hubs of the gate, −1 = none
}

// Values of CardTap.Tap.
const (
	TapIn  = "in"
	TapOut = "out"
)

// ContactEdge is a row of outside/contacts: two people who are in touch, as an
// attacker believes. It is there once, with Node < Peer.
type ContactEdge struct {
	Node uint32 `parquet:"node,delta"`
	Peer uint32 `parquet:"peer"`
}

// AttributeEntry is a row of outside/attributes: what a broker says of somebody.
type AttributeEntry struct {
	Entry    uint32 `parquet:"entry,delta"`
	Name     string `parquet:"name"` // the name in the register; empty = not told
	Sex      string `parquet:"sex,dict"`
	AgeFrom  int32  `parquet:"age_from"`    // of the age band: 18, 25, 35, 45, 55, 65, 75 years
	Income   int32  `parquet:"income"`      // class 1 … 5, 0 = not told
	Car      string `parquet:"drives,dict"` // yes, no; empty = not told
	Zoning   string `parquet:"zoning,dict"` // that the zones are of
	HomeZone int64  `parquet:"home_zone"`   // −1 = outside all zones
	WorkZone int64  `parquet:"work_zone"`   // −1 = not told, or no work
}

// Checkins reads outside/checkins in the order in which attacks get it: by time,
// all parts in one.
func Checkins(ctx context.Context, f *Folder) ([]Checkin, error) {
	rows, err := gather(ReadTable[Checkin](ctx, f, TableCheckins), nil)
	SortCheckins(rows)
	return rows, err
}

// SortCheckins puts posts in order of time.
func SortCheckins(rows []Checkin) {
	slices.SortFunc(rows, func(a, b Checkin) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Lon, b.Lon), cmp.Compare(a.Lat, b.Lat))
	})
}

// CardTaps reads outside/transit_cards in the order in which attacks get it: by
// time, all parts in one.
func CardTaps(ctx context.Context, f *Folder) ([]CardTap, error) {
	rows, err := gather(ReadTable[CardTap](ctx, f, TableCards), nil)
	SortCardTaps(rows)
	return rows, err
}

// SortCardTaps puts taps in order of time; a card taps out before it taps in.
func SortCardTaps(rows []CardTap) {
	slices.SortFunc(rows, func(a, b CardTap) int {
		return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.Card, b.Card), -cmp.Compare(a.Tap, b.Tap), cmp.Compare(a.Stop, b.Stop), cmp.Compare(a.Hub, b.Hub))
	})
}

// TableRegister is the identified outside register that a home–work linkage
// joins against (paper §5.1), drawn from truth with coverage and error.
const TableRegister = "outside/register"

// RegisterEntry is a row of outside/register. Its id is a random number of its
// own; truth/identities says who it is.
type RegisterEntry struct {
	Entry   uint32  `parquet:"entry,delta"`
	Name    string  `parquet:"name"` // synthetic, of nobody
	HomeLon float64 `parquet:"home_lon"`
	HomeLat float64 `parquet:"home_lat"`
	HasWork bool    `parquet:"has_work"`
	WorkLon float64 `parquet:"work_lon"`
	WorkLat float64 `parquet:"work_lat"`
}
