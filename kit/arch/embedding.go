package arch

import "fmt"

// Embedding looks up every number of its input in a table of vectors: [...]
// becomes [..., Width].
type Embedding struct {
	Words int // rows of the table
	Width int
}

// Class implements [Layer].
func (Embedding) Class() string { return "Embedding" }

// Infer implements [Layer]. Parameters: Words·Width. A look-up needs no
// multiplication.
func (l Embedding) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	if err := atLeast1("input dimension", l.Words); err != nil {
		return Facts{}, err
	}
	if err := atLeast1("output dimension", l.Width); err != nil {
		return Facts{}, err
	}
	facts := Facts{Weights: []Weight{{Name: "embeddings", Shape: []int{l.Words, l.Width}}}, Formula: factors(l.Words, l.Width)}
	facts.Outputs = []Value{{Shape: append(x.Shape[:len(x.Shape):len(x.Shape)], l.Width), Field: l.field(x)}}
	return facts, nil
}

// ReversibleEmbedding is an [Embedding] that can also compute a vector's
// score for every word of the table: [..., Width] becomes [..., Words].
type ReversibleEmbedding struct {
	Embedding
	Untied  bool // it uses a separate table for scores
	Reverse bool // it computes scores
}

// Class implements [Layer].
func (ReversibleEmbedding) Class() string { return "ReversibleEmbedding" }

// Infer implements [Layer]. Parameters: Words·Width, or twice that if untied.
func (l ReversibleEmbedding) Infer(inputs []Value) (Facts, error) {
	facts, err := l.Embedding.Infer(inputs)
	if err != nil {
		return Facts{}, err
	}
	if l.Untied {
		facts.Weights = append(facts.Weights, Weight{Name: "reverse_embeddings", Shape: []int{l.Width, l.Words}})
		facts.Formula = factors(2, l.Words, l.Width)
	}
	if !l.Reverse {
		return facts, nil
	}
	x, err := one(inputs, 0)
	if err != nil {
		return Facts{}, err
	}
	if x.Shape.Channels() != l.Width {
		return Facts{}, fmt.Errorf("its input %s has to end in the %d values of a word", x.Shape, l.Width)
	}
	facts.MultiplyAdds = product(product(x.Shape.Spatial()...), l.Width, l.Words)
	facts.Outputs = []Value{{Shape: x.Shape.with(l.Words), Field: x.Field}}
	return facts, nil
}

// field treats the input's last axis as positions. In other layers the last
// axis holds the channels.
func (Embedding) field(x Value) Field {
	if !x.Field.Whole && len(x.Shape) == 1 && len(x.Field.Sizes) == 0 {
		return inputField(1)
	}
	if x.Field.Whole {
		return x.Field
	}
	return Field{}
}
