package arch

import (
	"fmt"
	"slices"
)

// Encode turns categories, words or numbers into the numbers of their bins, or
// into a value for each bin: CategoryEncoding, Hashing, StringLookup and the
// like. It has no weights: what it looks up is no parameter.
type Encode struct {
	Name string // its class
	// Mode is what becomes of the last axis.
	Mode Encoding
	Bins int // [Unknown] where the file does not say how many there are
	// First says that [Together] is along the first axis, as Discretization has it,
	// and not along the last.
	First bool
}

// Encoding is what an [Encode] makes of its input.
type Encoding string

// The encodings of Keras: the number of the bin; a value for each bin at every
// place, where a last axis of size 1 is dropped before; a value for each bin for
// all places of an axis together.
const (
	Numbers  Encoding = "int"
	OneHot   Encoding = "one_hot"
	Together Encoding = "multi_hot"
)

// Class implements [Layer].
func (l Encode) Class() string { return l.Name }

// Infer implements [Layer].
func (l Encode) Infer(inputs []Value) (Facts, error) {
	if err := someKnown(inputs); err != nil {
		return Facts{}, err
	}
	shape, field := inputs[0].Shape, Field{Whole: join(inputs).Whole}
	if l.Bins < 1 && l.Bins != Unknown {
		return Facts{}, fmt.Errorf("it has %d bins; it has to have 1 or more", l.Bins)
	}
	last := len(shape) - 1
	switch {
	case l.Mode == Numbers:
		return passes(shape, field), nil
	case last >= 0 && l.Mode == Together && l.First:
		shape = shape[1:]
	case last >= 0 && (l.Mode == Together || shape[last] == 1):
		shape = shape[:last]
	}
	return passes(append(slices.Clone(shape), l.Bins), field), nil
}

// TextVectorization makes words of a text, and numbers of them: [] or [1]
// becomes [Length], or [..., Words] with a value for each word that there is. It
// has no weights.
type TextVectorization struct {
	Length int  // of the output; [Unknown] for that of the longest text
	Words  int  // of the vocabulary, or [Unknown]; 0 for the numbers of the words
	Whole  bool // a text is one word
}

// Class implements [Layer].
func (TextVectorization) Class() string { return "TextVectorization" }

// Infer implements [Layer].
func (l TextVectorization) Infer(inputs []Value) (Facts, error) {
	x, err := any1(inputs)
	switch {
	case err != nil:
		return Facts{}, err
	case l.Words == 0:
		return passes(Shape{l.Length}, Field{}), nil
	case l.Whole && len(x.Shape) > 0:
		return passes(x.Shape.with(l.Words), Field{}), nil
	}
	return passes(append(slices.Clone(x.Shape), l.Words), Field{}), nil
}

// STFTSpectrogram is the short-time Fourier transform of a sound, as a
// convolution with fixed kernels, which Keras counts as trained: [steps,
// channels] becomes [frames, frequencies·channels].
type STFTSpectrogram struct {
	Mode    string // "real", "imag", "stft", or one that has the same shapes as "log"
	Frame   int    // steps in a frame
	Step    int    // between frames
	FFT     int    // length of the transform
	Padding Padding
	Expand  bool // frequencies and channels are axes of their own
	First   bool // the channels stand in front of the steps
}

// Class implements [Layer].
func (STFTSpectrogram) Class() string { return "STFTSpectrogram" }

// Infer implements [Layer]. Parameters: 2·Frame·(FFT/2 + 1), the half of it for
// the modes "real" and "imag".
func (l STFTSpectrogram) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 2)
	if err != nil {
		return Facts{}, err
	}
	if err := atLeast1("frame", l.Frame, l.Step, l.FFT); err != nil {
		return Facts{}, err
	}
	if l.First {
		x.Shape = Shape{x.Shape[1], x.Shape[0]}
	}
	channels, err := channelsOf(x)
	if err != nil {
		return Facts{}, err
	}
	frames, _, err := windows{size: []int{l.Frame}, strides: []int{l.Step}, padding: l.Padding}.slide(x)
	if err != nil {
		return Facts{}, err
	}
	bins := l.FFT/2 + 1
	var facts Facts
	for _, part := range []string{"real", "imag"} {
		if l.Mode != "real" && l.Mode != "imag" || l.Mode == part {
			facts.Weights = append(facts.Weights, Weight{Name: part + "_kernel", Shape: []int{l.Frame, 1, bins}})
		}
	}
	facts.Formula = factors(len(facts.Weights), l.Frame, bins)
	facts.MultiplyAdds = product(frames[0], len(facts.Weights), l.Frame, bins, channels)
	if l.Mode == "stft" {
		bins *= 2
	}
	var out Shape
	switch {
	case l.Expand && l.First:
		out = Shape{channels, frames[0], bins}
	case l.Expand:
		out = Shape{frames[0], bins, channels}
	case l.First:
		out = Shape{product(bins, channels), frames[0]}
	default:
		out = Shape{frames[0], product(bins, channels)}
	}
	facts.Outputs = []Value{{Shape: out, Field: x.Field.scattered()}}
	return facts, nil
}

// MelSpectrogram is the power of a sound in bands as the ear has them: [steps]
// becomes [Bands, frames].
type MelSpectrogram struct {
	Bands int
	Step  int // between frames
}

// Class implements [Layer].
func (MelSpectrogram) Class() string { return "MelSpectrogram" }

// Infer implements [Layer].
func (l MelSpectrogram) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 1)
	if err != nil {
		return Facts{}, err
	}
	if err := atLeast1("bands", l.Bands, l.Step); err != nil {
		return Facts{}, err
	}
	frames := Unknown
	if x.Shape[0] != Unknown {
		frames = (x.Shape[0] + l.Step + 1) / l.Step
	}
	return passes(Shape{l.Bands, frames}, x.Field.scattered()), nil
}
