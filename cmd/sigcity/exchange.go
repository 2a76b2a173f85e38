package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
)

func (a *app) exportCmd() *cobra.Command {
	var out, format string
	cmd := &cobra.Command{
		Use:   "export DIR",
		Short: "write a data set or release as CSV",
		Example: `  sigcity export demo/data --out csv                    events.csv and areas.csv
  sigcity export demo/data --format csv.zst --out csv   compressed: csv.gz or csv.zst`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ext, ok := map[string]string{"csv": "", "csv.gz": ".gz", "csv.zst": ".zst"}[format]
			if !ok {
				return usage(fmt.Errorf("--format %q: want csv, csv.gz or csv.zst", format))
			}
			if out == "" {
				return usage(fmt.Errorf("--out is needed: the folder to write to"))
			}
			f, err := dataset.Open(args[0])
			if err != nil {
				return usage(err)
			}
			if err := dataset.ExportCSV(cmd.Context(), out, f, ext); err != nil {
				return badInput(err)
			}
			a.say("wrote %d users to %s", f.Meta().Users, out)
			return nil
		},
	}
	cmd.Flags().StringVar(&out, "out", "", "folder to write to")
	cmd.Flags().StringVar(&format, "format", "csv", "csv, csv.gz or csv.zst")
	return cmd
}

func (a *app) importCmd() *cobra.Command {
	var areas, out string
	meta := sigcity.Meta{}
	cmd := &cobra.Command{
		Use:   "import EVENTS.csv",
		Short: "make a data set of events and areas in CSV, without ground truth",
		Long: `import reads what export writes: events.csv with the columns user, time, milli, span, area, event and areas.csv with the
columns that docs/format.md lists. Plain, .gz, .bz2 and .zst files are read.`,
		Example: `  sigcity import csv/events.csv --areas csv/areas.csv --time-zone Europe/Andorra --out data`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if areas == "" || out == "" {
				return usage(fmt.Errorf("--areas and --out are both needed"))
			}
			if err := checkOut(out, false); err != nil {
				return err
			}
			f, err := dataset.ImportCSV(cmd.Context(), args[0], areas, out, meta)
			if err != nil {
				return badInput(err)
			}
			a.say("imported %d users, %d records into %s", f.Meta().Users, f.Meta().Records, out)
			return nil
		},
	}
	fl := cmd.Flags()
	fl.StringVar(&areas, "areas", "", "areas.csv")
	fl.StringVar(&out, "out", "", "folder of the data set")
	fl.StringVar(&meta.Name, "name", "imported", "name of the data set")
	fl.StringVar(&meta.TimeZone, "time-zone", "Etc/UTC", "IANA name of the local time zone")
	return cmd
}
