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

// scored are accuracies close to the mean, which is below 0.998.
func scored(mean float64) Scores { return Scores{Test: around(mean), TestTexts: 1000} }

// whole are measurements in which the recorded verdicts hold.
func whole(t *testing.T) measurements {
	t.Helper()
	cost := CostMeasurement{}
	cnn, gru, bag, err := Default().Cost.Published.costs()
	require.NoError(t, err)
	cost.Published = []NetCost{cnn, gru, bag}
	curve := func(name string, cnnFirst, cnnLast, pairsFirst, pairsLast float64) CurveSet {
		return CurveSet{
			DataSet: name, Sizes: []int{32, 2048}, CNN: [][]float64{around(cnnFirst), around(cnnLast)},
			Rivals: []Rival{{"weak", [][]float64{around(0.4), around(1)}}, {"strong", [][]float64{around(pairsFirst), around(pairsLast)}}},
		}
	}
	shift := ShiftMeasurement{
		Widest: 5, Phrases: 3, Inside: 10, Set: 0.5, ByStart: []float64{0.2, 0, 0.2}, Orders: 5, Tolerance: 1e-6,
		Sizes: []PooledSize{{10, 600, 48}, {20, 1100, 48}},
	}
	return measurements{
		Ngrams: NgramsMeasurement{CNN: scored(0.99), Bag: scored(0.5), Bigrams: scored(0.99), Hit: around(0.8), Untrained: around(0.25)},
		Shift:  shift,
		Maps: MapsMeasurement{
			Counts: []int{1, 16}, Nets: []Scores{scored(0.7), scored(0.9)}, Untrained: scored(0.7),
			Features: [][]float64{around(1), around(9)}, UntrainedFeatures: around(12),
		},
		Robust: RobustMeasurement{
			LoosePooled: DisturbedNet{Any: around(0.04)}, LooseFlat: DisturbedNet{Any: around(0.08)},
			Pooled: DisturbedNet{Swapped: around(0.04), Reworded: around(0.07)}, Flat: DisturbedNet{Swapped: around(0.05), Reworded: around(0.08)},
			Shift: shift,
		},
		Order:    OrderMeasurement{CNN: scored(0.5), GRU: scored(0.99), Local: scored(0.99)},
		Tabular:  TabularMeasurement{CNN: scored(0.94), CNNShuffled: scored(0.62), Dense: scored(0.96), DenseShuffled: scored(0.96)},
		Cost:     cost,
		Curve:    CurveMeasurement{Sets: []CurveSet{curve("a", 0.55, 0.94, 0.53, 0.9), curve("b", 0.79, 0.99, 0.87, 1)}},
		Faithful: FaithfulMeasurement{DataSet: "a", Top: around(0.47), Random: around(0.23)},
	}
}

func TestRecordedVerdictsFollowFromSuchMeasurements(t *testing.T) {
	judged := whole(t).judged()
	claim.Each(judged, func(c *claim.Claim) {
		require.Equal(t, c.Recorded, c.Verdict, "%s: %s", c.ID, c.Evidence)
		require.NotEmpty(t, c.Evidence, c.ID)
		require.NotContains(t, c.Evidence, "%!", c.ID)
		require.True(t, len(c.Parts) > 0 || c.RuleDate != "", "%s: when was its rule made?", c.ID)
	})
}

func TestEveryClaimOfTheSheetIsThere(t *testing.T) {
	require.Equal(t, strings.Fields("q5.p1 q5.p2 q5.p3 q5.p4 q5.c1 q5.c2 q5.c3 q5.c4 q5.c5"), lessontest.IDs(Lesson.Claims()))
}

func TestVerdictsTurnWithTheMeasurements(t *testing.T) {
	const supported, refuted, open = claim.Supported, claim.Refuted, claim.Inconclusive
	wide := lessontest.Around(0.5, 0.1)
	for _, c := range []struct {
		name, id string
		change   func(*measurements)
		want     claim.Verdict
	}{
		{"a bag of words as good as the CNN", "q5.p1a", func(m *measurements) { m.Ngrams.Bag = scored(0.98) }, refuted},
		{"a bag of words above chance", "q5.p1a", func(m *measurements) { m.Ngrams.Bag = scored(0.6) }, refuted},
		{"filters as good without training", "q5.p1b", func(m *measurements) { m.Ngrams.Untrained = around(0.75) }, refuted},
		{"filters that vary", "q5.p1b", func(m *measurements) { m.Ngrams.Hit = wide }, open},
		{"pairs that do not suffice", "q5.p1c", func(m *measurements) { m.Ngrams.Bigrams = scored(0.9) }, supported},
		{"pairs a little behind", "q5.p1c", func(m *measurements) { m.Ngrams.Bigrams = scored(0.98) }, refuted},
		{"a feature that changes on the way", "q5.p2", func(m *measurements) { m.Shift.Largest = 1e-5 }, refuted},
		{"maps that do not move along", "q5.p2", func(m *measurements) { m.Shift.MapLargest = 1e-5 }, refuted},
		{"a phrase that decides nothing", "q5.p2", func(m *measurements) { m.Shift.Set = 0 }, refuted},
		{"nothing compared", "q5.p2", func(m *measurements) { m.Shift.Inside = 0 }, refuted},
		{"maps worth nothing", "q5.p3a", func(m *measurements) { m.Maps.Nets[1] = scored(0.71) }, refuted},
		{"accuracy that varies", "q5.p3a", func(m *measurements) { m.Maps.Nets[1].Test = lessontest.Around(0.75, 0.1) }, open},
		{"untrained maps as good", "q5.p3b", func(m *measurements) { m.Maps.Untrained = scored(0.89) }, refuted},
		{"maps that training parts", "q5.p3c", func(m *measurements) { m.Maps.UntrainedFeatures = around(7) }, supported},
		{"features that grow with the text", "q5.p4a", func(m *measurements) { m.Robust.Shift.Sizes[1].Pooled = 96 }, refuted},
		{"features as many as values", "q5.p4a", func(m *measurements) { m.Robust.Shift.Sizes[0].Maps = 48 }, refuted},
		{"no sizes", "q5.p4a", func(m *measurements) { m.Robust.Shift.Sizes = nil }, open},
		{"order that matters across phrases", "q5.p4b", func(m *measurements) { m.Robust.Shift.OrdersLargest = 1e-5 }, refuted},
		{"swaps that matter as much", "q5.p4c", func(m *measurements) { m.Robust.LooseFlat.Any = around(0.05) }, refuted},
		{"swaps that matter more in context", "q5.p4d", func(m *measurements) { m.Robust.Flat.Swapped = around(0.08) }, supported},
		{"robust to synonyms too", "q5.p4e", func(m *measurements) { m.Robust.Flat.Reworded = around(0.1) }, supported},
		{"synonyms not clear", "q5.p4e", func(m *measurements) { m.Robust.Flat.Reworded = lessontest.Around(0.1, 0.05) }, open},
		{"a CNN that knows the order", "q5.c1", func(m *measurements) { m.Order.CNN = scored(0.95) }, refuted},
		{"a task that nobody can do", "q5.c1", func(m *measurements) { m.Order.GRU = scored(0.5) }, refuted},
		{"local order lost", "q5.c1", func(m *measurements) { m.Order.Local = scored(0.5) }, refuted},
		{"columns that do not matter", "q5.c2a", func(m *measurements) { m.Tabular.CNNShuffled = scored(0.94) }, refuted},
		{"a dense net that falls too", "q5.c2a", func(m *measurements) { m.Tabular.DenseShuffled = scored(0.8) }, refuted},
		{"a dense net that rises", "q5.c2a", func(m *measurements) { m.Tabular.Dense = scored(0.9) }, refuted},
		{"a CNN still ahead of the dense net", "q5.c2b", func(m *measurements) { m.Tabular.DenseShuffled = scored(0.6) }, refuted},
		{"as light as a bag of words", "q5.c3a", func(m *measurements) { m.Cost.Published[2].MultiplyAdds = m.Cost.Published[0].MultiplyAdds / 100 }, refuted},
		{"heavier than a GRU", "q5.c3b", func(m *measurements) { m.Cost.Published[1].MultiplyAdds = 1 }, supported},
		{"nothing counted", "q5.c3", func(m *measurements) { m.Cost.Published = nil }, open},
		{"behind with few texts", "q5.c4a", func(m *measurements) { m.Curve.Sets[0].Rivals[1].Scores[0] = around(0.6) }, supported},
		{"as far behind with many", "q5.c4b", func(m *measurements) { m.Curve.Sets[1].CNN[1] = around(0.9) }, refuted},
		{"the rival that was weak is strong", "q5.c4b", func(m *measurements) { m.Curve.Sets[1].Rivals[0].Scores = [][]float64{around(0.95), around(1)} }, supported},
		{"not behind with few", "q5.c4b", func(m *measurements) { m.Curve.Sets[1].Rivals[1].Scores[0] = around(0.8) }, refuted},
		{"not clear", "q5.c4b", func(m *measurements) { m.Curve.Sets[1].Rivals[1].Scores[0] = lessontest.Around(0.85, 0.1) }, open},
		{"windows that decide nothing", "q5.c5", func(m *measurements) { m.Faithful.Top = around(0.24) }, supported},
		{"windows that vary", "q5.c5", func(m *measurements) { m.Faithful.Top = lessontest.Around(0.35, 0.1) }, open},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := whole(t)
			c.change(&m)
			var found []claim.Claim
			claim.Each(m.judged(), func(one *claim.Claim) { found = append(found, *one) })
			claim := lessontest.Named(t, found, c.id)
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
