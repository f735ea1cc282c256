package textcnn

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/fit"
	"evident/kit/progress"
)

// CostFacts say what it takes to read one text.
type CostFacts struct {
	Published []CostFact // at Kim's sizes: CNN, GRU, bag of words
	Scaled    []CostFact // the timed CNN, and it with one size doubled; GRU; bag of words
	Texts     int        // of each timing
}

// CostFact is what one net takes.
type CostFact struct {
	Name         string
	Length       int // tokens of a text
	Parameters   int
	Embeddings   int     // of the parameters
	MultiplyAdds int     // for one text; the bag of words has additions alone
	Built        int     // parameters as GoMLX made them; 0 where it was not timed
	Seconds      float64 // least of the rounds, for all texts; 0 where it was not timed
}

// costs are the net, the GRU and the bag of words by their formulas.
func (n CostNet) costs() (cnn, gru, bag CostFact, err error) {
	cnnModel, gruModel := n.cnn(), n.gru()
	if cnn, err = n.counted("CNN", cnnModel); err != nil {
		return
	}
	if gru, err = n.counted(fmt.Sprintf("GRU, %d units", n.Units), gruModel); err != nil {
		return
	}
	rows := n.Words + 2 // padding and unknown words
	bag = CostFact{Name: "bag of words", Length: n.Length, Parameters: 2*rows + 2, Embeddings: 2 * rows, MultiplyAdds: 2 * n.Length}
	return
}

func (n CostNet) counted(name string, m arch.Model) (CostFact, error) {
	s, err := m.Summarize()
	return CostFact{
		Name: name, Length: n.Length, Parameters: s.Total(), Embeddings: s.Find("embedding").Parameters, MultiplyAdds: s.FLOPs() / 2,
	}, err
}

// cnn describes [Net.Network] for texts of one length.
func (n CostNet) cnn() arch.Model {
	m := arch.Model{Name: "CNN"}
	vectors := n.vectors(&m)
	var pooled []arch.Ref
	for _, k := range n.Net.Windows {
		padded := m.Add("", arch.ZeroPad{Cells: [][2]int{{k - 1, k - 1}}}, vectors)
		maps := m.Add("", arch.Conv{Filters: n.Net.Maps, Kernel: []int{k}, Activation: "relu"}, padded)
		pooled = append(pooled, m.Add("", arch.GlobalPool{Pooling: arch.Max, Axes: 1}, maps))
	}
	features := pooled[0]
	if len(pooled) > 1 {
		features = m.Add("", arch.Concatenate{Axis: -1}, pooled...)
	}
	m.Add("logits", arch.Dense{Units: 2}, features)
	return m
}

// gru describes recurrent, whose GRU has one bias.
func (n CostNet) gru() arch.Model {
	m := arch.Model{Name: "GRU"}
	vectors := n.vectors(&m)
	state := m.Add("", arch.Recurrent{Cell: "GRU", Units: n.Units, ResetBefore: true}, vectors)
	m.Add("logits", arch.Dense{Units: 2}, state)
	return m
}

func (n CostNet) vectors(m *arch.Model) arch.Ref {
	numbers := m.Add("", arch.Input{Shape: arch.Shape{n.Length}})
	return m.Add("embedding", arch.Embedding{Words: n.Words + 2, Width: n.Net.Width}, numbers)
}

// doubled is the net with one of its sizes twice as large.
func (n CostNet) doubled() (names []string, nets []CostNet) {
	length, maps, width := n, n, n
	length.Length *= 2
	maps.Net.Maps *= 2
	width.Net.Width *= 2
	return []string{"CNN, twice the length", "CNN, twice the maps", "CNN, vectors twice as wide"}, []CostNet{length, maps, width}
}

// MeasureCost counts by formula, and times in rounds in which all nets take
// turns.
func MeasureCost(ctx context.Context, backend compute.Backend, c CostConfig) (facts CostFacts, err error) {
	if err := c.check(); err != nil {
		return facts, err
	}
	facts.Texts = c.Texts
	cnn, gru, bag, err := c.Published.costs()
	if err != nil {
		return facts, err
	}
	facts.Published = []CostFact{cnn, gru, bag}
	if cnn, gru, bag, err = c.Timed.costs(); err != nil {
		return facts, err
	}
	facts.Scaled = []CostFact{cnn}
	timed := []timedNet{{network: c.Timed.Net.Network(c.Timed.Words, 2), length: c.Timed.Length}}
	names, nets := c.Timed.doubled()
	for i, n := range nets {
		fact, _, _, err := n.costs()
		if err != nil {
			return facts, err
		}
		fact.Name = names[i]
		facts.Scaled = append(facts.Scaled, fact)
		timed = append(timed, timedNet{network: n.Net.Network(n.Words, 2), length: n.Length})
	}
	facts.Scaled = append(facts.Scaled, gru, bag)
	timed = append(timed,
		timedNet{network: recurrent(c.Timed.Words, c.Timed.Net.Width, c.Timed.Units, 2), length: c.Timed.Length},
		timedNet{network: bagOfWords(c.Timed.Words, 2), length: c.Timed.Length})
	return facts, facts.time(ctx, backend, c, timed)
}

// timedNet is a network for texts of a length.
type timedNet struct {
	network fit.Network
	length  int
	built   *forward
}

// time lets every net read the same number of texts in turn, round after round.
func (f *CostFacts) time(ctx context.Context, backend compute.Backend, c CostConfig, nets []timedNet) (err error) {
	for i := range nets {
		if nets[i].built, err = newForward(backend, nets[i].network); err != nil {
			return err
		}
		defer nets[i].built.finalize()
		f.Scaled[i].Seconds = math.Inf(1)
	}
	for round := range c.Rounds + 1 {
		for i, n := range nets {
			if err := ctx.Err(); err != nil {
				return err
			}
			texts := numbersOf(c.Texts, n.length, c.Timed.Words)
			start := time.Now()
			if err := n.built.call(texts); err != nil {
				return err
			}
			if round > 0 { // the first compiles
				f.Scaled[i].Seconds = min(f.Scaled[i].Seconds, time.Since(start).Seconds())
			}
		}
		progress.ReportTask(ctx, "timing", round, c.Rounds)
	}
	for i, n := range nets {
		f.Scaled[i].Built = n.built.parameters()
	}
	return nil
}

// numbersOf are texts without padding.
func numbersOf(n, length, words int) [][]int32 {
	texts := make([][]int32, n)
	for i := range texts {
		for j := range length {
			texts[i] = append(texts[i], int32((i*length+j)%words)+2)
		}
	}
	return texts
}
