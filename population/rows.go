package population

import (
	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

// Rows are the truth tables of one part, persons and households in ascending id,
// as they are when the data begins; a Timeline tells the anchors.
type Rows struct {
	Households []dataset.Household
	Persons    []dataset.Person
	SIMs       []dataset.SIM
	Social     []dataset.SocialTie // under the part of the first of the two
}

// Rows describes a part for the ground truth of a data set that begins at a
// second of Unix time.
func (p *Population) Rows(part int, begins uint32) Rows {
	var out Rows
	var contacts []Contact
	for _, h := range p.PartHouseholds(part) {
		hh, kind := &p.Households[h], Resident
		if g := p.Guest(h); g != nil {
			kind = g.Kind
		}
		home := p.City.Proj.LonLat(hh.Pos)
		out.Households = append(out.Households, dataset.Household{ID: h, Size: int32(hh.Size), Income: int32(hh.Income),
			Cars: int32(hh.Cars), Community: uint32(max(hh.Community, 0)), Lon: home[0], Lat: home[1]})
		first, limit := p.Members(h)
		for i := first; i < limit; i++ {
			who := &p.Persons[i]
			out.Persons = append(out.Persons, dataset.Person{ID: i, Household: h, Kind: kind.String(), Sex: who.Sex.String(), Age: int32(who.Age),
				Employment: who.Employment.String(), Income: int32(hh.Income), WhiteCollar: p.WhiteCollar(who), Car: who.Car, Consent: who.Consent})
			contacts = p.AppendContacts(contacts[:0], i)
			for _, c := range contacts {
				if i < c.Peer {
					out.Social = append(out.Social, dataset.SocialTie{Person: i, Peer: c.Peer, Kind: c.Tie.String(), Weight: float64(c.Weight)})
				}
			}
		}
	}
	users := p.Parts[part]
	for u := users.First; u < users.First+sigcity.UserID(users.Users); u++ {
		out.SIMs = append(out.SIMs, p.simRow(u, begins))
	}
	return out
}

func (p *Population) simRow(u sigcity.UserID, begins uint32) dataset.SIM {
	s := &p.SIMs[u]
	row := dataset.SIM{User: uint32(u), Kind: dataset.KindPhone, Use: s.Use.String(), Person: int64(s.Person), Household: -1, Place: -1,
		IMSI: s.IMSI, MSISDN: s.MSISDN, IMEI: s.IMEI, Operator: p.homeNetwork(s), Device: uint32(s.Device),
		Slot: int32(s.Slot), Radio: s.Radio.String(), Previous: -1, Change: s.Change.String()}
	switch {
	case s.Use == Telematics:
		row.Household = int64(p.Persons[s.Host].Household)
	case s.Use.AtHome():
		row.Household = int64(s.Host)
	case s.Use.AtPlace():
		row.Place = s.Spot.Place()
	}
	if s.Use != Handset {
		row.Kind, row.Person = dataset.KindIoT, -1
	}
	if s.Previous != NoSIM {
		row.Previous, row.From = int64(s.Previous), begins+s.From
	}
	if s.To != 0 {
		row.To = begins + s.To
	}
	return row
}

// homeNetwork is the PLMN that a SIM belongs to: of a roaming one, not the
// network that it is in.
func (p *Population) homeNetwork(s *SIM) string {
	if s.Foreign > 0 {
		return p.Config.Guests.ForeignPLMNs[s.Foreign-1]
	}
	return p.City.Operators[s.Operator].PLMN()
}

// MainKind is the activity kind of a person's main place.
func (e Employment) MainKind() string {
	switch e {
	case Student:
		return string(dataset.University)
	case Pupil:
		return string(dataset.School)
	case Preschool:
		return string(dataset.Kindergarten)
	}
	return dataset.ActWork
}
