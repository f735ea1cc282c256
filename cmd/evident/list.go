package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"evident/internal/files"
	"evident/kit/claim"
	"evident/lessons"
)

// listed is a lesson as `list --json` prints it.
type listed struct {
	Name     string   `json:"name"`
	Title    string   `json:"title"`
	Question string   `json:"question"`
	Notebook string   `json:"notebook"`
	Claims   []string `json:"claims"`

	Experiments []listedExperiment `json:"experiments"`

	Data    string `json:"data"`    // what --data may name, in words; "" if the lesson takes no data
	Devices bool   `json:"devices"` // whether the lesson accepts --devices
}

// listedExperiment is one experiment of a lesson; `run LESSON.NAME` runs only this
// one.
type listedExperiment struct {
	Name   string   `json:"name"`
	Title  string   `json:"title"`
	Claims []string `json:"claims"`
}

func (a app) listCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the lessons in order, with their experiments and the ids of their claims",
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
		list[i] = listed{
			Name: l.Name, Title: l.Title, Question: l.Question, Notebook: l.Notebook, Claims: idsOf(l.Claims),
			Experiments: []listedExperiment{}, Data: l.DataSet, Devices: l.Devices,
		}
		for _, e := range l.Experiments {
			list[i].Experiments = append(list[i].Experiments, listedExperiment{e.Name, e.Title, idsOf(e.Claims)})
		}
	}
	return list
}

func idsOf(claims []claim.Claim) []string {
	ids := make([]string, len(claims))
	for i, c := range claims {
		ids[i] = c.ID
	}
	return ids
}

func printListing(w io.Writer, list []listed) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range list {
		_, _ = fmt.Fprintf(columns, "%s\t%s\t%s\n", l.Name, l.Question, l.Title) // Flush returns the error
		for _, e := range l.Experiments {
			_, _ = fmt.Fprintf(columns, "  %s.%s\t\t%s\t%s\n", l.Name, e.Name, e.Title, strings.Join(e.Claims, " "))
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

// printTakers lists the lessons that take data, and those that can use several
// devices.
func printTakers(w io.Writer, list []listed) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, l := range list {
		if l.Data != "" {
			_, _ = fmt.Fprintf(columns, "  %s\t--data\t%s\n", l.Name, l.Data) // Flush returns the error
		}
	}
	for _, l := range list {
		if l.Devices {
			_, _ = fmt.Fprintf(columns, "  %s\t--devices\tas many as the backend has\n", l.Name)
		}
	}
	return columns.Flush()
}
