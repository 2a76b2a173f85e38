package configs

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"

	"github.com/sigcity/sigcity/internal/plugin"
)

// typed is value as a want, or what is wrong with it, to be read after the key's name.
func typed(value any, want reflect.Type) (any, error) {
	if list, ok := value.([]any); ok && want.Kind() == reflect.Slice && want.Elem().Kind() == reflect.Struct {
		if err := checkElements(list, want.Elem()); err != nil {
			return nil, err
		}
	}
	out := reflect.New(want)
	c := &mapstructure.DecoderConfig{Result: out.Interface(), WeaklyTypedInput: true, ErrorUnused: true}
	strictly(c)
	d, err := mapstructure.NewDecoder(c)
	if err != nil {
		return nil, err
	}
	if err := d.Decode(value); err != nil {
		if text := inWords(want); text != "" {
			return nil, fmt.Errorf(" = %v, must be %s", value, text)
		}
		return nil, fmt.Errorf(": %s", oneLine(err))
	}
	return out.Elem().Interface(), nil
}

// checkElements looks for unknown keys in a list of structs.
func checkElements(list []any, elem reflect.Type) error {
	known, err := flatten("", reflect.Zero(elem).Interface())
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(known))
	for i, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			return fmt.Errorf("[%d] = %v, must have keys: %s", i, e, strings.Join(names, ", "))
		}
		for _, key := range slices.Sorted(maps.Keys(m)) {
			if !slices.Contains(names, strings.ToLower(key)) {
				return fmt.Errorf("[%d]: unknown key %q%s; there are %s", i, key, plugin.Suggest(key, names), strings.Join(names, ", "))
			}
		}
	}
	return nil
}

var duration = reflect.TypeFor[time.Duration]()

// inWords is what a value of type t must be.
func inWords(t reflect.Type) string {
	switch k := t.Kind(); {
	case t == duration:
		return "a duration such as 90s or 15m"
	case k >= reflect.Int && k <= reflect.Int64:
		return "a whole number"
	case k >= reflect.Uint && k <= reflect.Uint64:
		return "a whole number of at least 0"
	case k == reflect.Float64 || k == reflect.Float32:
		return "a number"
	case k == reflect.Bool:
		return "true or false"
	case k == reflect.String:
		return "text"
	case k == reflect.Slice:
		if elem := inWords(t.Elem()); elem != "" {
			return "a list, each item " + elem
		}
	}
	return ""
}

// strictly makes mapstructure, which turns text into numbers, do no more than that.
func strictly(c *mapstructure.DecoderConfig) {
	c.DecodeHook = mapstructure.ComposeDecodeHookFunc(
		mapstructure.StringToTimeDurationHookFunc(), mapstructure.StringToSliceHookFunc(","), strict)
}

// strict refuses to turn fractions into whole numbers, truth into 1, NaN into
// a number and a number into a duration. A date of YAML becomes the text it was.
func strict(_, to reflect.Type, value any) (any, error) {
	whole, number := to.Kind() >= reflect.Int && to.Kind() <= reflect.Uint64, to.Kind() == reflect.Float64
	bad := false
	switch x := value.(type) {
	case time.Time:
		if to.Kind() == reflect.String && x.Equal(x.Truncate(24*time.Hour)) {
			return x.Format(time.DateOnly), nil
		}
	case bool:
		bad = whole || number
	case int:
		bad = to.Kind() == reflect.Bool || (to == duration && x != 0) || (to.Kind() >= reflect.Uint && whole && x < 0)
	case float64:
		bad = to.Kind() == reflect.Bool || to == duration || (number && notFinite(x)) || (whole && x != math.Trunc(x)) || (whole && math.Abs(x) > 1<<53)
	case string:
		f, err := strconv.ParseFloat(x, 64)
		bad = number && (err != nil || notFinite(f))
	}
	if bad {
		return nil, fmt.Errorf("%v must be %s", value, inWords(to))
	}
	return value, nil
}

func notFinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

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
