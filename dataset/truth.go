package dataset

// The ground truth of a generated data set, one row type a table. Person and
// household ids are dense; times are Unix seconds UTC; To and End are exclusive.
// Table names are paths below the folder, without extension.
const (
	TablePersons    = "truth/persons"
	TableHouseholds = "truth/households"
	TableSIMs       = "truth/sims"
	TableAnchors    = "truth/anchors"
	TableMoves      = "truth/moves"
	TableActivities = "truth/activities"
	TableTrips      = "truth/trips"
	TableIdentities = "truth/identities"
	TableSocial     = "truth/social_graph"
)

// Person is a row of truth/persons.
type Person struct {
	ID         uint32 `parquet:"id,delta"`
	Household  uint32 `parquet:"household,delta"`
	Kind       string `parquet:"kind,dict"` // resident, visitor, commuter, passing; empty where the data set knows residents only
	Sex        string `parquet:"sex,dict"`  // female, male
	Age        int32  `parquet:"age"`       // years on the first day
	Employment string `parquet:"employment,dict"`
	Income     int32  `parquet:"income"` // class of the household, 1 … 5 (quintiles)
	Car        bool   `parquet:"car"`    // drives
	Consent    bool   `parquet:"consent"`

	WhiteCollar bool   `parquet:"white_collar"` // works at an office, a school, a university or a hospital
	Shift       string `parquet:"shift,dict"`   // day, early, late, night; empty for those who do not work
	Worships    bool   `parquet:"worships"`     // on Sundays and holidays
}

// Values of Person.Kind. Residents live in the city and have the first ids. Of the others,
// visitors stay for days, commuters come to work, and passing people go through.
const (
	KindResident = "resident"
	KindVisitor  = "visitor"
	KindCommuter = "commuter"
	KindPassing  = "passing"
)

// Resident says whether the person lives in the city.
func (p *Person) Resident() bool { return p.Kind == KindResident || p.Kind == "" }

// Values of Person.Employment.
const (
	Employed   = "employed"
	Unemployed = "unemployed"
	Homemaker  = "homemaker"
	Retired    = "retired"
	Student    = "student"   // at a university
	Pupil      = "pupil"     // at a school
	Preschool  = "preschool" // at a kindergarten
	Infant     = "infant"    // at home
	SexFemale  = "female"
	SexMale    = "male"
)

// Household is a row of truth/households.
type Household struct {
	ID        uint32  `parquet:"id,delta"`
	Size      int32   `parquet:"size"`
	Income    int32   `parquet:"income"`
	Cars      int32   `parquet:"cars"`
	Community uint32  `parquet:"community"` // index into the map's communities
	Lon       float64 `parquet:"lon"`
	Lat       float64 `parquet:"lat"`
}

// SIM is a row of truth/sims. One whose validity lies outside the data set
// leaves no record in it.
type SIM struct {
	User      uint32 `parquet:"user,delta"`
	Kind      string `parquet:"kind,dict"` // phone, iot
	Use       string `parquet:"use,dict"`  // of an IoT SIM: what it sits in; else empty
	Person    int64  `parquet:"person"`    // who carries it, −1 = nobody
	Household int64  `parquet:"household"` // of an IoT SIM at home or in a car: whose it is; else −1
	Place     int64  `parquet:"place"`     // of an IoT SIM at a place: index into the map's places; else −1
	IMSI      int64  `parquet:"imsi"`
	MSISDN    int64  `parquet:"msisdn"`
	IMEI      int64  `parquet:"imei"`
	Operator  string `parquet:"operator,dict"` // MCC-MNC
	Device    uint32 `parquet:"device"`        // the handset or machine, named by the user of its first SIM
	Slot      int32  `parquet:"slot"`          // of the handset: 0, or 1 in one for two SIMs
	Radio     string `parquet:"radio,dict"`    // lte, nsa, sa
	From      uint32 `parquet:"from"`          // validity; 0 = from the beginning
	To        uint32 `parquet:"to"`            // 0 = to the end
	Previous  int64  `parquet:"previous"`      // the user of the SIM that it takes the place of, −1 = none
	Change    string `parquet:"change,dict"`   // why it does: swap, churn; else empty
}

// Phone reports whether a person carries the SIM.
func (s *SIM) Phone() bool { return s.Kind == KindPhone }

// Valid reports whether the SIM is valid at some time from ≤ t < to.
func (s *SIM) Valid(from, to uint32) bool { return s.From < to && (s.To == 0 || s.To > from) }

// Values of SIM.Kind.
const (
	KindPhone = "phone"
	KindIoT   = "iot" // a SIM in a machine: it is no person's
)

// Values of SIM.Change.
const (
	ChangeSwap  = "swap"  // a new SIM card of the same subscription
	ChangeChurn = "churn" // to another operator
)

// Values of SIM.Radio: the newest radio access of the phone it is in.
const (
	RadioLTE = "lte"
	RadioNSA = "nsa" // 5G as a secondary cell beside LTE (EN-DC): records name the LTE cell
	RadioSA  = "sa"  // registers in 5GS on NR cells where its operator has them
)

// SocialTie is a row of truth/social_graph: two people who are in touch. It
// holds both ways and is there once, with Person < Peer.
type SocialTie struct {
	Person uint32  `parquet:"person,delta"`
	Peer   uint32  `parquet:"peer"`
	Kind   string  `parquet:"kind,dict"` // household, relative, colleague, classmate, friend
	Weight float64 `parquet:"weight"`    // how often, relative to other ties
}

// Values of SocialTie.Kind.
const (
	TieFamily    = "household"
	TieRelative  = "relative"
	TieColleague = "colleague"
	TieClassmate = "classmate"
	TieFriend    = "friend"
)

// Anchor is a row of truth/anchors: a place that a person keeps coming back to.
type Anchor struct {
	Person uint32  `parquet:"person,delta"`
	Kind   string  `parquet:"kind,dict"` // an activity kind: home, work, …
	Place  int64   `parquet:"place"`     // index into the map's places, −1 = none (a home)
	Cell   uint32  `parquet:"cell"`      // serving cell of the largest operator there
	Lon    float64 `parquet:"lon"`
	Lat    float64 `parquet:"lat"`
	From   uint32  `parquet:"from"` // validity; 0, 0 = the whole data set
	To     uint32  `parquet:"to"`
}

// Within is how many seconds of the window from ≤ t < to the anchor is valid.
func (a *Anchor) Within(from, to uint32) uint32 {
	if a.From != 0 || a.To != 0 {
		from, to = max(from, a.From), min(to, a.To)
	}
	if to <= from {
		return 0
	}
	return to - from
}

// Move is a row of truth/moves: a household's change of home.
type Move struct {
	Household uint32  `parquet:"household,delta"`
	Time      uint32  `parquet:"time"` // when it leaves the old home
	FromLon   float64 `parquet:"from_lon"`
	FromLat   float64 `parquet:"from_lat"`
	ToLon     float64 `parquet:"to_lon"`
	ToLat     float64 `parquet:"to_lat"`
	DistanceM float64 `parquet:"distance_m"` // in a straight line
}

// Kinds of activities and anchors beside the place categories.
const (
	ActHome  = "home"
	ActWork  = "work"
	ActVisit = "visit" // of another household
	ActAway  = "away"  // outside the city
)

// Activity is a row of truth/activities: a stay of one person at one place.
// A person's activities and trips tile the whole span of the data set. A stay
// that runs through local midnight is one row on each day, so that the files of
// a day do not depend on the days after it; JoinStays makes such rows whole. No
// trip crosses midnight.
type Activity struct {
	Person uint32  `parquet:"person,delta"`
	Kind   string  `parquet:"kind,dict"`
	Place  int64   `parquet:"place"`
	Start  uint32  `parquet:"start,delta"`
	End    uint32  `parquet:"end,delta"`
	Lon    float64 `parquet:"lon"`
	Lat    float64 `parquet:"lat"`
}

// Trip is a row of truth/trips: the movement between two activities. One along
// roads goes straight from the door to its first link, is there at RoadFrom,
// passes the links in times proportional to length over speed, leaves the last
// one at RoadTo and goes straight to the door; one without links is straight all
// the way. One by public transport goes straight from the door to where the line
// stops, rides, and so on. Roads.Course lays it out.
type Trip struct {
	Person    uint32  `parquet:"person,delta"`
	Mode      string  `parquet:"mode,dict"` // walk, bike, car, or of the longest ride: bus, tram, metro, rail, high_speed
	Purpose   string  `parquet:"purpose,dict"`
	Start     uint32  `parquet:"start,delta"`
	End       uint32  `parquet:"end,delta"`
	FromLon   float64 `parquet:"from_lon"`
	FromLat   float64 `parquet:"from_lat"`
	ToLon     float64 `parquet:"to_lon"`
	ToLat     float64 `parquet:"to_lat"`
	DistanceM float64 `parquet:"distance_m"`      // along the path
	RoadFrom  uint32  `parquet:"road_from,delta"` // Start and End where there are no links
	RoadTo    uint32  `parquet:"road_to,delta"`
	First     float64 `parquet:"first"`     // share of the first link's length where the trip joins it
	Last      float64 `parquet:"last"`      // and of the last one's where it leaves it
	Day       string  `parquet:"day,dict"`  // by car: the day and
	Hour      int32   `parquet:"hour,dict"` // the local hour of truth/link_speeds whose speeds it meets; else empty and −1
	Links     []int32 `parquet:"links,list"`
	Rides     []Ride  `parquet:"rides,list"` // by public transport, in order
}

// Ride is a part of a trip on board of a line of the map. In between people
// walk straight, at an even pace.
type Ride struct {
	Line   int32  `parquet:"line"`
	Board  int32  `parquet:"board"`  // index into the line's stops
	Alight int32  `parquet:"alight"` // likewise; of a line that ends where it begins it may be the smaller one
	Reach  uint32 `parquet:"reach"`  // when the person comes to the stop,
	Start  uint32 `parquet:"start"`  // leaves it on board
	End    uint32 `parquet:"end"`    // and gets off
}

// Identity is a row of truth/identities: who stands behind an entry of the
// outside sources. Attackers never see it.
type Identity struct {
	Source string `parquet:"source,dict"` // register, checkins, …
	Entry  uint32 `parquet:"entry,delta"`
	Person uint32 `parquet:"person"`
}
