package run

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/lessons"
)

// planned returns lessons that can be planned.
func planned(names ...string) []lessons.Lesson {
	all := make([]lessons.Lesson, len(names))
	for i, name := range names {
		all[i] = lessons.Lesson{Name: name, Config: func(o experiment.Options) any { return o.Seed }}
	}
	return all
}

func TestEveryUnitIsInOneShard(t *testing.T) {
	for units := range 31 {
		all := make([]int, units)
		for i := range all {
			all[i] = i
		}
		for n := 1; n <= 20; n++ {
			var dealt []int
			least, most := units, 0
			for i := 1; i <= n; i++ {
				own := share(shard{i, n}, all)
				dealt = append(dealt, own...)
				least, most = min(least, len(own)), max(most, len(own))
			}
			slices.Sort(dealt)
			require.True(t, slices.Equal(all, dealt), "%d units in %d shards: %v", units, n, dealt)
			require.LessOrEqual(t, most-least, 1, "%d units in %d shards", units, n)
		}
	}
}

func TestSeedsOfALessonGoToDifferentShards(t *testing.T) {
	jobs, err := plan(planned("agrees", "refutes", "open"), experiment.Options{Preset: experiment.Smoke}, []int64{0, 100, 200, 300})
	require.NoError(t, err)
	for i := 1; i <= 4; i++ {
		own := share(shard{i, 4}, unitsOf(jobs))
		require.Len(t, own, 3)
		require.Equal(t, []string{"agrees", "refutes", "open"}, []string{own[0].Lesson, own[1].Lesson, own[2].Lesson})
	}
}

func TestTheZeroShardHasAll(t *testing.T) {
	s, err := parseShard("")
	require.NoError(t, err)
	require.Equal(t, []int{1, 2, 3}, share(s, []int{1, 2, 3}))
}

func TestShardsAreRead(t *testing.T) {
	for text, want := range map[string]shard{"1/1": {1, 1}, "2/5": {2, 5}, "20/20": {20, 20}} {
		s, err := parseShard(text)
		require.NoError(t, err, text)
		require.Equal(t, want, s)
		require.Equal(t, text, s.String())
	}
	for _, text := range []string{"0/5", "6/5", "1/0", "-1/5", "1/-5", "2", "2/", "/5", "2/5/7", "a/b", "1 / 2", "99999999999999999999/99999999999999999999"} {
		_, err := parseShard(text)
		require.ErrorIs(t, err, badinput.Err, text)
	}
}

// A unit's file name depends on everything that decides its numbers.
func TestUnitsHaveFilesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, scale := range []experiment.Preset{experiment.Smoke, experiment.Full} {
		for _, data := range []string{"", "photos", "scans"} {
			jobs, err := plan(planned("agrees", "refutes"), experiment.Options{Preset: scale, Data: data}, []int64{-1, 0, 1})
			require.NoError(t, err)
			again, err := plan(planned("agrees", "refutes"), experiment.Options{Preset: scale, Data: data}, []int64{-1, 0, 1})
			require.NoError(t, err)
			require.Equal(t, unitsOf(jobs), unitsOf(again))
			for _, j := range jobs {
				require.False(t, seen[j.file()], j.file())
				seen[j.file()] = true
			}
		}
	}
	require.Len(t, seen, 36)
}
