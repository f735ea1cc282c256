package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"evident/datasets/cifar10"
	"evident/datasets/polarity"
	"evident/internal/badinput"
)

// archive is where fetch gets a data set from; what is empty is the data set's
// own.
type archive struct {
	url, sha256 string
	progress    func(done, total int64)
}

// dataSet is one that can be downloaded.
type dataSet struct {
	find  func(folder string) (dir string, found bool, err error)
	fetch func(ctx context.Context, from archive) (dir string, err error)
}

// fetchable are the data sets that can be downloaded, by name.
var fetchable = map[string]dataSet{
	"cifar10": {cifar10.Find, func(ctx context.Context, from archive) (string, error) {
		return cifar10.Fetch(ctx, cifar10.Source{URL: from.url, SHA256: from.sha256, Progress: from.progress})
	}},
	"polarity": {polarity.Find, func(ctx context.Context, from archive) (string, error) {
		return polarity.Fetch(ctx, polarity.Source{URL: from.url, SHA256: from.sha256, Progress: from.progress})
	}},
}

// fetchableNames are the names of all data sets that can be downloaded.
func fetchableNames() []string { return slices.Sorted(maps.Keys(fetchable)) }

func (a app) fetchCommand() *cobra.Command {
	var from archive
	cmd := &cobra.Command{
		Use:   "fetch DATASET",
		Short: "Download a data set into the cache folder: " + strings.Join(fetchableNames(), " or "),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 || fetchable[args[0]].fetch == nil {
				return badinput.Errorf("fetch what? %q: the data sets to fetch are %s", args, strings.Join(fetchableNames(), " and "))
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
			dir, err := fetchable[args[0]].fetch(cmd.Context(), from)
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
