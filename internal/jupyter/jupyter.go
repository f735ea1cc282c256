// Package jupyter executes notebooks through Jupyter, and reads their outputs.
package jupyter

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

	"evident/internal/badinput"
)

// Jupyter runs nbconvert, which executes notebooks and renders them.
type Jupyter struct {
	path  string
	grace time.Duration // time for the kernel to shut down after an interrupt
}

// Find returns the Jupyter of the project's own environment.
func Find(root string, grace time.Duration) (Jupyter, error) {
	path := filepath.Join(root, ".venv", "bin", "jupyter")
	if _, err := os.Stat(path); err != nil {
		return Jupyter{}, badinput.Errorf("no Jupyter in %s: run `make lab` or `make lessons` first", filepath.Join(root, ".venv"))
	}
	return Jupyter{path: path, grace: grace}, nil
}

// execute runs all cells on the kernel `evident` and returns the executed
// notebook. A failing cell shows in its outputs and is not an error. The
// notebook records nothing that varies from run to run, such as times.
func (j Jupyter) execute(ctx context.Context, notebook string) ([]byte, error) {
	return j.convert(ctx, notebook, "ipynb",
		"--to=notebook", "--execute", "--allow-errors",
		"--ExecutePreprocessor.kernel_name=evident",
		"--ExecutePreprocessor.timeout=-1",
		"--ExecutePreprocessor.record_timing=False",
		"--ExecutePreprocessor.coalesce_streams=True",
	)
}

// html renders an executed notebook as a page.
func (j Jupyter) html(ctx context.Context, notebook string) ([]byte, error) {
	return j.convert(ctx, notebook, "html", "--to=html")
}

// Bodies renders notebooks without the surrounding page, in one call.
func (j Jupyter) Bodies(ctx context.Context, paths []string) ([][]byte, error) {
	for _, path := range paths {
		if _, err := os.Stat(path); err != nil {
			return nil, badinput.Errorf("no notebook %s: check the files out again", path)
		}
	}
	work, err := os.MkdirTemp("", "evident-site-*")
	if err != nil {
		return nil, noTempDir(err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	if err := j.call(ctx, work, append([]string{"nbconvert", "--to=html", "--template=basic", "--output-dir=" + work}, paths...)...); err != nil {
		return nil, err
	}
	bodies := make([][]byte, len(paths))
	for i, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".ipynb") + ".html"
		if bodies[i], err = os.ReadFile(filepath.Join(work, name)); err != nil {
			return nil, fmt.Errorf("jupyter rendered no %s: %w", name, err)
		}
	}
	return bodies, nil
}

// convert calls nbconvert in a temporary folder and returns its output.
func (j Jupyter) convert(ctx context.Context, notebook, ending string, options ...string) ([]byte, error) {
	work, err := os.MkdirTemp("", "evident-notebook-*")
	if err != nil {
		return nil, noTempDir(err)
	}
	defer func() { _ = os.RemoveAll(work) }()
	args := append([]string{"nbconvert", "--output-dir=" + work, "--output=notebook"}, options...)
	if err := j.call(ctx, work, append(args, notebook)...); err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(work, "notebook."+ending))
}

func noTempDir(err error) error {
	return badinput.Errorf("cannot write into %s: %w: make room, or set TMPDIR to another folder", os.TempDir(), err)
}

// call runs Jupyter. When the context is cancelled, it asks Jupyter to end,
// which also shuts down the kernel. After the grace period it kills Jupyter.
func (j Jupyter) call(ctx context.Context, work string, args ...string) error {
	var messages bytes.Buffer
	cmd := exec.CommandContext(ctx, j.path, args...)
	cmd.Stdout, cmd.Stderr = &messages, &messages
	cmd.Env = os.Environ()
	for _, variable := range homes {
		cmd.Env = append(cmd.Env, variable+"="+work)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // only this program passes Ctrl-C on to it
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

// homes are the variables of folders that Jupyter would otherwise create in
// the user's home.
var homes = []string{"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"}

// lastLine returns the last line of a text that is not blank.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
