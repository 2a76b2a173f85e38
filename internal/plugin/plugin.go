// Package plugin is the registry that every method enters itself into: one
// call of Add in the method's own file. The entry drives `sigcity list`, the
// docs, validation of configuration and the conformance tests.
package plugin

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// Entry describes one method and makes it.
type Entry[T any] struct {
	Name        string  `json:"name"`                // lower-case words joined by hyphens
	ID          string  `json:"id,omitempty"`        // the number in the paper's tables, U09 or T06, for tasks
	Doc         string  `json:"doc"`                 // one line
	Params      []Param `json:"params"`              // every parameter that New reads
	Citation    string  `json:"citation"`            // where the method is defined
	Guarantee   string  `json:"guarantee,omitempty"` // what it claims, in words
	Neutral     Args    `json:"neutral,omitempty"`   // settings under which it changes nothing, if there are any
	Complexity  string  `json:"complexity"`          // O(·) in users N, records n
	Superlinear bool    `json:"superlinear"`         // grows faster than the number of users
	Required    bool    `json:"-"`                   // cannot be made from defaults alone (exec needs a command)

	New func(Values) (T, error) `json:"-"`
}

// Args are parameters as a user gives them, before validation.
type Args map[string]any

type registry[T any] struct {
	mu      sync.Mutex
	entries []Entry[T] // sorted by name
}

var registries sync.Map // reflect.Type of T → *registry[T]

func registryOf[T any]() *registry[T] {
	r, _ := registries.LoadOrStore(reflect.TypeFor[T](), &registry[T]{})
	return r.(*registry[T])
}

// Add enters a method of kind T. It panics on a programmer's mistake: no name,
// a name taken, a bad parameter list, or defaults that New refuses.
func Add[T any](e Entry[T]) {
	r := registryOf[T]()
	r.mu.Lock()
	defer r.mu.Unlock()
	i, found := slices.BinarySearchFunc(r.entries, e.Name, func(e Entry[T], name string) int { return strings.Compare(e.Name, name) })
	switch {
	case e.Name == "" || e.Doc == "" || e.Citation == "" || e.New == nil:
		panic(fmt.Sprintf("plugin %q: name, doc, citation and New are all needed", e.Name))
	case found:
		panic(fmt.Sprintf("plugin %q is registered twice", e.Name))
	}
	values, err := Resolve(e.Params, nil)
	if err != nil {
		panic(fmt.Sprintf("plugin %q: default %v", e.Name, err))
	}
	if !e.Required {
		if _, err := e.New(values); err != nil {
			panic(fmt.Sprintf("plugin %q refuses its defaults: %v", e.Name, err))
		}
	}
	if e.Params == nil {
		e.Params = []Param{}
	}
	r.entries = slices.Insert(r.entries, i, e)
}

// All lists the methods of kind T by name.
func All[T any]() []Entry[T] {
	r := registryOf[T]()
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.entries)
}

// Find looks a method of kind T up by its name or its ID.
func Find[T any](name string) (Entry[T], error) {
	all := All[T]()
	names := make([]string, len(all))
	for i, e := range all {
		if e.Name == name || (e.ID != "" && strings.EqualFold(e.ID, name)) {
			return e, nil
		}
		names[i] = e.Name
	}
	return Entry[T]{}, fmt.Errorf("no method %q%s; there are %s", name, Suggest(name, names), strings.Join(names, ", "))
}

// Make finds a method and makes it with args; the values it was made with come
// back too, defaults filled in, for the record.
func Make[T any](name string, args Args) (T, Values, error) {
	var zero T
	e, err := Find[T](name)
	if err != nil {
		return zero, nil, err
	}
	values, err := Resolve(e.Params, args)
	if err != nil {
		return zero, nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	m, err := e.New(values)
	if err != nil {
		return zero, nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	return m, values, nil
}
