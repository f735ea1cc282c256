// Package filelimit makes a test's writes fail after a file's first bytes, as
// on a full disk, without root. The limit applies to everything that a
// process writes, including the log of `go test`, so the test runs in a
// separate process.
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

// inOwnProcess is the argument that starts the test's separate process.
const inOwnProcess = "in-own-process"

// Test runs test in a separate process, in which limit caps the size of every
// file.
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
