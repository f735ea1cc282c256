package textcnn

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// ShiftConfig moves phrases about in a text.
type ShiftConfig struct {
	Net     Net
	Length  int     `role:"fixed" range:"[1, inf)" help:"words of the text"`
	Phrases int     `role:"fixed" range:"[1, inf)" help:"for each seed"`
	Seeds   []int64 `role:"averaged" help:"of weights and phrases"`
}

// Validate checks that a phrase can move by two words without coming near an end.
func (c ShiftConfig) Validate() error {
	if least := 2*c.Net.widest() + longestPhrase; c.Length < least {
		return badinput.Errorf("Length is %d: it must be at least %d, for phrases of up to %d words to move clear of the ends", c.Length, least, longestPhrase)
	}
	return nil
}

// longestPhrase is the number of words of the longest phrase that is moved.
const longestPhrase = 4

// ShiftMeasurement says what becomes of the features when phrases move about among
// equal neutral words.
type ShiftMeasurement struct {
	Widest, Phrases int
	// Inside are the pairs of texts that were compared whose phrase stays clear of
	// the ends by the widest window; Largest is the largest difference of any
	// pooled feature among them, and MapLargest that of a value of the maps that
	// moved along with the phrase.
	Inside     int
	Largest    float64
	MapLargest float64
	// Tolerance is what rounding can make of two equal features, for the seed where
	// that is least (see shifter.tolerance).
	Tolerance float64
	// Set is the fraction of the pooled features that the phrase decides: they differ
	// from those of the neutral words alone.
	Set float64
	// ByStart is the largest change for each start of the phrase, against the
	// phrase in the middle: of the pooled features, and of the maps in a row, as a
	// dense layer without pooling reads them.
	ByStart, WithoutPooling []float64
	// Orders compares three phrases in all their orders.
	Orders        int
	OrdersLargest float64
	// Sizes are the values in front of the pooling and behind it, by length.
	Sizes []PooledSize
}

// PooledSize is what pooling leaves of a text.
type PooledSize struct{ Length, Maps, Pooled int }

// forPhrases is the purpose of the random numbers, see [fit.Rand].
const forPhrases = 71

// measureShift moves random phrases through texts of one neutral word.
func measureShift(ctx context.Context, backend compute.Backend, c ShiftConfig) (facts ShiftMeasurement, err error) {
	facts = ShiftMeasurement{Widest: c.Net.widest(), Phrases: c.Phrases * len(c.Seeds), Tolerance: math.Inf(1)}
	facts.ByStart, facts.WithoutPooling = make([]float64, c.Length-longestPhrase+1), make([]float64, c.Length-longestPhrase+1)
	s, err := newShifter(backend, c, c.Length)
	if err != nil {
		return facts, err
	}
	defer s.finalize()
	set := 0
	for _, seed := range c.Seeds {
		if err := s.net.Reset(seed); err != nil {
			return facts, err
		}
		tolerance := s.tolerance()
		facts.Tolerance = min(facts.Tolerance, tolerance)
		random := fit.Rand(seed, forPhrases)
		for range c.Phrases {
			count, err := facts.move(ctx, s, random, tolerance)
			if err != nil {
				return facts, err
			}
			set += count
		}
	}
	facts.Set = float64(set) / float64(facts.Phrases*c.Net.size())
	if err := facts.permute(ctx, backend, c); err != nil {
		return facts, err
	}
	facts.Sizes, err = sizes(backend, c.Net)
	return facts, err
}

// shifter is a net with the encoder of the words that it reads.
type shifter struct {
	ShiftConfig
	encoder *text.Encoder
	net     *fit.Classifier
	mapping *fit.Program // the maps
	pooling *fit.Program // the pooled features
}

func newShifter(backend compute.Backend, c ShiftConfig, length int) (*shifter, error) {
	encoder, err := text.NewEncoder(reviews.Words(), length, 1, 0)
	if err != nil {
		return nil, err
	}
	l := learned(len(encoder.Words), c.Net.Width)
	example := fit.NewData(make([]int32, length), []int{length}, []int32{0})
	net, err := Training{BatchSize: 1, LearningRate: 1}.classifier(backend, c.Net.network(l, 2), example)
	if err != nil {
		return nil, err
	}
	mapping, err := net.Program(c.Net.maps(l))
	if err != nil {
		return nil, err
	}
	pooling, err := net.Program(func(scope *model.Scope, x *Node) *Node { return c.Net.pooled(scope, x, l) })
	return &shifter{c, encoder, net, mapping, pooling}, err
}

func (s *shifter) finalize() {
	s.mapping.Finalize()
	s.pooling.Finalize()
	s.net.Finalize()
}

// read is what the net makes of texts in tokens: the maps [n][values], and the
// pooled features [n][len(Windows)·Maps].
func (s *shifter) read(ctx context.Context, texts [][]string) (maps, pooled [][]float32, err error) {
	var numbers []int32
	for _, tokens := range texts {
		numbers = append(numbers, s.encoder.EncodeTokens(tokens)...)
	}
	data := fit.NewData(numbers, []int{s.encoder.Length}, make([]int32, len(texts)))
	if maps, err = s.mapping.Run(ctx, data); err != nil {
		return nil, nil, err
	}
	pooled, err = s.pooling.Run(ctx, data)
	return maps, pooled, err
}

// neutralText is one word, over and over.
func neutralText(length int) []string { return slices.Repeat([]string{"film"}, length) }

// phrase draws from 1 to longestPhrase words.
func phrase(random *rand.Rand) []string {
	words := make([]string, 1+random.IntN(longestPhrase))
	for i := range words {
		words[i] = reviews.Words()[random.IntN(len(reviews.Words()))]
	}
	return words
}

// placed is the neutral text with the phrase from start on.
func placed(length int, phrase []string, start int) []string {
	words := neutralText(length)
	copy(words[start:], phrase)
	return words
}

// tolerance is the largest difference that rounding can make between two features
// that would be equal without it. A feature of a window of k words is a sum of n =
// k·Width products and a bias, and such a sum in float32 is off by γₙ₊₁·Σ|wᵢxᵢ| at
// most, in whatever order it is added up, with γₙ = n·u/(1 − n·u) and u = 2⁻²⁴
// (Higham 2002, Accuracy and Stability of Numerical Algorithms, section 3.1). ReLU
// and the maximum add nothing. Two features may be off in opposite directions.
func (s *shifter) tolerance() float64 {
	values, widest := map[string][]float32{}, 0.0
	for v := range s.net.Store().IterVariables() {
		if v.Trainable {
			values[strings.TrimPrefix(v.Scope(), "/")+"/"+v.Name()] = tensors.MustCopyFlatData[float32](v.MustValue())
		}
	}
	for _, x := range values["embedding/embeddings"] {
		widest = max(widest, math.Abs(float64(x)))
	}
	most := 0.0
	for i, window := range s.Net.Windows {
		sums := make([]float64, s.Net.Maps)
		for at, w := range values[fmt.Sprintf("window%d/weights", i)] { // [window, Width, Maps]
			sums[at%s.Net.Maps] += math.Abs(float64(w)) * widest
		}
		n := float64(window*s.Net.Width+1) * 0x1p-24
		for filter, bias := range values[fmt.Sprintf("window%d/biases", i)] {
			most = max(most, 2*n/(1-n)*(sums[filter]+math.Abs(float64(bias))))
		}
	}
	return most
}

// move puts a phrase at every place, and compares. It counts the features that
// the phrase decides.
func (f *ShiftMeasurement) move(ctx context.Context, s *shifter, random *rand.Rand, tolerance float64) (set int, err error) {
	words, starts := phrase(random), len(f.ByStart)
	var texts [][]string
	for start := range starts {
		texts = append(texts, placed(s.Length, words, start))
	}
	maps, pooled, err := s.read(ctx, append(texts, neutralText(s.Length)))
	if err != nil {
		return 0, err
	}
	middle := starts / 2
	for start := range starts {
		moved := largest(pooled[middle], pooled[start])
		f.ByStart[start] = max(f.ByStart[start], moved)
		f.WithoutPooling[start] = max(f.WithoutPooling[start], largest(maps[middle], maps[start]))
		if start >= f.Widest-1 && start+len(words) <= s.Length-(f.Widest-1) {
			f.Inside++
			f.Largest = max(f.Largest, moved)
			f.MapLargest = max(f.MapLargest, s.alongside(maps[middle], maps[start], start-middle))
		}
	}
	for i, v := range pooled[starts] {
		if math.Abs(float64(v-pooled[middle][i])) > tolerance {
			set++
		}
	}
	return set, nil
}

// alongside is the largest difference between the maps of two texts, the second
// read by so many positions further on. Windows at the ends are left out.
func (s *shifter) alongside(a, b []float32, by int) float64 {
	worst := 0.0
	for _, window := range s.Net.Windows {
		positions := s.encoder.Length + window - 1
		for at := window - 1; at < s.encoder.Length; at++ {
			if to := at + by; to >= window-1 && to < s.encoder.Length {
				worst = max(worst, largest(a[at*s.Net.Maps:(at+1)*s.Net.Maps], b[to*s.Net.Maps:(to+1)*s.Net.Maps]))
			}
		}
		a, b = a[positions*s.Net.Maps:], b[positions*s.Net.Maps:]
	}
	return worst
}

// largest is the largest difference between two rows of values.
func largest(a, b []float32) float64 {
	worst := 0.0
	for i := range a {
		worst = max(worst, math.Abs(float64(a[i]-b[i])))
	}
	return worst
}

// permute compares three phrases in all six orders, with neutral words around
// each, in a text that is long enough.
func (f *ShiftMeasurement) permute(ctx context.Context, backend compute.Backend, c ShiftConfig) error {
	s, err := newShifter(backend, c, 3*longestPhrase+4*(f.Widest-1))
	if err != nil {
		return err
	}
	defer s.finalize()
	orders := [][3]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}
	for _, seed := range c.Seeds {
		if err := s.net.Reset(seed); err != nil {
			return err
		}
		f.Tolerance = min(f.Tolerance, s.tolerance())
		random := fit.Rand(seed, forPhrases+1)
		for range c.Phrases {
			phrases := [][]string{phrase(random), phrase(random), phrase(random)}
			var texts [][]string
			for _, order := range orders {
				texts = append(texts, inOrder(phrases, order, f.Widest-1, s.encoder.Length))
			}
			_, pooled, err := s.read(ctx, texts)
			if err != nil {
				return err
			}
			for _, other := range pooled[1:] {
				f.Orders++
				f.OrdersLargest = max(f.OrdersLargest, largest(pooled[0], other))
			}
		}
	}
	return nil
}

// inOrder is the phrases in an order, with so many neutral words in front of
// each, and as many or more behind the last.
func inOrder(phrases [][]string, order [3]int, apart, length int) []string {
	var words []string
	for _, i := range order {
		words = append(append(words, neutralText(apart)...), phrases[i]...)
	}
	return append(words, neutralText(length-len(words))...)
}

// sizes are those of the built graph, for texts of several lengths.
func sizes(backend compute.Backend, n Net) ([]PooledSize, error) {
	var facts []PooledSize
	for _, length := range []int{10, 20, 40, 80} {
		fact := PooledSize{Length: length}
		built, err := newForward(backend, func(scope *model.Scope, x *Node) *Node {
			l := learned(1, n.Width)
			for _, m := range n.features(scope.In("maps"), x, l) {
				fact.Maps += m.Shape().Size() / m.Shape().Dim(0)
			}
			pooled := n.pooled(scope.In("pooled"), x, l)
			fact.Pooled = pooled.Shape().Dim(1)
			return pooled
		})
		if err != nil {
			return facts, err
		}
		if err := built.call([][]int32{make([]int32, length)}); err != nil {
			return facts, err
		}
		built.finalize()
		facts = append(facts, fact)
	}
	return facts, nil
}

func judgeShift(f ShiftMeasurement) claim.Finding {
	atEnds := 0.0
	if len(f.ByStart) > 0 {
		atEnds = f.ByStart[0]
	}
	holds := f.Inside > 0 && f.Largest <= f.Tolerance && f.MapLargest <= f.Tolerance && f.Set > 0
	return claim.Finding{
		Decision: claim.Holds(holds),
		Evidence: fmt.Sprintf("At %s places clear of the ends, the pooled features of %d phrases differ by %.1g at most, and the maps that moved along by %.1g, where rounding can make up to %.1g; the phrase decides %.0f %% of the features. At the very beginning of the text they differ by up to %.2f.",
			comma(f.Inside), f.Phrases, f.Largest, f.MapLargest, f.Tolerance, 100*f.Set, atEnds),
		Samples: 1,
	}
}

func shiftRules() []claim.Rule[ShiftMeasurement] {
	return []claim.Rule[ShiftMeasurement]{
		claim.ExactRule("q5.p2", "Q5, advantages 2",
			"Since the weights are the same at every place, a CNN finds a feature wherever it stands in the text.",
			"moving a phrase through equal neutral words, clear of the ends, moves the maps along with it and leaves every pooled feature as it was, to within the rounding of a sum in float32; and the phrase decides some of the features",
			claim.Supported, judgeShift).Revised(revised, "the tolerance follows from the number of operations and the weights"),
	}
}

// chart shows the change of the features by the place of the phrase.
func (f ShiftMeasurement) chart() report.Chart {
	pooled, flat := report.Curve{Name: "maximum over time"}, report.Curve{Name: "maps without pooling"}
	for start := range f.ByStart {
		pooled.Add(float64(start), f.ByStart[start])
		flat.Add(float64(start), f.WithoutPooling[start])
	}
	return report.Chart{
		ID: "shift", Title: "A phrase moves through the text: largest change of a feature", Mark: report.Line,
		XLabel: "first word of the phrase", YLabel: "against the phrase in the middle", Curves: []report.Curve{pooled, flat},
		Alt: "The largest change of a feature against the place of the phrase, behind the maximum over time and in the maps without pooling: 0 means that the place does not matter.",
	}
}

// sizeTable is what pooling leaves.
func (f ShiftMeasurement) sizeTable() report.Table {
	table := report.Table{
		ID: "sizes", Title: "What the maximum over time leaves", Columns: []string{"words", "values of the maps", "pooled features"},
	}
	for _, s := range f.Sizes {
		table.Rows = append(table.Rows, []string{fmt.Sprint(s.Length), comma(s.Maps), fmt.Sprint(s.Pooled)})
	}
	return table
}

// MovedPhrases is the experiment.
var MovedPhrases = experiment.Experiment[ShiftConfig, ShiftMeasurement]{
	Name: "Shift", Title: "A phrase moves through the text",
	Measure: measureShift, Rules: shiftRules(),
	Figures: func(_ ShiftConfig, f ShiftMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.sizeTable()}, Charts: []report.Chart{f.chart()}}, nil
	},
}
