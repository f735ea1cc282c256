package main

import (
	"github.com/spf13/cobra"

	"evident/internal/checkout"
	"evident/internal/doctor"
)

func (a app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Check this machine, and report what is missing and how to fix it",
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
