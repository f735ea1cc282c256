package learningrate

// The seeds of the generated data. All seeds of a comparison see the same
// examples: a caveat of its verdict.
const (
	trainingDraw = 1
	testDraw     = 2
	noiseDraw    = 3
	regression   = 4
)
