package nn

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"
)

// recurrences returns the papers' formulas for one number. Each function returns
// d from the gradient and the step, and keeps its own state.
func recurrences() map[string]func(g, t float64) float64 {
	const beta1, beta2, epsilon = 0.9, 0.99, 1e-3
	var ball, nesterov, square, m, v, am, av, largest float64
	return map[string]func(g, t float64) float64{
		"SGD":      func(g, _ float64) float64 { return g },
		"momentum": func(g, _ float64) float64 { ball = beta1*ball + g; return ball },
		"Nesterov": func(g, _ float64) float64 { nesterov = beta1*nesterov + g; return g + beta1*nesterov },
		"RMSProp": func(g, _ float64) float64 {
			square = beta2*square + (1-beta2)*g*g
			return g / (math.Sqrt(square) + epsilon)
		},
		"Adam": func(g, t float64) float64 {
			m, v = beta1*m+(1-beta1)*g, beta2*v+(1-beta2)*g*g
			return m / (1 - math.Pow(beta1, t)) / (math.Sqrt(v/(1-math.Pow(beta2, t))) + epsilon)
		},
		"AMSGrad": func(g, _ float64) float64 {
			am, av = beta1*am+(1-beta1)*g, beta2*av+(1-beta2)*g*g
			largest = math.Max(largest, av)
			return am / (math.Sqrt(largest) + epsilon)
		},
	}
}

func all() []Optimizer {
	return []Optimizer{SGD(), Momentum(0.9), Nesterov(0.9), RMSProp(0.99, 1e-3), Adam(0.9, 0.99, 1e-3), AMSGrad(0.9, 0.99, 1e-3)}
}

// trainQuadratic minimises ½Σ cᵢθᵢ² through GoMLX's optimizer interface, and
// returns θ after each step.
func trainQuadratic(t *testing.T, o optimizer.Interface, curvatures, start []float64, steps int) [][]float64 {
	t.Helper()
	store := model.NewStore()
	exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, c *Node) *Node {
		theta := scope.VariableWithValue("theta", start).NodeValue(c.Graph())
		loss := MulScalar(ReduceAllSum(Mul(c, Square(theta))), 0.5)
		o.UpdateGraph(scope, c.Graph(), loss)
		return loss
	})
	require.NoError(t, err)
	var path [][]float64
	for range steps {
		_, err := exec.Call(curvatures)
		require.NoError(t, err)
		value, err := store.GetVariable("/theta").Value()
		require.NoError(t, err)
		path = append(path, tensors.MustCopyFlatData[float64](value))
	}
	return path
}

func TestOptimizersFollowTheirPapers(t *testing.T) {
	const rate, steps = 0.05, 12
	curvatures, start := []float64{1, 10}, []float64{2, -1}
	for _, o := range all() {
		t.Run(o.Name, func(t *testing.T) {
			path := trainQuadratic(t, o.GoMLX(rate), curvatures, start, steps)
			for i, theta := range start {
				direction := recurrences()[o.Name]
				for step := range steps {
					theta -= rate * direction(curvatures[i]*theta, float64(step+1))
					require.InDelta(t, theta, path[step][i], 1e-12, "parameter %d, step %d", i, step)
				}
			}
		})
	}
}

// GoMLX has its own Adam, RMSProp and plain descent. Its RMSProp corrects the
// bias of the mean, as Adam without the first moment does.
func TestOptimizersEqualThoseOfGoMLX(t *testing.T) {
	for _, c := range []struct {
		ours   Optimizer
		theirs optimizer.Interface
	}{
		{SGD(), optimizer.StochasticGradientDescent().WithDecay(false).WithLearningRate(0.05).Done()},
		{Adam(0.9, 0.999, 1e-7), optimizer.Adam().LearningRate(0.05).Done()},
		{Adam(0, 0.999, 1e-7), optimizer.RMSProp().LearningRate(0.05).Done()},
	} {
		ours := trainQuadratic(t, c.ours.GoMLX(0.05), []float64{1, 10}, []float64{2, -1}, 10)
		theirs := trainQuadratic(t, c.theirs, []float64{1, 10}, []float64{2, -1}, 10)
		for step := range ours {
			require.InDeltaSlice(t, theirs[step], ours[step], 1e-9, c.ours.Name)
		}
	}
}

// An optimizer keeps the declared number of slots, and Clear deletes them.
func TestSlotsAreVariablesOfTheModel(t *testing.T) {
	for _, o := range all() {
		store := model.NewStore()
		own := o.GoMLX(0.1)
		exec, err := model.NewExec(selected(t), store, func(scope *model.Scope, x *Node) *Node {
			loss := ReduceAllSum(Square(Dense(scope.In("layer"), x, 3)))
			own.UpdateGraph(scope, x.Graph(), loss)
			return loss
		})
		require.NoError(t, err)
		_, err = exec.Call([][]float32{{1, 2}})
		require.NoError(t, err)
		parameters, kept := 0, 0
		for v := range store.IterVariables() {
			switch {
			case v.Trainable:
				parameters += v.Shape().Size()
			case strings.HasPrefix(v.Path(), "/"+slotScope) && v.Shape().Rank() > 0:
				kept += v.Shape().Size()
			}
		}
		require.Equal(t, 9, parameters)
		require.Equal(t, o.Slots*parameters, kept, o.Name)
		require.NoError(t, own.Clear(store.RootScope()))
		for v := range store.IterVariables() {
			require.False(t, strings.HasPrefix(v.Path(), "/"+slotScope), "%s is left", v.Path())
		}
	}
}

func TestOptimizersAreWrittenByName(t *testing.T) {
	text, err := json.Marshal([]Optimizer{SGD(), Adam(0.9, 0.999, 1e-8)})
	require.NoError(t, err)
	require.JSONEq(t, `["SGD", "Adam"]`, string(text))
}
