// Package dataset is a data set or a release on disk: Parquet and CSV codecs,
// the manifest, and the row types of ground truth, public map and outside
// sources. docs/format.md describes the folder.
package dataset

import (
	"encoding/json"
	"strings"

	"github.com/sigcity/sigcity"
)

// FormatVersion is the version of the folder layout that this code writes.
const FormatVersion = 1

// ManifestName is the file that, written last, makes a folder a data set.
const ManifestName = "dataset.json"

// Manifest is dataset.json.
type Manifest struct {
	FormatVersion int              `json:"format_version"`
	Meta          sigcity.Meta     `json:"meta"`
	Config        json.RawMessage  `json:"config,omitempty"` // what made it, defaults filled in
	ConfigSHA256  string           `json:"config_sha256,omitempty"`
	Seed          *uint64          `json:"seed,omitempty"` // never in a release
	Code          string           `json:"code"`           // version of the program
	Models        Models           `json:"models"`
	Counts        map[string]int64 `json:"counts"`   // events, sims, persons, …
	Warnings      []string         `json:"warnings"` // what was estimated or guessed
	Attribution   string           `json:"attribution,omitempty"`
	Parts         []Part           `json:"parts"`
	Shard         *Shard           `json:"shard,omitempty"`   // nil for a whole data set
	Release       *ReleaseInfo     `json:"release,omitempty"` // nil for raw data
	Files         []File           `json:"files"`             // in order of path
}

// OneState says whether a version of the program names one state of its code: what
// another run of a version that does not has left behind proves nothing.
func OneState(code string) bool {
	return code != "" && code != "devel" && !strings.HasSuffix(code, "-dirty")
}

// Models names the models behind a generated data set.
type Models struct {
	Radio    string `json:"radio,omitempty"`    // how the serving cell is chosen
	Movement string `json:"movement,omitempty"` // how people move between places
}

// Part is a run of users whose records share files, the same on every day.
type Part struct {
	First sigcity.UserID `json:"first"`
	Users int            `json:"users"`
}

// File is one file of the folder, by its slash-separated relative path.
type File struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
	Rows   int64  `json:"rows"`
}

// ReleaseInfo is what a release says of itself.
type ReleaseInfo struct {
	Method string              `json:"method"`
	Params map[string]any      `json:"params"`
	Kind   sigcity.Kind        `json:"kind"`
	Claims []sigcity.Guarantee `json:"claims"`
	Losses sigcity.Losses      `json:"losses"`
	Tables []string            `json:"tables,omitempty"`
}
