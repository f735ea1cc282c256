package arch

import (
	"cmp"
	"fmt"
	"slices"
)

// Encode maps categories, words or numbers to bin indices, or to one value per bin:
// CategoryEncoding, Hashing, StringLookup and the like. It has no weights, because
// its look-up tables are not parameters.
type Encode struct {
	Name string // its class
	// Mode says what happens to the last axis.
	Mode Encoding
	Bins int // [Unknown] if the file does not give the number
	// First makes [Together] count along the first axis, as in Discretization,
	// instead of the last.
	First bool
}

// Encoding is the output format of an [Encode].
type Encoding string

// The encodings of Keras: the bin's index; one value per bin at every place, after
// dropping a last axis of size 1; one value per bin for all places of an axis
// together.
const (
	Numbers  Encoding = "int"
	OneHot   Encoding = "one_hot"
	Together Encoding = "multi_hot"
)

// Class returns the name in Keras.
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

// TextVectorization splits a text into words and maps them to numbers: [] or [1]
// becomes [Length], or [..., Words] with a value for each word of the vocabulary.
// It has no weights.
type TextVectorization struct {
	Length int  // of the output; [Unknown] for the length of the longest text
	Words  int  // size of the vocabulary, or [Unknown]; 0 if the output holds word numbers
	Whole  bool // the whole text is one word
}

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

// STFTSpectrogram is the short-time Fourier transform of a sound, computed as a
// convolution with fixed kernels, which Keras counts as trained. [steps, channels]
// becomes [frames, frequencies·channels].
type STFTSpectrogram struct {
	Mode    string // "real", "imag", "stft", or a mode with the same shapes as "log"
	Frame   int    // steps in a frame
	Step    int    // between frames
	FFT     int    // length of the transform
	Padding Padding
	Expand  bool // frequencies and channels are separate axes
	First   bool // the channels come before the steps
}

// Infer implements [Layer]. Parameters: 2·Frame·(FFT/2 + 1), or half as many for
// the modes "real" and "imag".
func (l STFTSpectrogram) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 2)
	if err := cmp.Or(err, atLeast1("frame", l.Frame, l.Step, l.FFT)); err != nil {
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

// MelSpectrogram is the power of a sound in bands that match human hearing: [steps]
// becomes [Bands, frames].
type MelSpectrogram struct {
	Bands int
	Step  int // between frames
}

// Infer implements [Layer].
func (l MelSpectrogram) Infer(inputs []Value) (Facts, error) {
	x, err := one(inputs, 1)
	if err := cmp.Or(err, atLeast1("bands", l.Bands, l.Step)); err != nil {
		return Facts{}, err
	}
	frames := Unknown
	if x.Shape[0] != Unknown {
		frames = (x.Shape[0] + l.Step + 1) / l.Step
	}
	return passes(Shape{l.Bands, frames}, x.Field.scattered()), nil
}
