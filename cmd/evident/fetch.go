package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"evident/internal/archive"
	"evident/internal/badinput"
	"evident/internal/near"
	"evident/internal/terminal"
)

func (a app) fetchCommand() *cobra.Command {
	var from archive.Source
	cmd := &cobra.Command{
		Use:   "fetch DATASET",
		Short: "Download a data set into the cache folder: " + strings.Join(archive.Names(), " or "),
		Args: func(_ *cobra.Command, args []string) error {
			known := archive.Names()
			switch {
			case len(args) != 1:
				return badinput.Errorf("`evident fetch` takes the name of one data set, but got %d: the data sets to fetch are %s", len(args), strings.Join(known, " and "))
			case !slices.Contains(known, args[0]):
				return badinput.Errorf("unknown data set %q%s: the data sets to fetch are %s", args[0], near.Hint(args[0], known), strings.Join(known, " and "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			bar := terminal.NewBar(a.stderr, -1, args[0], progressbar.OptionShowBytes(true))
			from.Progress = func(done, total int64) {
				if total != bar.GetMax64() {
					bar.ChangeMax64(total)
				}
				_ = bar.Set64(done) // an error of the bar affects nothing else
			}
			dir, err := archive.DataSets()[args[0]].Fetch(cmd.Context(), from)
			_ = bar.Clear()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, dir)
			return err
		},
	}
	cmd.Flags().StringVar(&from.URL, "url", "", "address of the archive on a mirror (default the official address)")
	cmd.Flags().StringVar(&from.SHA256, "sha256", "", "checksum of the archive (default the recorded one)")
	return cmd
}
