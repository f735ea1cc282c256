package homework

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"evident/kit/exercise"
	"evident/lessons/imageclass"

	"evident/internal/homework/solution"
)

// imageclassQuestions are the exercises on question 4: a binary image classifier.
func imageclassQuestions() []template {
	return []template{
		{"measure", imageclassMeasure},
		{"area", imageclassArea},
		{"params", imageclassParams},
		{"steps", imageclassSteps},
		{"threshold", imageclassThreshold},
		{"auc", imageclassFunction},
	}
}

// measure is a share that is taken from the four counts.
type measure struct {
	name, meaning, formula string
	value                  float64
}

// measures are the lesson's shares.
func measures(c imageclass.Confusion) []measure {
	return []measure{
		{"sensitivity", "the share of the lesions that are found", fmt.Sprintf("$%d / (%d + %d)$", c.TruePositive, c.TruePositive, c.FalseNegative), c.Sensitivity().Value},
		{"specificity", "the share of the healthy heads that raise no alarm", fmt.Sprintf("$%d / (%d + %d)$", c.TrueNegative, c.TrueNegative, c.FalsePositive), c.Specificity().Value},
		{"precision", "the share of the alarms that are right", fmt.Sprintf("$%d / (%d + %d)$", c.TruePositive, c.TruePositive, c.FalsePositive), c.Precision().Value},
		{"accuracy", "the share of all pictures that are taken for what they are", "", c.Accuracy().Value},
	}
}

func imageclassMeasure(d Draw) exercise.Question {
	lesions, missed, alarms := 10*d.Between(12, 6, 18), d.Between(12, 8, 40), d.Between(4, 10, 60)
	c := imageclass.Confusion{TruePositive: lesions - missed, FalseNegative: missed, FalsePositive: alarms, TrueNegative: 600 - lesions - alarms}
	all := measures(c)
	chosen := d.Between(0, 0, 2) // not the accuracy
	asked := all[chosen]
	q := exercise.Question{
		Title: "Beside the accuracy",
		Text: fmt.Sprintf("A net has seen 600 validation pictures. *Positive* is a picture with a lesion.\n\n| | the net says: lesion | the net says: none |\n|---|---|---|\n| **with a lesion** | %d | %d |\n| **healthy** | %d | %d |\n\nWhat is its **%s**? Answer with a share from 0 to 1, rounded to three digits after the point.",
			c.TruePositive, c.FalseNegative, c.FalsePositive, c.TrueNegative, asked.name),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.0005}, Points: 1, Effort: 2,
		Right:    asked.value,
		Why:      fmt.Sprintf("The %s is %s: %s.", asked.name, asked.meaning, asked.formula),
		Mistakes: []exercise.Mistake{{Answer: 100 * asked.value, Hint: "a share from 0 to 1 is asked for, not per cent"}},
	}
	for i, other := range all {
		if i != chosen {
			q.Mistakes = append(q.Mistakes, exercise.Mistake{Answer: other.value, Hint: fmt.Sprintf("that is the %s, %s", other.name, other.meaning)})
		}
	}
	return q
}

// ranked draws scores of pictures, the lesions first. All differ, but for the
// last head, which has the score of the first lesion.
func ranked(random *rand.Rand, lesions, healthy int) (scores []float64, positive []bool) {
	var taken []float64
	draw := func(low, high int) float64 {
		for {
			if score := float64(low+random.IntN(high-low+1)) / 100; !slices.Contains(taken, score) {
				taken = append(taken, score)
				return score
			}
		}
	}
	for range lesions {
		scores, positive = append(scores, draw(25, 95)), append(positive, true)
	}
	for range healthy - 1 {
		scores, positive = append(scores, draw(5, 75)), append(positive, false)
	}
	return append(scores, scores[0]), append(positive, false)
}

// listed writes scores as "0.81, 0.40".
func listed(scores []float64) string {
	texts := make([]string, len(scores))
	for i, score := range scores {
		texts[i] = fmt.Sprintf("%.2f", score)
	}
	return strings.Join(texts, ", ")
}

// aboveHalf is the share of right answers at a threshold of one half.
func aboveHalf(scores []float64, positive []bool) float64 {
	right := 0
	for i, score := range scores {
		if (score > 0.5) == positive[i] {
			right++
		}
	}
	return float64(right) / float64(len(scores))
}

func imageclassArea(d Draw) exercise.Question {
	const lesions, healthy = 4, 6
	random := rand.New(rand.NewPCG(uint64(d.Seed(4)), 0))
	scores, positive := ranked(random, lesions, healthy)
	right := imageclass.AUC(scores, positive).Value
	tie := 0.5 / (lesions * healthy)
	return exercise.Question{
		Title: "The area under the ROC curve",
		Text: fmt.Sprintf("A net gives these scores to %d pictures with a lesion: %s; and these to %d healthy ones: %s. A high score means: lesion. What is the AUC? Answer with three digits after the point.",
			lesions, listed(scores[:lesions]), healthy, listed(scores[lesions:])),
		Form: exercise.Form{Kind: exercise.Number, Step: 0.0005}, Points: 2, Effort: lesions*healthy + 1,
		Right: right,
		Why:   fmt.Sprintf("Of the $%d \\cdot %d = %d$ pairs of a lesion and a healthy head, count those in which the lesion has the higher score, and the one tie as a half.", lesions, healthy, lesions*healthy),
		Mistakes: []exercise.Mistake{
			{Answer: right + tie, Hint: "a tie counts as a half, not as a whole"},
			{Answer: right - tie, Hint: "a tie counts as a half, not as nothing"},
			{Answer: 1 - right, Hint: "lesions and healthy heads are swapped: count the pairs in which the lesion has the higher score"},
			{Answer: aboveHalf(scores, positive), Hint: "that is the accuracy at a threshold of one half; the AUC knows no threshold"},
		},
	}
}

func imageclassParams(d Draw) exercise.Question {
	net := imageclass.Net{Filters: []int{d.Int(8, 6, 8, 10), d.Int(16, 12, 16, 20), d.Int(32, 24, 28, 32), d.Int(32, 32, 36, 40)}}
	side := d.Between(48, 34, 79)
	s := counted(net.Model(side, side, 1))
	biases := 2
	for _, filters := range net.Filters {
		biases += filters
	}
	dense, last := s.Find("dense").Parameters, net.Filters[3]
	unpooled := side*side*last*2 + 2
	return exercise.Question{
		Title: "The parameters of a classifier",
		Text: fmt.Sprintf("Grey pictures of %d×%d pixels → Conv2D(%d) → MaxPool2D → Conv2D(%d) → MaxPool2D → Conv2D(%d) → MaxPool2D → Conv2D(%d) → MaxPool2D → Flatten → Dense(2). The numbers in brackets are filters and units. All kernels are 3×3, with padding *same*; the pooling windows are 2×2 and do not overlap, and what is left over at an edge is dropped; all layers with weights have biases. How many parameters does the net have?",
			side, side, net.Filters[0], net.Filters[1], net.Filters[2], net.Filters[3]),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: 24,
		Right: s.Total(),
		Why: fmt.Sprintf("A convolution from $c$ to $f$ channels has $(9c + 1) \\cdot f$: %d, %d, %d and %d. Four halvings leave %d×%d places with %d channels, so the dense layer has %d.",
			s.Find("conv2d").Parameters, s.Find("conv2d_1").Parameters, s.Find("conv2d_2").Parameters, s.Find("conv2d_3").Parameters, side/16, side/16, last, dense),
		Mistakes: []exercise.Mistake{
			{Answer: s.Total() - biases, Hint: "the biases are missing"},
			{Answer: s.Total() - dense + unpooled, Hint: "the poolings are forgotten: each halves height and width"},
			{Answer: s.Total() - dense, Hint: "the dense layer is forgotten"},
			{Answer: s.Total() - dense/2, Hint: "the dense layer has a logit for each of the two classes"},
		},
	}
}

func imageclassSteps(d Draw) exercise.Question {
	// With the sheet's batches of 32, nothing is left over for a last one.
	pictures, share, batch, epochs := 100*d.Between(30, 15, 40), d.Int(20, 10, 20, 25), d.Int(64, 24, 32, 48, 64), d.Between(10, 8, 20)
	train := pictures - pictures*share/100
	up := func(pictures int) int { return (pictures + batch - 1) / batch }
	return exercise.Question{
		Title: "Steps of a training",
		Text: fmt.Sprintf("There are %d pictures. %d %% of them are kept for validation, and the net is trained on the others for %d epochs, in batches of %d; the last batch of every epoch is what is left over, and is used too. Every batch is one step of the optimizer. How many steps are taken in all?",
			pictures, share, epochs, batch),
		Form: exercise.Form{Kind: exercise.Count, Unit: "steps"}, Points: 1, Effort: 4,
		Right: up(train) * epochs,
		Why:   fmt.Sprintf("An epoch has $\\lceil %d / %d \\rceil = %d$ steps.", train, batch, up(train)),
		Mistakes: []exercise.Mistake{
			{Answer: train / batch * epochs, Hint: "the last batch of every epoch is forgotten, which is smaller"},
			{Answer: up(pictures) * epochs, Hint: "the validation pictures are not trained on"},
			{Answer: up(train * epochs), Hint: "every epoch ends with a batch of its own: round up for each of them"},
			{Answer: up(train), Hint: "these are the steps of one epoch"},
		},
	}
}

// moved are the lesson's measures of eight pictures whose scores are all raised
// by an amount, which is to lower the threshold by it. Some of each class cross
// it, either way.
func moved(by float64) map[string]float64 {
	o := imageclass.Outcome{
		Scores:   []float64{-3, -1, 1, 3, -3.5, -1.5, 0.5, 2.5},
		Positive: []bool{true, true, true, true, false, false, false, false},
	}
	for i := range o.Scores {
		o.Scores[i] += by
	}
	c := o.Confusion()
	return map[string]float64{
		"the sensitivity": c.Sensitivity().Value, "the specificity": c.Specificity().Value,
		"the number of lesions that are missed": float64(c.FalseNegative), "the number of false alarms": float64(c.FalsePositive),
		"the AUC": imageclass.AUC(o.Scores, o.Positive).Value,
	}
}

func imageclassThreshold(d Draw) exercise.Question {
	const lowered, raised = "lowered", "raised"
	way, threshold := d.Word(lowered, lowered, raised), d.Int(30, 10, 20, 30, 40)
	by, more := 2.0, "more"
	if way == raised {
		threshold, by, more = 100-threshold, -by, "fewer"
	}
	asked := d.Word("the AUC", "the AUC", "the sensitivity", "the specificity", "the number of lesions that are missed", "the number of false alarms")
	before, after := moved(0)[asked], moved(by)[asked]
	right := "stays"
	switch {
	case after > before:
		right = "rises"
	case after < before:
		right = "falls"
	}
	why := "There are " + more + " alarms then, right ones and false ones alike."
	if right == "stays" {
		why = "The AUC looks at the order of the scores, and knows no threshold."
	}
	return exercise.Question{
		Title: "Predict: another threshold",
		Text: fmt.Sprintf("A net raises an alarm where its probability of a lesion is above 0.5. The threshold is **%s** to 0.%d, and some pictures of both classes get another answer by that. Does **%s**, on the same pictures, rise, fall or stay?",
			way, threshold, asked),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{"rises", "falls", "stays"}}, Points: 1,
		Right: right,
		Why:   why,
	}
}

// paired is the share of pairs of a positive and a negative picture in which the
// positive one has the higher score; a tie counts as so much of a pair.
func paired(scores []float64, positive []bool, tie float64) float64 {
	pairs, won := 0.0, 0.0
	for i, above := range scores {
		for j, below := range scores {
			switch {
			case !positive[i] || positive[j]:
				continue
			case above > below:
				won++
			case above == below:
				won += tie
			}
			pairs++
		}
	}
	return won / pairs
}

func imageclassFunction(_ Draw) exercise.Question {
	return exercise.Question{
		Title: "Write the AUC",
		Text:  "Write a function that returns the area under the ROC curve: of all pairs of a picture with a lesion (`positive` is true) and one without, the share in which the one with the lesion has the higher score. A tie is half a pair. There is at least one picture of either kind.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "No threshold and no curve are needed: the area is a count of pairs.",
		Function: &exercise.Function{
			Name: "auc", Solution: solution.Source("auc"), Solved: solution.Auc,
			Reference: func(scores []float64, positive []bool) float64 { return imageclass.AUC(scores, positive).Value },
			Wrong: []exercise.Slip{
				{Function: func(scores []float64, positive []bool) float64 { return paired(scores, positive, 1) }, Hint: "a tie counts as a half, not as a whole"},
				{Function: func(scores []float64, positive []bool) float64 { return paired(scores, positive, 0) }, Hint: "a tie counts as a half, not as nothing"},
				{Function: func(scores []float64, positive []bool) float64 { return 1 - paired(scores, positive, 0.5) }, Hint: "the two classes are swapped: the picture with the lesion has to have the higher score"},
			},
			Inputs: imageclassInputs,
		},
	}
}

// imageclassInputs have one tie among an even number of pairs, so the AUC is never
// one half, which would be the same with the classes swapped.
func imageclassInputs(random *rand.Rand) []any {
	scores, positive := ranked(random, 3+random.IntN(3), 2*(2+random.IntN(2)))
	random.Shuffle(len(scores), func(i, j int) {
		scores[i], scores[j] = scores[j], scores[i]
		positive[i], positive[j] = positive[j], positive[i]
	})
	return []any{scores, positive}
}
