package main

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"github.com/paulmach/orb"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/geo"
)

func (a *app) doctorCmd() *cobra.Command {
	return &cobra.Command{
		Use:     "doctor",
		Short:   "check that this machine can run everything",
		Example: "  sigcity doctor",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(a.stdout, "sigcity %s, %s, %s/%s, %d cores\n", codeVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
			failed := false
			check := func(name, good, bad string, ok bool) {
				mark, text := "ok", good
				if !ok {
					mark, text, failed = "missing", bad, true
				}
				fmt.Fprintf(a.stdout, "%-8s %-14s %s\n", mark, name, text)
			}
			hex := geo.Hexagons(8).Zone(orb.Point{1.5, 42.5})
			check("H3", "hexagons work", "the H3 library gives no zone", hex != geo.NoZone)
			_, err := sigcity.NewCalendar("Asia/Shanghai", "2026-03-02", 1, nil)
			check("time zones", "built in", fmt.Sprint(err), err == nil)
			// Optional tools do not fail the check: they serve one thing each.
			for _, t := range []struct{ name, use string }{
				{"python3", "runs the example plugins"},
				{"chromium", "tests look at the report in it"},
			} {
				path, err := exec.LookPath(t.name)
				if err != nil {
					fmt.Fprintf(a.stdout, "%-8s %-14s optional: %s\n", "absent", t.name, t.use)
					continue
				}
				fmt.Fprintf(a.stdout, "%-8s %-14s %s (%s)\n", "ok", t.name, strings.TrimSpace(path), t.use)
			}
			if failed {
				return fmt.Errorf("this machine lacks what the lines above name")
			}
			return nil
		},
	}
}
