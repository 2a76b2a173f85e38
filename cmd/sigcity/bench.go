package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/benchmarks/report"
	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/dataset"
)

// What the program adds to the files of a benchmark's folder.
const (
	reportName = "report.html"
	dataFolder = "data"
)

func (a *app) benchCmd() *cobra.Command {
	var out, data string
	var retry bool
	cmd := &cobra.Command{
		Use:   "bench CONFIG.yaml|PRESET --out DIR",
		Short: "run a grid: generate, anonymize, attack, plan, report",
		Long: `bench generates a data set (or takes a finished one), runs every method of the grid on it, mounts every attack, answers
every planning task, and writes results.jsonl and a report. A run that was stopped goes on where it was.`,
		Example: `  sigcity bench quickstart --osm andorra-latest.osm.bz2 --out demo
  sigcity bench quickstart --city small --out demo
  sigcity bench quickstart --dataset demo/data --out again
  sigcity bench mine.yaml --out mine                  keys: sigcity config show bench`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			flags := setFlags(cmd.Flags(), generateFlags, "generate.")
			if cmd.Flags().Changed("dataset") {
				flags["dataset"] = data
			}
			cfg, _, err := loadConfig(configs.DefaultBench(), args[0], flags)
			if err != nil {
				return err
			}
			if out == "" {
				return usage(errors.New("--out is needed: the folder to write to"))
			}
			if err := cfg.Grid.Validate(); err != nil {
				return usage(fmt.Errorf("grid: %w", err))
			}
			a.resumes = true
			return a.bench(cmd.Context(), cfg, out, retry)
		},
	}
	addGenerateFlags(cmd.Flags())
	cmd.Flags().StringVar(&out, "out", "", "folder of the benchmark; generated data go to DIR/data")
	cmd.Flags().StringVar(&data, "dataset", "", "run on this finished data set instead of generating one")
	cmd.Flags().BoolVar(&retry, "retry", false, "run cells again that failed in an earlier run")
	return cmd
}

func (a *app) bench(ctx context.Context, cfg configs.Bench, out string, retry bool) error {
	begin := a.now()
	if err := checkBenchOut(out); err != nil {
		return usage(err)
	}
	f, err := a.benchData(ctx, cfg, out)
	if err != nil {
		return err
	}
	bar := a.progress("benchmark", "jobs")
	summary, err := benchmarks.Run(ctx, cfg.Grid, f, out, benchmarks.Options{
		Workers: a.workers, Code: codeVersion(), Clock: a.now, Retry: retry, Command: "sigcity " + shellLine(a.args),
		Progress: func(done, total int, _ string) { bar.Set(int64(done), int64(total)) },
	})
	bar.Stop()
	if err != nil {
		return badInput(err)
	}
	page, err := a.writeReport(out, f)
	if err != nil {
		return err
	}
	a.say("\n%s\n", summary.Verdict)
	failed := 0
	for _, s := range summary.SelfTests {
		if s.Run && !s.Pass {
			a.say("self-test %s FAILED: %s", s.Name, s.Text)
			failed++
		}
	}
	for _, p := range summary.Problems {
		a.say("%s: %s %s: %s", p.Status, p.Label, p.Probe, p.Error)
	}
	a.say("report after %.0f s:", a.now().Sub(begin).Seconds())
	fmt.Fprintln(a.stdout, page)
	if failed+len(summary.Problems) > 0 {
		return errPartial
	}
	return nil
}

// checkBenchOut refuses a folder that holds something else than a benchmark,
// before anything is generated into it. benchmarks.Run looks again, and closer.
func checkBenchOut(out string) error {
	entries, err := os.ReadDir(out)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	for _, e := range entries {
		switch e.Name() {
		case benchmarks.RunName, benchmarks.ResultsName, "releases", dataFolder, dataFolder + ".partial":
			return nil
		}
	}
	if len(entries) > 0 {
		return fmt.Errorf("--out %s: the folder holds %s and no benchmark, choose another folder", out, entries[0].Name())
	}
	return nil
}

// benchData opens the data set of the configuration, or generates it into out/data.
func (a *app) benchData(ctx context.Context, cfg configs.Bench, out string) (*dataset.Folder, error) {
	if cfg.Dataset != "" {
		f, err := dataset.Open(cfg.Dataset)
		return f, usage(err)
	}
	return a.generate(ctx, cfg.Generate, filepath.Join(out, dataFolder))
}

// writeReport makes the page of the benchmark in dir, atomically.
func (a *app) writeReport(dir string, data *dataset.Folder) (string, error) {
	in, err := report.Load(dir, data)
	if err != nil {
		return "", err
	}
	page := filepath.Join(dir, reportName)
	w, err := dataset.CreateText(page)
	if err != nil {
		return "", err
	}
	if err := report.Write(w, in); err != nil {
		w.Abort()
		return "", err
	}
	return page, w.Close()
}

func (a *app) reportCmd() *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "write the report of a finished benchmark again",
		Example: `  sigcity report demo
  sigcity report again --dataset demo/data    the maps come from the data set`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if data == "" {
				data = filepath.Join(args[0], dataFolder)
			}
			var f *dataset.Folder
			if _, err := os.Stat(data); err == nil {
				if f, err = dataset.Open(data); err != nil {
					return usage(err)
				}
			} else {
				a.say("no data set at %s: the report has no maps (--dataset DIR)", data)
			}
			page, err := a.writeReport(args[0], f)
			if err != nil {
				return usage(err)
			}
			fmt.Fprintln(a.stdout, page)
			return nil
		},
	}
	cmd.Flags().StringVar(&data, "dataset", "", "data set the benchmark ran on (default: DIR/data)")
	return cmd
}
