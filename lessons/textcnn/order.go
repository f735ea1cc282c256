package textcnn

import (
	"context"
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/fit"
	"evident/kit/report"
)

// OrderConfig asks which of two phrases comes first.
type OrderConfig struct {
	Net   Net
	Gap   int       `role:"fixed" range:"[0, inf)" help:"words between the phrases, at least"`
	Units int       `role:"fixed" range:"[1, inf)" help:"of the recurrent net"`
	Seeds []int64   `role:"averaged" help:"of the texts, the initial weights and the order of the training"`
	Own   []fit.Own `json:",omitempty" role:"compared" help:"nets of your own, which read the distant phrases too: numbers of words [batch, length], 0 for padding, to logits [batch, 2]"`
	Training
}

// Input is the shape of a batch of texts.
func (c OrderConfig) Input() shapes.Shape { return shapes.Make(dtypes.Int32, 2, c.longest()) }

// Validate checks that no window sees more than one phrase, or a phrase and an end
// of the text.
func (c OrderConfig) Validate() error {
	if widest := c.Net.widest(); widest > reviews.Margin+1 || c.Gap < widest-1 {
		return badinput.Errorf("Gap is %d words and the widest window %d: windows of at most %d, and less than the gap + 2, see one phrase at a time", c.Gap, widest, reviews.Margin+1)
	}
	return nil
}

// OrderMeasurement compares readers on the question which of two phrases comes
// first.
type OrderMeasurement struct {
	Example  text.Set
	CNN, GRU Scores // the phrases stand apart
	Own      []Scores
	Local    Scores // CNN; the phrases stand side by side
}

// measureOrder trains a CNN with a maximum over time and a recurrent net.
func measureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) (facts OrderMeasurement, err error) {
	if facts.Example, err = reviews.Order(2, c.Seeds[0]+forTest, c.Gap); err != nil {
		return facts, err
	}
	cnn := c.Net.Network(generatedWords(), 2)
	type run struct {
		scores  *Scores
		name    string
		network fit.Network
		gap     int
	}
	facts.Own = make([]Scores, len(c.Own))
	var own []run
	for i, o := range c.Own {
		own = append(own, run{&facts.Own[i], o.Name + ", phrases apart", o.Network, c.Gap})
	}
	for _, run := range append(own, []run{
		{&facts.CNN, "CNN, phrases apart", cnn, c.Gap},
		{&facts.GRU, "GRU, phrases apart", recurrent(generatedWords(), c.Net.Width, c.Units, 2), c.Gap},
		{&facts.Local, "CNN, phrases side by side", cnn, 0},
	}...) {
		draw := handmade(c.Training, c.longest(), func(n int, seed int64) text.Set {
			set, _ := reviews.Order(n, seed, run.gap) // the gap was checked above
			return set
		})
		if *run.scores, err = (trial{name: run.name, network: run.network, seeds: c.Seeds, training: c.Training, draw: draw}).run(ctx, backend); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// longest is the number of words of the longest text, see [reviews.Order]: two
// phrases, the gap with 3 words more, and two margins with 2 words more.
func (c OrderConfig) longest() int { return 2*2 + c.Gap + 3 + 2*(reviews.Margin+2) }

func judgeOrder(f OrderMeasurement) claim.Finding {
	far, gru, local := f.CNN.test(), f.GRU.test(), f.Local.test()
	return claim.Finding{
		Decision: claim.All(far.Below(chance+nearChance), gru.Above(solved), local.Above(solved)),
		Evidence: fmt.Sprintf("Which of two distant phrases comes first, the CNN tells with an accuracy of %s (½ is chance, 1 can be reached), the GRU of %s; side by side, within a window, the CNN reaches %s.", far, gru, local),
		Samples:  far.N,
	}
}

func orderRules() []claim.Rule[OrderMeasurement] {
	return []claim.Rule[OrderMeasurement]{
		claim.SampledRule("q5.c1", "Q5, limits 1",
			"The maximum over time loses where a feature stood, and with it the order of what lies further apart than a window.",
			fmt.Sprintf("a CNN's accuracy at telling which of two distant phrases comes first is below %[1]g, while a GRU's is above %[2]g, and the CNN's own is above %[2]g when the phrases stand side by side (95 %% intervals)", chance+nearChance, solved),
			claim.Supported, judgeOrder).From(firstRules),
	}
}

// exampleTable shows a text of each class.
func (f OrderMeasurement) exampleTable() report.Table {
	table := report.Table{ID: "order", Title: "Which phrase comes first?", Columns: []string{"class", "text"}}
	for i, sentence := range f.Example.Texts {
		table.Rows = append(table.Rows, []string{f.Example.Classes[f.Example.Labels[i]], sentence})
	}
	return table
}

// ownTable judges the reader's nets.
func (f OrderMeasurement) ownTable() report.Table {
	table := report.Table{ID: "own", Title: "Your nets on distant phrases", Columns: []string{"net", "parameters", "test accuracy", "loses the order (below " + fmt.Sprint(chance+nearChance) + ")?", "reads it (above " + fmt.Sprint(solved) + ")?"}}
	for _, own := range f.Own {
		accuracy := own.test()
		table.Rows = append(table.Rows, []string{own.Name, comma(own.Parameters), accuracy.String(), string(accuracy.Below(chance + nearChance).Verdict), string(accuracy.Above(solved).Verdict)})
	}
	return table
}

// chart compares the readers.
func (f OrderMeasurement) chart() report.Chart {
	all := []bar{{f.CNN.Name, f.CNN.Test}, {f.GRU.Name, f.GRU.Test}, {f.Local.Name, f.Local.Test}}
	for _, own := range f.Own {
		all = append(all, bar{own.Name, own.Test})
	}
	return bars("order", "Which of two phrases comes first?",
		"Bars of test accuracy with intervals over the seeds: the CNN and the GRU on phrases that stand apart, and the CNN on phrases side by side. Higher is better; a rule marks chance.",
		"test accuracy", byChance(), all...)
}

// PhraseOrder is the experiment.
var PhraseOrder = experiment.Experiment[OrderConfig, OrderMeasurement]{
	Name: "Order", Title: "Which of two phrases comes first",
	Measure: measureOrder, Rules: orderRules(),
	Figures: func(_ OrderConfig, f OrderMeasurement) (report.Figures, error) {
		figures := report.Figures{Tables: []report.Table{f.exampleTable()}, Charts: []report.Chart{f.chart()}}
		if len(f.Own) > 0 {
			figures.Tables = append(figures.Tables, f.ownTable())
		}
		return figures, nil
	},
}
