package main

import (
	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/confine"
)

// confineCommand serves the kernel that grades (kernel/install.py --grading).
func (a app) confineCommand() *cobra.Command {
	var root, place string
	cmd := &cobra.Command{
		Use:    "confine --root DIR -- COMMAND",
		Short:  "Run a command that can neither read nor write the files of a course",
		Hidden: true,
		RunE: func(cmd *cobra.Command, command []string) error {
			if len(command) == 0 {
				return badinput.Errorf("`evident confine` takes a command")
			}
			return confine.Run(cmd.Context(), root, place, command)
		},
	}
	cmd.Flags().StringVar(&root, "root", "", "folder of the checkout")
	cmd.Flags().StringVar(&place, "place", "", "folder that the command may write into (default a temporary one)")
	return cmd
}
