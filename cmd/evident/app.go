package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/lessons"
)

// The exit statuses, beside 0.
const (
	exitFailed      = 1   // a verdict differs, or a lesson failed
	exitBadInput    = 2   // usage, config, data or set-up
	exitInterrupted = 130 // 128 + SIGINT, as shells have it
)

// app is the program with what its tests replace.
type app struct {
	find    func(names ...string) ([]lessons.Lesson, error)
	backend func(context.Context) (fit.Selected, error)
	grace   time.Duration // given to a lesson to return after an interrupt

	stdout, stderr io.Writer
}

// program is the real one. The grace leaves half a second to write what was
// finished: an interrupted run stops within two.
func program() app {
	return app{find: lessons.Find, backend: fit.Backend, grace: 1500 * time.Millisecond}
}

// run executes one command line and returns the exit status.
func (a app) run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a.stdout, a.stderr = stdout, stderr
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	root := a.commands()
	root.SetArgs(args)
	return a.status(root.ExecuteContext(ctx))
}

// told is the exit status of a command that has said already what was wrong.
type told int

func (t told) Error() string { return fmt.Sprintf("exit status %d", int(t)) }

// status says in one line what was wrong, and returns the exit status. Where
// several things were, the highest status is the command's: interrupted, then
// what the user can mend, then what failed.
func (a app) status(err error) int {
	var known told
	switch {
	case err == nil:
		return 0
	case errors.As(err, &known):
		return int(known)
	case errors.Is(err, context.Canceled):
		a.complain("interrupted")
		return exitInterrupted
	}
	a.complain("%v", err)
	if errors.Is(err, badinput.Err) {
		return exitBadInput
	}
	return exitFailed
}

// complain prints one line on standard error.
func (a app) complain(format string, args ...any) {
	_, _ = fmt.Fprintln(a.stderr, "evident: "+strings.Join(strings.Fields(badinput.OneLine(fmt.Sprintf(format, args...))), " "))
}

func (a app) commands() *cobra.Command {
	root := &cobra.Command{
		Use:   "evident",
		Short: "Deep-learning lessons in Go where every claim is measured",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return badinput.Errorf("unknown command %q: `evident help` lists them", args[0])
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
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return badinput.Errorf("%w: `%s --help` lists the flags", err, cmd.CommandPath())
	})
	root.AddCommand(a.listCommand(), a.runCommand(), a.mergeCommand(), a.notebooksCommand(), a.siteCommand(), a.fetchCommand(), a.summaryCommand(), a.newCommand(), a.variantCommand(), a.checkCommand(), a.confineCommand(), a.doctorCommand())
	return root
}

// noArguments refuses arguments in one line that says so.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return badinput.Errorf("`%s` takes no arguments, but got %q", cmd.CommandPath(), args[0])
	}
	return nil
}
