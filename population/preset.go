package population

import (
	"bytes"
	"embed"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// DefaultCity is the preset whose figures are the defaults.
const DefaultCity = "metro"

//go:embed cities/*.yaml
var cities embed.FS

// Presets lists the built-in city profiles, the default first.
func Presets() []string {
	out := []string{DefaultCity}
	entries, err := cities.ReadDir("cities")
	if err != nil {
		return out // the folder is part of the program
	}
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".yaml"); name != DefaultCity {
			out = append(out, name)
		}
	}
	return out
}

// Preset is the city profile of a name: the figures of the default city, and
// over them those of its own.
func Preset(name string) (Config, error) {
	var c Config
	for _, layer := range []string{DefaultCity, name} {
		text, err := cities.ReadFile("cities/" + layer + ".yaml")
		if err != nil {
			return Config{}, fmt.Errorf("population.city = %q, must be one of %s", name, strings.Join(Presets(), ", "))
		}
		d := yaml.NewDecoder(bytes.NewReader(text))
		d.KnownFields(true)
		if err := d.Decode(&c); err != nil {
			return Config{}, fmt.Errorf("city profile %s: %w", layer, err)
		}
	}
	c.City = name
	return c, nil
}

// DefaultConfig is the configuration that the realism report is about.
func DefaultConfig() Config {
	c, err := Preset(DefaultCity)
	if err != nil {
		return Config{} // the file is part of the program: tests read it
	}
	return c
}
