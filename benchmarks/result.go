package benchmarks

// Schema names the version of a result row.
const Schema = "sigcity.result/1"

// Status is how a probe of a cell ended.
type Status = string

// The closed list of statuses.
const (
	OK      Status = "ok"
	NA      Status = "n/a"     // the probe does not apply to the release; Error says why
	Failed  Status = "failed"  // an error or a panic
	Timeout Status = "timeout" // the cell ran longer than the grid allows
	OOM     Status = "oom"     // the memory limit was met
	Invalid Status = "invalid" // the method broke the contract of a release
)

// Result is one line of results.jsonl: one number. docs/results.md describes
// the fields; fields may be added, never renamed.
type Result struct {
	Schema    string         `json:"schema"`
	Key       string         `json:"key"`  // SHA-256 of everything that decides the number
	Cell      string         `json:"cell"` // the part of Key that names data set, method, parameters, seed and settings
	Dataset   string         `json:"dataset"`
	Method    string         `json:"method"`
	Params    map[string]any `json:"params"`
	Kind      string         `json:"kind"`      // of the release
	Subset    string         `json:"subset"`    // "" = whole data set, else "300 persons × 1 day"
	Adversary string         `json:"adversary"` // for attacks
	Seed      uint64         `json:"seed"`
	Probe     string         `json:"probe"`  // plan/U09, attack/home-work, release, selftest/identity
	Zoning    string         `json:"zoning"` // for tasks: scores depend on it
	Metric    string         `json:"metric"`
	Headline  bool           `json:"headline"` // the probe's main figure; written last of the probe's rows
	Unit      string         `json:"unit"`
	Goal      string         `json:"goal"` // max, min or empty
	Value     float64        `json:"value"`
	Lo        float64        `json:"lo"` // 95 % interval
	Hi        float64        `json:"hi"`
	N         int            `json:"n"`
	Hits      float64        `json:"hits"`         // expected successes of N, ties shared out
	Drawn     int            `json:"drawn"`        // successes of N with ties broken by a seeded draw: what exact tests count
	Control   float64        `json:"control"`      // the same figure for people outside the release
	ControlN  int            `json:"control_n"`    // how many they are
	CtlDrawn  int            `json:"control_hits"` // Drawn for them
	Baseline  float64        `json:"baseline"`     // chance, prior or null predictor
	Coverage  float64        `json:"coverage"`     // share of targets or users answered
	Claim     string         `json:"claim"`
	Audit     string         `json:"audit"`  // holds, broken, unchecked, none
	Status    Status         `json:"status"` // ok, n/a, failed, timeout, oom, invalid
	Phase     string         `json:"phase"`
	Error     string         `json:"error"`
	Warnings  []string       `json:"warnings"`
	Seconds   float64        `json:"seconds"`
	PeakMiB   float64        `json:"peak_mib"`
	Code      string         `json:"code"`
}

// Headline metrics, the same for every probe of a kind.
const (
	MetricUtility     = "utility"      // score of the release's answer against raw's
	MetricUtilityGT   = "score_gt"     // F_gt: the release's answer against truth
	MetricUtilityNorm = "utility_norm" // U = (F_gt − N) / (C − N), unclipped
	MetricCeiling     = "ceiling"      // C: raw's answer against truth
	MetricFloor       = "floor"        // N: the null predictor against truth
	MetricSpan        = "span"         // C − N; a task is informative where its lower bound exceeds 0.05
	MetricHit1        = "hit_at_1"     // expected share of member targets whose token is named first
	MetricResidual    = "residual_risk"
	MetricUnique      = "unique" // share of targets matched by one token only, and rightly
)
