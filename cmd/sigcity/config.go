package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity/configs"
	"github.com/sigcity/sigcity/internal/plugin"
)

func (a *app) configCmd() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "config",
		Short:   "show configuration keys, their values and where these come from",
		Example: `  sigcity config show bench`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var file string
	var origin bool
	show := &cobra.Command{
		Use:   "show generate|bench",
		Short: "every key with its value",
		Example: `  sigcity config show generate
  sigcity config show bench --config quickstart --origin
  SIGCITY_PERSONS=500 sigcity config show generate --origin`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: []string{"generate", "bench"},
		RunE: func(_ *cobra.Command, args []string) error {
			var settings []configs.Setting
			var err error
			switch args[0] {
			case "generate":
				_, settings, err = loadConfig(configs.DefaultGenerate(), file, nil)
			case "bench":
				_, settings, err = loadConfig(configs.DefaultBench(), file, nil)
			default:
				return usage(fmt.Errorf("config show %q: want generate or bench%s", args[0], plugin.Suggest(args[0], []string{"generate", "bench"})))
			}
			if err != nil {
				return err
			}
			w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
			for _, s := range settings {
				if origin {
					fmt.Fprintf(w, "%s\t%v\t%s\n", s.Key, s.Value, s.Origin)
				} else {
					fmt.Fprintf(w, "%s\t%v\n", s.Key, s.Value)
				}
			}
			return w.Flush()
		},
	}
	show.Flags().StringVar(&file, "config", "", "file or preset")
	show.Flags().BoolVar(&origin, "origin", false, "say where each value comes from")
	cmd.AddCommand(show)
	return cmd
}
