package configs

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/population"
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
// file the defaults; a list replaces a list. An unknown key is an error that
// suggests the nearest, and a value that its key cannot take one that says what
// it can.
func Load[T any](defaults T, file Source, flags map[string]any) (T, []Setting, error) {
	var out T // not the defaults: lists would be mixed with theirs, element by element
	known, err := flatten("", defaults)
	if err != nil {
		return out, nil, err
	}
	names := slices.Sorted(maps.Keys(known))
	v := viper.New()
	v.SetConfigType("yaml")
	if err := v.ReadConfig(bytes.NewReader(file.YAML)); err != nil {
		return out, nil, wrong("%s: %s", file.Name, strings.Join(strings.Fields(err.Error()), " "))
	}
	inFile := v.AllKeys()
	sort.Strings(inFile)
	for _, key := range inFile {
		if err := checkKey(key, names); err != nil {
			return out, nil, wrong("%s: %w", file.Name, err)
		}
	}
	if err := checkEnv(os.Environ(), names); err != nil {
		return out, nil, err
	}
	for key := range flags {
		if !slices.Contains(names, key) {
			return out, nil, fmt.Errorf("flag sets the unknown key %q", key)
		}
	}
	origins := map[string]string{}
	for _, key := range names {
		origins[key] = "default"
		if slices.Contains(inFile, key) {
			origins[key] = file.Name
		}
		env := envName(key)
		if text, ok := os.LookupEnv(env); ok {
			v.Set(key, text)
			origins[key] = "environment " + env
		}
		if value, ok := flags[key]; ok {
			v.Set(key, value)
			origins[key] = "flag"
		}
		v.SetDefault(key, known[key])
	}
	if err := profile(v, known, origins); err != nil {
		return out, nil, err
	}
	var settings []Setting
	for _, key := range names {
		origin := origins[key]
		value, err := typed(v.Get(key), reflect.TypeOf(known[key]))
		if err != nil {
			return out, nil, wrong("%s: %s%w", origin, key, err)
		}
		settings = append(settings, Setting{key, value, origin})
	}
	if err := v.UnmarshalExact(&out, strictly); err != nil {
		return out, nil, wrong("%s: %s", file.Name, oneLine(err))
	}
	return out, settings, nil
}

// profile puts the figures of the chosen city profile, where it is not the
// default one, in place of the defaults.
func profile(v *viper.Viper, known map[string]any, origins map[string]string) error {
	const section = "population."
	for _, key := range slices.Sorted(maps.Keys(known)) {
		if !strings.HasSuffix(key, section+"city") || v.Get(key) == known[key] {
			continue
		}
		name := fmt.Sprint(v.Get(key))
		c, err := population.Preset(name)
		if err != nil {
			return wrong("%s: %s", origins[key], strings.Replace(err.Error(), section+"city", key, 1)+plugin.Suggest(name, population.Presets()))
		}
		figures, err := flatten(strings.TrimSuffix(key, "city"), c)
		if err != nil {
			return err
		}
		for k, value := range figures {
			v.SetDefault(k, value)
			if origins[k] == "default" {
				origins[k] = "city profile " + name
			}
			known[k] = value
		}
	}
	return nil
}

// envName is the environment variable that sets a key.
func envName(key string) string {
	return EnvPrefix + "_" + strings.ToUpper(strings.ReplaceAll(key, ".", "_"))
}

// checkEnv refuses SIGCITY_* variables that no command reads: a mistyped one
// would else change nothing, silently. names are those of the command at hand.
func checkEnv(environ, names []string) error {
	known := make([]string, 0, 2*len(names))
	for _, key := range names {
		known = append(known, envName(key))
	}
	for _, of := range []any{DefaultGenerate(), DefaultBench()} {
		keys, err := flatten("", of)
		if err != nil {
			return err
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			known = append(known, envName(key))
		}
	}
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, EnvPrefix+"_") && !slices.Contains(known, name) {
			return wrong("environment %s: no key of that name%s", name, plugin.Suggest(name, known))
		}
	}
	return nil
}

// checkKey says what is wrong with a key of a file.
func checkKey(key string, names []string) error {
	if slices.Contains(names, key) {
		return nil
	}
	for _, n := range names {
		if strings.HasPrefix(n, key+".") {
			return fmt.Errorf("%s is a section and takes no value: want keys below it such as %s", key, n)
		}
	}
	return fmt.Errorf("unknown key %q%s", key, plugin.Suggest(key, names))
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
			maps.Copy(out, inner)
			continue
		}
		out[key] = v
	}
	return out, nil
}
