package shapes

import (
	"crypto/sha256"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/internal/badinput"
)

func generate(t testing.TB, n int, seed int64) datasets.Images {
	t.Helper()
	set, err := Generate(n, seed)
	require.NoError(t, err)
	return set
}

// The hash was taken on linux/amd64. Any change to the pictures changes it,
// and invalidates all results measured on them.
func TestSeedGivesTheSameBytesEverywhere(t *testing.T) {
	const want = "35a6a9b6c0f883543d0d30e89a00aa1f7ac306b2976b3767600508d2dc9291f1"
	assert.Equal(t, want, generate(t, 100, 42).Hash())
	assert.Equal(t, want, generate(t, 100, 42).Hash())
}

func TestClassesAreBalancedAndShuffled(t *testing.T) {
	for _, n := range []int{1, 9, 10, 1000, 1003} {
		set := generate(t, n, 3)
		require.Equal(t, n, set.Len())
		require.Len(t, set.Pixels, n*set.PictureSize())
		counts := make([]int, 10)
		for _, label := range set.Labels {
			counts[label]++
		}
		for _, count := range counts {
			assert.True(t, count == n/10 || count == n/10+1, "%d of %d", count, n)
		}
	}
	first := generate(t, 1000, 3).Labels[:20]
	assert.NotEqual(t, []uint8{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, first)
}

func TestNoPictureComesTwice(t *testing.T) {
	seen := map[[sha256.Size]byte]bool{}
	const n = 1000
	for _, seed := range []int64{0, 1, 2, -1, math.MaxInt64} {
		set := generate(t, n, seed)
		for i := range n {
			seen[sha256.Sum256(set.Pixels[i*size:][:size])] = true
		}
	}
	assert.Len(t, seen, 5*n)
}

func TestGenerateRefuses(t *testing.T) {
	for _, n := range []int{0, -1, MaxPictures + 1} {
		_, err := Generate(n, 1)
		require.ErrorIs(t, err, badinput.Err)
	}
}

// Every two figures differ at some point far from all edges.
func TestFiguresDiffer(t *testing.T) {
	masks := map[string]string{}
	for _, f := range figures {
		var mask []byte
		for y := int64(-95); y <= 95; y += 10 {
			for x := int64(-95); x <= 95; x += 10 {
				mask = append(mask, map[bool]byte{false: '.', true: '#'}[f.inside(point{x, y, 100}, 5)])
			}
		}
		assert.Empty(t, masks[string(mask)], f.name)
		masks[string(mask)] = f.name
	}
}

// The expected areas are fractions of r² by geometry; the mask counts points.
func TestAreasOfFigures(t *testing.T) {
	want := map[string]float64{
		"disc":     math.Pi * .9 * .9,
		"ring":     math.Pi * (1 - .6*.6),
		"square":   1.6 * 1.6,
		"frame":    1.76*1.76 - 1.04*1.04,
		"triangle": 3 * math.Sqrt(3) / 4, // inscribed in the unit circle
		"plus":     2*2*.54 - .54*.54,
		"cross":    2*2*.54 - .54*.54,
		"rows":     1.8 * 1.8 * 3 / 5,
		"columns":  1.8 * 1.8 * 3 / 5,
		"checkers": 1.8 * 1.8 * 13 / 25,
	}
	const r = 500
	for _, f := range figures {
		count := 0
		for y := int64(-r); y < r; y++ {
			for x := int64(-r); x < r; x++ {
				if f.inside(point{2*x + 1, 2*y + 1, 2 * r}, 5) {
					count++
				}
			}
		}
		assert.InDelta(t, want[f.name], float64(count)/r/r, .01, f.name)
	}
}

func TestTiltKeepsLengths(t *testing.T) {
	for tilt := int64(-12); tilt <= 12; tilt++ {
		p := scene{radius: 1, tilt: tilt}.turn(300, -70)
		assert.Equal(t, p.r*p.r*(300*300+70*70), p.x*p.x+p.y*p.y)
	}
}

// Single pixels must not suffice to tell the classes: multinomial logistic
// regression, trained to fit its training set, stays close to chance.
func TestLinearModelFails(t *testing.T) {
	train, test := generate(t, 2000, 1), generate(t, 1000, 2)
	model := fitLinear(train, 12, .003)
	t.Logf("logistic regression: train accuracy %.3f, test accuracy %.3f", model.accuracy(train), model.accuracy(test))
	assert.Greater(t, model.accuracy(train), .30, "the model was not trained at all")
	assert.Less(t, model.accuracy(test), .30)
}

// linear holds a row of weights and a bias for each class.
type linear [10][size + 1]float32

// fitLinear runs SGD on the cross-entropy, one picture at a time.
func fitLinear(set datasets.Images, epochs int, rate float32) *linear {
	var model linear
	for range epochs {
		for i, label := range set.Labels {
			x := input(set, i)
			gradient := model.probabilities(x)
			gradient[label]--
			for class := range model {
				row, step := &model[class], rate*gradient[class]
				for j, v := range x {
					row[j] -= step * v
				}
			}
		}
	}
	return &model
}

// input returns a picture in [-0.5, 0.5] and a one for the bias.
func input(set datasets.Images, i int) *[size + 1]float32 {
	var x [size + 1]float32
	for j, v := range set.Pixels[i*size:][:size] {
		x[j] = float32(v)/255 - .5
	}
	x[size] = 1
	return &x
}

func (m *linear) probabilities(x *[size + 1]float32) (p [10]float32) {
	var sum float32
	for class := range m {
		var logit float32
		for j, w := range m[class] {
			logit += w * x[j]
		}
		p[class] = float32(math.Exp(float64(min(logit, 50))))
		sum += p[class]
	}
	for class := range p {
		p[class] /= sum
	}
	return p
}

func (m *linear) accuracy(set datasets.Images) float64 {
	right := 0
	for i, label := range set.Labels {
		p := m.probabilities(input(set, i))
		best := 0
		for class := range p {
			if p[class] > p[best] {
				best = class
			}
		}
		if best == int(label) {
			right++
		}
	}
	return float64(right) / float64(set.Len())
}

func BenchmarkGenerate3000(b *testing.B) {
	for b.Loop() {
		generate(b, 3000, 1)
	}
}
