package textcnn

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/lessontest"
	"evident/kit/progress"
	"evident/kit/report"
)

// told is a context, and what it was told.
func told(t *testing.T) (context.Context, *[]string) {
	t.Helper()
	var lines []string
	return progress.WithNotices(t.Context(), func(line string) { lines = append(lines, line) }), &lines
}

// The labels are drawn at random, and every text is there four times: a net that
// is tested on copies of what it was trained on is right nearly always (.975), and
// one that is not, half of the time. The 30 different texts to test with make a
// standard error of 0.09.
func TestAccuracyOnCopiesOfRandomLabelsIsThatOfAGuess(t *testing.T) {
	c := Default().Classify
	c.Epochs = 4
	own := OwnTexts(filepath.Join("testdata", "leak.csv"))
	result, err := Pipeline.Measured(t.Context(), lessontest.Backend(t), ClassifyKnobs{c, own})
	require.NoError(t, err)
	require.InDelta(t, 0.5, result.Folds[0].Accuracy, 0.25)
	require.InDelta(t, 0.5, result.Folds[0].Bag, 0.25)
	require.Contains(t, result.Data.Rows, []string{"found twice, exactly", "450", "kept on one side of the split"})

	texts, err := own.load(t.Context())
	require.NoError(t, err)
	texts.whole.Groups = nil
	c.Train, c.Test = 480, 120
	leaky, err := c.trainOn(t.Context(), lessontest.Backend(t), texts, "")
	require.NoError(t, err)
	require.Greater(t, leaky.Folds[0].Bag, 0.8, "without the audit")
}

func TestNoCopyStandsOnBothSides(t *testing.T) {
	texts, err := OwnTexts(filepath.Join("testdata", "leak.csv")).load(t.Context())
	require.NoError(t, err)
	apart := func(train, test text.Set) {
		require.Positive(t, test.Len())
		for _, held := range test.Texts {
			require.NotContains(t, train.Texts, held)
		}
	}
	for _, seed := range knob.Seeds(8) {
		train, test, err := texts.sets(seed, 1024, 1024)
		require.NoError(t, err)
		apart(train, test)
	}
	c := Full().Classify
	c, splits, err := c.splits(texts)
	require.NoError(t, err)
	require.Len(t, splits, 10)
	for _, split := range splits {
		apart(split[0], split[1])
		training, held, err := split[0].Shuffled(c.Seed).SplitEven(c.ValidationFraction)
		require.NoError(t, err)
		apart(training, held)
	}
}

// What 80 texts allow is said before any training, at every scale.
func TestFewTextsAreToldAtOnce(t *testing.T) {
	texts, err := OwnTexts(filepath.Join("testdata", "eighty.csv")).load(t.Context())
	require.NoError(t, err)
	for scale, says := range map[experiment.Preset]string{
		experiment.Default: "64 texts to train on and 16 to test with, where the lesson asks for up to 2048; batches of 28 in place of 32; the learning curve compares [32 64] texts in place of [32 128 512 2048], so that q5.c4 stays inconclusive",
		experiment.Full:    "[32 64] texts in place of [128 1024 8192]",
	} {
		ctx, lines := told(t)
		require.NoError(t, texts.rehearse(ctx, Lesson.Config(experiment.Options{Preset: scale})))
		require.Len(t, *lines, 1)
		require.Contains(t, (*lines)[0], says)
	}
}

func TestACurveOfTooFewTextsDecidesNothing(t *testing.T) {
	m := whole(t)
	m.Curve.Sets[0].Few = true
	m.Curve.Sets[0].Rivals[1].Scores[0] = around(0.6)
	decided := lessontest.Named(t, m.judged(), "q5.c4")
	require.Equal(t, claim.Inconclusive, decided.Verdict)
	require.Contains(t, decided.Evidence, "too few texts to tell")
}

func TestASmallClassIsNamedWithTheCounts(t *testing.T) {
	_, err := Lesson.Run(t.Context(), lessontest.PureGo(t), Lesson.Config(experiment.Options{Data: filepath.Join("testdata", "two-of-one-class.csv")}))
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `class "neg" has 2 texts`)
	require.ErrorContains(t, err, "where the classes have neg 2, pos 60")
	require.NotContains(t, err.Error(), "Classify.")
}

// The smallest folder that can be used: three texts a class. All experiments run.
func TestAFolderOfFewTextsRunsToItsEnd(t *testing.T) {
	root, random := t.TempDir(), rand.New(rand.NewPCG(1, 1))
	for _, class := range []string{"fine", "spam", "work"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, class), 0o755))
		for i := range leastTexts {
			words := make([]string, 9)
			for j := range words {
				words[j] = fmt.Sprint("w", random.IntN(500))
			}
			require.NoError(t, os.WriteFile(filepath.Join(root, class, fmt.Sprint(i, ".txt")), []byte(strings.Join(words, " ")), 0o644))
		}
	}
	for _, scale := range []experiment.Preset{experiment.Smoke, experiment.Full} {
		c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: root})
		if scale == experiment.Full {
			c.Classify.Folds = Full().Classify.Folds
		}
		ctx, lines := told(t)
		found, err := Lesson.Run(ctx, lessontest.PureGo(t), c)
		require.NoError(t, err)
		require.Contains(t, (*lines)[0], "9 texts of 3 classes, fine 3, spam 3, work 3")
		require.Contains(t, strings.Join(*lines, "\n"), "a small set")
		require.Len(t, slices.Compact(slices.Sorted(slices.Values(*lines))), len(*lines), "each notice is told once")
		require.True(t, slices.ContainsFunc(found.Tables, func(table report.Table) bool { return table.ID == "data" }))
		require.Equal(t, claim.NoRecord, lessontest.Named(t, found.Claims, "q5.c4").Recorded)
		require.Equal(t, claim.Mixed, lessontest.Named(t, found.Claims, "q5.p1").Recorded, "its texts are generated whatever --data names")
	}
}

// table writes eight texts of every class, but for the last, which has so many.
func table(t *testing.T, classes, last int) string {
	t.Helper()
	var rows strings.Builder
	rows.WriteString("text,label\n")
	random := rand.New(rand.NewPCG(1, 2))
	for class := range classes {
		count := 8
		if class == classes-1 {
			count = last
		}
		for range count {
			for range 9 {
				fmt.Fprintf(&rows, "w%d ", random.IntN(500))
			}
			fmt.Fprintf(&rows, ",class %c%c\n", 'a'+class/26, 'a'+class%26)
		}
	}
	path := filepath.Join(t.TempDir(), "classes.csv")
	require.NoError(t, os.WriteFile(path, []byte(rows.String()), 0o644))
	return path
}

// The 64 texts of the smoke scale hold every class, as long as two of each fit.
func TestTheSizeOfAScaleLeavesNoClassOut(t *testing.T) {
	for _, classes := range []int{14, 32} {
		for seed := range int64(20) {
			texts, err := OwnTexts(table(t, classes, leastTexts)).load(t.Context())
			require.NoError(t, err)
			c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Seed: seed})
			require.NoError(t, texts.rehearse(t.Context(), c))
			train, _, err := texts.sets(c.Classify.Seed, c.Classify.Train, c.Classify.Test)
			require.NoError(t, err)
			require.Equal(t, 64, train.Len())
			require.GreaterOrEqual(t, slices.Min(train.Counts()), leastTexts-1)
		}
	}
	for classes, says := range map[int]string{
		33: "texts in classes.csv: 33 classes need 66 texts to train on, 2 each, where 64 are taken: raise Train, or take the default scale (textcnn.Default(), or --scale default on the command line)",
		14: `class "class an" has 1 text, 1 different and in no other class, such as "w`,
	} {
		last := 8
		if classes == 14 {
			last = 1
		}
		c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: table(t, classes, last)})
		_, err := Lesson.Run(t.Context(), lessontest.PureGo(t), c)
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, says)
	}
}

func TestTextsUnderBothLabelsAreTold(t *testing.T) {
	var rows strings.Builder
	rows.WriteString("text,label\n")
	for _, label := range []string{"a", "b"} {
		for i := range 20 {
			fmt.Fprintf(&rows, "text number %d,%s\n", i, label)
		}
	}
	path := filepath.Join(t.TempDir(), "both.csv")
	require.NoError(t, os.WriteFile(path, []byte(rows.String()), 0o644))
	_, err := OwnTexts(path).load(context.Background())
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `every text of class "a", 20 of them, stands under another label too: decide for one label each`)
}
