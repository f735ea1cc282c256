package datasets

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

func TestCacheDirNeedsAHome(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/somewhere")
	dir, err := CacheDir()
	require.NoError(t, err)
	assert.Equal(t, "/somewhere/evident", filepath.ToSlash(dir))
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	_, err = CacheDir()
	require.ErrorIs(t, err, badinput.Err)
}
