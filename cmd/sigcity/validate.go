package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/benchmarks/report"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/realism"
)

func (a *app) validateCmd() *cobra.Command {
	var reference, page string
	var asJSON, asMarkdown, notes bool
	cmd := &cobra.Command{
		Use:   "validate DIR",
		Short: "how real a data set is: the scorecard of published figures",
		Long: `validate measures a data set and holds it against what is published about real cities: value, tolerance, verdict, source.
Rows that the generator was tuned to are shown apart: agreement in them proves nothing. Rows without a source have no verdict, nor have
those that describe another kind of city. A row that fails is a result, not an error. docs/realism.md says what the rows are.`,
		Example: `  sigcity validate demo/data
  sigcity validate demo/data --notes                            say how each figure was measured
  sigcity validate demo/data --html realism.html                a picture of each distribution
  sigcity validate demo/data --json                             for programs
  sigcity validate demo/data --markdown                         the rows with a source, as a table for a document
  sigcity validate demo/data --reference milan_output-grouped-times.csv`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			f, err := dataset.Open(args[0])
			if err != nil {
				return usage(err)
			}
			if f.Manifest().Release != nil {
				return usage(fmt.Errorf("%s is a release, want a raw data set: what a release is worth, sigcity plan and attack say", args[0]))
			}
			opt := realism.Options{Workers: a.workers}
			if reference != "" {
				if opt.Reference, err = readReference(reference); err != nil {
					return usage(err)
				}
			}
			if page != "" {
				if _, err := os.Stat(filepath.Dir(page)); err != nil {
					return usage(err)
				}
			}
			bar := a.progress("validate", "users")
			opt.Progress = bar.Set
			card, err := realism.Measure(cmd.Context(), f, opt)
			took := bar.Stop()
			if err != nil {
				return err
			}
			a.say("%d records read twice in %.1f s, %.1f million records per second", card.Records, took.Seconds(), 2e-6*float64(card.Records)/max(took.Seconds(), 1e-3))
			if page != "" {
				if err := writeScorecard(page, card); err != nil {
					return err
				}
				a.say("pictures: %s", page)
			}
			if asJSON {
				enc := json.NewEncoder(a.stdout)
				enc.SetEscapeHTML(false)
				enc.SetIndent("", "  ")
				return enc.Encode(card.Results)
			}
			if asMarkdown {
				return card.WriteMarkdown(a.stdout)
			}
			return card.WriteText(a.stdout, notes)
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&reference, "reference", "", "hourly activity of Milan to compare with (CSV: time, sms_all, call_all, internet_traffic)")
	fl.StringVar(&page, "html", "", "write a page with a picture of each distribution")
	fl.BoolVar(&asJSON, "json", false, "print the rows as JSON")
	fl.BoolVar(&asMarkdown, "markdown", false, "print the rows with a source as a Markdown table")
	fl.BoolVar(&notes, "notes", false, "print how each figure was measured")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	return cmd
}

func readReference(path string) (*realism.Reference, error) {
	r, err := dataset.OpenText(path)
	if err != nil {
		return nil, err
	}
	ref, err := realism.ReadReference(r, path)
	return ref, errors.Join(err, r.Close())
}

// writeScorecard makes the page, atomically.
func writeScorecard(path string, card *realism.Scorecard) error {
	w, err := dataset.CreateText(path)
	if err != nil {
		return err
	}
	if err := report.WriteScorecard(w, card); err != nil {
		w.Abort()
		return err
	}
	return w.Close()
}
