package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// jupyter runs nbconvert, which executes notebooks and renders them.
type jupyter struct {
	path  string
	grace time.Duration // to shut the kernel down after an interrupt
}

// execute runs all cells on the kernel `evident` and returns the executed
// notebook. A failing cell is in its outputs, not an error. Nothing that
// changes from run to run by itself, such as times, is recorded.
func (j jupyter) execute(ctx context.Context, notebook string) ([]byte, error) {
	return j.convert(ctx, notebook, "ipynb",
		"--to=notebook", "--execute", "--allow-errors",
		"--ExecutePreprocessor.kernel_name=evident",
		"--ExecutePreprocessor.timeout=-1",
		"--ExecutePreprocessor.record_timing=False",
		"--ExecutePreprocessor.coalesce_streams=True",
	)
}

// html renders an executed notebook as a page.
func (j jupyter) html(ctx context.Context, notebook string) ([]byte, error) {
	return j.convert(ctx, notebook, "html", "--to=html")
}

// convert calls nbconvert in a folder of its own and returns what it made.
func (j jupyter) convert(ctx context.Context, notebook, ending string, options ...string) ([]byte, error) {
	work, err := os.MkdirTemp("", "evident-notebook-*")
	if err != nil {
		return nil, unwritable(os.TempDir(), err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	args := append([]string{"nbconvert", "--output-dir=" + work, "--output=notebook"}, options...)
	if err := j.call(ctx, work, append(args, notebook)...); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(work, "notebook."+ending))
}

// call runs Jupyter. When the context is cancelled it is asked to end, and so
// shuts its kernel down; after the grace it is killed.
func (j jupyter) call(ctx context.Context, work string, args ...string) error {
	var messages bytes.Buffer
	cmd := exec.CommandContext(ctx, j.path, args...)
	cmd.Stdout, cmd.Stderr = &messages, &messages
	cmd.Env = os.Environ()
	for _, variable := range homes {
		cmd.Env = append(cmd.Env, variable+"="+work)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C reaches it through us only
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = j.grace
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, new(*exec.ExitError)) {
		return fmt.Errorf("jupyter: %s", cmp.Or(lastLine(messages.String()), err.Error()))
	}
	return err
}

// homes are the folders that Jupyter would otherwise make in the user's home.
var homes = []string{"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"}

// lastLine is the last line of a text that is not blank.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
