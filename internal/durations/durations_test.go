package durations

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestBookRemembersTheLastAndTheLastFreshDuration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", "durations.json")
	b := at(path)
	require.Zero(t, b.Of("course", false), "it was never done")
	b.Note("course", 40*time.Second, false)
	b.Note("course", 5*time.Second, true)
	b = at(path)
	require.Equal(t, 5*time.Second, b.Of("course", false))
	require.Equal(t, 40*time.Second, b.Of("course", true))
	b.Note("course", 30*time.Second, false)
	require.Equal(t, 30*time.Second, b.Of("course", true))
}

func TestDamagedBookIsEmpty(t *testing.T) {
	for _, content := range []string{"", "{", "null", "[1]", `{"course": 3}`} {
		path := filepath.Join(t.TempDir(), "durations.json")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		b := at(path)
		require.Zero(t, b.Of("course", false), content)
		b.Note("course", time.Second, false)
		require.Equal(t, time.Second, at(path).Of("course", false), content)
	}
}

func TestForgottenDurationsAreUnknown(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	Open().Note("course", time.Second, false)
	require.Equal(t, time.Second, Open().Of("course", false))
	require.NoError(t, Forget())
	require.Zero(t, Open().Of("course", false))
	require.NoError(t, Forget(), "again")
}

func TestTimeLeft(t *testing.T) {
	now := time.Unix(1000, 0)
	waits := Work{Expected: 10 * time.Second}
	runs := Work{Expected: 60 * time.Second, Began: now.Add(-20 * time.Second)} // 40 s left
	late := Work{Expected: 5 * time.Second, Began: now.Add(-20 * time.Second)}
	ended := Work{Began: now.Add(-time.Minute), Ended: true}
	for name, c := range map[string]struct {
		all  []Work
		jobs int
		want time.Duration
	}{
		"one after the other":        {[]Work{runs, waits, waits, ended}, 1, 60 * time.Second},
		"two at once":                {[]Work{runs, waits, waits, waits, waits, waits, waits}, 2, 50 * time.Second},
		"no sooner than the longest": {[]Work{runs, waits}, 2, 40 * time.Second},
		"later than the last time":   {[]Work{late}, 1, 0},
		"one is unknown":             {[]Work{runs, {}}, 1, 0},
		"an unknown one has ended":   {[]Work{waits, {Ended: true}}, 1, 10 * time.Second},
		"all have ended":             {[]Work{ended}, 1, 0},
	} {
		require.Equal(t, c.want, Left(c.all, c.jobs, now), name)
	}
}
