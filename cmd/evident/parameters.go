package main

import (
	"io"

	"github.com/spf13/cobra"

	"evident/internal/files"
	"evident/internal/parameters"
)

// parametersCommand is for papermill (grading/evident_papermill.py).
func (a app) parametersCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "parameters <CELL",
		Short:  "List the variables that a cell declares, as JSON",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cell, err := io.ReadAll(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return files.WriteJSON(a.stdout, parameters.Declared(string(cell)))
		},
	}
}
