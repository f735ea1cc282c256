package sweep_test

import (
	"context"
	"testing"

	"github.com/gomlx/compute"
	"github.com/stretchr/testify/require"

	"evident/kit/sweep"
)

func TestStudyScoresAlongTheWay(t *testing.T) {
	onBoth(t, func(t *testing.T, backend compute.Backend) {
		data := rings(24)
		study, err := sweep.NewStudy(backend, sweep.Config{Model: small.Model(), Data: data}, rings(8))
		require.NoError(t, err)
		defer study.Finalize()
		replicas := sweep.Grid([]float64{0.001, 0.5}, []int64{1})
		courses, err := study.Run(context.Background(), sweep.Run{Replicas: replicas, Steps: 60, Every: 20}, 0.6)
		require.NoError(t, err)
		meter, err := sweep.NewMeter(backend, small.Model(), data)
		require.NoError(t, err)
		defer meter.Finalize()
		for i, course := range courses {
			require.Equal(t, []int{0, 20, 40, 60}, course.Steps)
			require.Len(t, course.Losses, 60)
			require.InDelta(t, course.Losses[20], course.Train[1].Loss, 1e-5, "full batches")
			scores, err := meter.Score([][]float64{course.Final})
			require.NoError(t, err)
			require.InDelta(t, scores.Loss[0], course.Train[3].Loss, 1e-6)
			require.Equal(t, course.Reaches(0.6) >= 0, course.AtTarget != nil)
			if course.AtTarget != nil {
				scores, err := meter.Score([][]float64{course.AtTarget})
				require.NoError(t, err)
				require.InDelta(t, course.Train[course.Reaches(0.6)].Loss, scores.Loss[0], 1e-6)
			}
			require.Equal(t, i == 1, course.AtTarget != nil, "the low rate does not get there")
		}
	})
}

func TestEndIsTheMeanOfTheLastPoints(t *testing.T) {
	var points []sweep.Point
	for i, loss := range []float64{9, 3, 2, 1} {
		points = append(points, sweep.Point{Loss: loss, Accuracy: 0.3 * float64(i)})
	}
	require.InDelta(t, 2, sweep.End(points).Loss, 1e-12)
	require.InDelta(t, 0.6, sweep.End(points).Accuracy, 1e-12)
	require.Equal(t, points[0], sweep.End(points[:1]))
}

func TestByRateFollowsTheGrid(t *testing.T) {
	rates, seeds := []float64{1, 2, 3}, []int64{7, 8}
	rows := sweep.ByRate(sweep.Grid(rates, seeds), len(seeds))
	for i, rate := range rates {
		for j, seed := range seeds {
			require.Equal(t, sweep.Replica{Rate: rate, Seed: seed}, rows[i][j])
		}
	}
}
