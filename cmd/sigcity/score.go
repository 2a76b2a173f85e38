package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/attacks"
	"github.com/sigcity/sigcity/benchmarks"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/atlas"
	"github.com/sigcity/sigcity/internal/plugin"
	"github.com/sigcity/sigcity/planning"
)

// scoreFlags are what attack and plan share.
type scoreFlags struct {
	release, data, key string
	seed               uint64
	asJSON             bool
}

func (s *scoreFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&s.release, "release", "", "release to judge")
	fl.StringVar(&s.data, "dataset", "", "data set that it was made of, with its truth")
	fl.StringVar(&s.key, "key", "", "links from tokens to SIMs, as anonymize --key-out writes them")
	fl.Uint64Var(&s.seed, "seed", 1, "seed of the choice of targets and of what is known of them")
	fl.BoolVar(&s.asJSON, "json", false, "print the rows as JSON lines")
}

// judge opens the release, the data set and the key.
func (s *scoreFlags) judge(ctx context.Context, grid benchmarks.Grid) (*benchmarks.Judge, error) {
	if s.data == "" {
		return nil, usage(errors.New("--dataset is needed"))
	}
	data, err := dataset.Open(s.data)
	if err != nil {
		return nil, usage(err)
	}
	var release *dataset.Folder
	if s.release != "" {
		if release, err = dataset.Open(s.release); err != nil {
			return nil, usage(err)
		}
	}
	var links []sigcity.Link
	if s.key != "" {
		if release == nil {
			return nil, usage(errors.New("--key without --release: of which release are the links?"))
		}
		if links, err = readKey(s.key, release.Meta().Users, data.Meta().Users); err != nil {
			return nil, usage(err)
		}
	}
	j, err := benchmarks.NewJudge(ctx, data, release, links, grid, s.seed, codeVersion())
	if err != nil && s.release != "" && s.key == "" {
		err = fmt.Errorf("without --key: %w", err)
	}
	return j, badInput(err)
}

func readKey(path string, tokens, sources int) ([]sigcity.Link, error) {
	r, err := dataset.OpenText(path)
	if err != nil {
		return nil, err
	}
	links, err := dataset.ReadLinksCSV(r, path, tokens, sources)
	return links, errors.Join(err, r.Close())
}

func (a *app) attackCmd() *cobra.Command {
	var flags scoreFlags
	var params []string
	targets := benchmarks.DefaultGrid().Targets
	cmd := &cobra.Command{
		Use:   "attack ATTACK --release DIR --dataset DIR --key FILE",
		Short: "attack a release and score what the attack achieves",
		Long: `attack mounts one attack on a release. What the adversary knows of the targets is drawn from the data set's ground truth
with error, never from the release; the key serves the scorer only, and the attack does not see it.
Nobody was held out of a release made by anonymize, so there are no controls here: sigcity bench has them.`,
		Example: `  sigcity attack home-work --release release --dataset data --key key.csv
  sigcity attack unicity --release release --dataset data --key key.csv --targets 1000 --json
  sigcity list home-work                              an attack's parameters`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			values, err := parseParams(params)
			if err != nil {
				return usage(err)
			}
			if _, _, err := plugin.Make[attacks.Attack](args[0], values); err != nil {
				return usage(err)
			}
			if flags.release == "" || flags.data == "" {
				return usage(errors.New("--release and --dataset are both needed"))
			}
			if flags.key == "" {
				return usage(errors.New("--key is needed: without the links nobody can tell whether an attack is right"))
			}
			grid := benchmarks.DefaultGrid()
			if grid.Targets = targets; targets < 1 {
				return usage(fmt.Errorf("--targets = %d, must be at least 1", targets))
			}
			j, err := flags.judge(cmd.Context(), grid)
			if err != nil {
				return err
			}
			rows, err := j.Attack(cmd.Context(), []benchmarks.AttackGrid{{Attack: args[0], Params: values}}, a.workers)
			if err != nil {
				return err
			}
			return printRows(a.stdout, rows, flags.asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().StringArrayVar(&params, "param", nil, "parameter of the attack, name=value; may be repeated")
	cmd.Flags().IntVar(&targets, "targets", targets, "persons attacked, at most")
	return cmd
}

func (a *app) planCmd() *cobra.Command {
	var flags scoreFlags
	var out string
	var asMarkdown bool
	grid := benchmarks.DefaultGrid()
	cmd := &cobra.Command{
		Use:   "plan TASK|all --dataset DIR [--release DIR --key FILE]",
		Short: "answer a planning task on a release and score it against raw data and truth",
		Long: `plan answers planning tasks on a release and scores the answers against those on the raw data and on the ground truth.
Without --release it answers them on the raw data. With --out it writes the answers, by task and zoning: tables as CSV, what lies
somewhere as GeoJSON, and the map or chart that a planner would use as SVG.`,
		Example: `  sigcity plan U10 --dataset data --out answers       on raw data, with maps and tables
  sigcity plan U09 --release release --dataset data --key key.csv
  sigcity plan all --release release --dataset data --key key.csv --json
  sigcity list U09                                    what the task is`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var tasks []string
			if args[0] == "all" {
				tasks = allTasks()
			} else {
				e, err := plugin.Find[planning.Task](args[0])
				if err != nil {
					return usage(err)
				}
				tasks = []string{e.Name}
			}
			for _, z := range grid.Zonings {
				if err := dataset.CheckZoning(z); err != nil {
					return usage(fmt.Errorf("--zoning: %w", err))
				}
			}
			j, err := flags.judge(cmd.Context(), grid)
			if err != nil {
				return err
			}
			if out != "" {
				j.Keep = func(task, zoning string, answer planning.Answer, env *planning.Env) error {
					return writeAnswer(filepath.Join(out, task, zoning), answer, env)
				}
			}
			rows, err := j.Plan(cmd.Context(), tasks, a.workers)
			if err != nil {
				return badInput(err) // a zoning that this map lacks
			}
			if asMarkdown {
				printTaskTable(a.stdout, rows)
				return nil
			}
			return printRows(a.stdout, rows, flags.asJSON)
		},
	}
	flags.add(cmd)
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "print a line for each task and zoning, as a Markdown table")
	cmd.MarkFlagsMutuallyExclusive("json", "markdown")
	cmd.Flags().StringVar(&out, "out", "", "write the answers into this directory: CSV, GeoJSON and pictures, by task and zoning")
	cmd.Flags().StringSliceVar(&grid.Zonings, "zoning", grid.Zonings, "zonings: grid-500m, grid-1km, h3-8, admin, admin-8, …")
	return cmd
}

// allTasks names every task, the uses of planning (U) before those of recognition (T).
func allTasks() []string {
	all := plugin.All[planning.Task]()
	slices.SortStableFunc(all, func(a, b plugin.Entry[planning.Task]) int {
		return cmp.Or(-cmp.Compare(a.ID[:1], b.ID[:1]), cmp.Compare(a.ID, b.ID))
	})
	names := make([]string, len(all))
	for i, e := range all {
		names[i] = e.Name
	}
	return names
}

// writeAnswer writes an answer as tables and pictures.
func writeAnswer(dir string, answer planning.Answer, env *planning.Env) error {
	laid, ok := answer.(planning.Sheets)
	if !ok {
		return fmt.Errorf("%s: a %T cannot be laid out", dir, answer)
	}
	_, err := atlas.Write(dir, laid.Sheets(env), env.Map)
	return err
}

// printRows prints result rows as a table, or as JSON lines.
func printRows(out io.Writer, rows []benchmarks.Result, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(out)
		for _, r := range rows {
			if err := enc.Encode(r); err != nil {
				return err
			}
		}
		return nil
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "probe\tby, on\tmetric\tvalue\t95 % interval\tN\tbaseline\tunit")
	for _, r := range rows {
		on := r.Adversary + r.Zoning
		if r.Status != benchmarks.OK {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t\t\t\t%s\n", r.Probe, on, r.Metric, r.Status, r.Error)
			continue
		}
		mark := ""
		if r.Headline {
			mark = " *"
		}
		interval := "" // none, rather than one of no width, which would claim certainty
		if r.Lo < r.Hi {
			interval = fmt.Sprintf("%.4g … %.4g", r.Lo, r.Hi)
		}
		fmt.Fprintf(w, "%s\t%s\t%s%s\t%.4g\t%s\t%d\t%.4g\t%s\n", r.Probe, on, r.Metric, mark, r.Value, interval, r.N, r.Baseline, r.Unit)
	}
	return w.Flush()
}
