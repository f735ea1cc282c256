package show_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/backend"
	"evident/kit/fit"
	"evident/kit/keep"
	"evident/kit/nn"
	"evident/kit/show"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
)

// asCell has the kernel's word on what the call on the next line depends on.
func asCell(t *testing.T, source string) {
	t.Helper()
	_, file, line, _ := runtime.Caller(1)
	program, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, keep.WriteCalls(program, map[string]keep.Call{fmt.Sprintf("%s:%d", filepath.Base(file), line+1): {Source: source}}))
	t.Cleanup(func() { _ = keep.WriteCalls(program, nil) })
}

func TestKeepMakesOnce(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	n := 0
	ask := func(name, source string) int {
		asCell(t, source)
		return show.Keep(name, func() int { n++; return n })
	}
	for _, c := range []struct {
		name, source string
		want         int
	}{{"a", "x", 1}, {"a", "x", 1}, {"a", "y", 2}, {"b", "x", 3}, {"a", "x", 1}, {"b", "x", 3}} {
		require.Equal(t, c.want, ask(c.name, c.source), "%v", c)
	}
	show.Forget("a")
	require.Equal(t, 4, ask("a", "x"))
	require.Equal(t, 3, ask("b", "x"))
	t.Setenv(keep.Variable, "off")
	require.Equal(t, 5, ask("a", "x"))
	t.Setenv(keep.Variable, "")
	require.Equal(t, 4, ask("a", "x"))
}

func TestKeepKeepsTheWeightsOfNets(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	pureGo, err := backend.PureGo()
	require.NoError(t, err)
	data := fit.NewTargetData([]float64{0, 1, 2, 3}, []int{1}, []float32{1, 3, 5, 7}, []int{1})
	trainings := 0
	trained := func(width int) [][]float32 {
		network := func(scope *model.Scope, x *Node) *Node {
			return nn.Dense(scope.In("out"), nn.Dense(scope.In("hidden"), x, width), 1)
		}
		net, err := fit.NewRegressor(pureGo, network, data, 4, nn.SGD().GoMLX(0.01))
		require.NoError(t, err)
		defer net.Finalize()
		train := func() int {
			trainings++
			_, err := net.Train(t.Context(), data, fit.Training{Seed: int64(trainings), Epochs: 20})
			require.NoError(t, err)
			return trainings
		}
		asCell(t, "trained")
		show.Keep("net", train, net)
		predicted, err := net.Predict(t.Context(), data)
		require.NoError(t, err)
		return predicted
	}
	first := trained(3)
	require.Equal(t, first, trained(3))
	require.Equal(t, 1, trainings)
	wide := trained(5)
	require.NotEqual(t, first, wide)
	require.Equal(t, 2, trainings, "the weights are of another net: its width is from a file, say")
	require.Equal(t, wide, trained(5))
	require.Equal(t, 2, trainings)
}

func TestKeepRefusesWhatCannotBeStored(t *testing.T) {
	for _, refused := range []func(){
		func() { show.Keep("a", func() chan int { panic("it is made") }) },
		func() { show.Keep("a", func() fit.Classifier { panic("it is made") }) },
		func() { show.Keep("", func() int { panic("it is made") }) },
	} {
		func() {
			defer func() {
				err, is := recover().(error)
				require.True(t, is)
				require.ErrorIs(t, err, badinput.Err)
			}()
			refused()
		}()
	}
}

// Outside a notebook nothing is kept.
func ExampleKeep() {
	squares := show.Keep("squares", func() []int { return []int{1, 4, 9} })
	fmt.Println(squares)
	// Output:
	// made: squares, and not kept: only a notebook keeps it, where show.Keep is called by its name
	// [1 4 9]
}
