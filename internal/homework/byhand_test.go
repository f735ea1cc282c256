package homework

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/exercise"
	"evident/kit/nn"
	"evident/lessons/byhand"

	"evident/internal/homework/solution"
)

// slopesOf returns the slopes of a matrix in a calculation by hand.
func slopesOf(n map[string]float64, name string, size int) [][]float64 {
	rows := make([][]float64, size)
	for i := range rows {
		for j := range size {
			rows[i] = append(rows[i], n[fmt.Sprintf("dL/d%s%d%d", name, i+1, j+1)])
		}
	}
	return rows
}

func TestKernelGradientIsThatOfTheLesson(t *testing.T) {
	for seed := range int64(20) {
		p := byhand.DrawImage(seed, nn.Same, 0.1)
		padded := [][]float64{make([]float64, 6)}
		for _, row := range p.X {
			padded = append(padded, append(append([]float64{0}, row...), 0))
		}
		padded = append(padded, make([]float64, 6))
		n := byhand.Results(p.Work())
		want := slopesOf(n, "k", 3)
		for u, row := range solution.KernelGradient(padded, slopesOf(n, "s", 4)) {
			require.InDeltaSlice(t, want[u], row, 1e-12)
		}
	}
}

// A kernel with 1 at its centre does not change the image, so the lesson's net
// begins with ReLU and pooling.
func TestPoolingIsThatOfTheLesson(t *testing.T) {
	const small = 1e-3 // keeps the output's sigmoid from saturating
	for seed := range 50 {
		d := draw{random: exercise.Random("test", fmt.Sprint(seed))}
		left, right := drawOpen(d), drawClosed(d)
		p := byhand.Image{
			K: [][]float64{{0, 0, 0}, {0, 1, 0}, {0, 0, 0}}, V: [][]float64{{small * float64(left.Slope), small * float64(right.Slope)}, {0, 0}},
			X: make([][]float64, 4), Y: 1, LearningRate: 0.1, Padding: nn.Same,
		}
		for i, value := range sideBySide(left.Values, right.Values) {
			p.X[i/4] = append(p.X[i/4], float64(value))
		}
		p.X[2], p.X[3] = make([]float64, 4), make([]float64, 4)
		n := byhand.Results(p.Work())
		slopes := slopesOf(n, "s", 4)
		for i, want := range sideBySide(left.slopes(throughPooling), right.slopes(throughPooling)) {
			require.Equal(t, float64(want), math.Abs(math.Round(slopes[i/4][i%4]/n["dL/dz"]/small)))
		}
	}
}
