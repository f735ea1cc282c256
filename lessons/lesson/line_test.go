package lesson_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/lessons/lesson"
	"evident/lessons/lesson/readertest"
)

func TestOneLineKeepsWhatIsSeenAndDisarmsTheRest(t *testing.T) {
	for text, want := range map[string]string{
		"سلام 👩‍👩‍👧 ×1":         "سلام 👩‍👩‍👧 ×1",
		"a\nb\r\u2028c":         "a b  c",
		"\x1b[2J\u009b31m\x7f":  `\u001b[2J\u009b31m\u007f`,
		"exe.\u202efdp":         `exe.\u202efdp`,
		"\xff":                  "\uFFFD",
		"می\u200cخواهم":         "می\u200cخواهم",
		"tab\tbed \x00 nothing": `tab bed \u0000 nothing`,
	} {
		require.Equal(t, want, lesson.OneLine(text))
		readertest.Line(t, lesson.OneLine(text))
	}
}

func TestBadInputIsOneLineWhateverItWraps(t *testing.T) {
	inner := errors.New("two\nlines\x1b[2J")
	err := lesson.BadInputf("the file %s: %w", "a\nb", inner)
	readertest.BadInput(t, err)
	require.Equal(t, `the file a b: two lines\u001b[2J`, err.Error())
	require.ErrorIs(t, err, inner)
}
