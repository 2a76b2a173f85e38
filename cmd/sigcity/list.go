package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/anonymizers"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

func (a *app) listCmd() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [NAME]",
		Short: "the anonymizers, attacks and planning tasks there are, or one with its parameters",
		Example: `  sigcity list                 everything, a line each
  sigcity list glove           one method: parameters, guarantee, citation
  sigcity list --json          for programs`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return a.describe(args[0])
			}
			if asJSON {
				enc := json.NewEncoder(a.stdout)
				enc.SetIndent("", "  ")
				return enc.Encode(struct {
					Anonymizers []plugin.Entry[anonymizers.Anonymizer] `json:"anonymizers"`
					Attacks     []plugin.Entry[attacks.Attack]         `json:"attacks"`
					Tasks       []plugin.Entry[planning.Task]          `json:"tasks"`
				}{plugin.All[anonymizers.Anonymizer](), plugin.All[attacks.Attack](), plugin.All[planning.Task]()})
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			section[anonymizers.Anonymizer](w, "anonymizers")
			section[attacks.Attack](w, "attacks")
			section[planning.Task](w, "tasks")
			return w.Flush()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON with every parameter")
	return cmd
}

func section[T any](w io.Writer, title string) {
	fmt.Fprintf(w, "%s\n", title)
	for _, e := range plugin.All[T]() {
		fmt.Fprintf(w, "  %s\t%s\t%s\n", e.Name, e.ID, e.Doc)
	}
}

func names[T any]() []string {
	var out []string
	for _, e := range plugin.All[T]() {
		out = append(out, e.Name)
	}
	return out
}

// describe prints one entry, of whatever kind has that name.
func (a *app) describe(name string) error {
	if e, err := plugin.Find[anonymizers.Anonymizer](name); err == nil {
		return describe(a.stdout, "anonymizer", e)
	}
	if e, err := plugin.Find[attacks.Attack](name); err == nil {
		return describe(a.stdout, "attack", e)
	}
	e, err := plugin.Find[planning.Task](name)
	if err != nil {
		known := slices.Concat(names[anonymizers.Anonymizer](), names[attacks.Attack](), names[planning.Task]())
		return usage(fmt.Errorf("no anonymizer, attack or task %q%s; see sigcity list", name, plugin.Suggest(name, known)))
	}
	return describe(a.stdout, "planning task", e)
}

func describe[T any](out io.Writer, kind string, e plugin.Entry[T]) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%s %s %s\n%s\n\n", kind, e.Name, e.ID, e.Doc)
	fmt.Fprintf(w, "source\t%s\n", e.Citation)
	if e.Guarantee != "" {
		fmt.Fprintf(w, "guarantee\t%s\n", e.Guarantee)
	}
	if e.Neutral != nil {
		fmt.Fprintf(w, "changes nothing at\t%s\n", plugin.Values(e.Neutral).Text())
	}
	fmt.Fprintf(w, "cost\t%s\n", e.Complexity)
	if len(e.Params) > 0 {
		fmt.Fprintf(w, "\nparameter\ttype\tdefault\trange\tmeaning\n")
	}
	for _, p := range e.Params {
		fmt.Fprintf(w, "%s\t%s\t%v\t%s\t%s\n", p.Name, p.Type, p.Default, p.Range(), p.Doc)
	}
	return w.Flush()
}
