package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/dataset"
)

func (a *app) mergeCmd() *cobra.Command {
	var keep bool
	cmd := &cobra.Command{
		Use:   "merge DIR [SHARD...]",
		Short: "close the shards of a data set",
		Long: `merge puts the shards that sigcity generate --shard made together to the data set DIR: the same bytes as one run makes. It takes
the folders DIR.shard-i-of-n beside DIR, or those that are named, and wants all n of them, of one configuration and code, each file
with the hash that its shard lists. The shards are removed when DIR is complete. A merge that was stopped can be repeated.`,
		Example: `  sigcity merge data
  sigcity merge data /mnt/a/data.shard-0-of-2 /mnt/b/data.shard-1-of-2
  sigcity merge --keep data                           leave the shards where they are`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			out := args[0]
			if err := checkOut(out, false); err != nil {
				return err
			}
			a.resumes = true
			bar := a.progress("merging", "bytes")
			f, err := dataset.Merge(cmd.Context(), out, dataset.MergeOptions{Shards: args[1:], Keep: keep, Workers: a.workers, Progress: bar.Set})
			took := bar.Stop()
			if err != nil {
				return badInput(err)
			}
			m := f.Manifest()
			if !dataset.OneState(m.Code) {
				a.say("note: version %q names no one state of the code: only who built it knows whether all shards were made by the same", m.Code)
			}
			for _, w := range m.Warnings {
				a.say("note: %s", w)
			}
			a.say("%d records of %d SIMs over %d days in %s (%.1f s)", m.Meta.Records, m.Meta.Users, m.Meta.Days, out, took.Seconds())
			fmt.Fprintln(a.stdout, f.Dir())
			return nil
		},
	}
	cmd.Flags().BoolVar(&keep, "keep", false, "do not remove the shards")
	return cmd
}
