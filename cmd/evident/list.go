package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"evident/internal/files"
	"evident/lessons"
)

// listed is a lesson as `list --json` prints it.
type listed struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Question string   `json:"question"`
	Notebook string   `json:"notebook"`
	Claims   []string `json:"claims"`
	Data     string   `json:"data"`    // what --data takes, in words; "" for nothing
	Devices  bool     `json:"devices"` // whether --devices has a use
}

func (a app) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lessons in order, with the ids of their claims",
		Args:  noArguments,
		RunE: func(*cobra.Command, []string) error {
			found, err := a.find()
			if err != nil {
				return err
			}
			if asJSON {
				return files.WriteJSON(a.stdout, listing(found))
			}
			return printListing(a.stdout, listing(found))
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print a JSON array")
	return cmd
}

func listing(found []lessons.Lesson) []listed {
	list := make([]listed, len(found))
	for i, l := range found {
		ids := make([]string, len(l.Claims))
		for k, claim := range l.Claims {
			ids[k] = claim.ID
		}
		list[i] = listed{l.Name, l.Title, l.Question, l.Notebook, ids, l.DataSet, l.Devices}
	}
	return list
}

func printListing(w io.Writer, list []listed) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range list {
		if _, err := fmt.Fprintf(columns, "%s\t%s\t%s\t%s\n", l.Name, l.Question, l.Title, strings.Join(l.Claims, " ")); err != nil {
			return err
		}
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	if _, err := fmt.Fprintln(w, "\nTaken with flags:"); err != nil {
		return err
	}
	return printTakers(w, list)
}

// printTakers says which lessons take data, and which several devices.
func printTakers(w io.Writer, list []listed) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range list {
		if l.Data != "" {
			_, _ = fmt.Fprintf(columns, "  %s\t--data\t%s\n", l.Name, l.Data) // told by Flush
		}
	}
	for _, l := range list {
		if l.Devices {
			_, _ = fmt.Fprintf(columns, "  %s\t--devices\tas many as the backend has\n", l.Name)
		}
	}
	return columns.Flush()
}
