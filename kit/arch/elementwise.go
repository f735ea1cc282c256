package arch

// Activation applies a function to every value; softmax looks at the channels
// of a position.
type Activation struct {
	Function string // as Keras names it, as in "relu"
}

// Class implements [Layer].
func (Activation) Class() string { return "Activation" }

// Infer implements [Layer].
func (Activation) Infer(inputs []Value) (Facts, error) { return unchanged(inputs) }

// Elementwise is any other layer without weights that keeps shape and field:
// Dropout, ReLU, Rescaling and the like.
type Elementwise struct {
	Name string // the class that Keras has for it
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

// Flatten lays all values of an example in one row.
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
