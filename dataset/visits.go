package dataset

// More tables of the ground truth, by person and day.
const (
	TablePurchases   = "truth/purchases"
	TableHubPassages = "truth/hub_passages"
)

// Purchase is a row of truth/purchases: something bought during a stay.
type Purchase struct {
	Person uint32 `parquet:"person,delta"`
	Kind   string `parquet:"kind,dict"` // of the stay
	Place  int64  `parquet:"place"`
	Time   uint32 `parquet:"time,delta"`
	Mobile bool   `parquet:"mobile"` // paid by phone, which leaves a burst of data
}

// HubPassage is a row of truth/hub_passages: somebody at a hub, from coming to
// its grounds or its stops to leaving them.
type HubPassage struct {
	Person  uint32 `parquet:"person,delta"`
	Hub     uint32 `parquet:"hub,dict"` // id in map/hubs
	Arrive  uint32 `parquet:"arrive,delta"`
	Leave   uint32 `parquet:"leave,delta"`
	Purpose string `parquet:"purpose,dict"`
}

// Values of HubPassage.Purpose.
const (
	PassDepart   = "depart"   // comes on foot and boards
	PassArrive   = "arrive"   // gets off and walks away
	PassTransfer = "transfer" // changes vehicles
	PassThrough  = "pass"     // stays on board
	PassWork     = "work"     // is on duty at the hub's place
	PassVisit    = "visit"    // stays at the hub's place for something else
)
