package dataset

// JoinStays joins, in place, the rows of stays that are split at midnight:
// neighbours of one person, kind and place of which one ends when the next
// begins. The rows must be by person, then start.
func JoinStays(rows []Activity) []Activity {
	out := rows[:0]
	for _, a := range rows {
		if n := len(out); n > 0 {
			b := &out[n-1]
			if b.Person == a.Person && b.End == a.Start && b.Kind == a.Kind && b.Place == a.Place && b.Lon == a.Lon && b.Lat == a.Lat {
				b.End = a.End
				continue
			}
		}
		out = append(out, a)
	}
	return out
}
