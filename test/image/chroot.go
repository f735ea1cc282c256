package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// tag is what a base image must look like, as in golang:1.26.8-bookworm.
var tag = regexp.MustCompile(`^(golang|python):([0-9.]+)(?:-slim)?-([a-z]+)$`)

// baseRoot makes the stand-in for a base image, once for each Debian.
func baseRoot(ctx context.Context, work, name string) (string, error) {
	parts := tag.FindStringSubmatch(name)
	if parts == nil {
		return "", fmt.Errorf("the base image %q is not known here, only golang:VERSION-DEBIAN and python:VERSION-slim-DEBIAN", name)
	}
	debian := filepath.Join(work, parts[3])
	if err := debootstrap(ctx, parts[3], debian); err != nil || parts[1] == "python" {
		return debian, err
	}
	if parts[2] != strings.TrimPrefix(runtime.Version(), "go") {
		return "", fmt.Errorf("this machine has %s, not the Go of %s: install that one", runtime.Version(), name)
	}
	root := filepath.Join(work, "golang")
	if err := copyRoot(ctx, debian, root); err != nil {
		return "", err
	}
	goroot, err := command(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return "", err
	}
	return root, copyRoot(ctx, strings.TrimSpace(string(goroot)), filepath.Join(root, "usr/local/go"))
}

// debootstrap gives the root what reaches the package registries from this machine, too.
func debootstrap(ctx context.Context, release, root string) error {
	if _, err := os.Stat(filepath.Join(root, "usr/bin/python3")); err == nil {
		return nil
	}
	fmt.Fprintln(os.Stderr, "==> debootstrap", release)
	bootstrap := command(ctx, "debootstrap", "--variant=minbase", "--include=ca-certificates,python3,python3-venv", release, root)
	if output, err := bootstrap.CombinedOutput(); err != nil {
		return fmt.Errorf("debootstrap: %w: %s", err, output)
	}
	for _, file := range []string{"/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt"} {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, file), text, 0o644); err != nil {
			return err
		}
	}
	return os.RemoveAll(filepath.Join(root, "var/cache/apt/archives"))
}

// unshare are the arguments of unshare(1) for a command in the image: with a root, a process table and nothing else of its own.
func (i *image) unshare(variables, line []string) []string {
	user := i.user
	if user == "" {
		user = "0"
	}
	arguments := []string{"--mount", "--pid", "--fork", "--kill-child", "--root", i.root, "--mount-proc", "--wd", i.folder,
		"--setgid", user, "--setuid", user, "--", "/usr/bin/env", "-i"}
	return slices.Concat(arguments, variables, i.environment, line)
}

// registries are the variables by which the clients on this machine reach the package registries. Docker hands proxies
// on as well, the certificates are what a machine behind one needs besides.
func registries() []string {
	var found []string
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(strings.ToLower(variable), "=")
		switch name {
		case "http_proxy", "https_proxy", "no_proxy", "goproxy", "gosumdb", "pip_cert", "pip_index_url", "ssl_cert_file":
			found = append(found, variable)
		}
	}
	return found
}

// command ends with its children when the context does.
func command(ctx context.Context, name string, arguments ...string) *exec.Cmd {
	run := exec.CommandContext(ctx, name, arguments...)
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGTERM) }
	run.WaitDelay = 10 * time.Second
	return run
}
