package textcnn

import (
	"context"

	"github.com/gomlx/compute"

	"evident/datasets/reviews"
	"evident/datasets/text"
	"evident/kit/fit"
)

// OrderFacts compare readers on the question which of two phrases comes first.
type OrderFacts struct {
	Example  text.Set
	CNN, GRU Scores // the phrases stand apart
	Local    Scores // CNN; the phrases stand side by side
}

// MeasureOrder trains a CNN with a maximum over time and a recurrent net.
func MeasureOrder(ctx context.Context, backend compute.Backend, c OrderConfig) (facts OrderFacts, err error) {
	if err := c.check(); err != nil {
		return facts, err
	}
	if facts.Example, err = reviews.Order(2, c.Seeds[0]+forTest, c.Gap); err != nil {
		return facts, err
	}
	cnn := c.Net.Network(generatedWords(), 2)
	for _, run := range []struct {
		scores  *Scores
		name    string
		network fit.Network
		gap     int
	}{
		{&facts.CNN, "CNN, phrases apart", cnn, c.Gap},
		{&facts.GRU, "GRU, phrases apart", recurrent(generatedWords(), c.Net.Width, c.Units, 2), c.Gap},
		{&facts.Local, "CNN, phrases side by side", cnn, 0},
	} {
		draw := handmade(c.Training, c.longest(), func(n int, seed int64) text.Set {
			set, _ := reviews.Order(n, seed, run.gap) // the gap was checked above
			return set
		})
		if *run.scores, err = (trial{name: run.name, network: run.network, training: c.Training, draw: numbersOnly(draw)}).run(ctx, backend); err != nil {
			return facts, err
		}
	}
	return facts, nil
}

// longest is the number of words of the longest text, see [reviews.Order]: two
// phrases, the gap with 3 words more, and two margins with 2 words more.
func (c OrderConfig) longest() int { return 2*2 + c.Gap + 3 + 2*(reviews.Margin+2) }
