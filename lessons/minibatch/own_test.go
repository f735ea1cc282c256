package minibatch

import (
	"testing"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/lessontest"
	"evident/kit/nn"
	"evident/kit/report"
	"evident/kit/sweep"
)

// own puts something of the reader's into every experiment.
func own(o Own) Config {
	c := Smoke()
	c.Descent.Own, c.Trend.Own, c.Picture.Own, c.Time.Own = o, o, o, o
	return c
}

// figuresOf are those of every experiment, by its name.
func figuresOf(t *testing.T, backend compute.Backend, c Config) map[string]report.Figures {
	t.Helper()
	all := map[string]report.Figures{}
	for _, p := range Lesson.Experiments {
		result, err := p.Run(t.Context(), backend, p.Knobs(c))
		require.NoError(t, err, p.Name)
		all[p.Name] = result.Figures
	}
	return all
}

// What is the reader's, but the same as the lesson's, has the same rows, curves and verdicts beside it.
func TestOwnStandsBesideOurs(t *testing.T) {
	same := Own{Name: "mine", Net: Net{Activation: Tanh, Loss: sweep.CrossEntropy}, Optimizer: nn.SGD()}
	figures := figuresOf(t, lessontest.PureGo(t), own(same))
	claims := map[string][]string{
		"Descent": {"q1d.1"}, "Noise": {"q1d.2a", "q1d.2b"}, "Trend": {"q1d.3a", "q1d.3b"}, "Picture": {"q1d.4"}, "Time": {"q1d.ta", "q1d.tb"},
	}
	for name, ids := range claims {
		t.Run(name, func(t *testing.T) {
			tables := figures[name].Tables
			verdicts := tables[len(tables)-1]
			require.Equal(t, "By the same rules: mine", verdicts.Title)
			for i, id := range ids {
				require.Equal(t, id, verdicts.Rows[i][0])
				require.Equal(t, verdicts.Rows[i][1], verdicts.Rows[i][2])
			}
			require.Len(t, verdicts.Rows, len(ids))
			if len(tables) > 1 {
				rows := tables[0].Rows
				half := len(rows) / 2
				for i, row := range rows[:half] {
					require.Equal(t, row[0]+", mine", rows[half+i][0])
					require.Equal(t, row[1:], rows[half+i][1:])
				}
			}
			found := 0
			for _, chart := range figures[name].Charts {
				for _, curve := range chart.Curves {
					for _, other := range chart.Curves {
						if other.Name == curve.Name+", mine" {
							require.Equal(t, curve.Y, other.Y, other.Name)
							found++
						}
					}
				}
			}
			require.Positive(t, found)
		})
	}
}

// Heavy-ball momentum overshoots: at 1.9/L, where every step of gradient descent falls, some rise (Polyak 1964).
func TestMomentumDoesNotFallSteadily(t *testing.T) {
	c := Smoke().Descent
	c.Own = Own{Optimizer: nn.Momentum(0.9)}
	_, result, err := FullBatchDescent.Run(t.Context(), lessontest.PureGo(t), c)
	require.NoError(t, err)
	require.Equal(t, []string{"q1d.1", "supported", "refuted"}, result.Figures.Tables[1].Rows[0][:3])
	require.Equal(t, "verdict on momentum", result.Figures.Tables[1].Columns[2])
}

func TestOwnIsKnownByItsStep(t *testing.T) {
	backend := lessontest.PureGo(t)
	program := func(o Own) string {
		text, err := o.Program(backend)
		require.NoError(t, err)
		return text
	}
	all := []Own{
		{Name: "mine", Net: Net{Activation: Sin}}, {Name: "mine", Net: Net{Activation: Cos}}, {Name: "mine", Net: Net{Loss: sweep.SquaredError}},
		{Name: "mine", Net: Net{Widths: []int{2, 5, 2}}}, {Name: "mine", Optimizer: nn.Momentum(0.9)}, {Name: "mine", Optimizer: nn.Momentum(0.5)},
	}
	for i, o := range all {
		for j, other := range all {
			require.Equal(t, i == j, program(o) == program(other), "%d and %d", i, j)
		}
	}
}

// What is wrong with what is the reader's is one line.
func TestBrokenOwnIsOneLine(t *testing.T) {
	loss := func(of func(outputs, y *Node) *Node) Own { return Own{Name: "mine", Net: Net{Loss: of}} }
	moves := func(slots int, of func(g *Node) (*Node, []*Node)) Own {
		return Own{Optimizer: nn.Optimizer{Name: "mine", Slots: slots, Direction: func(g *Node, _ []*Node, _ *Node) (*Node, []*Node) { return of(g) }}}
	}
	for name, c := range map[string]struct {
		own  Own
		want string
	}{
		"no name":                {Own{Net: Net{Widths: []int{2, 3, 2}}}, "Trend.Own: what is your own needs a Name"},
		"a name alone":           {Own{Name: "mine"}, "Trend.Own: mine has neither a Net nor an Optimizer"},
		"no direction":           {Own{Optimizer: nn.Optimizer{Name: "mine"}}, `Trend.Own: the optimizer "mine" has no direction`},
		"three classes":          {Own{Name: "mine", Net: Net{Widths: []int{2, 3}}}, "Trend.Own: Net.Widths is [2 3]: it must begin with 2"},
		"too large":              {Own{Name: "mine", Net: Net{Widths: []int{2, 1 << 20, 2}}}, "Trend.Rates × Seeds are 4 replicas"},
		"shapes that do not fit": {loss(func(outputs, y *Node) *Node { return Add(outputs, ReduceSum(y, 1)) }), "own_test.go"},
		"one loss for all":       {loss(func(outputs, y *Node) *Node { return ReduceAllMean(Sub(outputs, y)) }), "building the meter: the loss is (Float32) for 4 replicas: return one value for each, (Float32)[4]"},
		"no loss":                {loss(func(outputs, y *Node) *Node { return nil }), "the loss is nil for 4 replicas"},
		"a slot too few":         {moves(1, func(g *Node) (*Node, []*Node) { return g, nil }), `the optimizer "mine" returns 0 slots: it has 1`},
		"a direction of one number": {moves(0, func(g *Node) (*Node, []*Node) { return ReduceAllSum(g), nil }),
			`the optimizer "mine" returns (Float32) for a gradient of (Float32)[4, 2, 16]`},
	} {
		t.Run(name, func(t *testing.T) {
			config := Smoke().Trend
			config.Own = c.own
			_, err := TrendByBatchSize.Measured(t.Context(), lessontest.PureGo(t), config)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}
