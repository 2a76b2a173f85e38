package configs

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/sigcity/sigcity/internal/plugin"
)

// EnvPrefix starts the environment variables that set a key: the key
// population.car_share is SIGCITY_POPULATION_CAR_SHARE.
const EnvPrefix = "SIGCITY"

// Error is a mistake in a configuration: its text names the file or the key
// and what was expected.
type Error struct{ Err error }

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

func wrong(format string, args ...any) error { return &Error{fmt.Errorf(format, args...)} }

// Source is one YAML document to read: a file of the user's or a preset.
type Source struct {
	Name string // for messages
	YAML []byte
}

// Find reads the configuration file path or, where no such file exists, the
// preset of that name.
func Find(path string) (Source, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		return Source{path, b}, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return Source{}, wrong("config %v", err)
	}
	if b, perr := presets.ReadFile(path + ".yaml"); perr == nil {
		return Source{"preset " + path, b}, nil
	}
	return Source{}, wrong("config %q: no such file, and no preset%s; presets are %s",
		path, plugin.Suggest(path, Presets()), strings.Join(Presets(), ", "))
}

// Setting is one key of a resolved configuration and where its value is from.
type Setting struct {
	Key    string
	Value  any
	Origin string // flag, environment, the file's name, or default
}

// Load fills a T: flags override SIGCITY_* variables, these the file, and the
// file the defaults. An unknown key is an error that suggests the nearest.
func Load[T any](defaults T, file Source, flags map[string]any) (T, []Setting, error) {
	out := defaults
	known, err := flatten("", defaults)
	if err != nil {
		return out, nil, err
	}
	v := viper.New()
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(file.YAML)); err != nil {
		return out, nil, wrong("%s: %v", file.Name, err)
	}
	inFile := v.AllKeys()
	sort.Strings(inFile)
	names := keysOf(known)
	for _, key := range inFile {
		if !slices.Contains(names, key) {
			return out, nil, wrong("%s: unknown key %q%s", file.Name, key, plugin.Suggest(key, names))
		}
	}
	var settings []Setting
	for _, key := range names {
		origin := "default"
		if slices.Contains(inFile, key) {
			origin = file.Name
		}
		env := EnvPrefix + "_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
		if text, ok := os.LookupEnv(env); ok {
			v.Set(key, text)
			origin = "environment " + env
		}
		if value, ok := flags[key]; ok {
			v.Set(key, value)
			origin = "flag"
		}
		v.SetDefault(key, known[key])
		settings = append(settings, Setting{key, v.Get(key), origin})
	}
	for key := range flags {
		if !slices.Contains(names, key) {
			return out, nil, fmt.Errorf("flag sets the unknown key %q", key)
		}
	}
	var fresh T // not defaults: lists in the file replace lists, element by element merging would mix them
	if err := v.UnmarshalExact(&fresh, strictNumbers); err != nil {
		return out, nil, wrong("%s: %s", file.Name, oneLine(err))
	}
	return fresh, settings, nil
}

// strictNumbers keeps mapstructure from turning text such as "abc" or a
// fraction into a whole number silently.
func strictNumbers(c *mapstructure.DecoderConfig) {
	c.DecodeHook = mapstructure.ComposeDecodeHookFunc(
		mapstructure.StringToTimeDurationHookFunc(),
		mapstructure.StringToSliceHookFunc(","),
		func(from, to reflect.Type, value any) (any, error) {
			if f, ok := value.(float64); ok && isInteger(to.Kind()) && f != float64(int64(f)) {
				return nil, fmt.Errorf("%v must be a whole number", value)
			}
			return value, nil
		})
}

func isInteger(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uint64 }

// oneLine turns a decoder's report of several lines into one.
func oneLine(err error) string {
	lines := strings.Split(err.Error(), "\n")
	var kept []string
	for _, l := range lines {
		l = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(l), "* "))
		if l != "" && !strings.HasSuffix(l, "error(s) decoding:") && !strings.HasPrefix(l, "decoding failed") {
			kept = append(kept, l)
		}
	}
	return strings.Join(kept, "; ")
}

// flatten lists the leaves of a struct by dotted key. Lists are leaves.
func flatten(prefix string, value any) (map[string]any, error) {
	var m map[string]any
	if err := mapstructure.Decode(value, &m); err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	out := map[string]any{}
	for k, v := range m {
		key := prefix + strings.ToLower(k)
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Struct || (rv.Kind() == reflect.Map && rv.Len() > 0 && rv.Type().Elem().Kind() == reflect.Interface) {
			inner, err := flatten(key+".", v)
			if err != nil {
				return nil, err
			}
			for k, v := range inner {
				out[k] = v
			}
			continue
		}
		out[key] = v
	}
	return out, nil
}

func keysOf(m map[string]any) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
