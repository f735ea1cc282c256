package homework

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"evident/kit/arch"
	"evident/kit/exercise"
	"evident/lessons/textcnn"

	"evident/internal/homework/solution"
)

// textcnnQuestions are the exercises on question 5: a CNN for text.
func textcnnQuestions() []template {
	return []template{
		{"params", textcnnParams},
		{"maps", textcnnMaps},
		{"peak", textcnnPeak},
		{"work", textcnnWork},
		{"order", textcnnOrder},
		{"maxOverTime", textcnnFunction},
	}
}

// textNet is the summary of the lesson's net (Kim 2014) for texts of one length.
// The lesson's convolutions are wide: k − 1 zeros stand at either end of the text.
func textNet(n textcnn.CostNet, wide bool) arch.Summary {
	m := arch.Model{Name: "CNN"}
	numbers := m.Add("", arch.Input{Shape: arch.Shape{n.Length}})
	vectors := m.Add("embedding", arch.Embedding{Words: n.Words + 2, Width: n.Net.Width}, numbers)
	var pooled []arch.Ref
	for _, k := range n.Net.Windows {
		padded := vectors
		if wide {
			padded = m.Add("", arch.ZeroPad{Cells: [][2]int{{k - 1, k - 1}}}, vectors)
		}
		maps := m.Add("", arch.Conv{Filters: n.Net.Maps, Kernel: []int{k}, Activation: "relu"}, padded)
		pooled = append(pooled, m.Add("", arch.GlobalPool{Pooling: arch.Max, Axes: 1}, maps))
	}
	m.Add("logits", arch.Dense{Units: 2}, m.Add("", arch.Concatenate{Axis: -1}, pooled...))
	return counted(m)
}

// drawTextNet is Kim's net, or one with other sizes and three widths too.
func drawTextNet(d Draw) textcnn.CostNet {
	n := textcnn.Default().Cost.Published
	windows := [][]int{{3, 4, 5}, {2, 3, 4}, {3, 5, 7}, {2, 4, 6}}
	n.Net.Windows = windows[d.Between(0, 0, len(windows)-1)]
	n.Net.Width, n.Net.Maps = d.Int(n.Net.Width, 50, 64, 100, 128, 200), d.Int(n.Net.Maps, 32, 48, 50, 64)
	n.Length, n.Words = d.Between(n.Length, 20, 60), d.Int(n.Words, 4998, 7998, 9998, 11998, 14998, 19998)
	return n
}

// widths writes sizes of windows as "3, 4 and 5".
func widths(windows []int) string {
	texts := strings.Fields(strings.Trim(fmt.Sprint(windows), "[]"))
	last := len(texts) - 1
	return strings.Join(texts[:last], ", ") + " and " + texts[last]
}

// convolutionsOf are the rows of the net's convolutions.
func convolutionsOf(s arch.Summary) []arch.Row {
	return slices.DeleteFunc(slices.Clone(s.Rows), func(r arch.Row) bool { return r.Class != "Conv1D" })
}

func textcnnParams(d Draw) exercise.Question {
	n := drawTextNet(d)
	s := textNet(n, true)
	features := 3 * n.Net.Maps
	logits, table := s.Find("logits").Parameters, s.Find("embedding").Parameters
	return exercise.Question{
		Title: "The parameters of Kim's net",
		Text: fmt.Sprintf("A text is looked up in a table of **%d** word vectors with **%d** values each, which are learned. Over the vectors run convolutions with windows of **%s** words, **%d** filters for each of the three, with ReLU. The maximum over time follows, and a dense layer with 2 outputs. Convolutions and dense layer have biases. How many parameters does the net have, the table included?",
			n.Words+2, n.Net.Width, widths(n.Net.Windows), n.Net.Maps),
		Form: exercise.Form{Kind: exercise.Count, Unit: "parameters"}, Points: 2, Effort: 16,
		Right: s.Total(),
		Why: fmt.Sprintf("The table has %d. A window of $k$ words has $(k \\cdot %d + 1) \\cdot %d$, for all three together %d. The dense layer reads %d features and has %d.",
			table, n.Net.Width, n.Net.Maps, s.Total()-table-logits, features, logits),
		Mistakes: []exercise.Mistake{
			{Answer: s.Total() - table, Hint: "the table of word vectors is forgotten, which holds most"},
			{Answer: s.Total() - features - 2, Hint: "the biases are missing"},
			{Answer: s.Total() - logits + 2*n.Net.Maps + 2, Hint: "the dense layer reads the maps of all three windows, not of one"},
			{Answer: s.Total() - convolutionsOf(s)[1].Parameters - convolutionsOf(s)[2].Parameters, Hint: "there are as many filters as that for each of the three windows"},
		},
	}
}

// valuesBefore is how many values the convolutions give the pooling.
func valuesBefore(s arch.Summary) int {
	values := 0
	for _, row := range convolutionsOf(s) {
		values += row.Outputs[0].Size()
	}
	return values
}

func textcnnMaps(d Draw) exercise.Question {
	const (
		wide   = "*wide*: for windows of $k$ words, $k - 1$ vectors of zeros stand in front of the text and as many behind it"
		narrow = "*narrow*: only windows that lie in the text are used"
	)
	n := drawTextNet(d)
	kind := d.Word(wide, wide, narrow)
	right := valuesBefore(textNet(n, kind == wide))
	features := 3 * n.Net.Maps
	change := map[string]string{wide: "+ k - 1", narrow: "- k + 1"}[kind]
	return exercise.Question{
		Title: "What pooling shrinks",
		Text: fmt.Sprintf("A text of **%d** words goes through convolutions with windows of %s words, **%d** filters for each of the three sizes. They are %s. How many values leave the convolutions in all, before the maximum over time?",
			n.Length, widths(n.Net.Windows), n.Net.Maps, kind),
		Form: exercise.Form{Kind: exercise.Count, Unit: "values"}, Points: 2, Effort: 9,
		Right: right,
		Why:   fmt.Sprintf("A window of $k$ words has $%d %s$ places, and each of the %d filters a value at each place. The maximum over time leaves %d of them, for a text of any length.", n.Length, change, n.Net.Maps, features),
		Mistakes: []exercise.Mistake{
			{Answer: valuesBefore(textNet(n, kind != wide)), Hint: "wide and narrow convolutions are mixed up"},
			{Answer: n.Length * features, Hint: "a window does not have as many places as there are words: look at the ends of the text"},
			{Answer: right / n.Net.Maps, Hint: "these are the places; every filter has a value at each of them"},
			{Answer: features, Hint: "these are the values behind the maximum over time"},
		},
	}
}

// answers are a filter's at all windows that lie in the text, before ReLU.
func answers(text, filter [][]float64, bias float64) []float64 {
	values := make([]float64, len(text)-len(filter)+1)
	for t := range values {
		values[t] = bias
		for place := range filter {
			for i := range filter[place] {
				values[t] += filter[place][i] * text[t+place][i]
			}
		}
	}
	return values
}

// small draws a matrix of whole numbers from −3 to 3.
func small(random *rand.Rand, rows, columns int) [][]float64 {
	values := make([][]float64, rows)
	for i := range values {
		for range columns {
			values[i] = append(values[i], float64(random.IntN(7)-3))
		}
	}
	return values
}

// pairOf writes two numbers as "(2, -1)".
func pairOf(values []float64) string { return fmt.Sprintf("(%g, %g)", values[0], values[1]) }

func textcnnPeak(d Draw) exercise.Question {
	random := rand.New(rand.NewPCG(uint64(d.Seed(1)), 0))
	text, filter, bias := small(random, 4, 2), small(random, 2, 2), float64(1+random.IntN(3))
	for slices.Max(answers(text, filter, bias)) <= 0 {
		text = small(random, 4, 2) // ReLU would leave nothing
	}
	found := answers(text, filter, bias)
	right := int(slices.Max(found))
	turned := [][]float64{filter[1], filter[0]}
	sum := 0.0
	for _, value := range found {
		sum += max(value, 0)
	}
	return exercise.Question{
		Title: "A feature by hand",
		Text: fmt.Sprintf("The words of a text have the vectors %s, %s, %s, %s, in this order. A filter of width 2 has the weights %s for the first word of its window and %s for the second, and the bias %g. Only windows that lie in the text are used. What is left of it behind ReLU and the maximum over time?",
			pairOf(text[0]), pairOf(text[1]), pairOf(text[2]), pairOf(text[3]), pairOf(filter[0]), pairOf(filter[1]), bias),
		Form: exercise.Form{Kind: exercise.Count}, Points: 2, Effort: 24,
		Right: right,
		Why:   fmt.Sprintf("The three windows give %g, %g and %g, which is $w \\cdot x_{t:t+1} + b$. ReLU sets what is negative to 0, and the maximum keeps the largest.", found[0], found[1], found[2]),
		Mistakes: []exercise.Mistake{
			{Answer: max(right-int(bias), 0), Hint: "the bias is missing"},
			{Answer: int(max(slices.Max(answers(text, turned, bias)), 0)), Hint: "the filter is turned around: its first weights are for the first word of a window"},
			{Answer: int(sum), Hint: "the values of the windows are added up; the largest is kept"},
			{Answer: 1 + slices.Index(found, slices.Max(found)), Hint: "that is the place of the largest value, which the maximum forgets"},
		},
	}
}

func textcnnWork(d Draw) exercise.Question {
	n := drawTextNet(d)
	s := textNet(n, true)
	right := s.FLOPs() / 2
	once := 0
	for _, k := range n.Net.Windows {
		once += k * n.Net.Width * n.Net.Maps
	}
	dense := s.Find("logits").FLOPs / 2
	return exercise.Question{
		Title: "The work of reading a text",
		Text: fmt.Sprintf("A text of **%d** words, with vectors of **%d** values, goes through convolutions with windows of %s words, **%d** filters for each of the three sizes. They are *wide*: for windows of $k$ words, $k - 1$ vectors of zeros stand in front of the text and as many behind it, and the products with these zeros count too. The maximum over time and a dense layer with 2 outputs follow. How many multiply-adds is that, in the convolutions and the dense layer together? Biases do not count.",
			n.Length, n.Net.Width, widths(n.Net.Windows), n.Net.Maps),
		Form: exercise.Form{Kind: exercise.Count, Unit: "multiply-adds"}, Points: 2, Effort: 20,
		Right: right,
		Why: fmt.Sprintf("A window of $k$ words has $%d + k - 1$ places, with $k \\cdot %d \\cdot %d$ multiply-adds at each; the dense layer adds $%d \\cdot 2$.",
			n.Length, n.Net.Width, n.Net.Maps, 3*n.Net.Maps),
		Mistakes: []exercise.Mistake{
			{Answer: textNet(n, false).FLOPs() / 2, Hint: "wide and narrow convolutions are mixed up: a wide one has more places than there are words"},
			{Answer: right - dense, Hint: "the dense layer is forgotten"},
			{Answer: once + dense, Hint: "the places are forgotten: the weights are shared, and used at each of them"},
			{Answer: 2 * right, Hint: "these are FLOPs, of which a multiply-add has two"},
		},
	}
}

func textcnnOrder(d Draw) exercise.Question {
	const chance, perfect = "near chance", "near perfect"
	window := d.Int(5, 4, 5, 6)
	gap := d.Int(5, window-3, window-2, window-1, window)
	right, why := chance, "No window holds words of both phrases, so the set of windows is the same for both orders, and the maximum sees nothing but that set."
	if window >= gap+2 { // the last word of the one, the gap, the first word of the other
		right, why = perfect, "A window reaches from the last word of the first phrase to the first word of the second, and has weights for each place: local order is kept."
	}
	return exercise.Question{
		Title: "Predict: which comes first?",
		Text: fmt.Sprintf("In every text there are two phrases of two words each, one about the *opening*, as in \"good opening\", and one about the *ending*, as in \"great ending\". The gap between them is exactly **%s**, and many more stand in front and behind. The class says which phrase comes first. A CNN with 16 filters, all of them **%d** words wide, and the maximum over time is trained on a thousand such texts. Is its accuracy on new ones near chance or near perfect?",
			neutralWords(gap), window),
		Form: exercise.Form{Kind: exercise.Choice, Options: []string{chance, perfect}}, Points: 1,
		Right: right,
		Why:   why,
	}
}

func neutralWords(n int) string {
	if n == 1 {
		return "1 neutral word"
	}
	return fmt.Sprintf("%d neutral words", n)
}

// overTime makes one value of each filter's answers.
func overTime(text [][]float64, filters [][][]float64, biases []float64, keep func(answers []float64) float64) []float64 {
	features := make([]float64, len(filters))
	for f, filter := range filters {
		features[f] = keep(answers(text, filter, biases[f]))
	}
	return features
}

// largest is what ReLU and the maximum keep.
func largest(values []float64) float64 { return max(slices.Max(values), 0) }

func textcnnFunction(_ Draw) exercise.Question {
	return exercise.Question{
		Title: "Write the maximum over time",
		Text:  "Write a function that returns one value for each filter: the largest of $\\max(0,\\; w \\cdot x_{t:t+k-1} + b)$ over all windows that lie in the text. `text` is [word][value], a filter is [word of the window][value], and the filters may have different widths, none wider than the text.",
		Form:  exercise.Form{Kind: exercise.Code}, Points: 3,
		Why: "ReLU and the maximum can change places, since ReLU never turns an order around.",
		Function: &exercise.Function{
			Name: "maxOverTime", Solution: solution.Source("maxOverTime"), Solved: solution.MaxOverTime,
			Reference: func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
				return overTime(text, filters, biases, largest)
			},
			Wrong: []exercise.Slip{
				{Function: func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
					return overTime(text, filters, biases, slices.Max[[]float64])
				}, Hint: "ReLU is missing: where all windows are negative, 0 is left"},
				{Function: func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
					return overTime(text, filters, make([]float64, len(biases)), largest)
				}, Hint: "the biases are missing"},
				{Function: func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
					return overTime(text, filters, biases, func(values []float64) float64 {
						sum := 0.0
						for _, value := range values {
							sum += max(value, 0)
						}
						return sum / float64(len(values))
					})
				}, Hint: "that is the mean over time, not the maximum"},
			},
			Inputs: textcnnInputs,
		},
	}
}

// textcnnInputs are a text and three filters. Nothing gets above 0 behind the
// first, whose bias is low, and everything does behind the second, whose bias is
// high, whatever their weights.
func textcnnInputs(random *rand.Rand) []any {
	const values = 3
	text := small(random, 5+random.IntN(3), values)
	filters := [][][]float64{small(random, 2, values), small(random, 2, values), small(random, 2+random.IntN(3), values)}
	return []any{text, filters, []float64{-60, float64(55 + random.IntN(9)), float64(random.IntN(7) - 3)}}
}
