package main

import (
	"context"
	"fmt"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"evident/datasets/cifar10"
	"evident/datasets/polarity"
	"evident/lessons/lesson"
)

// archive is where fetch gets a data set from; what is empty is the data set's
// own.
type archive struct {
	url, sha256 string
	progress    func(done, total int64)
}

// fetchable are the data sets that can be downloaded, by name.
var fetchable = map[string]func(ctx context.Context, from archive) (dir string, err error){
	"cifar10": func(ctx context.Context, from archive) (string, error) {
		return cifar10.Fetch(ctx, cifar10.Source{URL: from.url, SHA256: from.sha256, Progress: from.progress})
	},
	"polarity": func(ctx context.Context, from archive) (string, error) {
		return polarity.Fetch(ctx, polarity.Source{URL: from.url, SHA256: from.sha256, Progress: from.progress})
	},
}

func (a app) fetchCommand() *cobra.Command {
	var from archive
	cmd := &cobra.Command{
		Use:   "fetch DATASET",
		Short: "Download a data set into the cache folder: cifar10 or polarity",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || fetchable[args[0]] == nil {
				return lesson.BadInputf("fetch what? %q: the data sets to fetch are cifar10 and polarity", args)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			bar := newBar(a.stderr, -1, args[0], progressbar.OptionShowBytes(true))
			from.progress = func(done, total int64) {
				if total != bar.GetMax64() {
					bar.ChangeMax64(total)
				}
				_ = bar.Set64(done) // a bar that cannot be drawn harms nothing
			}
			dir, err := fetchable[args[0]](cmd.Context(), from)
			_ = bar.Clear()
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(a.stdout, dir)
			return err
		},
	}
	cmd.Flags().StringVar(&from.url, "url", "", "of the archive, to use a mirror (default: the official one)")
	cmd.Flags().StringVar(&from.sha256, "sha256", "", "checksum of the archive (default: that on record)")
	return cmd
}
