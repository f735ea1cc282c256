package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

const (
	address  = "http://127.0.0.1:8888"
	notebook = "notebooks/05-counting-parameters.ipynb"
	backend  = "%%\nfmt.Println(show.Backend().Description())" // a cell; without XLA a lesson runs too, but slowly
)

// tryLesson starts the image's own command without a network, as its user, and executes the first cells of a notebook
// through the server. The client runs in the image too, since nothing outside reaches the server.
func tryLesson(ctx context.Context, built *image, client string) error {
	text, err := os.ReadFile(client)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(built.root, "run_cells.py"), text, 0o644); err != nil {
		return err
	}
	// The server ends with the shell, the first process of the image, and that when the client has ended.
	script := `"$@" >/tmp/server.log 2>&1 &
python /run_cells.py "$ADDRESS" "$NOTEBOOK" --cell "$CELL" --expect PJRT || { cat /tmp/server.log; exit 1; }`
	line := append([]string{"/bin/sh", "-c", script, "sh"}, built.command...)
	variables := []string{"JUPYTER_TOKEN=image", "ADDRESS=" + address, "NOTEBOOK=" + notebook, "CELL=" + backend}
	inside := built.unshare(variables, line)
	fmt.Fprintln(os.Stderr, "==> without network:", built.command)
	// A new network has not even a loopback device that is up.
	apart := []string{"--net", "sh", "-c", `ip link set lo up && exec unshare "$@"`, "sh"}
	run := command(ctx, "unshare", append(apart, inside...)...)
	run.Stderr = os.Stderr // what the cells show is checked by the client
	if err := run.Run(); err != nil {
		return fmt.Errorf("the image does not run %s: %w", notebook, err)
	}
	return nil
}
