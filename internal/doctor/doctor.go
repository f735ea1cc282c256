// Package doctor checks a machine for everything that the lessons need, and reports
// what is missing and how to fix it.
package doctor

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"text/tabwriter"
	"time"

	"evident/datasets"
	"evident/internal/archive"
	"evident/internal/exit"
	"evident/kit/backend"
)

// state is the result of a check.
type state string

const (
	good    state = "ok"
	warning state = "warn" // something works worse, or not at all, without it
	missing state = "fail" // the lessons do not run without it
)

// Check is one line of the report.
type Check struct {
	name   string
	state  state
	found  string
	remedy string // empty if all is well
}

// Diagnose prints the checks, one per line. It returns an error with status 1 if
// something necessary is missing.
func Diagnose(w io.Writer, checks []Check) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	outcome := exit.Status(0)
	for _, c := range checks {
		line := c.found
		if c.remedy != "" {
			line += ": " + c.remedy
		}
		if _, err := fmt.Fprintf(columns, "%s\t%s\t%s\n", c.state, c.name, line); err != nil {
			return err
		}
		if c.state == missing {
			outcome = exit.Failed
		}
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	return outcome
}

// Machine is everything that the checks look at, so that tests can simulate a
// machine.
type Machine struct {
	root  string                 // of the checkout
	cache func() (string, error) // folder of the data sets
	gpu   string                 // device file that exists if there is an NVIDIA GPU
	// intact returns what is wrong with a plugin's file.
	intact func(path string) error
	free   func(dir string) (bytes uint64, err error)        // space on disk
	run    func(name string, args ...string) (string, error) // output of a program
	dial   func(address string) error
	// cached reports whether a data set is in the cache.
	cached func(dataSet string) bool
}

// This returns the machine on which the program runs.
func This(ctx context.Context, root string) Machine {
	return Machine{
		root:   root,
		cache:  datasets.CacheDir,
		gpu:    "/dev/nvidia0",
		free:   freeSpace,
		intact: backend.CheckPlugin,
		cached: archive.Cached,
		run: func(name string, args ...string) (string, error) {
			ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, name, args...)
			cmd.Dir = root
			output, err := cmd.Output()
			return strings.TrimSpace(string(output)), err
		},
		dial: func(address string) error {
			connection, err := (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, "tcp", address)
			if err != nil {
				return err
			}
			return connection.Close()
		},
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
