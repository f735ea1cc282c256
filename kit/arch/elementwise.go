package arch

// Activation applies a function to every value. Only softmax uses all
// channels of a position.
type Activation struct {
	Function string // as Keras names it, as in "relu"
}

// Class implements [Layer].
func (Activation) Class() string { return "Activation" }

// Infer implements [Layer].
func (Activation) Infer(inputs []Value) (Facts, error) { return unchanged(inputs) }

// Elementwise is any other layer without weights that keeps the shape and the
// receptive field: Dropout, ReLU, Rescaling and the like.
type Elementwise struct {
	Name string // the class name in Keras
}

// Class implements [Layer].
func (l Elementwise) Class() string { return l.Name }

// Infer implements [Layer].
func (Elementwise) Infer(inputs []Value) (Facts, error) { return unchanged(inputs) }

func unchanged(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	return passes(x.Shape, x.Field), nil
}

// Flatten puts all values of an example into one row.
type Flatten struct{}

// Class implements [Layer].
func (Flatten) Class() string { return "Flatten" }

// Infer implements [Layer].
func (Flatten) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	if err != nil {
		return Facts{}, err
	}
	return passes(Shape{x.Shape.Size()}, x.Field), nil
}
