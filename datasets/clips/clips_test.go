package clips

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

// still is a scene without noise, so that the pixels show the bar directly.
var still = Scene{Frames: 6, Side: 7, Speed: 1}

func generate(t testing.TB, n int, s Scene, seed int64) Clips {
	t.Helper()
	set, err := Generate(n, s, seed)
	require.NoError(t, err)
	return set
}

// column returns the bar's column in a frame and its height, or −1 and 0
// without a bar.
func column(frame []float32, side int) (at, height int) {
	at = -1
	for i, v := range frame {
		if v == 1 {
			at = i % side
			height++
		}
	}
	return at, height
}

func TestBarMovesTheWayTheLabelSays(t *testing.T) {
	for _, speed := range []int{1, 2, 5} {
		s := still
		s.Speed = speed
		set := generate(t, 100, s, 1)
		for i := range set.Len() {
			step := map[int32]int{Right: speed, Left: s.Side - speed}[set.Direction[i]]
			at, height := column(set.Frame(i, 0), s.Side)
			assert.Equal(t, heights[set.Height[i]], height)
			for frame := 1; frame < s.Frames; frame++ {
				next, same := column(set.Frame(i, frame), s.Side)
				require.Equal(t, (at+step)%s.Side, next)
				require.Equal(t, height, same)
				at = next
			}
		}
	}
}

// Over many clips, the bar of each direction is equally often in each column,
// in every frame.
func TestSingleFrameSaysNothingOfTheDirection(t *testing.T) {
	const n = 14_000
	set := generate(t, n, still, 3)
	for frame := range still.Frames {
		var counts [2][7]int
		for i := range n {
			at, _ := column(set.Frame(i, frame), still.Side)
			counts[set.Direction[i]][at]++
		}
		for _, own := range counts {
			for _, count := range own {
				assert.InDelta(t, n/14, count, 160, "five standard deviations of 31")
			}
		}
	}
}

func TestReversedPlaysBackwards(t *testing.T) {
	s := still
	s.Noise = 0.5
	set := generate(t, 20, s, 1)
	back := set.Reversed()
	for i := range set.Len() {
		assert.Equal(t, 1-set.Direction[i], back.Direction[i])
		for frame := range s.Frames {
			assert.Equal(t, set.Frame(i, frame), back.Frame(i, s.Frames-1-frame))
		}
	}
	assert.Equal(t, generate(t, 20, s, 1), set, "the original stays")
}

func TestBarShowsInItsFramesOnly(t *testing.T) {
	s := still
	s.From, s.To = 1, 4
	set := generate(t, 50, s, 2)
	for i := range set.Len() {
		for frame := range s.Frames {
			_, height := column(set.Frame(i, frame), s.Side)
			assert.Equal(t, frame >= 1 && frame < 4, height > 0)
		}
	}
}

func TestLabelsAreBalanced(t *testing.T) {
	set := generate(t, 4000, still, 1)
	for _, labels := range [][]int32{set.Direction, set.Height} {
		ones := 0
		for _, label := range labels {
			ones += int(label)
		}
		assert.InDelta(t, 2000, ones, 160, "five standard deviations of 32")
	}
}

// The hash was taken on linux/amd64. Any change to the clips changes it, and
// invalidates all results measured on them.
func TestSeedGivesTheSameClips(t *testing.T) {
	hash := func(set Clips) string {
		h := sha256.New()
		for _, part := range []any{set.Values, set.Direction, set.Height} {
			require.NoError(t, binary.Write(h, binary.LittleEndian, part))
		}
		return hex.EncodeToString(h.Sum(nil))[:16]
	}
	s := still
	s.Noise = 0.3
	assert.Equal(t, "4dd0ff058a1e3b38", hash(generate(t, 10, s, 42)))
	assert.NotEqual(t, hash(generate(t, 10, s, 42)), hash(generate(t, 10, s, 43)))
}

func TestGenerateRefuses(t *testing.T) {
	for name, change := range map[string]func(*Scene){
		"Frames is 1": func(s *Scene) { s.Frames = 1 },
		"Side is 5":   func(s *Scene) { s.Side = 5 },
		"Speed is 0":  func(s *Scene) { s.Speed = 0 },
		"Speed is 7":  func(s *Scene) { s.Speed = 7 },
		"Noise is -1": func(s *Scene) { s.Noise = -1 },
		"To is 7":     func(s *Scene) { s.To = 7 },
		"From is 3":   func(s *Scene) { s.From, s.To = 3, 2 },
		"From is 6":   func(s *Scene) { s.From = 6 },
	} {
		s := still
		change(&s)
		_, err := Generate(1, s, 1)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, name)
	}
	for _, n := range []int{0, MaxClips + 1} {
		_, err := Generate(n, still, 1)
		require.ErrorIs(t, err, badinput.Err)
	}
}
