package homework

import (
	"math/rand/v2"
	"slices"

	. "github.com/gomlx/gomlx/core/graph"

	"evident/kit/arch"
	"evident/lessons/textcnn"

	"evident/internal/homework/solution"
)

// textNet is the lesson's net (Kim 2014) on texts of equal length, with three
// window widths.
type textNet struct {
	Windows                    []int
	Width, Maps, Length, Words int // Words excludes padding and the unknown word
	Wide                       bool
}

// drawTextNet draws Kim's net, or one with other sizes and also three widths.
func drawTextNet(d draw) textNet {
	kim := textcnn.Default().Cost.Published
	windows := [][]int{{3, 4, 5}, {2, 3, 4}, {3, 5, 7}, {2, 4, 6}}
	return textNet{
		Windows: windows[d.between(0, 0, len(windows)-1)],
		Width:   d.int(kim.Net.Width, 50, 64, 100, 128, 200), Maps: d.int(kim.Net.Maps, 32, 48, 50, 64),
		Length: d.between(kim.Length, 20, 60), Words: d.int(kim.Words, 4998, 7998, 9998, 11998, 14998, 19998),
		Wide: true,
	}
}

// Summary counts the net. The lesson's convolutions are wide: k − 1 zeros stand at
// either end of the text.
func (n textNet) Summary() arch.Summary {
	m := arch.Model{Name: "CNN"}
	numbers := m.Add("", arch.Input{Shape: arch.Shape{n.Length}})
	vectors := m.Add("embedding", arch.Embedding{Words: n.Words + 2, Width: n.Width}, numbers)
	var pooled []arch.Ref
	for _, k := range n.Windows {
		padded := vectors
		if n.Wide {
			padded = m.Add("", arch.ZeroPad{Cells: [][2]int{{k - 1, k - 1}}}, vectors)
		}
		maps := m.Add("", arch.Conv{Filters: n.Maps, Kernel: []int{k}, Activation: "relu"}, padded)
		pooled = append(pooled, m.Add("", arch.GlobalPool{Pooling: arch.Max, Axes: 1}, maps))
	}
	m.Add("logits", arch.Dense{Units: 2}, m.Add("", arch.Concatenate{Axis: -1}, pooled...))
	return counted(m)
}

// Features returns the number of values after the maximum over time.
func (n textNet) Features() int { return len(n.Windows) * n.Maps }

// other swaps narrow and wide convolutions.
func (n textNet) other() textNet {
	n.Wide = !n.Wide
	return n
}

// convolutions returns the rows of the net's convolutions.
func (n textNet) convolutions() []arch.Row {
	return slices.DeleteFunc(slices.Clone(n.Summary().Rows), func(r arch.Row) bool { return r.Class != "Conv1D" })
}

// valuesBefore returns how many values the convolutions pass to the pooling.
func (n textNet) valuesBefore() int {
	values := 0
	for _, row := range n.convolutions() {
		values += row.Outputs[0].Size()
	}
	return values
}

func textcnnParams(d draw) question {
	n := struct {
		textNet
		Table, Convolutions, Logits int // parameters
	}{textNet: drawTextNet(d)}
	s := n.Summary()
	total := s.Total()
	n.Table, n.Logits = s.Find("embedding").Parameters, s.Find("logits").Parameters
	n.Convolutions = total - n.Table - n.Logits
	rows := n.convolutions()
	return question{
		form: count("parameters"), points: 2, numbers: n,
		right: total,
		mistakes: []mistake{
			{"no table", total - n.Table},
			{"no biases", total - n.Features() - 2},
			{"one map", total - n.Logits + 2*n.Maps + 2},
			{"one window", total - rows[1].Parameters - rows[2].Parameters},
		},
	}
}

func textcnnMaps(d draw) question {
	n := drawTextNet(d)
	n.Wide = d.word("wide", "wide", "narrow") == "wide"
	right := n.valuesBefore()
	return question{
		form: count("values"), points: 2, numbers: n,
		right: right,
		mistakes: []mistake{
			{"other", n.other().valuesBefore()},
			{"words", n.Length * n.Features()},
			{"places", right / n.Maps},
			{"behind", n.Features()},
		},
	}
}

// answers returns a filter's values at all windows in the text, before ReLU.
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
	return matrixOf(rows, columns, func() float64 { return float64(random.IntN(7) - 3) })
}

func textcnnPeak(d draw) question {
	random := rand.New(rand.NewPCG(uint64(d.seed(1)), 0))
	n := struct {
		Text, Filter [][]float64
		Bias         float64
		Found        []float64 // at each window
	}{Text: small(random, 4, 2), Filter: small(random, 2, 2), Bias: float64(1 + random.IntN(3))}
	for n.Found = answers(n.Text, n.Filter, n.Bias); slices.Max(n.Found) <= 0; n.Found = answers(n.Text, n.Filter, n.Bias) {
		n.Text = small(random, 4, 2) // ReLU would leave nothing, so draw again
	}
	right := slices.Max(n.Found)
	turned := [][]float64{n.Filter[1], n.Filter[0]}
	return question{
		form: count(""), points: 2, numbers: n,
		right: int(right),
		mistakes: []mistake{
			{"no bias", int(max(right-n.Bias, 0))},
			{"turned", int(largest(answers(n.Text, turned, n.Bias)))},
			{"sum", int(positiveSum(n.Found))},
			{"place", 1 + slices.Index(n.Found, right)},
		},
	}
}

// largest returns the value after ReLU and the maximum.
func largest(values []float64) float64 { return max(slices.Max(values), 0) }

// positiveSum adds up the values after ReLU.
func positiveSum(values []float64) float64 {
	sum := 0.0
	for _, value := range values {
		sum += max(value, 0)
	}
	return sum
}

func textcnnWork(d draw) question {
	n := drawTextNet(d)
	s := n.Summary()
	right, dense := s.FLOPs()/2, s.Find("logits").FLOPs/2
	once := 0
	for _, k := range n.Windows {
		once += k * n.Width * n.Maps
	}
	return question{
		form: count("multiply-adds"), points: 2, numbers: n,
		right: right,
		mistakes: []mistake{
			{"narrow", n.other().Summary().FLOPs() / 2},
			{"no dense layer", right - dense},
			{"one place", once + dense},
			{"FLOPs", 2 * right},
		},
	}
}

func textcnnOrder(d draw) question {
	n := struct {
		Window, Gap int
		Reaches     bool
	}{Window: d.int(5, 4, 5, 6)}
	n.Gap = d.int(5, n.Window-3, n.Window-2, n.Window-1, n.Window)
	n.Reaches = n.Window >= n.Gap+2 // the last word of one phrase, the gap, the first word of the other
	form, right := accuracy(n.Reaches)
	return question{form: form, points: 1, numbers: n, right: right}
}

// overTime reduces each filter's values to one value.
func overTime(text [][]float64, filters [][][]float64, biases []float64, keep func(answers []float64) float64) []float64 {
	features := make([]float64, len(filters))
	for f, filter := range filters {
		features[f] = keep(answers(text, filter, biases[f]))
	}
	return features
}

func textcnnFunction(draw) question {
	return question{
		form: coding, points: 3, right: solution.MaxOverTime,
		mistakes: []mistake{
			{"no ReLU", func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
				return overTime(text, filters, biases, slices.Max[[]float64])
			}},
			{"no biases", func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
				return solution.MaxOverTime(text, filters, make([]float64, len(biases)))
			}},
			{"mean", func(text [][]float64, filters [][][]float64, biases []float64) []float64 {
				return overTime(text, filters, biases, func(answers []float64) float64 {
					return positiveSum(answers) / float64(len(answers))
				})
			}},
		},
		code: code{"maxOverTime", textcnnInputs},
	}
}

// textcnnInputs draws a text and three filters. The bias of the first is so low
// that nothing is positive, and the bias of the second so high that everything is,
// whatever their weights.
func textcnnInputs(random *rand.Rand) []any {
	const values = 3
	text := small(random, 5+random.IntN(3), values)
	filters := [][][]float64{small(random, 2, values), small(random, 2, values), small(random, 2+random.IntN(3), values)}
	return []any{text, filters, []float64{-60, float64(55 + random.IntN(9)), float64(random.IntN(7) - 3)}}
}

func textcnnPooled(draw) question {
	pooled := solution.Pooled
	return question{
		form: coding, points: 3, right: pooled,
		mistakes: []mistake{
			{"padding", func(maps, _ *Node) *Node { return ReduceMax(maps, 1) }},
			{"zero", func(maps, numbers *Node) *Node {
				return ReduceMax(Where(NotEqual(numbers, ZerosLike(numbers)), maps, ZerosLike(maps)), 1)
			}},
			{"filters", func(maps, _ *Node) *Node { return ReduceMax(maps, 2) }},
			{"mean", func(maps, numbers *Node) *Node {
				isWord := ExpandAxes(ConvertDType(NotEqual(numbers, ZerosLike(numbers)), maps.DType()), -1)
				return Div(ReduceSum(Mul(maps, isWord), 1), ReduceSum(isWord, 1))
			}},
			{"stopped", func(maps, numbers *Node) *Node { return StopGradient(pooled(maps, numbers)) }},
		},
		code: code{"pooled", pooledInputs},
	}
}

// pooledInputs draws the maps of three filters and the numbers of two or three texts
// of two words or more, all of which end in padding. No two values are equal. The first filter is negative
// at all words, and the second is largest in the padding.
func pooledInputs(random *rand.Rand) []any {
	const filters = 3
	texts, length := 2+random.IntN(2), 4+random.IntN(3)
	values := random.Perm(texts * length * filters)
	maps, numbers := make([][][]float32, texts), make([][]int, texts)
	for i := range maps {
		words := 2 + random.IntN(length-2)
		for place := range length {
			row := make([]float32, filters)
			for filter := range row {
				row[filter] = float32(values[(i*length+place)*filters+filter]) / 8
			}
			row[0] = -row[0] - 1
			number := 2 + random.IntN(50)
			if place >= words {
				number = 0
				row[1] += float32(len(values))
			} else {
				row[2] -= float32(len(values)) / 16 // of either sign
			}
			maps[i], numbers[i] = append(maps[i], row), append(numbers[i], number)
		}
	}
	return []any{maps, numbers}
}
