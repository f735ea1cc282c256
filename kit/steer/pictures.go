package steer

import (
	"bytes"
	"context"
	"fmt"
	"image/png"

	"evident/datasets"
	"evident/kit/fit"
	"evident/kit/report"
)

// PictureKnobs move a training of [Pictures].
type PictureKnobs struct {
	Rate float64 `role:"compared" range:"(0, inf)" help:"learning rate η"`
}

// Pictures is the training of a classifier of pictures: its loss, its accuracy on pictures that it does not learn from,
// and its answers on some of them.
type Pictures struct {
	net        *fit.Classifier
	course     *fit.Course
	test       datasets.Images
	shown      int
	every      int // steps between two scores
	step       int
	last       float64 // loss
	losses     Record
	accuracies Record
	accuracy   float64
	answers    []Classified
}

// NewPictures starts the training of a net on pictures, from a seed. It scores the net on the test pictures every so many
// steps, and shows the answers on the first of them.
func NewPictures(ctx context.Context, net *fit.Classifier, train, test datasets.Images, seed int64, shown, every int) (Run[PictureKnobs], error) {
	p := &Pictures{net: net, test: test, shown: min(shown, test.Len()), every: every}
	var err error
	if p.course, err = net.Begin(fit.ImageData(train), seed); err != nil {
		return nil, err
	}
	for i := range p.shown {
		var file bytes.Buffer
		if err := png.Encode(&file, test.Picture(i)); err != nil {
			return nil, err
		}
		p.answers = append(p.answers, Classified{PNG: file.Bytes(), Class: test.Classes[test.Labels[i]]})
	}
	return p, p.score(ctx)
}

// Step implements [Run].
func (p *Pictures) Step(ctx context.Context, k PictureKnobs) (err error) {
	if p.last, err = p.course.Step(k.Rate); err != nil {
		return err
	}
	p.losses.Add(float64(p.step), p.last)
	p.step++
	if p.step%p.every == 0 {
		return p.score(ctx)
	}
	return nil
}

// score asks the net about the test pictures.
func (p *Pictures) score(ctx context.Context) error {
	logits, err := p.net.Logits(ctx, fit.ImageData(p.test))
	if err != nil {
		return err
	}
	p.accuracy = fit.ScoreLogits(logits, fit.ImageData(p.test).Labels()).Accuracy
	p.accuracies.Add(float64(p.step), p.accuracy)
	for i := range p.answers {
		best := fit.Argmax(logits[i])
		p.answers[i].Answer, p.answers[i].Probability = p.test.Classes[best], fit.Probabilities(logits[i])[best]
	}
	return nil
}

// Frame implements [Run].
func (p *Pictures) Frame(context.Context) (Frame, error) {
	chance := 1 / float64(len(p.test.Classes))
	return Frame{
		Loss: p.last, Shown: p.answers,
		Note: fmt.Sprintf("%.0f %% of %d new pictures right", 100*p.accuracy, p.test.Len()),
		Charts: []report.Chart{
			{
				ID: "loss", Title: "Loss of each batch", Mark: report.Line, XLabel: "step", YLabel: "cross-entropy (nats)",
				Alt:    "The loss of each batch against the steps: lower is better.",
				Curves: []report.Curve{p.losses.Curve("loss", 0)},
			},
			{
				ID: "accuracy", Title: "Accuracy on pictures that it does not learn from", Mark: report.Line, XLabel: "step", YLabel: "fraction right",
				Alt:    "The fraction of right answers on other pictures against the steps, with rules at chance and at all: higher is better.",
				Curves: []report.Curve{p.accuracies.Curve("accuracy", 0)}, Rules: []report.Reference{{Name: "chance", Y: chance}, {Name: "all", Y: 1}},
			},
		},
	}, nil
}

// Finalize implements [Run].
func (p *Pictures) Finalize() { p.net.Finalize() }
