package textcnn

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/reviews"
	"evident/kit/claim"
	"evident/kit/lessontest"
)

// around is five values close to the mean.
func around(mean float64) []float64 { return lessontest.Around(mean, 0.001) }

// measurements are those of all experiments that decide a claim.
type measurements struct {
	Ngrams   NgramsMeasurement
	Shift    ShiftMeasurement
	Maps     MapsMeasurement
	Robust   RobustMeasurement
	Order    OrderMeasurement
	Tabular  TabularMeasurement
	Cost     CostMeasurement
	Curve    CurveMeasurement
	Faithful FaithfulMeasurement
}

// judged are the claims of all experiments.
func (m measurements) judged() []claim.Claim {
	return slices.Concat(claim.Judge(ngramsRules(), m.Ngrams), claim.Judge(shiftRules(), m.Shift), claim.Judge(mapsRules(), m.Maps),
		claim.Judge(robustRules(), m.Robust), claim.Judge(orderRules(), m.Order), claim.Judge(tabularRules(), m.Tabular),
		claim.Judge(costRules(), m.Cost), claim.Judge(curveRules(), m.Curve), claim.Judge(faithfulRules(), m.Faithful))
}

// whole are measurements in which the recorded verdicts hold.
func whole(t *testing.T) measurements {
	t.Helper()
	cost := CostMeasurement{}
	cnn, gru, bag, err := Default().Cost.Published.costs()
	require.NoError(t, err)
	cost.Published = []NetCost{cnn, gru, bag}
	curve := func(name string, cnnFirst, cnnLast, bagFirst, bagLast float64) CurveSet {
		return CurveSet{DataSet: name, Sizes: []int{32, 2048}, CNN: [][]float64{around(cnnFirst), around(cnnLast)}, Bag: [][]float64{around(bagFirst), around(bagLast)}}
	}
	shift := ShiftMeasurement{
		Widest: 5, Phrases: 3, Inside: 10, Set: 0.5, ByStart: []float64{0.2, 0, 0.2}, Orders: 5,
		Sizes: []PooledSize{{10, 600, 48}, {20, 1100, 48}},
	}
	return measurements{
		Ngrams: NgramsMeasurement{CNN: Scores{Test: around(1)}, Bag: Scores{Test: around(0.5)}, Hit: around(0.8), Chance: around(0.25)},
		Shift:  shift,
		Maps:   MapsMeasurement{Counts: []int{1, 16}, Nets: []Scores{{Test: around(0.7)}, {Test: around(0.9)}}, Features: [][]float64{around(1), around(9)}},
		Robust: RobustMeasurement{
			Pooled: DisturbedNet{Swapped: around(0.04), Reworded: around(0.47)}, Flat: DisturbedNet{Swapped: around(0.08), Reworded: around(0.44)},
			GivenPooled: DisturbedNet{Reworded: around(0.08)}, Shift: shift,
		},
		Order:    OrderMeasurement{CNN: Scores{Test: around(0.5)}, GRU: Scores{Test: around(0.99)}, Local: Scores{Test: around(0.99)}},
		Tabular:  TabularMeasurement{CNN: Scores{Test: around(0.94)}, CNNShuffled: Scores{Test: around(0.62)}, Dense: Scores{Test: around(0.96)}, DenseShuffled: Scores{Test: around(0.96)}},
		Cost:     cost,
		Curve:    CurveMeasurement{Sets: []CurveSet{curve("a", 0.55, 0.94, 0.53, 0.68), curve("b", 0.79, 0.99, 0.87, 1)}},
		Faithful: FaithfulMeasurement{DataSet: "a", Top: around(0.47), Random: around(0.23)},
	}
}

func TestRecordedVerdictsFollowFromSuchMeasurements(t *testing.T) {
	for _, c := range whole(t).judged() {
		require.Equal(t, c.Recorded, c.Verdict, "%s: %s", c.ID, c.Evidence)
		require.NotEmpty(t, c.Evidence, c.ID)
		require.NotContains(t, c.Evidence, "%!", c.ID)
	}
}

func TestEveryClaimOfTheSheetIsThere(t *testing.T) {
	require.Equal(t, strings.Fields("q5.p1 q5.p2 q5.p3 q5.p4 q5.c1 q5.c2 q5.c3 q5.c4 q5.c5"), lessontest.IDs(Lesson.Claims()))
}

func TestVerdictsTurnWithTheMeasurements(t *testing.T) {
	const supported, refuted, open = claim.Supported, claim.Refuted, claim.Inconclusive
	wide := lessontest.Around(0.5, 0.3)
	for _, c := range []struct {
		name, id string
		change   func(*measurements)
		want     claim.Verdict
	}{
		{"a bag of words as good as the CNN", "q5.p1", func(m *measurements) { m.Ngrams.Bag.Test = around(0.98) }, refuted},
		{"filters at chance", "q5.p1", func(m *measurements) { m.Ngrams.Hit = around(0.26) }, refuted},
		{"filters that vary", "q5.p1", func(m *measurements) { m.Ngrams.Hit = wide }, open},
		{"a feature that changes on the way", "q5.p2", func(m *measurements) { m.Shift.Largest = 0.1 }, refuted},
		{"maps that do not move along", "q5.p2", func(m *measurements) { m.Shift.MapLargest = 0.1 }, refuted},
		{"a phrase that decides nothing", "q5.p2", func(m *measurements) { m.Shift.Set = 0 }, refuted},
		{"nothing compared", "q5.p2", func(m *measurements) { m.Shift.Inside = 0 }, refuted},
		{"maps all alike", "q5.p3", func(m *measurements) { m.Maps.Features[1] = around(1.1) }, refuted},
		{"maps worth nothing", "q5.p3", func(m *measurements) { m.Maps.Nets[1].Test = around(0.71) }, refuted},
		{"accuracy that varies", "q5.p3", func(m *measurements) { m.Maps.Nets[1].Test = lessontest.Around(0.75, 0.1) }, open},
		{"robust to synonyms too", "q5.p4", func(m *measurements) { m.Robust.Pooled.Reworded = around(0.1) }, supported},
		{"synonyms not clear", "q5.p4", func(m *measurements) { m.Robust.Pooled.Reworded = lessontest.Around(0.42, 0.1) }, open},
		{"features that grow with the text", "q5.p4", func(m *measurements) {
			m.Robust.Pooled.Reworded = around(0.1)
			m.Robust.Shift.Sizes[1].Pooled = 96
		}, refuted},
		{"order that matters across phrases", "q5.p4", func(m *measurements) {
			m.Robust.Pooled.Reworded = around(0.1)
			m.Robust.Shift.OrdersLargest = 0.1
		}, refuted},
		{"a CNN that knows the order", "q5.c1", func(m *measurements) { m.Order.CNN.Test = around(0.95) }, refuted},
		{"a task that nobody can do", "q5.c1", func(m *measurements) { m.Order.GRU.Test = around(0.5) }, refuted},
		{"local order lost", "q5.c1", func(m *measurements) { m.Order.Local.Test = around(0.5) }, refuted},
		{"columns that do not matter", "q5.c2", func(m *measurements) { m.Tabular.CNNShuffled.Test = around(0.94) }, refuted},
		{"a dense net that falls too", "q5.c2", func(m *measurements) { m.Tabular.DenseShuffled.Test = around(0.8) }, refuted},
		{"a CNN still ahead of the dense net", "q5.c2", func(m *measurements) {
			m.Tabular.Dense.Test, m.Tabular.DenseShuffled.Test = around(0.6), around(0.6)
		}, refuted},
		{"heavier than both", "q5.c3", func(m *measurements) { m.Cost.Published[1].MultiplyAdds = 1 }, supported},
		{"lighter than both", "q5.c3", func(m *measurements) { m.Cost.Published[2].MultiplyAdds = 1 << 40 }, refuted},
		{"behind with few texts, on both sets", "q5.c4", func(m *measurements) { m.Curve.Sets[0].Bag[0] = around(0.6) }, supported},
		{"behind with few texts, on none", "q5.c4", func(m *measurements) { m.Curve.Sets[1].Bag[0] = around(0.8) }, refuted},
		{"behind for good", "q5.c4", func(m *measurements) { m.Curve.Sets[1].CNN[1] = around(0.9) }, refuted},
		{"not clear on one", "q5.c4", func(m *measurements) { m.Curve.Sets[1].Bag[0] = lessontest.Around(0.85, 0.1) }, open},
		{"windows that decide nothing", "q5.c5", func(m *measurements) { m.Faithful.Top = around(0.24) }, supported},
		{"windows that vary", "q5.c5", func(m *measurements) { m.Faithful.Top = lessontest.Around(0.35, 0.1) }, open},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := whole(t)
			c.change(&m)
			claim := lessontest.Named(t, m.judged(), c.id)
			require.Equal(t, c.want, claim.Verdict, claim.Evidence)
		})
	}
}

// The words that decide are a word with an opinion and the one in front of it.
func TestWindowsThatDecide(t *testing.T) {
	tokens := strings.Fields("the not good film bad")
	require.Equal(t, -1, reviews.Sign("bad"))
	for _, c := range []struct {
		window span
		want   bool
	}{
		{span{1, 3}, true}, {span{0, 3}, true}, {span{2, 4}, false}, {span{0, 2}, false}, {span{3, 5}, true}, {span{4, 5}, false}, {span{2, 5}, true},
	} {
		require.Equal(t, c.want, decides(tokens, c.window), c.window)
	}
}
