package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"evident/lessons"
)

// listed is a lesson as `list --json` prints it.
type listed struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Question string   `json:"question"`
	Notebook string   `json:"notebook"`
	Claims   []string `json:"claims"`
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
				return writeJSON(a.stdout, listing(found))
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
		list[i] = listed{l.Name, l.Title, l.Question, l.Notebook, ids}
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
	return columns.Flush()
}

// writeJSON prints a value indented, with text as it is.
func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", " ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(value)
}
