package imageclass

import (
	"testing"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/lessontest"
)

// A net of the reader's own is trained and scored as ours is: the same net learns the same from every seed.
func TestOwnNetIsTrainedBesideOurs(t *testing.T) {
	c := Smoke()
	c.Train.Own = fit.Own{Name: "mine", Network: c.Train.Net.Network()}
	trained, result, err := SmallNet.Run(t.Context(), lessontest.Backend(t), c.TrainKnobs())
	require.NoError(t, err)
	require.Len(t, trained.Yours.Runs, len(trained.Runs))
	for i, run := range trained.Yours.Runs {
		require.Equal(t, trained.Runs[i].History.Losses, run.History.Losses)
		require.Equal(t, trained.Runs[i].Test, run.Test)
	}
	figures := result.Figures
	require.Equal(t, "mine: validation", figures.Charts[0].Curves[3].Name)
	require.Equal(t, figures.Charts[0].Curves[1].Y, figures.Charts[0].Curves[3].Y)
	require.Equal(t, "mine: validation", figures.Charts[1].Curves[4].Name)
	for _, row := range trained.Table().Rows {
		require.Equal(t, row[9], row[11], "validation accuracy")
	}
	require.Contains(t, trained.Table().Columns, "mine: validation accuracy")
	scores := trained.scoreTable().Rows
	require.Equal(t, "1, mine", scores[len(trained.Runs)][0])
	require.Equal(t, scores[0][1:], scores[len(trained.Runs)][1:])
	last := figures.Tables[len(figures.Tables)-1]
	require.Equal(t, []string{"q4.1", "inconclusive", "inconclusive"}, last.Rows[0][:3], "two seeds decide nothing")
}

func TestOwnNetIsJudgedByTheBand(t *testing.T) {
	good := trained(lessontest.Around(.985, .002), 0.55)
	for name, c := range map[string]struct {
		yours TrainMeasurement
		want  claim.Verdict
	}{"above": {trained([]float64{.98, .985, .99, .985, .98, .985, .99, .98}, 0.55), claim.Supported}, "below": {trained([]float64{.9, .91, .9, .92, .9, .91, .9, .92}, 0.55), claim.Refuted}} {
		t.Run(name, func(t *testing.T) {
			row := experiment.Yours("mine", trainRules()[:1], good, c.yours).Rows[0]
			require.Equal(t, []string{"q4.1", string(lessontest.Judged(t, trainRules(), "q4.1", good).Verdict), string(c.want)}, row[:3])
		})
	}
}

// What is wrong with a net of the reader's own is one line, which names that of the net.
func TestBrokenOwnNetIsOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		own  fit.Own
		want string
	}{
		"no network": {fit.Own{Name: "mine"}, "Train.Own: a net of your own needs a Name and a Network"},
		"no name":    {fit.Own{Network: linear}, "Train.Own: a net of your own needs a Name and a Network"},
		"shapes that do not fit": {fit.Own{Name: "mine", Network: func(scope *model.Scope, x *Node) *Node {
			return Add(linear(scope, x), x)
		}}, "own_test.go"},
		"no weights": {fit.Own{Name: "mine", Network: func(scope *model.Scope, x *Node) *Node {
			return plain.input(scope, x)
		}}, "the network has no weights to train"},
	} {
		t.Run(name, func(t *testing.T) {
			config := Smoke()
			config.Train.Own = c.own
			_, err := SmallNet.Measured(t.Context(), lessontest.PureGo(t), config.TrainKnobs())
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}
