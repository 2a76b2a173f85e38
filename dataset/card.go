package dataset

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const cardName = "README.md"

// card is the folder's README.md: what it is, what made it, and what it owes.
func card(m *Manifest) []byte {
	var b bytes.Buffer
	kind := "synthetic mobile-phone signaling data"
	if m.Release != nil {
		kind = fmt.Sprintf("a release (%s) made by the method %s", m.Release.Kind, m.Release.Method)
	}
	name := m.Meta.Name
	if name == "" {
		name = "data set"
	}
	fmt.Fprintf(&b, "# %s\n\nThis folder holds %s, written by sigcity %s in format %d.\n", name, kind, m.Code, m.FormatVersion)
	fmt.Fprintf(&b, "`dataset.json` lists every file with its SHA-256; sigcity's docs/format.md describes the columns.\n\n")
	fmt.Fprintf(&b, "| what | value |\n|---|---|\n")
	fmt.Fprintf(&b, "| days | %d from %s, %s |\n| users | %d |\n", m.Meta.Days, m.Meta.Start, m.Meta.TimeZone, m.Meta.Users)
	for _, k := range slices.Sorted(maps.Keys(m.Counts)) {
		if k != "files" { // this file is one of them
			fmt.Fprintf(&b, "| %s | %d |\n", k, m.Counts[k])
		}
	}
	for _, row := range [][2]string{{"radio model", m.Models.Radio}, {"movement model", m.Models.Movement}, {"configuration", m.ConfigSHA256}} {
		if row[1] != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", row[0], row[1])
		}
	}
	if m.Release != nil {
		for _, c := range m.Release.Claims {
			fmt.Fprintf(&b, "| claim | %s |\n", c)
		}
	}
	if len(m.Warnings) > 0 {
		fmt.Fprintf(&b, "\n## Estimated or guessed\n\n- %s\n", strings.Join(m.Warnings, "\n- "))
	}
	if m.Attribution != "" {
		fmt.Fprintf(&b, "\n## Attribution\n\n%s\n", m.Attribution)
		if strings.Contains(m.Attribution, "OpenStreetMap") {
			fmt.Fprintf(&b, "\nThe map data is made available under the Open Database License (ODbL) 1.0,\n"+
				"https://opendatacommons.org/licenses/odbl/1-0/. Who passes the data set on keeps this notice.\n")
		}
	}
	return b.Bytes()
}
