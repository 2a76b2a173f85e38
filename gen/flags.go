package gen

import (
	"math/bits"

	"github.com/sigcity/sigcity/dataset"
)

// flags is what is odd about a record: a set, in the order of flagNames.
type flags uint8

const (
	pingPong  flags = 1 << iota // in a cell that the phone only faded to, or the way back from it
	drift                       // in a distant cell, or the way back from it
	offAir                      // in another cell than usual: the site of the best one is off the air
	duplicate                   // the copy of the record before
	late                        // arrived after its time
	unknownID                   // in a cell that the cell list lacks
)

// strayed: in a cell that the phone comes back from.
const strayed = pingPong | drift

var flagNames = [...]string{dataset.FlagPingPong, dataset.FlagDrift, dataset.FlagOutage, dataset.FlagDuplicate, dataset.FlagLate, dataset.FlagUnknownCell}

// A note flags a record of one SIM's day.
type note struct {
	record uint32 // position among the SIM's records of the day
	time   uint32 // of the record; known once the day is filed
	delay  uint32 // of a late record, s
	flags  flags
}

// flagRows appends the rows of the notes of each SIM in a day of the part.
func (p *partRun) flagRows(rows []dataset.EventFlag) []dataset.EventFlag {
	for i, notes := range p.notes {
		for _, n := range notes {
			row := dataset.EventFlag{User: uint32(p.first) + uint32(i), Record: n.record, Time: n.time}
			for set := n.flags; set != 0; set &= set - 1 { // one flag, mostly
				f := set & -set
				row.Flag, row.DelayS = flagNames[bits.TrailingZeros8(uint8(f))], 0
				if f == late {
					row.DelayS = int32(n.delay)
				}
				rows = append(rows, row)
			}
		}
	}
	return rows
}
