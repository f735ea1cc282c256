package arch

import (
	"cmp"
	"fmt"
)

// MultiHeadAttention lets every step of its first input, the query, look at all
// steps of the second, the value, by the third, the key, which is the value
// when it is left out (Vaswani et al. 2017, section 3.2.2).
type MultiHeadAttention struct {
	Heads      int
	KeyWidth   int
	ValueWidth int // 0 stands for KeyWidth
	NoBias     bool
}

// Class implements [Layer].
func (MultiHeadAttention) Class() string { return "MultiHeadAttention" }

// Infer implements [Layer]. Parameters: those of four dense layers, for query,
// key, value and output. The products of queries, keys and values with one
// another count as multiply-adds, too.
func (l MultiHeadAttention) Infer(inputs []Value) (Facts, error) {
	query, value, key, err := attended(inputs)
	if err != nil {
		return Facts{}, err
	}
	if err := atLeast1("heads", l.Heads); err != nil {
		return Facts{}, err
	}
	keys, values := product(l.Heads, l.KeyWidth), product(l.Heads, cmp.Or(l.ValueWidth, l.KeyWidth))
	seen := Value{query.Shape.with(values), query.Field.whole()}
	facts, err := projections([]projection{
		{"query", query, keys}, {"key", key, keys}, {"value", value, values}, {"attention_output", seen, query.Shape.Channels()},
	}, !l.NoBias)
	if err != nil {
		return Facts{}, err
	}
	facts.MultiplyAdds = sum(facts.MultiplyAdds, product(pairsOf(query, value), sum(keys, values)))
	facts.Outputs = []Value{{query.Shape, seen.Field}}
	return facts, nil
}

// attended are the inputs of attention.
func attended(inputs []Value) (query, value, key Value, err error) {
	if len(inputs) != 2 && len(inputs) != 3 {
		return query, value, key, fmt.Errorf("it takes a query, a value and perhaps a key, not %d inputs", len(inputs))
	}
	for _, input := range inputs {
		if _, err := one([]Value{input}, 0); err != nil {
			return query, value, key, err
		}
	}
	return inputs[0], inputs[1], inputs[len(inputs)-1], nil
}

// pairsOf is the number of pairs of a step of the query and one of the value.
func pairsOf(query, value Value) int {
	return product(query.Shape.Spatial().Size(), value.Shape.Spatial().Size())
}

// Attention mixes the steps of its second input, the value, by how well those
// of the third, the key, go with each of the first, the query: Attention, whose
// scores are products (Luong et al. 2015), or AdditiveAttention (Bahdanau et
// al. 2015).
type Attention struct {
	Additive bool
	Scale    bool // its scores have a trained factor, the additive ones one for each channel
	Concat   bool // its scores are those of query and key joined, with a weight
}

// Class implements [Layer].
func (l Attention) Class() string {
	if l.Additive {
		return "AdditiveAttention"
	}
	return "Attention"
}

// Infer implements [Layer]. Parameters: channels of an additive scale, 1 of any
// other weight. The products of queries, keys and values count as multiply-adds.
func (l Attention) Infer(inputs []Value) (Facts, error) {
	query, value, key, err := attended(inputs)
	if err != nil {
		return Facts{}, err
	}
	channels, err := channelsOf(query)
	if err != nil {
		return Facts{}, err
	}
	var facts Facts
	switch {
	case l.Scale && l.Additive:
		facts.Weights, facts.Formula = []Weight{{Name: "scale", Shape: []int{channels}}}, factors(channels)
	case l.Scale && l.Concat:
		facts.Weights, facts.Formula = []Weight{{Name: "scale"}, {Name: "concat_score_weight"}}, "1 + 1"
	case l.Scale:
		facts.Weights, facts.Formula = []Weight{{Name: "scale"}}, "1"
	case l.Concat:
		facts.Weights, facts.Formula = []Weight{{Name: "concat_score_weight"}}, "1"
	}
	facts.MultiplyAdds = product(pairsOf(query, value), sum(key.Shape.Channels(), value.Shape.Channels()))
	facts.Outputs = []Value{{query.Shape.with(value.Shape.Channels()), query.Field.whole()}}
	return facts, nil
}

// projection is a dense layer inside another.
type projection struct {
	name  string
	x     Value
	width int
}

// projections are the weights and the work of several dense layers together.
func projections(all []projection, bias bool) (Facts, error) {
	var facts Facts
	for i, p := range all {
		dense, err := Dense{Units: p.width, NoBias: !bias}.Infer([]Value{p.x})
		if err != nil {
			return Facts{}, fmt.Errorf("its %s: %w", p.name, err)
		}
		for _, w := range dense.Weights {
			w.Name = p.name + "/" + w.Name
			facts.Weights = append(facts.Weights, w)
		}
		if i > 0 {
			facts.Formula += " + "
		}
		facts.Formula += dense.Formula
		facts.MultiplyAdds = sum(facts.MultiplyAdds, dense.MultiplyAdds)
	}
	return facts, nil
}
