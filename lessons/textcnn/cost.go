package textcnn

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/gomlx/compute"

	"evident/kit/arch"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/progress"
	"evident/kit/report"
)

// CostConfig says of which nets the work is counted and timed.
type CostConfig struct {
	Published CostNet // counted
	Timed     CostNet // counted and timed, smaller
	Rounds    int     `role:"fixed" range:"[1, inf)" help:"of timing, in which all nets take turns"`
	Texts     int     `role:"fixed" range:"[1, inf)" help:"that each net reads in a round"`
}

// CostNet is a net on texts of one length, with the GRU that it is compared with.
type CostNet struct {
	Net    Net
	Length int `role:"fixed" range:"[1, inf)" help:"tokens of a text"`
	Words  int `role:"fixed" range:"[1, inf)" help:"of the vocabulary"`
	Units  int `role:"fixed" range:"[1, inf)" help:"of the GRU"`
}

// CostMeasurement says what it takes to read one text.
type CostMeasurement struct {
	Published []NetCost // at Kim's sizes: CNN, GRU, bag of words
	Scaled    []NetCost // the timed CNN, and it with one size doubled; GRU; bag of words
	Texts     int       // of each timing
}

// NetCost is what one net takes.
type NetCost struct {
	Name         string
	Length       int // tokens of a text
	Parameters   int
	Embeddings   int     // of the parameters
	MultiplyAdds int     // for one text; the bag of words has additions alone
	Built        int     // parameters as GoMLX made them; 0 where it was not timed
	Seconds      float64 // least of the rounds, for all texts; 0 where it was not timed
}

// measureCost counts by formula, and times in rounds in which all nets take
// turns.
func measureCost(ctx context.Context, backend compute.Backend, c CostConfig) (facts CostMeasurement, err error) {
	facts.Texts = c.Texts
	cnn, gru, bag, err := c.Published.costs()
	if err != nil {
		return facts, err
	}
	facts.Published = []NetCost{cnn, gru, bag}
	if cnn, gru, bag, err = c.Timed.costs(); err != nil {
		return facts, err
	}
	facts.Scaled = []NetCost{cnn}
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

// costs are the net, the GRU and the bag of words by their formulas.
func (n CostNet) costs() (cnn, gru, bag NetCost, err error) {
	cnnModel, gruModel := n.cnn(), n.gru()
	if cnn, err = n.counted("CNN", cnnModel); err != nil {
		return
	}
	if gru, err = n.counted(fmt.Sprintf("GRU, %d units", n.Units), gruModel); err != nil {
		return
	}
	rows := n.Words + 2 // padding and unknown words
	bag = NetCost{Name: "bag of words", Length: n.Length, Parameters: 2*rows + 2, Embeddings: 2 * rows, MultiplyAdds: 2 * n.Length}
	return
}

func (n CostNet) counted(name string, m arch.Model) (NetCost, error) {
	s, err := m.Summarize()
	return NetCost{
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

// Diagram draws the net for texts of a length; dropout, which has no weights, is left
// out.
func (n Net) Diagram(words, length int) (report.Diagram, error) {
	return CostNet{Net: n, Words: words, Length: length}.cnn().Diagram("net", "The net, with the values of one text and the parameters of each layer")
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

// timedNet is a network for texts of a length.
type timedNet struct {
	network fit.Network
	length  int
	built   *forward
}

// time lets every net read the same number of texts in turn, round after round.
func (f *CostMeasurement) time(ctx context.Context, backend compute.Backend, c CostConfig, nets []timedNet) (err error) {
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

const timesBag = 100 // multiply-adds over those of a bag of words: what takes a second takes minutes

// against is the CNN's work at Kim's sizes beside that of another net.
func against(rival int, evidence func(cnn, rival NetCost) string, heavy func(cnn, rival NetCost) bool) func(CostMeasurement) claim.Finding {
	return func(f CostMeasurement) claim.Finding {
		if len(f.Published) != 3 {
			return claim.Finding{Decision: claim.Open(), Evidence: "Nothing was counted."}
		}
		cnn, other := f.Published[0], f.Published[rival]
		return claim.Finding{Decision: claim.Holds(heavy(cnn, other)), Evidence: evidence(cnn, other), Samples: 1}
	}
}

func millions(n int) string { return fmt.Sprintf("%.1f million", float64(n)/1e6) }

func costRules() []claim.Rule[CostMeasurement] {
	const source = "Q5, limits 3"
	return []claim.Rule[CostMeasurement]{
		claim.Whole("q5.c3", source, "A CNN for text takes much computation, in spite of its shared weights.",
			claim.ExactRule("q5.c3a", source, "Much against a bag of words.",
				fmt.Sprintf("Kim's net takes over %d times the work of a bag of words", timesBag), claim.Supported,
				against(2, func(cnn, bag NetCost) string {
					weights := cnn.Parameters - cnn.Embeddings
					return fmt.Sprintf("For a text of %d tokens, Kim's net takes %s multiply-adds and a bag of words %s additions (1/%s). Each of the CNN's %s weights beside the word vectors is used at some %d places.",
						cnn.Length, millions(cnn.MultiplyAdds), comma(bag.MultiplyAdds), comma(cnn.MultiplyAdds/bag.MultiplyAdds), comma(weights), cnn.MultiplyAdds/weights)
				}, func(cnn, bag NetCost) bool { return cnn.MultiplyAdds > timesBag*bag.MultiplyAdds })).From(firstRules),
			claim.ExactRule("q5.c3b", source, "Much against a recurrent net.",
				"Kim's net takes more multiply-adds than a GRU with as many features", claim.Refuted,
				against(1, func(cnn, gru NetCost) string {
					return fmt.Sprintf("A GRU with as many features takes %s multiply-adds, %.1f times the CNN's.", millions(gru.MultiplyAdds), float64(gru.MultiplyAdds)/float64(cnn.MultiplyAdds))
				}, func(cnn, gru NetCost) bool { return cnn.MultiplyAdds > gru.MultiplyAdds })).From(firstRules)),
	}
}

// table is the work at Kim's sizes.
func (f CostMeasurement) table() report.Table {
	table := report.Table{
		ID: "cost", Title: "Kim's net and its rivals: one text, by formula", Columns: []string{"net", "tokens", "parameters", "without word vectors", "multiply-adds"},
	}
	for _, c := range f.Published {
		table.Rows = append(table.Rows, c.row())
	}
	return table
}

func (c NetCost) row() []string {
	return []string{c.Name, fmt.Sprint(c.Length), comma(c.Parameters), comma(c.Parameters - c.Embeddings), comma(c.MultiplyAdds)}
}

// timeTable is the work of smaller nets, counted and timed.
func (f CostMeasurement) timeTable() report.Table {
	table := report.Table{
		ID: "time", Title: fmt.Sprintf("Counted and timed: least time to read %s texts, of rounds in which all nets took turns", comma(f.Texts)),
		Columns: []string{"net", "tokens", "parameters", "without word vectors", "multiply-adds", "ratio", "milliseconds", "ratio"},
	}
	for _, c := range f.Scaled {
		table.Rows = append(table.Rows, append(c.row(),
			fmt.Sprintf("%.3g", float64(c.MultiplyAdds)/float64(f.Scaled[0].MultiplyAdds)), fmt.Sprintf("%.1f", 1000*c.Seconds), fmt.Sprintf("%.2f", c.Seconds/f.Scaled[0].Seconds)))
	}
	return table
}

// Computation is the experiment.
var Computation = experiment.Experiment[CostConfig, CostMeasurement]{
	Name: "Cost", Timed: true, Title: "The work of reading a text",
	Measure: measureCost, Rules: costRules(),
	Figures: func(_ CostConfig, f CostMeasurement) (report.Figures, error) {
		return report.Figures{Tables: []report.Table{f.table(), f.timeTable()}}, nil
	},
}
