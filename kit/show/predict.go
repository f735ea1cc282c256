package show

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/must"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/internal/forecast"
	"evident/internal/near"
	"evident/kit/claim"
	"evident/kit/report"
)

// Predict notes how likely you find it that the verdict on a claim will be supported. It
// takes pairs of the id of a claim, or of a part such as "q1c.4a", and a probability
// between 0 and 1:
//
//	show.Predict("q7a.1", 0.8, "q7a.2", 0.3)
//
// Put it into a cell before the one that measures. The cards of the claims then show it
// beside the verdict, and [Score] compares. Until a verdict is shown, a new prediction
// replaces the old one; after that, the old one stays, and a first one is marked and not
// scored. All cells of a notebook share the predictions until the kernel is restarted. Outside of a
// notebook they live in the process.
func Predict(pairs ...any) {
	asked := must.M1(predictionsIn(pairs))
	said := make([]string, len(asked))
	must.M(session().Update(func(b *forecast.Book) {
		for i, p := range asked {
			noted := b.Predict(p.ID, p.P)
			said[i] = p.ID + " " + noted.String()
			if noted.P != p.P {
				said[i] = fmt.Sprintf("%s stays at %s, because its verdict was shown", p.ID, noted)
			}
		}
	}))
	line := "predicted: " + strings.Join(said, "; ")
	if forecast.Predictions(asked).None() {
		line += ": put your own probabilities in place of 0.5"
	}
	notice(line)
}

// predictionsIn reads the arguments of [Predict].
func predictionsIn(pairs []any) ([]forecast.Prediction, error) {
	const form = `: write pairs of a claim and a probability, as in show.Predict("q1", 0.7, "q2", 0.2)`
	if len(pairs) == 0 {
		return nil, badinput.Errorf("show.Predict has no arguments" + form)
	}
	var all forecast.Predictions
	for i := 0; i < len(pairs); i += 2 {
		id, isText := pairs[i].(string)
		switch {
		case !isText:
			return nil, badinput.Errorf("show.Predict has %s where the id of a claim belongs"+form, literal(pairs[i]))
		case strings.TrimSpace(id) == "":
			return nil, badinput.Errorf("show.Predict has the id %q"+form, id)
		case i+1 == len(pairs):
			return nil, badinput.Errorf("show.Predict has no probability for %q"+form, id)
		}
		p, isNumber := number(pairs[i+1])
		switch _, twice := all.Of(id); {
		case !isNumber:
			return nil, badinput.Errorf("show.Predict has %s where the probability of %q belongs"+form, literal(pairs[i+1]), id)
		case math.IsNaN(p) || p < 0 || p > 1:
			return nil, badinput.Errorf("show.Predict has the probability %v for %q: give a number from 0 to 1, as in 0.7 for 70 %%", pairs[i+1], id)
		case twice:
			return nil, badinput.Errorf("show.Predict has %q twice: give one probability for it", id)
		}
		all = append(all, forecast.Prediction{ID: id, P: p})
	}
	return all, nil
}

func number(value any) (float64, bool) {
	v := reflect.ValueOf(value)
	switch {
	case !v.IsValid():
		return 0, false
	case v.CanFloat():
		return v.Float(), true
	case v.CanInt():
		return float64(v.Int()), true
	case v.CanUint():
		return float64(v.Uint()), true
	}
	return 0, false
}

// literal is a value as in a cell's code.
func literal(value any) string {
	if text, is := value.(string); is {
		return strconv.Quote(text)
	}
	return fmt.Sprint(value)
}

// kernelVariable names the socket of the kernel, whose folder ends with the kernel.
const kernelVariable = "EVIDENT_KERNEL"

// ofProcess is the session outside of a notebook.
var ofProcess = forecast.At("")

func session() *forecast.Session {
	if kernel := os.Getenv(kernelVariable); gonbui.IsNotebook && kernel != "" {
		return forecast.At(filepath.Join(filepath.Dir(kernel), "predictions.json"))
	}
	return ofProcess
}

// predictedOf returns the predictions for cards of claims, and notes that their verdicts
// are shown. If that fails, the verdicts are shown nevertheless.
func predictedOf(claims []claim.Claim) (predicted forecast.Predictions) {
	err := session().Update(func(b *forecast.Book) {
		predicted = slices.Clone(b.Predictions)
		b.Show(claims)
	})
	if err != nil {
		notice("✘ " + badinput.OneLine(err.Error()))
	}
	return predicted
}

// unknownTo tells of predictions about claims that neither the report nor another one has.
func unknownTo(r report.Report) {
	var ids, unknown []string
	claim.Each(r.Claims, func(c *claim.Claim) { ids = append(ids, c.ID) })
	_ = session().Update(func(b *forecast.Book) { // an error was told before
		for _, p := range b.Predictions {
			if _, shown := b.Shown[p.ID]; !shown {
				unknown = append(unknown, p.ID)
			}
		}
	})
	for _, id := range unknown {
		notice(fmt.Sprintf("✘ %s has no claim %q%s: correct it in show.Predict", r.Lesson, id, near.Hint(id, ids)))
	}
}

// Score compares the predictions with the verdicts that were shown: the Brier score, how
// often the claims in each range of probabilities were supported, and the claims that
// surprised most. It counts claims that are supported, refuted or mixed; the last two
// do not hold. If a claim was measured several times, the first of these verdicts counts.
func Score() {
	var score forecast.Score
	var none bool
	must.M(session().Update(func(b *forecast.Book) { score, none = b.Score(), b.Predictions.None() }))
	if none {
		notice(`nothing was predicted yet: before a claim is measured, give its probability, as in show.Predict("q1", 0.7)`)
		return
	}
	if n := len(score.Scored); n > 0 {
		notice(fmt.Sprintf("Brier score %.3f over %s (0 is perfect): 50 %% for each gives %.3f, and %.0f %%, the share that was supported, gives %.3f",
			score.Brier(), datasets.Counted(n, "claim"), forecast.EvenOdds, 100*score.Supported(), score.BaseRate()))
		Chart(reliability(score))
		if surprises := surprises(score); len(surprises.Rows) > 0 {
			Table(surprises)
		}
	}
	if len(score.Unscored) > 0 {
		why := make([]string, len(score.Unscored))
		for i, u := range score.Unscored {
			why[i] = fmt.Sprintf("%s (%s)", u.ID, u.Why)
		}
		notice("not scored: " + strings.Join(why, ", "))
	}
}

// reliability shows what was predicted beside what came true.
func reliability(score forecast.Score) report.Chart {
	predicted, supported := report.Curve{Name: "predicted, on average"}, report.Curve{Name: "supported"}
	c := report.Chart{ID: "reliability", Title: "Your probabilities, and what came true", Mark: report.Bars,
		XLabel: "your probability", YLabel: "share of the claims"}
	var alt []string
	for i, bin := range score.Bins() {
		name := fmt.Sprintf("%.0f–%.0f %%: %s", 100*bin.Low, 100*bin.High, datasets.Counted(len(bin.Scored), "claim"))
		c.Categories = append(c.Categories, name)
		predicted.Add(float64(i), bin.Predicted())
		supported.Add(float64(i), bin.Supported())
		alt = append(alt, fmt.Sprintf("%s, predicted %.0f %%, supported %.0f %%", name, 100*bin.Predicted(), 100*bin.Supported()))
	}
	c.Curves, c.Alt = []report.Curve{predicted, supported}, strings.Join(alt, "; ")+"."
	return c
}

// mostSurprises are shown.
const mostSurprises = 5

func surprises(score forecast.Score) report.Table {
	t := report.Table{ID: "surprises", Title: "What surprised you most", Columns: []string{"claim", "you", "verdict", "squared error", "statement"}}
	for _, s := range score.Surprises() {
		if len(t.Rows) < mostSurprises {
			t.Rows = append(t.Rows, []string{s.ID, s.Prediction.String(), string(s.Verdict), fmt.Sprintf("%.2f", s.Error()), s.Statement})
		}
	}
	return t
}
