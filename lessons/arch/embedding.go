package arch

// Embedding looks every number of its input up in a table of vectors:
// [...] becomes [..., Width].
type Embedding struct {
	Words int // rows of the table
	Width int
}

// Class implements [Layer].
func (Embedding) Class() string { return "Embedding" }

// Infer implements [Layer]. Parameters: Words·Width. A look-up multiplies
// nothing.
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
	facts.Outputs = []Value{{append(x.Shape[:len(x.Shape):len(x.Shape)], l.Width), l.field(x)}}
	return facts, nil
}

// field turns the numbers of an input into positions: its last axis, which is
// that of the channels elsewhere, is one of places here.
func (Embedding) field(x Value) Field {
	if !x.Field.Whole && len(x.Shape) == 1 && len(x.Field.Sizes) == 0 {
		return inputField(1)
	}
	if x.Field.Whole {
		return x.Field
	}
	return Field{}
}
