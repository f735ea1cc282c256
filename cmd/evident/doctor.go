package main

import (
	"github.com/spf13/cobra"

	"evident/internal/checkout"
	"evident/internal/doctor"
)

func (a app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check this machine, and say what to do about each thing that is missing",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			root, err := checkout.Find()
			if err != nil {
				return err
			}
			return doctor.Diagnose(a.stdout, doctor.This(cmd.Context(), root).Checks())
		},
	}
}
