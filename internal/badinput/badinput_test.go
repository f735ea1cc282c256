package badinput_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/stretchr/testify/assert"

	"evident/internal/badinput"
)

func TestBadInputKeepsItsCause(t *testing.T) {
	err := badinput.Errorf("batch file: %w", fs.ErrNotExist)
	assert.ErrorIs(t, err, badinput.Err)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorIs(t, errors.Join(errors.New("other"), err), badinput.Err)
	assert.NotErrorIs(t, errors.New("bad input"), badinput.Err)
}
