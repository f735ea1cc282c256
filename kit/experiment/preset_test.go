package experiment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
)

func TestPresetByName(t *testing.T) {
	for _, name := range []string{"smoke", "live", "default", "full"} {
		preset, err := experiment.ParsePreset(name)
		require.NoError(t, err)
		assert.Equal(t, experiment.Preset(name), preset)
	}
	_, err := experiment.ParsePreset("Full")
	assert.ErrorIs(t, err, badinput.Err)
	assert.EqualError(t, err, `unknown scale "Full": use smoke, live, default or full`)
}
