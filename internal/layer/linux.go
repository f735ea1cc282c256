//go:build linux

package layer

import (
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// keepTogether has whoever reads a pipe read one write at a time, so that no character is cut.
func keepTogether(pipe *os.File) {
	if info, err := pipe.Stat(); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	if flags, err := unix.FcntlInt(pipe.Fd(), unix.F_GETFL, 0); err == nil {
		_, _ = unix.FcntlInt(pipe.Fd(), unix.F_SETFL, flags|unix.O_DIRECT)
	}
}

func endsWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
