package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"evident/datasets"
	"evident/internal/durations"
	"evident/kit/keep"
)

func (a app) cleanCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "clean",
		Short: "Delete the measurements and values that were kept",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			values, size, err := keep.Clean()
			if err = errors.Join(err, durations.Forget()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(a.stdout, "deleted %s, %.1f MB\n", datasets.Counted(values, "value"), float64(size)/1e6)
			return err
		},
	}
}
