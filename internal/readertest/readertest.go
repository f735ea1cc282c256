// Package readertest holds checks for every reader of untrusted bytes: it
// must not panic, it must keep within a memory limit, and its errors must
// take one line.
package readertest

import (
	"runtime/metrics"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// MiB is a number of bytes, for limits.
const MiB = 1 << 20

// Within requires that a call allocates at most most bytes, including freed
// ones. Other goroutines count too, so leave some room.
func Within(t testing.TB, most uint64, call func()) {
	t.Helper()
	before := allocated()
	call()
	require.LessOrEqual(t, allocated()-before, most, "bytes allocated")
}

func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// BadInput requires an error that the user can fix, in one line.
func BadInput(t testing.TB, err error) {
	t.Helper()
	require.ErrorIs(t, err, badinput.Err)
	Line(t, err.Error())
}

// Line requires one line of characters that a terminal shows and does not
// obey.
func Line(t testing.TB, text string) {
	t.Helper()
	require.NotEmpty(t, text)
	require.True(t, utf8.ValidString(text), "%q is not UTF-8", text)
	for _, sign := range text {
		require.False(t, unicode.IsControl(sign) || sign == '\u2028' || sign == '\u2029', "%q has the control sign %U", text, sign)
	}
}
