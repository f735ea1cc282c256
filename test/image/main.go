// Command image builds a Dockerfile without a container engine, and runs a lesson in the result.
//
// It runs every RUN and makes every COPY, with a separate root for each stage. It replaces a base image by what
// debootstrap makes of the Debian in the image's tag, with Debian's Python or this machine's Go. Then
// JupyterLab starts as the image says, as the image's user and without network, and executes the first cells of
// a notebook.
//
// It needs Linux, root, debootstrap and the package registries:
//
//	go run -C test/image . -file Dockerfile
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

// run is main with an error: what the command line asks for, from the Dockerfile to the lesson.
func run(ctx context.Context) error {
	file := flag.String("file", "Dockerfile", "the Dockerfile, below the checkout")
	checkout := flag.String("context", "../..", "the checkout")
	work := flag.String("work", "", "a folder for the roots, which stays (default: one that is removed)")
	arguments := keyValues{}
	flag.Var(arguments, "build-arg", "NAME=VALUE, as for docker build; may be repeated")
	flag.Parse()

	place, clean, err := workFolder(*work)
	if err != nil {
		return err
	}
	defer clean()
	began := time.Now()
	built, err := build(ctx, filepath.Join(*checkout, *file), *checkout, place, arguments)
	if err != nil {
		return err
	}
	size, err := built.size()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "built in %s: %d MB above its base, run as user %s\n", time.Since(began).Round(time.Second), size>>20, built.user)
	if built.user == "" || built.user == "0" || built.user == "root" {
		return fmt.Errorf("the image runs as root: end it with USER")
	}
	return tryLesson(ctx, built, filepath.Join(*checkout, "test", "image", "run_cells.py"))
}

// workFolder gives the folder of that name, or a new one and what removes it.
func workFolder(name string) (string, func(), error) {
	if name != "" {
		place, err := filepath.Abs(name)
		return place, func() {}, err
	}
	place, err := os.MkdirTemp("", "image")
	return place, func() { os.RemoveAll(place) }, err
}

// keyValues is a flag that may be repeated.
type keyValues map[string]string

func (k keyValues) String() string { return fmt.Sprint(map[string]string(k)) }

func (k keyValues) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("%q is not NAME=VALUE", text)
	}
	k[name] = value
	return nil
}

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
