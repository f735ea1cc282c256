package main

import (
	"strings"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/run"
	"evident/kit/experiment"
)

const runHelp = `Run lessons and print their verdicts; all of them when none is named. A name such as
learningrate.floor runs one experiment of a lesson; "evident list" shows them.

The line "repeat:" gives the same reports again, measured times aside, with the same
code and backend.

With --shard I/N the work is dealt out to N machines, one lesson from one seed at a
time. Every unit is written to --out when it is finished, so a shard that was killed
goes on where it was when it is run again. "evident merge" joins the folders
(docs/clusters.md).

Exit status 0: every verdict is the one on record, or inconclusive. 1: one differs, or
a lesson failed. 2: something to mend. 130: interrupted.

What the lessons take with --data, and where --devices has a use:

`

func (a app) runCommand() *cobra.Command {
	var q run.Request
	cmd := &cobra.Command{
		Use:   "run [LESSON[.EXPERIMENT]…]",
		Short: "Run lessons and print their verdicts; all of them when none is named",
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
	cmd.Flags().StringVar(&q.Scale, "scale", string(experiment.Default), "smoke (seconds), default (minutes) or full (the homework's own)")
	cmd.Flags().StringVar(&q.Data, "data", "", "folder of the real data set or of your own, or table of texts, in place of the generated data; see above")
	cmd.Flags().Int64SliceVar(&q.Seeds, "seed", []int64{0}, "shift every seed of the lessons by `N`; several, as in 0,1000,2000, repeat the lessons")
	cmd.Flags().IntVar(&q.Devices, "devices", 1, "train data-parallel: so many devices of the backend share every batch")
	cmd.Flags().StringVar(&q.Shard, "shard", "", "`I/N`: run the I-th of N parts, as in 2/5; --out gets the units for \"evident merge\"")
	cmd.Flags().StringVar(&q.Out, "out", "", "folder for verdicts.json, report.html and pictures")
	cmd.Flags().BoolVar(&q.JSON, "json", false, "print the reports as one JSON array")
	return cmd
}

// dataHelp says which lessons take data, and which several devices.
func (a app) dataHelp() string {
	all, err := a.find()
	if err != nil {
		return ""
	}
	var text strings.Builder
	_ = printTakers(&text, listing(all)) // a Builder takes everything
	return strings.TrimRight(text.String(), "\n")
}
