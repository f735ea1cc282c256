package phantom

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
)

func TestSeedDecidesEveryByte(t *testing.T) {
	first, err := Generate(20, 7)
	require.NoError(t, err)
	again, err := Generate(20, 7)
	require.NoError(t, err)
	other, err := Generate(20, 8)
	require.NoError(t, err)
	require.Equal(t, first, again)
	require.NotEqual(t, first.Hash(), other.Hash())
	require.Len(t, first.Pixels, 20*Side*Side)
}

func TestHalfOfTheHeadsHaveALesion(t *testing.T) {
	for n, want := range map[int]int{1: 0, 2: 1, 9: 4, 600: 300} {
		set, err := Generate(n, 1)
		require.NoError(t, err)
		lesions := 0
		for _, label := range set.Labels {
			lesions += int(label)
		}
		require.Equal(t, want, lesions, "%d heads", n)
	}
}

func TestNumberOfHeadsHasBounds(t *testing.T) {
	for _, n := range []int{-1, 0, MaxPictures + 1} {
		_, err := Generate(n, 1)
		require.ErrorIs(t, err, badinput.Err)
		require.NotContains(t, err.Error(), "\n")
	}
}

// Only the lesion distinguishes the classes: a head drawn from the same
// numbers without a lesion has the same parts except the last.
func TestLesionIsTheLastPartAndLiesInTheBrain(t *testing.T) {
	for seed := range uint64(200) {
		healthy, ill := drawHead(rand.New(rand.NewPCG(seed, 1)), false), drawHead(rand.New(rand.NewPCG(seed, 1)), true)
		require.Equal(t, healthy.parts, ill.parts[:len(ill.parts)-1])
		brain, lesion := ill.parts[1], ill.parts[len(ill.parts)-1]
		require.Greater(t, lesion.grey, brain.grey)
		inside := brain.turned(2.0 / Side)
		require.Equal(t, 1.0, inside.cover(lesion.x, lesion.y), "seed %d", seed)
	}
}

// The number of pixels inside an ellipse approximates its area, π·a·b.
func TestCoverAddsUpToTheArea(t *testing.T) {
	e := ellipse{x: 0.1, y: -0.2, across: 0.4, along: 0.6, tilt: 0.7}
	const side = 400
	part, total := e.turned(2.0/side), 0.0
	for row := range side {
		for column := range side {
			total += part.cover((float64(column)+0.5)*2/side-1, (float64(row)+0.5)*2/side-1)
		}
	}
	require.InDelta(t, 3.14159*0.4*0.6, total*4/side/side, 2e-3)
}

// The number of marked pixels approximates the area of the ellipse, and only
// pictures with a lesion have marked pixels.
func TestMarkedPixelsAreThoseOfTheLesion(t *testing.T) {
	set, err := Generate(200, 3)
	require.NoError(t, err)
	marked, lesions, err := GenerateMarked(200, 3)
	require.NoError(t, err)
	require.Equal(t, set, marked, "the same heads")
	for i, l := range lesions {
		require.Equal(t, set.Labels[i] == 1, l.Mask != nil)
		require.Equal(t, set.Labels[i] == 1, l.Contrast > 0.1)
	}
	for seed := range uint64(50) {
		h := drawHead(rand.New(rand.NewPCG(seed, 2)), true)
		part := h.parts[len(h.parts)-1]
		area := 3.14159 * part.across * part.along * h.scale * h.scale * Side * Side / 4
		require.InDelta(t, area, h.mark().Area(), 0.1*area+2)
	}
}
