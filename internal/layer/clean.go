package layer

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// look is the pause between two looks whether the kernel still runs.
const look = 250 * time.Millisecond

// longestFolder: the folder's sockets have paths of 100 characters at most.
const longestFolder = 90

// temporaryFolder makes the folder that is the TMPDIR of all that this process starts, and
// a second process that removes it, with whatever still runs in this session, once this
// process has ended in whichever way.
func temporaryFolder() (string, error) {
	folder, err := os.MkdirTemp("", "evident-")
	if err == nil && len(folder) > longestFolder {
		_ = os.Remove(folder)
		folder, err = os.MkdirTemp("/tmp", "evident-")
	}
	if err != nil {
		return "", err
	}
	if err := os.Setenv("TMPDIR", folder); err != nil {
		return "", err
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	session, err := unix.Getsid(0)
	if err != nil {
		return "", err
	}
	watcher := exec.Command(self, "watch", strconv.Itoa(os.Getpid()), strconv.Itoa(session), folder)
	watcher.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	watcher.Dir = "/" // whoever reads the kernel's output does not wait for this process: its own goes nowhere
	return folder, watcher.Start()
}

func becomeAndCleanUp(command []string) error {
	if _, err := temporaryFolder(); err != nil {
		return err
	}
	chooseVectors()
	program, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return syscall.Exec(program, command, os.Environ())
}

// watch waits until its parent, the kernel, has ended, and cleans up after it.
func watch(kernel, itsSession, folder string) error {
	process, err := strconv.Atoi(kernel)
	if err != nil {
		return err
	}
	session, err := strconv.Atoi(itsSession)
	if err != nil {
		return err
	}
	signal.Ignore(unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	for os.Getppid() == process {
		time.Sleep(look)
	}
	// Whoever has no session of its own, as in a terminal, shares it with processes that are not the kernel's.
	if session == process {
		// What a process starts while it is looked for is found by the next look.
		for left := members(session); len(left) > 0; left = members(session) {
			for _, process := range left {
				_ = unix.Kill(process, unix.SIGKILL)
			}
			time.Sleep(look / 5)
		}
	}
	return os.RemoveAll(folder)
}

// process is one process, as /proc tells of it.
type process struct {
	id, parent, session int
	name                string
	state               byte
}

func (p process) ended() bool { return p.state == 'Z' || p.state == 'X' }

// processes lists those that run; none where there is no /proc.
func processes() []process {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	var found []process
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		before, after, _ := strings.Cut(string(text), " (")
		var p process
		end := strings.LastIndexByte(after, ')')
		if end < 0 {
			continue
		}
		p.name = after[:end]
		p.id, _ = strconv.Atoi(before)
		var group int
		if _, err := fmt.Sscanf(after[end+1:], " %c %d %d %d", &p.state, &p.parent, &group, &p.session); err == nil {
			found = append(found, p)
		}
	}
	return found
}

func members(session int) []int {
	var found []int
	for _, p := range processes() {
		if p.session == session && !p.ended() {
			found = append(found, p.id)
		}
	}
	return found
}

// descendants are the processes that a process has started, and those that these have
// started, and so on, without those that it is told to leave out.
func descendants(of int, except func(process) bool) []process {
	children := map[int][]process{}
	for _, p := range processes() {
		children[p.parent] = append(children[p.parent], p)
	}
	var found []process
	for _, p := range children[of] {
		if !except(p) {
			found = append(found, p)
			found = append(found, descendantsIn(children, p.id)...)
		}
	}
	return found
}

func descendantsIn(children map[int][]process, of int) []process {
	var found []process
	for _, p := range children[of] {
		found = append(append(found, p), descendantsIn(children, p.id)...)
	}
	return found
}
