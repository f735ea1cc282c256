package live_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/forecast"
	"evident/internal/live"
	"evident/internal/render"
	"evident/kit/claim"
)

func TestRunSendsProgressAndThenTheResult(t *testing.T) {
	all := messages(t, live.Request{Lesson: "learningrate", Experiment: "vanishing", Scale: "smoke", Knobs: map[string]string{"Depths": "2, 4"},
		Predictions: forecast.Predictions{{ID: "q1b.3", P: 0.7}}})
	require.NotNil(t, all[0].Progress)
	require.Equal(t, "Vanishing", all[0].Progress.Experiment)
	found := results(t, all)
	require.Len(t, found, 1)
	require.Equal(t, "vanishing", found[0].Experiment)
	require.Equal(t, "q1b.3", found[0].Verdicts[0].ID)
	require.Equal(t, claim.Inconclusive, found[0].Verdicts[0].Verdict)
	require.Contains(t, found[0].Cards, "you: 70 %")
	require.NotEmpty(t, found[0].Figures)
	require.Contains(t, found[0].Figures[0].Alt, found[0].Figures[0].Chart["title"].(map[string]any)["text"])
}

func TestEvidenceArrivesWithoutAVerdict(t *testing.T) {
	all := messages(t, live.Request{Lesson: "learningrate", Experiment: "vanishing", Scale: "smoke", Gradually: true,
		Knobs: map[string]string{"Depths": "2, 4", "Steps": "2", "Seeds": "1, 2, 3, 4, 5, 6"}})
	var seeds, points []int
	for _, m := range all {
		if m.Interim == nil {
			continue
		}
		points = append(points, pointsIn(m.Interim.Shrinking))
		seeds = append(seeds, m.Interim.Seeds)
		require.Equal(t, 6, m.Interim.Of)
		require.NotEmpty(t, m.Interim.Figures)
		require.Len(t, m.Interim.Evidence, 2)
		require.Equal(t, "q1b.3a", m.Interim.Evidence[0].ID)
		require.NotContains(t, m.Interim.Evidence[0].Text, "Sign test")
	}
	require.Equal(t, []int{1, 2, 3, 4, 5}, seeds)
	require.Equal(t, []int{0, 0, 2, 3, 4}, points, "one seed has no interval, and one interval shrinks not")
	found := results(t, all)
	require.Len(t, found, 1)
	require.Equal(t, 5, pointsIn(found[0].Shrinking))
	require.Contains(t, found[0].Shrinking[0].Alt, "For claim q1b.3a")
}

// pointsIn counts the points in the first of some charts.
func pointsIn(charts []render.Piece) int {
	if len(charts) == 0 {
		return 0
	}
	return len(charts[0].Chart["data"].(map[string]any)["values"].([]any))
}

func TestWhatGoesWrongIsTheLastMessageInOneLine(t *testing.T) {
	for name, c := range map[string]struct {
		request live.Request
		want    string
	}{
		"no such lesson":     {live.Request{Lesson: "none"}, `unknown lesson "none": the lessons are learningrate, `},
		"no such experiment": {live.Request{Lesson: "params", Experiment: "none"}, `lesson params has no experiment "none": it has lengths, layers`},
		"no such knob":       {live.Request{Lesson: "learningrate", Experiment: "floor", Knobs: map[string]string{"Stops": "1"}}, "Floor.Stops is no knob that can be set"},
		"out of range":       {live.Request{Lesson: "learningrate", Experiment: "floor", Knobs: map[string]string{"Steps": "0"}}, "Floor.Steps is 0: it must be at least 1"},
		"no number":          {live.Request{Lesson: "learningrate", Experiment: "floor", Knobs: map[string]string{"Steps": "x\ny"}}, `Floor.Steps is "x\ny": it must be a whole number`},
	} {
		t.Run(name, func(t *testing.T) {
			all := messages(t, c.request)
			last := all[len(all)-1]
			require.Contains(t, last.Error, c.want)
			require.NotContains(t, last.Error, "\n")
			require.False(t, last.Done)
		})
	}
}

func TestAKerasModelIsCounted(t *testing.T) {
	model, err := os.ReadFile("../../kit/keras/testdata/cases/shared.config.json")
	require.NoError(t, err)
	found := results(t, messages(t, live.Request{File: "shared.json", Model: model}))
	require.Len(t, found, 1)
	require.Len(t, found[0].Figures, 2, "a table and a diagram")
	require.Contains(t, found[0].Figures[0].HTML, "Total params")
	require.Contains(t, found[0].Figures[1].HTML, "<img")
	all := messages(t, live.Request{File: "none.json", Model: []byte("{")})
	require.Contains(t, all[len(all)-1].Error, "none.json: ")
}

func TestAPanicIsAMessage(t *testing.T) {
	var all []live.Message
	live.Run(t.Context(), nil, live.Request{Lesson: "learningrate", Experiment: "floor", Scale: "smoke"}, func(m live.Message) { all = append(all, m) })
	require.NotEmpty(t, all[len(all)-1].Error, "without a backend nothing can be built")
}
