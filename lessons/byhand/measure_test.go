package byhand

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/lessontest"
	"evident/kit/nn"
)

// plainNet is the loss of a net, written out once more.
func plainNet(p Net) float64 {
	sigmoid := func(z float64) float64 { return 1 / (1 + math.Exp(-z)) }
	z := p.C
	for i, weights := range p.W {
		sum := weights[0]*p.X[0] + weights[1]*p.X[1] + p.B[i]
		if p.Activation == TanhUnits {
			z += p.V[i] * math.Tanh(sum)
		} else {
			z += p.V[i] * sigmoid(sum)
		}
	}
	return (sigmoid(z) - p.Y) * (sigmoid(z) - p.Y) / 2
}

// plainImage is the loss of a convolutional net by naive loops over a padded
// image.
func plainImage(p Image) float64 {
	padded := [6][6]float64{}
	for i, row := range p.X {
		for j, v := range row {
			padded[i+p.border()][j+p.border()] = v
		}
	}
	z := p.C
	for i, weights := range p.V {
		for j, weight := range weights {
			largest := 0.0 // what ReLU leaves is not below
			for row := 2 * i; row < 2*i+2; row++ {
				for column := 2 * j; column < 2*j+2; column++ {
					sum := p.B
					for u := range 3 {
						for v := range 3 {
							sum += p.K[u][v] * padded[row+u][column+v]
						}
					}
					largest = max(largest, sum)
				}
			}
			z += weight * largest
		}
	}
	return math.Log(1+math.Exp(z)) - p.Y*z
}

// difference is the central finite difference of the loss at a number.
func finiteDifference(at *float64, loss func() float64) float64 {
	const h = 1e-5
	start := *at
	defer func() { *at = start }()
	*at = start + h
	above := loss()
	*at = start - h
	return (above - loss()) / (2 * h)
}

// The third witness, besides the hand and automatic differentiation.
func TestSlopesAreFiniteDifferences(t *testing.T) {
	for seed := int64(1); seed <= 25; seed++ {
		for _, activation := range []Activation{SigmoidUnits, TanhUnits} {
			p := DrawNet(seed, activation, 0.5)
			hand := Results(p.Work())
			require.InDelta(t, plainNet(p), hand["L"], 1e-14)
			for name, at := range map[string]*float64{
				"w11": &p.W[0][0], "w12": &p.W[0][1], "w21": &p.W[1][0], "w22": &p.W[1][1],
				"b1": &p.B[0], "b2": &p.B[1], "v1": &p.V[0], "v2": &p.V[1], "c": &p.C,
			} {
				require.InDelta(t, finiteDifference(at, func() float64 { return plainNet(p) }), hand["dL/d"+name], 1e-9, "%s, seed %d", name, seed)
			}
		}
		for _, padding := range []nn.Padding{nn.Valid, nn.Same} {
			drawn := DrawImage(seed, padding, 0.1)
			for _, p := range []Image{drawn, drawn.Closed()} {
				requireImageSlopes(t, p)
			}
		}
	}
}

func requireImageSlopes(t *testing.T, p Image) {
	t.Helper()
	hand := Results(p.Work())
	require.InDelta(t, plainImage(p), hand["L"], 1e-13)
	numbers := map[string]*float64{"b": &p.B, "c": &p.C, "v": &p.V[0][0]}
	for i := range 3 {
		for j := range 3 {
			numbers[cellName("k", i, j)] = &p.K[i][j]
		}
	}
	if len(p.V) == 2 {
		delete(numbers, "v")
		for i := range 2 {
			for j := range 2 {
				numbers[cellName("v", i, j)] = &p.V[i][j]
			}
		}
	}
	for name, at := range numbers {
		require.InDelta(t, finiteDifference(at, func() float64 { return plainImage(p) }), hand["dL/d"+name], 1e-8, name)
	}
}

func TestDrawnImagesAreDecisiveAndRound(t *testing.T) {
	for seed := int64(-50); seed <= 200; seed++ {
		for _, padding := range []nn.Padding{nn.Valid, nn.Same} {
			p := DrawImage(seed, padding, 0.1)
			require.True(t, p.decisive())
			for _, row := range p.sums() {
				for _, sum := range row {
					require.Greater(t, math.Abs(sum), 0.01, "no sum is on the edge of ReLU")
				}
			}
			for _, row := range p.K {
				for _, v := range row {
					require.Equal(t, math.Round(2*v), 2*v)
				}
			}
		}
	}
	require.Equal(t, DrawImage(3, nn.Same, 0.1), DrawImage(3, nn.Same, 0.1))
	require.NotEqual(t, DrawImage(3, nn.Same, 0.1), DrawImage(4, nn.Same, 0.1))
}

func TestTiedAndShutWindowsAreNotDecisive(t *testing.T) {
	flat := func(b float64) Image {
		zeros := func(side int) [][]float64 { return filledWith(side, func() float64 { return 0 }) }
		return Image{X: zeros(4), K: zeros(3), V: zeros(1), B: b, Padding: nn.Valid}
	}
	require.False(t, flat(1).decisive(), "four equal sums")
	require.False(t, DrawImage(1, nn.Valid, 0.1).Closed().decisive(), "no window is open")
	first, second := topTwo(1, 3, 3, 2)
	require.Equal(t, []float64{3, 3}, []float64{first, second})
}

// One pixel of 1 under the middle of the kernel: the sums are single kernel
// numbers, and the kernel's gradient is where that pixel was seen.
func TestOnePixelByHand(t *testing.T) {
	p := Image{
		X: [][]float64{{0, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
		K: [][]float64{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}, V: [][]float64{{0.5}}, Y: 1, LearningRate: 1, Padding: nn.Valid,
	}
	n := Results(p.Work())
	require.Equal(t, []float64{5, 4, 2, 1}, []float64{n["s11"], n["s12"], n["s21"], n["s22"]})
	require.Equal(t, 5.0, n["m"])
	require.Equal(t, 2.5, n["z"])
	delta := 1/(1+math.Exp(-2.5)) - 1
	require.InDelta(t, 0.5*delta, n["dL/dk22"], 1e-15, "s11 was the largest, and saw the pixel by k22")
	require.Zero(t, n["dL/dk11"])
	require.InDelta(t, 5*delta, n["dL/dv"], 1e-15)
	require.InDelta(t, 5-0.5*delta, n["k22'"], 1e-15)
}

// A machine with other numbers has to be told from the calculation by hand.
func TestComparisonSeesAWrongNumber(t *testing.T) {
	backend := lessontest.PureGo(t)
	m, err := newMachine(backend, netLayout(SigmoidUnits), 0.5)
	require.NoError(t, err)
	defer m.finalize()
	p := DrawNet(1, SigmoidUnits, 0.5)
	var facts Comparison
	_, err = facts.compare(m, p, p)
	require.NoError(t, err)
	require.Less(t, facts.Backward.Largest, 1e-15)
	p.Activation = TanhUnits // the hand now bends otherwise
	_, err = facts.compare(m, p, p)
	require.NoError(t, err)
	require.Greater(t, facts.Forward.Largest, 0.01)
	require.Greater(t, facts.Backward.Largest, 0.001)
	require.Greater(t, facts.Update.Largest, 0.001)
}

// GoMLX in the shut problem: the hand and it agree there too.
func TestShutProblemLearnsOnlyInTheDenseBias(t *testing.T) {
	for _, padding := range []nn.Padding{nn.Valid, nn.Same} {
		p := DrawImage(2, padding, 0.1).Closed()
		m, err := newMachine(lessontest.Backend(t), imageLayout(p), 0.1)
		require.NoError(t, err)
		var facts Comparison
		machine, err := facts.compare(m, p, p)
		require.NoError(t, err)
		require.Less(t, facts.Backward.Largest, 1e-15)
		for _, name := range imageLayout(p).variables {
			for _, number := range name.names {
				require.Equal(t, number == "c", machine["dL/d"+number] != 0, number)
			}
		}
		m.finalize()
	}
}

func TestMeasurementCountsEveryWindow(t *testing.T) {
	c := Smoke().Image
	facts, err := measureImages(context.Background(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	require.Equal(t, len(c.Seeds), facts[0].Routing.Windows)
	require.Equal(t, len(c.Seeds), facts[0].Routing.Open, "padding valid has one window, which is open")
	require.Equal(t, 4*len(c.Seeds), facts[1].Routing.Windows)
	require.Equal(t, facts[1].Routing.Windows, facts[1].Routing.Routed)
}

func TestRoutingSeesALeak(t *testing.T) {
	p := DrawImage(1, nn.Valid, 0.1)
	n := Results(p.Work())
	var right, leaked Routing
	right.count(p, n)
	require.Equal(t, Routing{Windows: 1, Open: 1, Routed: 1}, right)
	for _, name := range cellNames("dL/ds", 2) {
		n[name] = 0.1 // as average pooling would
	}
	leaked.count(p, n)
	require.Equal(t, Routing{Windows: 1, Open: 1}, leaked)
}
