package planning

import "github.com/paulmach/orb"

// Sheets is implemented by answers that can be laid out as tables: what
// `sigcity plan --out` writes as CSV, as GeoJSON where rows lie somewhere, and as
// pictures that a planner would use.
type Sheets interface {
	Sheets(env *Env) []Sheet
}

// Sheet is one table of an answer.
type Sheet struct {
	Name    string         // of its files: lower case, words joined by hyphens
	Title   string         // of its picture
	Columns []string       // lower_snake, the unit at the end where there is one: length_km
	Rows    [][]any        // string, bool, int, uint32, int64 or float64, one for each column
	Shapes  []orb.Geometry // in lon/lat: a point, line or polygon for each row; nil where rows lie nowhere
	Picture Picture
}

// Picture says how to draw a sheet.
type Picture struct {
	Kind  PictureKind
	Label string   // column of the labels along the horizontal axis (charts)
	Value []string // columns that are drawn: the colour or width of a map's shapes (one), the series of a chart
}

// PictureKind is a kind of picture.
type PictureKind string

const (
	NoPicture PictureKind = ""
	Areas     PictureKind = "areas"   // polygons filled by value
	Desire    PictureKind = "desire"  // lines, wider where the value is larger
	Points    PictureKind = "points"  // circles whose area grows with the value
	Curves    PictureKind = "curves"  // lines over a numeric or ordered label
	Columns   PictureKind = "columns" // bars, a group for each label
)
