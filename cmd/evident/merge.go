package main

import (
	"github.com/spf13/cobra"

	"evident/internal/badinput"
)

const mergeHelp = `Join the units that "evident run --shard I/N --out DIR" wrote into one report, as the
run without shards gives it: verdicts.json, report.html and pictures. From several seeds
the report of each is in a folder of its own, seedN.

A unit that was measured twice counts once. Units of different programs, backends,
scales or knobs are not joined.

Exit status 0: every unit of the sweep is there, and every verdict is the one on record,
or inconclusive. 1: one differs. 2: units are missing (what is there is joined, and one
line names the others), or cannot be joined.`

func (a app) mergeCommand() *cobra.Command {
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "merge DIR…",
		Short:   "Join the shards of a run into one report",
		Long:    mergeHelp,
		Example: "  evident merge out/sweep\n  evident merge machine1 machine2 machine3 --out out/report",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return badinput.Errorf("`evident merge` takes the folders that `evident run --shard` wrote to, but got none")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, dirs []string) error { return a.runner().Merge(dirs, out, asJSON) },
	}
	cmd.Flags().StringVar(&out, "out", "", "folder for verdicts.json, report.html and pictures (default: the first DIR)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the reports as one JSON array")
	return cmd
}
