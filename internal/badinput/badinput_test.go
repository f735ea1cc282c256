package badinput_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/readertest"
)

func TestBadInputKeepsItsCause(t *testing.T) {
	err := badinput.Errorf("batch file: %w", fs.ErrNotExist)
	assert.ErrorIs(t, err, badinput.Err)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorIs(t, errors.Join(errors.New("other"), err), badinput.Err)
	assert.NotErrorIs(t, errors.New("bad input"), badinput.Err)
}

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
		require.Equal(t, want, badinput.OneLine(text))
		readertest.Line(t, badinput.OneLine(text))
	}
}

func TestBadInputIsOneLineWhateverItWraps(t *testing.T) {
	inner := errors.New("two\nlines\x1b[2J")
	err := badinput.Errorf("the file %s: %w", "a\nb", inner)
	readertest.BadInput(t, err)
	require.Equal(t, `the file a b: two lines\u001b[2J`, err.Error())
	require.ErrorIs(t, err, inner)
}
