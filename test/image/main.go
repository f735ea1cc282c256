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
