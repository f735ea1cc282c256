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

// Jupyter runs nbclient, which executes notebooks, and nbconvert, which renders them.
type Jupyter struct {
	bin   string        // folder of its programs
	grace time.Duration // time for the kernel to shut down after an interrupt
}

// Find returns the Jupyter of the project's own environment.
func Find(root string, grace time.Duration) (Jupyter, error) {
	bin := filepath.Join(root, ".venv", "bin")
	if _, err := os.Stat(filepath.Join(bin, "jupyter")); err != nil {
		return Jupyter{}, badinput.Errorf("no Jupyter in %s: run `make lab` or `make lessons` first", filepath.Join(root, ".venv"))
	}
	return Jupyter{bin: bin, grace: grace}, nil
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

func noTempDir(err error) error {
	return badinput.Errorf("cannot write into %s: %w: make room, or set TMPDIR to another folder", os.TempDir(), err)
}

// call runs the command jupyter.
func (j Jupyter) call(ctx context.Context, work string, args ...string) error {
	var messages bytes.Buffer
	cmd := j.command(ctx, work, "jupyter", args...)
	cmd.Stdout, cmd.Stderr = &messages, &messages
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, new(*exec.ExitError)) {
		return failed(messages.String(), err)
	}
	return err
}

// failed is the error of a program that says why in the last line of its messages.
func failed(messages string, err error) error {
	return fmt.Errorf("jupyter: %s", cmp.Or(lastLine(messages), err.Error()))
}

// command is a program of the environment, with its files in the folder work. When the
// context is cancelled, the program is asked to end, which also shuts down its kernel.
// After the grace period it is killed.
func (j Jupyter) command(ctx context.Context, work, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(j.bin, name), args...)
	cmd.Env = os.Environ()
	for _, variable := range homes {
		cmd.Env = append(cmd.Env, variable+"="+work)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // only this program passes Ctrl-C on to it
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = j.grace
	return cmd
}

// homes are the variables of folders that Jupyter would otherwise create in
// the user's home.
var homes = []string{"JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"}

// lastLine returns the last line of a text that is not blank.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
