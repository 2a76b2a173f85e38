package benchmarks

// SummarySchema names the version of summary.json.
const SummarySchema = "sigcity.summary/1"

// Summary is what the rows say together: one mark per method, parameters and
// subset, the self-tests and a verdict in words. Risk and utility stay apart.
type Summary struct {
	Schema    string         `json:"schema"`
	Synthetic bool           `json:"synthetic"` // the data are generated: nobody in them exists
	Dataset   DatasetFacts   `json:"dataset"`
	Marks     []Mark         `json:"marks"`      // in the order of the grid
	SelfTests []SelfTest     `json:"self_tests"` // a report shows failures on top, in red
	Verdict   string         `json:"verdict"`    // one or two sentences; states N, persons and density
	Counts    map[string]int `json:"counts"`     // rows by status
	Problems  []Problem      `json:"problems"`   // failed, timeout, oom and invalid cells and probes
	Code      string         `json:"code"`
}

// DatasetFacts is what a reader must know of the data behind the figures.
type DatasetFacts struct {
	Name        string   `json:"name"`
	City        string   `json:"city"`
	SHA256      string   `json:"sha256"`
	Persons     int      `json:"persons"`
	Inhabitants int      `json:"inhabitants"`
	SIMs        int      `json:"sims"`
	Records     int64    `json:"records"`
	Days        int      `json:"days"`
	Start       string   `json:"start"`
	Cells       int      `json:"cells"`
	AreaKm2     float64  `json:"area_km2"`     // of the hull of the cell centres
	SIMsPerKm2  float64  `json:"sims_per_km2"` // what k-anonymity and unicity hang on
	Radio       string   `json:"radio"`
	Movement    string   `json:"movement"`
	Attribution string   `json:"attribution"`
	Warnings    []string `json:"warnings"`
}

// Estimate is a value with its 95 % interval.
type Estimate struct {
	Value float64 `json:"value"`
	Lo    float64 `json:"lo"`
	Hi    float64 `json:"hi"`
	N     int     `json:"n"`
}

// Mark is one mark of the picture of utility against risk.
type Mark struct {
	Method  string         `json:"method"`
	Params  map[string]any `json:"params"`
	Label   string         `json:"label"`  // "glove k=2"
	Kind    string         `json:"kind"`   // of the release
	Subset  string         `json:"subset"` // "" = whole data set; say it on the mark
	Seeds   []uint64       `json:"seeds"`
	Control bool           `json:"control"` // identity and random: the ends of the scale

	Utility     *Estimate  `json:"utility"`     // mean normalised score of the informative tasks, clipped to 0 … 1 for pictures; null where no task answers
	UtilityRaw  *Estimate  `json:"utility_raw"` // mean score against raw of the same tasks
	Answered    int        `json:"answered"`    // informative tasks that the release answers
	Informative int        `json:"informative"` // informative tasks
	Risk        *Estimate  `json:"risk"`        // worst headline of the realistic attacks; null where none applies: NOT measured, never zero
	RiskBy      string     `json:"risk_by"`     // the attack and adversary behind Risk
	RiskUpper   *Estimate  `json:"risk_upper"`  // worst of all, same-record adversaries included: an upper bound
	RiskUpperBy string     `json:"risk_upper_by"`
	Baseline    float64    `json:"baseline"` // chance or prior for Risk's attack
	Tasks       []TaskMark `json:"tasks"`
	Attacks     []HitMark  `json:"attacks"`
	Dominated   bool       `json:"dominated"`    // another mark of the same subset is no worse on both axes and better on one
	DominatedBy string     `json:"dominated_by"` // its label
	Claim       string     `json:"claim"`
	Audit       string     `json:"audit"` // holds, broken, unchecked, none

	DisplacementM    float64 `json:"displacement_m"`     // mean
	DisplacementP90M float64 `json:"displacement_p90_m"` // 90th percentile
	TimeBlurMin      float64 `json:"time_blur_min"`
	SuppressedUsers  float64 `json:"suppressed_users"` // share
	SuppressedRows   float64 `json:"suppressed_records"`
	Seconds          float64 `json:"seconds"`
	PeakMiB          float64 `json:"peak_mib"`

	Status string   `json:"status"` // ok, or the worst status of the release itself
	Notes  []string `json:"notes"`
}

// TaskMark is one task of one mark, at one zoning, averaged over seeds.
type TaskMark struct {
	Task        string    `json:"task"` // U09
	Zoning      string    `json:"zoning"`
	Informative bool      `json:"informative"`
	Raw         *Estimate `json:"raw"`  // score against raw
	Norm        *Estimate `json:"norm"` // normalised score against truth, unclipped
	Ceiling     float64   `json:"ceiling"`
	Floor       float64   `json:"floor"`
	Coverage    float64   `json:"coverage"`
	Status      string    `json:"status"`
	Error       string    `json:"error"` // why n/a or failed
}

// HitMark is one attack by one adversary on one mark, averaged over seeds.
type HitMark struct {
	Attack     string    `json:"attack"`
	Adversary  string    `json:"adversary"`
	Claim      string    `json:"claim"` // same-user, home, attribute:sex, …
	Metric     string    `json:"metric"`
	UpperBound bool      `json:"upper_bound"` // the adversary saw the very records that are released
	Value      *Estimate `json:"value"`
	Control    float64   `json:"control"`
	Baseline   float64   `json:"baseline"`
	Coverage   float64   `json:"coverage"`
	Headline   bool      `json:"headline"`
	Status     string    `json:"status"`
	Error      string    `json:"error"`
}

// SelfTest is a check of the benchmark by itself.
type SelfTest struct {
	Name string `json:"name"` // identity, random
	Pass bool   `json:"pass"`
	Run  bool   `json:"run"` // false: the method is not in the grid, nothing was checked
	Text string `json:"text"`
}

// Problem is a cell or probe that did not give a number.
type Problem struct {
	Label  string `json:"label"`
	Probe  string `json:"probe"`
	Status string `json:"status"`
	Phase  string `json:"phase"`
	Error  string `json:"error"`
}

// Example is example.json: one person of the synthetic data, her day and what
// an attacker read from her trace. Nobody in it exists.
type Example struct {
	Synthetic  bool              `json:"synthetic"` // always true
	Note       string            `json:"note"`
	Date       string            `json:"date"`
	Person     ExamplePerson     `json:"person"`
	Events     []ExampleEvent    `json:"events"`
	Activities []ExampleActivity `json:"activities"`
	Trips      []ExampleTrip     `json:"trips"`
	Portrait   []Inference       `json:"portrait"`
}

// ExamplePerson is the truth about the person.
type ExamplePerson struct {
	Sex            string  `json:"sex"`
	Age            int     `json:"age"`
	Employment     string  `json:"employment"`
	Income         int     `json:"income"` // 1 … 5
	PreschoolChild bool    `json:"preschool_child"`
	HomeLon        float64 `json:"home_lon"`
	HomeLat        float64 `json:"home_lat"`
	WorkLon        float64 `json:"work_lon"`
	WorkLat        float64 `json:"work_lat"`
	HasWork        bool    `json:"has_work"`
}

// ExampleEvent is one raw record with its cell's centre. Clock is local time, HH:MM:SS.
type ExampleEvent struct {
	Time  uint32  `json:"time"`
	Clock string  `json:"clock"`
	Event string  `json:"event"`
	Cell  string  `json:"cell"`
	Lon   float64 `json:"lon"`
	Lat   float64 `json:"lat"`
}

// ExampleActivity is one true stay.
type ExampleActivity struct {
	Kind  string  `json:"kind"`
	From  string  `json:"from"` // local, HH:MM
	To    string  `json:"to"`
	Start uint32  `json:"start"`
	End   uint32  `json:"end"`
	Lon   float64 `json:"lon"`
	Lat   float64 `json:"lat"`
}

// ExampleTrip is one true movement.
type ExampleTrip struct {
	Mode    string  `json:"mode"`
	Purpose string  `json:"purpose"`
	Start   uint32  `json:"start"`
	End     uint32  `json:"end"`
	FromLon float64 `json:"from_lon"`
	FromLat float64 `json:"from_lat"`
	ToLon   float64 `json:"to_lon"`
	ToLat   float64 `json:"to_lat"`
}

// Inference is one attribute that the portrait attack read from the trace.
type Inference struct {
	Attribute string  `json:"attribute"`
	Value     string  `json:"value"`
	Score     float64 `json:"score"`
	Evidence  string  `json:"evidence"`
	Truth     string  `json:"truth"`
	Right     bool    `json:"right"`
}
