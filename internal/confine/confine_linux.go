package confine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/landlock-lsm/go-landlock/landlock"
	landlocksys "github.com/landlock-lsm/go-landlock/landlock/syscall"

	"evident/internal/badinput"
	"evident/internal/exit"
)

// leastLandlock is the first version of Landlock that also prevents truncating files.
const leastLandlock = 3

// Run runs a command that can read what the lessons are built from and write into its
// own folder, but cannot reach any other file. Landlock (Linux 6.2 and newer)
// enforces this for the command and everything that it starts. Without Landlock the
// command does not run. The folder is deleted when the command ends.
//
// A confined process cannot delete its own folder. So this process starts itself
// again with the folder's name, and waits.
func Run(ctx context.Context, root, place string, command []string) error {
	if place != "" {
		return become(root, place, command)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	toolchain, err := goSettings()
	if err != nil {
		return err
	}
	if place, err = os.MkdirTemp("", "evident-grading-"); err != nil {
		return err
	}
	defer remove(place)
	ctx, end := context.WithCancel(ctx)
	defer end()
	go endWithGrader(ctx, end)
	cmd := exec.CommandContext(ctx, self, append([]string{"confine", "--root", root, "--place", place, "--"}, command...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	// The command may read Go's build cache but not add to it. [exec.Cmd] keeps each
	// variable once; with duplicates, some programs use the first and some the last.
	cmd.Env = append(os.Environ(), "TMPDIR="+place, "HOME="+place, "XDG_CACHE_HOME="+place, "GOROOT="+toolchain.root, "GOMODCACHE="+toolchain.modules, "GOCACHE="+toolchain.built)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		return exit.Status(failed.ExitCode())
	}
	return err
}

// remove deletes the folder. A process that go has left behind may still write into it.
func remove(place string) {
	for range 20 {
		if os.RemoveAll(place) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// endWithGrader ends the command when the process that had it started is gone:
// Jupyter names it to a kernel, and whoever is killed ends no kernel himself.
func endWithGrader(ctx context.Context, end func()) {
	grader, err := strconv.Atoi(os.Getenv("JPY_PARENT_PID"))
	if err != nil {
		return
	}
	ticks := time.NewTicker(500 * time.Millisecond)
	defer ticks.Stop()
	for running(grader) {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
		}
	}
	end()
}

// running reports whether there is such a process that has not ended: one whose
// parent has yet to ask for its status is there as a zombie.
func running(process int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	if err != nil {
		return false
	}
	state := strings.TrimSpace(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// become replaces this process by the command.
func become(root, place string, command []string) error {
	if version, err := landlocksys.LandlockGetABIVersion(); err != nil || version < leastLandlock {
		return badinput.Errorf("this Linux has no Landlock of version %d, which keeps submissions from the files of a course: grade on Linux 6.2 or newer", leastLandlock)
	}
	program, err := exec.LookPath(command[0])
	if err != nil {
		return fmt.Errorf("cannot start %s: %w", command[0], err)
	}
	// Not by asking go: it leaves a process behind that writes into the new home.
	toolchain := goFolders{os.Getenv("GOROOT"), os.Getenv("GOMODCACHE"), os.Getenv("GOCACHE")}
	rules := []landlock.Rule{landlock.RWDirs(place, "/dev").IgnoreIfMissing()}
	for _, path := range readable(root, toolchain, command[1:]) {
		rules = append(rules, readRule(path))
	}
	if err := landlock.V5.BestEffort().RestrictPaths(rules...); err != nil {
		return fmt.Errorf("cannot confine: %w", err)
	}
	return syscall.Exec(program, command, os.Environ())
}

// readable returns the files and folders that the command may read: those of the
// system, of the toolchain and of the lessons, and files among its arguments, such as
// a kernel's connection file.
func readable(root string, toolchain goFolders, arguments []string) []string {
	paths := []string{"/usr", "/bin", "/lib", "/lib64", "/etc", "/proc", "/sys", "/opt", toolchain.root, toolchain.modules, toolchain.built}
	for _, name := range []string{"go.mod", "go.sum", "lessons", "kit", "datasets", "internal", "kernel/noinstaller", ".venv"} {
		paths = append(paths, filepath.Join(root, name))
	}
	for _, argument := range arguments {
		if filepath.IsAbs(argument) {
			paths = append(paths, argument)
		}
	}
	return paths
}

func readRule(path string) landlock.Rule {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return landlock.ROFiles(path).IgnoreIfMissing()
	}
	return landlock.RODirs(path).IgnoreIfMissing()
}

// goFolders are the folders of the Go installation, of the modules and of the build
// cache.
type goFolders struct{ root, modules, built string }

func goSettings() (goFolders, error) {
	output, err := exec.Command("go", "env", "GOROOT", "GOMODCACHE", "GOCACHE").Output()
	if err != nil {
		return goFolders{}, fmt.Errorf("go env: %w", err)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) != 3 {
		return goFolders{}, fmt.Errorf("go env: %q", output)
	}
	return goFolders{lines[0], lines[1], lines[2]}, nil
}
