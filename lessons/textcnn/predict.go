package textcnn

import (
	"context"
	"fmt"
	"slices"

	"github.com/gomlx/compute"

	"evident/datasets/text"
	"evident/internal/badinput"
	"evident/kit/fit"
	"evident/kit/knob"
	"evident/kit/report"
)

// format is the version of what is saved beside the weights.
const format = 1

// About is what a saved classifier needs beside its weights: the net's sizes, and
// all of the preprocessing.
type About struct {
	Format   int           `json:"format"`
	Net      Net           `json:"net"`
	Encoder  *text.Encoder `json:"encoder"` // vocabulary and length
	Classes  []string      `json:"classes"`
	Trained  string        `json:"trained"`
	Accuracy float64       `json:"accuracy"` // on the test texts
}

func (a About) network() fit.Network { return a.Net.Network(len(a.Encoder.Words), len(a.Classes)) }

// Model is a saved classifier of texts, ready for use.
type Model struct {
	About
	net *fit.Restored
}

// Open reads a classifier that [TrainAndSave] has saved. The error is a
// badinput.Err when there is no whole one in the folder.
func Open(backend compute.Backend, folder string) (*Model, error) {
	var about About
	if err := fit.ReadAbout(folder, &about); err != nil {
		return nil, err
	}
	if about.Format != format || about.Encoder == nil || len(about.Classes) < 2 || knob.Check("Net", about.Net) != nil || about.Encoder.Check() != nil {
		return nil, badinput.Errorf("the model in %s is of another kind or damaged: train and save it again", folder)
	}
	length := about.Encoder.Length
	net, err := fit.Restore(backend, folder, about.network(), fit.NewData(make([]int32, length), []int{length}, []int32{0}))
	if err != nil {
		return nil, err
	}
	return &Model{about, net}, nil
}

// Finalize frees the model.
func (m *Model) Finalize() { m.net.Finalize() }

// Prediction is what a model makes of one text.
type Prediction struct {
	Class         string
	Probabilities []float64 // of the classes, in their order; they add up to 1
	Tokens        []string  // as the tokeniser cut the text
	Unknown       []string  // those of the tokens that are not in the vocabulary
	Read          int       // tokens that the net has read, at most its length
}

// Predict classifies any text, with the tokeniser and the vocabulary of the
// training.
func (m *Model) Predict(ctx context.Context, sentence string) (Prediction, error) {
	tokens := text.Tokenize(sentence)
	all, err := m.probabilities(ctx, tokens)
	if err != nil {
		return Prediction{}, err
	}
	p := Prediction{Probabilities: all[0], Tokens: tokens, Read: min(len(tokens), m.Encoder.Length)}
	p.Class = m.Classes[slices.Index(all[0], slices.Max(all[0]))]
	for _, token := range tokens[:p.Read] {
		if m.Encoder.Number(token) == text.Unknown {
			p.Unknown = append(p.Unknown, token)
		}
	}
	return p, nil
}

// probabilities are those of the classes for each text in tokens.
func (m *Model) probabilities(ctx context.Context, texts ...[]string) ([][]float64, error) {
	var numbers []int32
	for _, tokens := range texts {
		numbers = append(numbers, m.Encoder.EncodeTokens(tokens)...)
	}
	logits, err := m.net.Predict(ctx, fit.NewData(numbers, []int{m.Encoder.Length}, make([]int32, len(texts))))
	all := make([][]float64, len(logits))
	for i := range logits {
		all[i] = fit.Probabilities(logits[i])
	}
	return all, err
}

// Table shows the prediction.
func (p Prediction) Table(classes []string) report.Table {
	table := report.Table{ID: "prediction", Title: "Prediction", Columns: []string{"class", "probability"}}
	for i, class := range classes {
		table.Rows = append(table.Rows, []string{class, fmt.Sprintf("%.3f", p.Probabilities[i])})
	}
	return table
}

// occlusion is how much the probability of a text's class falls when one token
// is deleted (after Zeiler and Fergus 2014, section 4.2): one value a token that
// was read, below 0 where it rises.
func (m *Model) occlusion(ctx context.Context, sentence string) (tokens []string, drops []float64, err error) {
	tokens = text.Tokenize(sentence)
	tokens = tokens[:min(len(tokens), m.Encoder.Length)]
	texts := [][]string{tokens}
	for i := range tokens {
		texts = append(texts, without(tokens, i, i+1))
	}
	all, err := m.probabilities(ctx, texts...)
	if err != nil {
		return nil, nil, err
	}
	class := slices.Index(all[0], slices.Max(all[0]))
	for _, without := range all[1:] {
		drops = append(drops, all[0][class]-without[class])
	}
	return tokens, drops, nil
}

// OcclusionChart draws how much the probability of a text's class falls when one
// of its words is deleted.
func (m *Model) OcclusionChart(ctx context.Context, sentence string) (report.Chart, error) {
	tokens, drops, err := m.occlusion(ctx, sentence)
	if err != nil {
		return report.Chart{}, err
	}
	p, err := m.Predict(ctx, sentence)
	curve := report.Curve{Name: "fall of the probability"}
	for i, drop := range drops {
		curve.Add(float64(i), drop)
	}
	return report.Chart{
		ID: "occlusion", Title: fmt.Sprintf("Which words make it %s?", p.Class), Mark: report.Bars,
		XLabel: "deleted word", YLabel: "fall of the probability", Categories: numbered(tokens), Curves: []report.Curve{curve},
		Alt: "For each word of the sentence, how far the probability of its class falls when the word is deleted.",
	}, err
}

// numbered tells words that occur twice apart.
func numbered(tokens []string) []string {
	seen, all := map[string]int{}, make([]string, len(tokens))
	for i, token := range tokens {
		if seen[token]++; seen[token] > 1 {
			token = fmt.Sprintf("%s (%d)", token, seen[token])
		}
		all[i] = token
	}
	return all
}
