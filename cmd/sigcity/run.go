package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/internal/plugin"
)

// version is set by the linker (see the Makefile).
var version string

// Exit codes of the program.
const (
	exitOK      = 0
	exitFailed  = 1
	exitUsage   = 2 // bad input: flags, configuration, files given
	exitPartial = 3 // finished, but some cells of the grid failed
)

// usageError marks a mistake of the caller's: exit code 2.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

// usage marks err as bad input; nil stays nil.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

// badInput marks err as bad input unless the machine failed: a full or broken disk.
func badInput(err error) error {
	for _, failure := range []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.ENOMEM} {
		if errors.Is(err, failure) {
			return err
		}
	}
	return usage(err)
}

// errPartial says that the grid finished with failed cells; the message is out.
var errPartial = errors.New("finished with failed cells")

// app is one run of the program: its streams, clock and command line.
type app struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
	now            func() time.Time
	quiet          bool
	workers        int
	resumes        bool // the command goes on where a stopped run of it was
}

// Run is the whole program. Data go to stdout, messages to stderr; the result
// is the exit code.
func Run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{args: args, stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errPartial) {
		return exitPartial
	}
	var bad usageError
	var config *configs.Error
	switch {
	case ctx.Err() != nil: // whatever err is, this is why
		again := "to start again"
		if a.resumes {
			again = "to resume"
		}
		fmt.Fprintf(stderr, "sigcity: stopped; %s:\n  sigcity %s\n", again, shellLine(args))
		return exitFailed
	case errors.As(err, &bad), errors.As(err, &config):
		fmt.Fprintf(stderr, "sigcity: %v\n", err)
		return exitUsage
	}
	fmt.Fprintf(stderr, "sigcity: %v\n", err)
	return exitFailed
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "sigcity",
		Short: "synthetic mobile-phone signaling data of a city; anonymization against de-anonymization",
		Long: `sigcity makes realistic synthetic mobile-phone signaling data of a real city, anonymizes it,
attacks it, plans with it, and reports what every anonymization costs the planner and gives the attacker.`,
		Version:       codeVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Example: `  sigcity bench quickstart --osm andorra-latest.osm.bz2 --out demo
  sigcity list                                        methods, attacks and tasks
  sigcity generate --help`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			var names []string
			for _, c := range cmd.Commands() {
				names = append(names, c.Name())
			}
			return usage(fmt.Errorf("unknown command %q%s; there are %s", args[0], plugin.Suggest(args[0], names), strings.Join(names, ", ")))
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.PersistentFlags().BoolVarP(&a.quiet, "quiet", "q", false, "no progress, only errors")
	root.PersistentFlags().IntVar(&a.workers, "workers", runtime.GOMAXPROCS(0), "threads; the result does not depend on it")
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.workers < 1 {
			return usage(fmt.Errorf("--workers = %d, must be at least 1", a.workers))
		}
		return nil
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
	})
	root.AddCommand(a.generateCmd(), a.mergeCmd(), a.inspectCmd(), a.cityCmd(), a.anonymizeCmd(), a.attackCmd(), a.planCmd(), a.benchCmd(),
		a.reportCmd(), a.validateCmd(), a.importCmd(), a.exportCmd(), a.listCmd(), a.configCmd(), a.doctorCmd())
	for _, c := range root.Commands() {
		wrapArgs(c)
	}
	return root
}

// wrapArgs makes a wrong number of arguments a usage error, in c and below it.
func wrapArgs(c *cobra.Command) {
	if check := c.Args; check != nil {
		c.Args = func(cmd *cobra.Command, args []string) error {
			if check(cmd, args) == nil {
				return nil
			}
			return usage(fmt.Errorf("arguments [%s]: want %s", shellLine(args), cmd.UseLine()))
		}
	}
	for _, sub := range c.Commands() {
		wrapArgs(sub)
	}
}

// say prints a message line to stderr unless --quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.stderr, format+"\n", args...)
	}
}

// codeVersion names the program's version for manifests and reports.
func codeVersion() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// shellLine quotes args so that a shell reads them back.
func shellLine(args []string) string {
	quoted := make([]string, len(args))
	for i, s := range args {
		if s == "" || strings.ContainsAny(s, " \t\n'\"\\$&|;<>()*?[]{}~#!`") {
			s = "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
		}
		quoted[i] = s
	}
	return strings.Join(quoted, " ")
}
