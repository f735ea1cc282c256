package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/internal/exit"
	"evident/internal/near"
	"evident/internal/run"
	"evident/kit/backend"
	"evident/kit/keep"
	"evident/lessons"
)

// app is the program, with the parts that its tests replace.
type app struct {
	find    func(names ...string) ([]lessons.Lesson, error)
	backend func(context.Context) (backend.Selected, error)
	store   func(fresh bool) *keep.Store
	grace   time.Duration // time for a lesson to return after an interrupt

	stdout, stderr io.Writer
}

// program returns the real program. An interrupted run stops within two
// seconds; the grace period leaves half a second of them to write the
// finished results.
func program() app {
	return app{find: lessons.Find, backend: backend.Select, store: keep.Open, grace: 1500 * time.Millisecond}
}

// run executes one command line and returns the exit status.
func (a app) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a.stdout, a.stderr = stdout, stderr
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := a.commands()
	root.SetArgs(args)
	return a.tell().Status(root.ExecuteContext(ctx))
}

func (a app) tell() exit.Teller { return exit.Teller{W: a.stderr} }

func (a app) runner() run.Runner {
	return run.Runner{Find: a.find, Backend: a.backend, Store: a.store, Grace: a.grace, Stdout: a.stdout, Tell: a.tell()}
}

func (a app) commands() *cobra.Command {
	root := &cobra.Command{
		Use:   "evident",
		Short: "Deep-learning lessons in Go where every claim is measured",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return badinput.Errorf("unknown command %q%s: `evident help` lists them", args[0], near.Hint(args[0], commandNames(cmd)))
			}
			return nil
		},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SilenceErrors:     true,
		SilenceUsage:      true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(a.listCommand(), a.runCommand(), a.mergeCommand(), a.notebooksCommand(), a.siteCommand(), a.fetchCommand(), a.summaryCommand(), a.newCommand(), a.variantCommand(), a.checkCommand(), a.confineCommand(), a.parametersCommand(), a.doctorCommand(), a.cleanCommand())
	return root
}

// commandNames returns the names of the commands that help shows.
func commandNames(root *cobra.Command) []string {
	var names []string
	for _, cmd := range root.Commands() {
		if cmd.IsAvailableCommand() {
			names = append(names, cmd.Name())
		}
	}
	return names
}

// noArguments returns a one-line error if there are arguments.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badinput.Errorf("`%s` takes no arguments, but got %q", cmd.CommandPath(), args[0])
	}
	return nil
}
