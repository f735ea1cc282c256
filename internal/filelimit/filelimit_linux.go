// Package filelimit lets a test's writes fail behind a file's first bytes, as
// they do on a full disk, without root. A limit holds for all that a process
// writes, the log of `go test` included, so such a test runs in a process of
// its own.
package filelimit

import (
	"flag"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// inOwnProcess is an argument of the test's own process.
const inOwnProcess = "in-own-process"

// Test runs test in a process of its own, where limit caps every file at so
// many bytes.
func Test(t *testing.T, test func(limit func(bytes uint64))) {
	t.Helper()
	if flag.Arg(0) == inOwnProcess {
		test(func(bytes uint64) { limit(t, bytes) })
		return
	}
	binary, err := os.Executable()
	require.NoError(t, err)
	output, err := exec.CommandContext(t.Context(), binary, "-test.run=^"+t.Name()+"$", "-test.v", inOwnProcess).CombinedOutput()
	require.NoError(t, err, "%s", output)
	require.Contains(t, string(output), "--- PASS: "+t.Name(), "the test was skipped or not found")
}

func limit(t *testing.T, bytes uint64) {
	t.Helper()
	signal.Ignore(syscall.SIGXFSZ)
	var limited syscall.Rlimit
	require.NoError(t, syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limited))
	limited.Cur = bytes
	require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limited))
}
