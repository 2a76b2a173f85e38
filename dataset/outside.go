package dataset

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
