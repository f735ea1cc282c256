package jupyter

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// program is the worker's. It is in Python because nbclient is.
//
//go:embed worker.py
var program []byte

// worker is a Python process that executes notebooks one after the other. Python and its
// libraries take longer to start than a kernel does.
type worker struct {
	folder   string // of its outputs
	cmd      *exec.Cmd
	paths    io.WriteCloser
	events   *bufio.Scanner
	messages bytes.Buffer // of the process and of its kernels; complete once it has ended
}

// event is what the worker says.
type event struct {
	Cell     *int   `json:"cell"`     // the number of a cell that begins, from 0
	Progress string `json:"progress"` // what a cell says while it runs
	Done     bool   `json:"done"`     // with the notebook
}

// longest is the length of a line with an event.
const longest = 1 << 20

func (j Jupyter) startWorker(ctx context.Context) (*worker, error) {
	folder, err := os.MkdirTemp("", "evident-notebooks-*")
	if err != nil {
		return nil, noTempDir(err)
	}
	script := filepath.Join(folder, "worker.py")
	w := &worker{folder: folder, cmd: j.command(ctx, folder, "python", script, folder)}
	// Nobody asks the kernel for completions.
	w.cmd.Env = append(w.cmd.Env, "EVIDENT_HELP=off")
	w.cmd.Stderr = &w.messages
	if err = os.WriteFile(script, program, 0o600); err == nil {
		w.paths, err = w.cmd.StdinPipe()
	}
	var stdout io.Reader
	if err == nil {
		stdout, err = w.cmd.StdoutPipe()
	}
	if err == nil {
		err = w.cmd.Start()
	}
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, err
	}
	w.events = bufio.NewScanner(stdout)
	w.events.Buffer(nil, longest)
	return w, nil
}

// errEnded means that the notebook could not be executed: [worker.close] says why.
var errEnded = errors.New("jupyter: the process has ended")

// execute runs all cells on the kernel `evident`, tells of each event, and returns the
// executed notebook and its page. A failing cell shows in its outputs and is not an error.
func (w *worker) execute(path string, tell func(event)) (executed, error) {
	if err := json.NewEncoder(w.paths).Encode(path); err != nil {
		return executed{}, errEnded
	}
	for w.events.Scan() {
		var e event
		if err := json.Unmarshal(w.events.Bytes(), &e); err != nil {
			return executed{}, fmt.Errorf("jupyter: %q is no event: %w", w.events.Text(), err)
		}
		if e.Done {
			return w.outputs(filepath.Base(path))
		}
		tell(e)
	}
	return executed{}, errEnded
}

// outputs are the files of an executed notebook, which the worker writes into its folder.
func (w *worker) outputs(name string) (made executed, err error) {
	path := filepath.Join(w.folder, name)
	if made.Notebook, err = os.ReadFile(path); err != nil {
		return made, err
	}
	made.Page, err = os.ReadFile(pageOf(path))
	return made, err
}

// pageOf is the file beside a notebook that has it as HTML.
func pageOf(notebook string) string { return strings.TrimSuffix(notebook, ".ipynb") + ".html" }

// close ends the process. The error is why it did not end well, or had ended before.
func (w *worker) close() error {
	_ = w.paths.Close()
	err := w.cmd.Wait()
	_ = os.RemoveAll(w.folder)
	if errors.As(err, new(*exec.ExitError)) {
		return failed(w.messages.String(), err)
	}
	return err
}
