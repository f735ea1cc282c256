package arch

import (
	"cmp"
	"fmt"
	"slices"
)

// MultiHeadAttention lets every step of the query attend to all steps of the value, by
// comparing query and key. Its inputs are the query, the value and the key, in this order.
// Without a key, the value is the key (Vaswani et al. 2017, section 3.2.2).
type MultiHeadAttention struct {
	Heads      int
	KeyWidth   int
	ValueWidth int // 0 means KeyWidth
	NoBias     bool
	// To are the sizes of the output without its positions; nil means the query's channels.
	To []int
	// Gate scales the output of the heads by another dense layer of the query.
	Gate bool
	// Scores adds the heads' scores as a second output.
	Scores bool
}

// Infer implements [Layer]. Parameters: four dense layers, for query, key, value and
// output, and the gate. The products between queries, keys and values count as
// multiply-adds too.
func (l MultiHeadAttention) Infer(inputs []Value) (Facts, error) {
	query, value, key, err := attended(inputs)
	if err := cmp.Or(err, atLeast1("heads", l.Heads)); err != nil {
		return Facts{}, err
	}
	keys, values := product(l.Heads, l.KeyWidth), product(l.Heads, cmp.Or(l.ValueWidth, l.KeyWidth))
	to := l.To
	if to == nil {
		to = []int{query.Shape.Channels()}
	}
	if err := atLeast1("output shape", to...); err != nil {
		return Facts{}, err
	}
	seen := Value{Shape: query.Shape.with(values), Field: query.Field.whole()}
	dense := []projection{{"query", query, keys}, {"key", key, keys}, {"value", value, values}}
	if l.Gate {
		dense = append(dense, projection{"gate", query, values})
	}
	facts, err := projections(append(dense, projection{"attention_output", seen, product(to...)}), !l.NoBias)
	if err != nil {
		return Facts{}, err
	}
	facts.MultiplyAdds = sum(facts.MultiplyAdds, product(pairsOf(query, value), sum(keys, values)))
	out := append(slices.Clone(query.Shape.Spatial()), to...)
	facts.Outputs = []Value{{Shape: out, Field: seen.Field}}
	if l.Scores { // Keras repeats the query's steps, whatever the number of the key's
		facts.Outputs = append(facts.Outputs, Value{Shape: Shape{l.Heads, query.Shape[0], query.Shape[0]}, Field: seen.Field})
	}
	return facts, nil
}

// GroupedQueryAttention is a [MultiHeadAttention] in which several heads of the query share
// a head of key and value (Ainslie et al. 2023).
type GroupedQueryAttention struct {
	Heads  int // of the query
	Groups int // heads of key and value
	Width  int // of a head
	NoBias bool
	Gate   bool // as in [MultiHeadAttention]
	Scores bool // as in [MultiHeadAttention]
}

// Infer implements [Layer]. Parameters: as for [MultiHeadAttention], with fewer keys and
// values.
func (l GroupedQueryAttention) Infer(inputs []Value) (Facts, error) {
	query, value, key, err := attended(inputs)
	if err := cmp.Or(err, atLeast1("heads", l.Heads, l.Groups)); err != nil {
		return Facts{}, err
	}
	if l.Heads%l.Groups != 0 {
		return Facts{}, fmt.Errorf("%d heads of key and value do not divide its %d of the query", l.Groups, l.Heads)
	}
	for _, x := range inputs {
		if _, err := one([]Value{x}, 2); err != nil {
			return Facts{}, err
		}
	}
	wide, narrow := product(l.Heads, l.Width), product(l.Groups, l.Width)
	seen := Value{Shape: query.Shape.with(wide), Field: query.Field.whole()}
	dense := []projection{{"query", query, wide}, {"key", key, narrow}, {"value", value, narrow}}
	if l.Gate {
		dense = append(dense, projection{"gate", query, wide})
	}
	facts, err := projections(append(dense, projection{"attention_output", seen, query.Shape.Channels()}), !l.NoBias)
	if err != nil {
		return Facts{}, err
	}
	facts.MultiplyAdds = sum(facts.MultiplyAdds, product(pairsOf(query, value), 2, wide))
	facts.Outputs = []Value{{Shape: query.Shape, Field: seen.Field}}
	if l.Scores {
		facts.Outputs = append(facts.Outputs, Value{Shape: Shape{l.Heads, query.Shape[0], key.Shape[0]}, Field: seen.Field})
	}
	return facts, nil
}

// attended returns the inputs of an attention layer.
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

// pairsOf returns the number of pairs of a query step and a value step.
func pairsOf(query, value Value) int {
	return product(query.Shape.Spatial().Size(), value.Shape.Spatial().Size())
}

// Attention lets every step of the query attend to the steps of the value, by comparing
// query and key. Its inputs are the query, the value and the key, in this order. The scores
// are products for Attention (Luong et al. 2015), and sums for AdditiveAttention (Bahdanau
// et al. 2015).
type Attention struct {
	Additive bool
	Scale    bool // the scores have a trained factor; additive ones have one per channel
	Concat   bool // the scores come from query and key joined, with a weight
	Scores   bool // the scores are a second output
}

// Class returns the name in Keras.
func (l Attention) Class() string {
	if l.Additive {
		return "AdditiveAttention"
	}
	return "Attention"
}

// Infer implements [Layer]. Parameters: one per channel for an additive scale, 1 for any
// other weight. The products between queries, keys and values count as multiply-adds.
func (l Attention) Infer(inputs []Value) (Facts, error) {
	query, value, key, err := attended(inputs)
	if err != nil {
		return Facts{}, err
	}
	var facts Facts
	switch {
	case l.Scale && l.Additive:
		channels, err := channelsOf(query)
		if err != nil {
			return Facts{}, err
		}
		facts.Weights, facts.Formula = []Weight{{Name: "scale", Shape: []int{channels}}}, factors(channels)
	case l.Scale && l.Concat:
		facts.Weights, facts.Formula = []Weight{{Name: "scale"}, {Name: "concat_score_weight"}}, "1 + 1"
	case l.Scale:
		facts.Weights, facts.Formula = []Weight{{Name: "scale"}}, "1"
	case l.Concat:
		facts.Weights, facts.Formula = []Weight{{Name: "concat_score_weight"}}, "1"
	}
	facts.MultiplyAdds = product(pairsOf(query, value), sum(key.Shape.Channels(), value.Shape.Channels()))
	facts.Outputs = []Value{{Shape: query.Shape.with(value.Shape.Channels()), Field: query.Field.whole()}}
	if l.Scores {
		if len(key.Shape) < 2 {
			return Facts{}, fmt.Errorf("its key %s has no steps to score", key.Shape)
		}
		facts.Outputs = append(facts.Outputs, Value{Shape: query.Shape.with(key.Shape[len(key.Shape)-2]), Field: query.Field.whole()})
	}
	return facts, nil
}

// projection is a dense layer inside another layer.
type projection struct {
	name  string
	x     Value
	width int
}

// projections returns the weights and multiply-adds of several dense layers.
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
