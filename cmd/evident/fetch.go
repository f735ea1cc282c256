package main

import (
	"fmt"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"evident/datasets/cifar10"
	"evident/lessons/lesson"
)

func (a app) fetchCommand() *cobra.Command {
	var source cifar10.Source
	cmd := &cobra.Command{
		Use:   "fetch DATASET",
		Short: "Download a data set into the cache folder; the one there is: cifar10",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || args[0] != "cifar10" {
				return lesson.BadInputf("fetch what? %q: the one data set to fetch is cifar10", args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			bar := newBar(a.stderr, -1, "CIFAR-10", progressbar.OptionShowBytes(true))
			source.Progress = func(done, total int64) {
				if total != bar.GetMax64() {
					bar.ChangeMax64(total)
				}
				_ = bar.Set64(done) // a bar that cannot be drawn harms nothing
			}
			dir, err := cifar10.Fetch(cmd.Context(), source)
			_ = bar.Clear()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, dir)
			return err
		},
	}
	cmd.Flags().StringVar(&source.URL, "url", cifar10.OfficialURL, "of the archive, to use a mirror")
	cmd.Flags().StringVar(&source.SHA256, "sha256", cifar10.OfficialSHA256, "checksum of the archive")
	return cmd
}
