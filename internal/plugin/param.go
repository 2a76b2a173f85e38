package plugin

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Type is the type of a parameter's value.
type Type string

const (
	Int      Type = "int"
	Float    Type = "float"
	Bool     Type = "bool"
	String   Type = "string"
	Duration Type = "duration" // Go syntax: 15m, 24h
)

// Param declares one parameter of a method.
type Param struct {
	Name    string   `json:"name"` // lower_snake, with its unit where it has one: sigma_m
	Type    Type     `json:"type"`
	Doc     string   `json:"doc"`
	Default any      `json:"default"`           // int, float64, bool, string or "15m"
	Min     float64  `json:"min,omitempty"`     // inclusive; seconds for durations
	Max     float64  `json:"max,omitempty"`     // inclusive; Min = Max = 0 means no bounds
	Choices []string `json:"choices,omitempty"` // for strings
}

// Values are validated parameters: every declared name is present.
type Values map[string]any

func (v Values) Int(name string) int                { return v[name].(int) }
func (v Values) Float(name string) float64          { return v[name].(float64) }
func (v Values) Bool(name string) bool              { return v[name].(bool) }
func (v Values) String(name string) string          { return v[name].(string) }
func (v Values) Duration(name string) time.Duration { return v[name].(time.Duration) }

// Text is the canonical form k=v, k=v in order of name.
func (v Values) Text() string {
	names := make([]string, 0, len(v))
	for n := range v {
		names = append(names, n)
	}
	sort.Strings(names)
	for i, n := range names {
		names[i] = fmt.Sprintf("%s=%v", n, v[n])
	}
	return strings.Join(names, ", ")
}

// Resolve checks args against params and fills in defaults. An unknown name,
// a value of the wrong type or out of range is an error that names it.
func Resolve(params []Param, args Args) (Values, error) {
	known := make([]string, len(params))
	for i, p := range params {
		known[i] = p.Name
	}
	given := make([]string, 0, len(args))
	for name := range args {
		given = append(given, name)
	}
	sort.Strings(given)
	for _, name := range given {
		if !slices.Contains(known, name) {
			if len(known) == 0 {
				return nil, fmt.Errorf("unknown parameter %q: the method has none", name)
			}
			return nil, fmt.Errorf("unknown parameter %q%s; there are %s", name, Suggest(name, known), strings.Join(known, ", "))
		}
	}
	out := Values{}
	for _, p := range params {
		raw, ok := args[p.Name]
		if !ok {
			raw = p.Default
		}
		v, err := p.parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%s = %v, %w", p.Name, raw, err)
		}
		out[p.Name] = v
	}
	return out, nil
}

// parse turns a YAML, JSON or command-line value into the parameter's type.
func (p Param) parse(raw any) (any, error) {
	text := strings.TrimSpace(fmt.Sprint(raw))
	switch p.Type {
	case Int:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
			return nil, fmt.Errorf("must be a whole number")
		}
		return int(f), p.within(f)
	case Float:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("must be a number")
		}
		return f, p.within(f)
	case Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("must be true or false")
		}
		return b, nil
	case Duration:
		d, err := time.ParseDuration(text)
		if err != nil {
			return nil, fmt.Errorf("must be a duration such as 15m or 24h")
		}
		return d, p.within(d.Seconds())
	case String:
		if len(p.Choices) > 0 && !slices.Contains(p.Choices, text) {
			return nil, fmt.Errorf("must be one of %s", strings.Join(p.Choices, ", "))
		}
		return text, nil
	}
	return nil, fmt.Errorf("has the unknown type %q", p.Type)
}

func (p Param) within(f float64) error {
	if p.Min == 0 && p.Max == 0 {
		return nil
	}
	unit := ""
	if p.Type == Duration {
		unit = " s"
	}
	if f < p.Min {
		return fmt.Errorf("must be at least %g%s", p.Min, unit)
	}
	if f > p.Max {
		return fmt.Errorf("must be at most %g%s", p.Max, unit)
	}
	return nil
}

// Suggest is ", did you mean X?" for the known name nearest to a mistyped one,
// or nothing where none is near.
func Suggest(name string, known []string) string {
	near := min(2, (len(name)+1)/3) // mistypings forgiven: a short word is soon another
	best, at := near+1, -1
	for i, k := range known {
		if d := distance(name, k); d < best {
			best, at = d, i
		}
	}
	for i, k := range known {
		if at < 0 && len(name) > 2 && strings.HasPrefix(k, name) {
			at = i
		}
	}
	if at < 0 {
		return ""
	}
	return fmt.Sprintf(", did you mean %q?", known[at])
}

// distance is the Levenshtein distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Range is the allowed values in words.
func (p Param) Range() string {
	switch {
	case len(p.Choices) > 0:
		return strings.Join(p.Choices, " | ")
	case p.Min == 0 && p.Max == 0:
		return "any"
	case p.Type == Duration:
		return fmt.Sprintf("%v … %v", time.Duration(p.Min*float64(time.Second)), time.Duration(p.Max*float64(time.Second)))
	}
	return fmt.Sprintf("%g … %g", p.Min, p.Max)
}
