package main

import (
	"github.com/spf13/cobra"

	"evident/internal/badinput"
)

const mergeHelp = `Join the units that "evident run --shard I/N --out DIR" wrote into the report of a run
without shards: verdicts.json, report.html and pictures. With several seeds, the report
of each seed is in its own folder, seedN.

A unit that was measured twice counts once. Units that differ in program, backend, preset
or knobs cannot be joined.

Exit status 0: all units are there, and every verdict agrees with the record or is
not decided at this scale. 1: a verdict differs. 2: the units cannot be joined, or some are missing
(one line names them, and the others are joined).`

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
	cmd.Flags().StringVar(&out, "out", "", "folder for verdicts.json, report.html and pictures (default the first DIR)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the reports as one JSON array")
	return cmd
}
