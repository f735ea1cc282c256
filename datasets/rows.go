package datasets

// Rows are examples as rows of numbers: inputs X and targets Y, each
// [n][values]. The target of a class is one-hot.
type Rows struct {
	X, Y [][]float64
}

// Len returns the number of examples.
func (r Rows) Len() int { return len(r.X) }

// Add appends an example.
func (r *Rows) Add(x, y []float64) { r.X, r.Y = append(r.X, x), append(r.Y, y) }
