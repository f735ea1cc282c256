// Package readertest holds what every reader of foreign bytes is tested for,
// whatever the bytes are: it does not panic, it takes no more memory than was
// said, and what it complains of fits into one line.
package readertest

import (
	"runtime/metrics"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// MiB are bytes, for bounds.
const MiB = 1 << 20

// Within requires that a call allocates at most so many bytes, those that are
// free again included. Other goroutines count too, so leave some room.
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

// BadInput requires an error that the user can mend, in one line.
func BadInput(t testing.TB, err error) {
	t.Helper()
	require.ErrorIs(t, err, badinput.Err)
	Line(t, err.Error())
}

// Line requires one line of signs that a terminal shows and does not obey.
func Line(t testing.TB, text string) {
	t.Helper()
	require.NotEmpty(t, text)
	require.True(t, utf8.ValidString(text), "%q is not UTF-8", text)
	for _, sign := range text {
		require.False(t, unicode.IsControl(sign) || sign == '\u2028' || sign == '\u2029', "%q has the control sign %U", text, sign)
	}
}
