package show

import (
	"io"
	"math"
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/forecast"
	"evident/kit/claim"
	"evident/kit/report"
)

func TestPairs(t *testing.T) {
	const form = `: write pairs of a claim and a probability, as in show.Predict("q1", 0.7, "q2", 0.2)`
	type half float32
	for _, c := range []struct {
		pairs []any
		want  forecast.Predictions
		err   string
	}{
		{pairs: []any{"q7a.1", 0.5, "q1c.4a", 1, "q2", uint8(0), "q3", half(0.25)}, want: forecast.Predictions{{ID: "q7a.1", P: 0.5}, {ID: "q1c.4a", P: 1}, {ID: "q2"}, {ID: "q3", P: 0.25}}},
		{err: "show.Predict has no arguments" + form},
		{pairs: []any{"q1", 0.5, "q2"}, err: `show.Predict has no probability for "q2"` + form},
		{pairs: []any{0.5, "q1"}, err: "show.Predict has 0.5 where the id of a claim belongs" + form},
		{pairs: []any{" ", 0.5}, err: `show.Predict has the id " "` + form},
		{pairs: []any{"q1", "0.7"}, err: `show.Predict has "0.7" where the probability of "q1" belongs` + form},
		{pairs: []any{"q1", "q2", 0.7}, err: `show.Predict has "q2" where the probability of "q1" belongs` + form},
		{pairs: []any{"q1", nil}, err: `show.Predict has <nil> where the probability of "q1" belongs` + form},
		{pairs: []any{"q1", 70}, err: `show.Predict has the probability 70 for "q1": give a number from 0 to 1, as in 0.7 for 70 %`},
		{pairs: []any{"q1", -0.1}, err: `show.Predict has the probability -0.1 for "q1": give a number from 0 to 1, as in 0.7 for 70 %`},
		{pairs: []any{"q1", math.NaN()}, err: `show.Predict has the probability NaN for "q1": give a number from 0 to 1, as in 0.7 for 70 %`},
		{pairs: []any{"q1", 0.5, "q1", 0.6}, err: `show.Predict has "q1" twice: give one probability for it`},
	} {
		got, err := predictionsIn(c.pairs)
		if c.err == "" {
			require.NoError(t, err)
			require.Equal(t, c.want, forecast.Predictions(got))
			continue
		}
		require.EqualError(t, err, c.err)
		require.ErrorIs(t, err, badinput.Err)
	}
}

// printed is what the calls print outside of a notebook, in a session of their own.
func printed(t *testing.T, calls func()) string {
	t.Helper()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout, ofProcess = writer, forecast.At("")
	calls()
	os.Stdout = stdout
	require.NoError(t, writer.Close())
	text, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(text)
}

func judged(id string, v claim.Verdict) claim.Claim {
	return claim.Claim{ID: id, Statement: "About " + id + ".", Kind: claim.Exact, Verdict: v, Recorded: v, Samples: 1}
}

func TestPredictMeasureScore(t *testing.T) {
	q1, q2, q3 := judged("q1", claim.Supported), judged("q2", claim.Refuted), judged("q3", claim.Inconclusive)
	for name, c := range map[string]struct {
		calls func()
		want  string
	}{
		"nothing": {Score, "nothing was predicted yet: before a claim is measured, give its probability, as in show.Predict(\"q1\", 0.7)\n"},
		"all at a half": {func() { Predict("q1", 0.5, "q2", 0.5); Score() },
			"predicted: q1 50 %; q2 50 %: put your own probabilities in place of 0.5\n" +
				"nothing was predicted yet: before a claim is measured, give its probability, as in show.Predict(\"q1\", 0.7)\n"},
		"nothing measured": {func() { Predict("q1", 0.6); Score() }, "predicted: q1 60 %\nnot scored: q1 (no verdict yet)\n"},
		"a lesson": {func() {
			Predict("q1", 0.9, "q2", 0.8, "q3", 0.4)
			Claims(q1, q2, q3)
			Predict("q1", 0.1)
			Score()
		}, `predicted: q1 90 %; q2 80 %; q3 40 %
CLAIM  KIND   VERDICT         RECORDED      YOU   EVIDENCE
q1     exact  ✔ supported     supported     90 %
q2     exact  ✘ refuted       refuted       80 %
q3     exact  ~ inconclusive  inconclusive  40 %
predicted: q1 stays at 90 %, because its verdict was shown
Brier score 0.325 over 2 claims (0 is perfect): 50 % for each gives 0.250, and 50 %, the share that was supported, gives 0.250
[chart] Your probabilities, and what came true. 80–100 %: 2 claims, predicted 85 %, supported 50 %.
What surprised you most
  claim   you  verdict  squared error  statement
  q2     80 %  refuted           0.64  About q2.
not scored: q3 (inconclusive)
`},
		"ids that the lesson does not have": {func() {
			Predict("q1a", 0.5, "own.1", 1, "Q1.a", 0.1)
			Claims(judged("own.1", claim.Supported))
			Verdicts(report.Report{Lesson: "params", Title: "T", Claims: []claim.Claim{{ID: "q1", Kind: claim.Exact, Verdict: claim.Supported, Recorded: claim.Supported, Parts: []claim.Claim{judged("q1a", claim.Supported)}}}})
		}, `predicted: q1a 50 %; own.1 100 %; Q1.a 10 %
CLAIM  KIND   VERDICT      RECORDED   YOU    EVIDENCE
own.1  exact  ✔ supported  supported  100 %
T
=

✔ supported q1 (exact)
  claim:
  rule:

✔ supported q1a (exact)
  you:      50 %
  claim:    About q1a.
  evidence:
  rule:

1 claim: 1 supported, 0 refuted, 0 inconclusive; every verdict agrees with the record
✘ params has no claim "Q1.a" (did you mean q1a?): correct it in show.Predict
`},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, regexp.MustCompile(` +\n`).ReplaceAllString(printed(t, c.calls), "\n"))
		})
	}
}
