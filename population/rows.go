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

// Rows describes a part for the ground truth.
func (p *Population) Rows(part int) Rows {
	var out Rows
	var contacts []Contact
	for _, h := range p.PartHouseholds(part) {
		hh := &p.Households[h]
		home := p.City.Proj.LonLat(hh.Pos)
		out.Households = append(out.Households, dataset.Household{ID: h, Size: int32(hh.Size), Income: int32(hh.Income),
			Cars: int32(hh.Cars), Community: uint32(max(hh.Community, 0)), Lon: home[0], Lat: home[1]})
		first, limit := p.Members(h)
		for i := first; i < limit; i++ {
			who := &p.Persons[i]
			out.Persons = append(out.Persons, dataset.Person{ID: i, Household: h, Sex: who.Sex.String(), Age: int32(who.Age),
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
		s := &p.SIMs[u]
		out.SIMs = append(out.SIMs, dataset.SIM{User: uint32(u), Person: s.Person, IMSI: s.IMSI, MSISDN: s.MSISDN, IMEI: s.IMEI,
			Operator: p.City.Operators[s.Operator].PLMN(), Device: uint32(s.Device), Slot: int32(s.Slot), Radio: s.Radio.String()})
	}
	return out
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
