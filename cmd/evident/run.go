package main

import (
	"strings"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/run"
	"evident/kit/experiment"
)

const runHelp = `Run the named lessons, or all of them, and print their verdicts. A name such as
learningrate.floor runs one experiment of a lesson; "evident list" shows the names.

What an earlier run has measured with the same knobs, data, code and backend is kept: the
lines "kept:" say when it was measured, and by which commit. --fresh measures it again.

The command in the line "repeat:" reproduces the reports, except for measured times, with
the same code and backend.

--shard I/N divides the work among N machines. A unit of work is one lesson with one seed.
Each finished unit is saved to --out. To resume a shard that was killed, run it again.
"evident merge" joins the units into one report (docs/clusters.md).

Exit status 0: every verdict agrees with the record, or is not decided at this scale. 1: a verdict
differs, or a lesson failed. 2: an argument, a file or the machine needs fixing.
130: interrupted.

Lessons that take --data, and lessons that can use several --devices:

`

func (a app) runCommand() *cobra.Command {
	var q run.Request
	cmd := &cobra.Command{
		Use:   "run [LESSON[.EXPERIMENT]…]",
		Short: "Run lessons, by default all of them, and print their verdicts",
		Long:  runHelp + a.dataHelp(),
		Example: "  evident run inception --scale smoke\n" +
			"  evident run learningrate.floor\n" +
			"  evident run --out out/report\n" +
			"  evident run inception --scale full --data cifar-10-batches-bin\n" +
			"  evident run inception --devices 2\n" +
			"  evident run --seed 0,1000,2000 --shard 2/5 --out out/sweep",
		RunE: func(cmd *cobra.Command, names []string) error {
			if cmd.Flags().Changed("data") && q.Data == "" {
				return badinput.Errorf("--data is empty: name a folder or a table, or leave the flag out")
			}
			q.Names = names
			return a.runner().Run(cmd.Context(), q)
		},
	}
	cmd.Flags().StringVar(&q.Scale, "scale", string(experiment.Default), "preset: smoke (seconds), default (minutes) or full (the size of the homework)")
	cmd.Flags().StringVar(&q.Data, "data", "", "use the real data set in this folder, or your own data (a folder, or a table of texts); see above")
	cmd.Flags().Int64SliceVar(&q.Seeds, "seed", []int64{0}, "shift every seed of the lessons by `N`; a list, as in 0,1000,2000, repeats the lessons")
	cmd.Flags().IntVar(&q.Devices, "devices", 1, "number of devices that share every batch (data-parallel training)")
	cmd.Flags().StringVar(&q.Shard, "shard", "", "run part `I/N` of the work, as in 2/5, and save its units to --out for \"evident merge\"")
	cmd.Flags().StringVar(&q.Out, "out", "", "folder for verdicts.json, report.html and pictures")
	cmd.Flags().BoolVar(&q.Fresh, "fresh", false, "measure again what an earlier run has kept")
	cmd.Flags().BoolVar(&q.JSON, "json", false, "print the reports as one JSON array")
	return cmd
}

// dataHelp lists the lessons that take data, and those that can use several
// devices.
func (a app) dataHelp() string {
	all, err := a.find()
	if err != nil {
		return ""
	}
	var text strings.Builder
	_ = printTakers(&text, listing(all)) // writing to a Builder cannot fail
	return strings.TrimRight(text.String(), "\n")
}
