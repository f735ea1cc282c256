package site

import (
	"math"
	"strconv"

	"evident/kit/knob"
	"evident/kit/steer"
)

// dials are a training with the knobs that steer it.
type dials struct {
	Lesson string
	*steer.Part
	Dials []dial
}

// dial is a slider, or a list of choices.
type dial struct {
	knob.Slider
	ID      string
	Text    string // the value at the start
	Choices []string
	At      int // of the slider, from 0 to dialSteps
}

// dialSteps is how finely a slider moves.
const dialSteps = 200

// DialSteps is for the template.
func (d dial) DialSteps() int { return dialSteps }

// dialsOf returns nil for no training.
func dialsOf(lesson string, p *steer.Part) *dials {
	if p == nil {
		return nil
	}
	d := &dials{Lesson: lesson, Part: p}
	for _, k := range p.Knobs {
		one := dial{ID: "train-" + k.Path, Text: k.Text(), Choices: k.Choices, Slider: p.Sliders[k.Path]}
		one.Path, one.Help = k.Path, k.Help
		d.Dials = append(d.Dials, one.placed())
	}
	const most = 100
	pace := dial{ID: "train-pace", Text: strconv.Itoa(p.Pace), Slider: knob.Slider{Value: float64(p.Pace), Low: 1, High: most, Log: true, Whole: true, Help: "steps each time it is drawn, at most"}}
	d.Dials = append(d.Dials, pace.placed())
	return d
}

// placed sets the slider to the value.
func (d dial) placed() dial {
	low, high, value := d.Low, d.High, d.Value
	if d.Log {
		low, high, value = math.Log(low), math.Log(high), math.Log(value)
	}
	if high > low {
		d.At = int(math.Round(dialSteps * (value - low) / (high - low)))
	}
	return d
}
