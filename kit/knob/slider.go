package knob

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"evident/internal/badinput"
)

// Slider describes a control for a knob that holds one number.
type Slider struct {
	Path  string  `json:"path"`
	Help  string  `json:"help"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Log   bool    `json:"log"`   // moves by factors
	Whole bool    `json:"whole"` // takes whole numbers only
}

// Sliders returns a slider for each of the named knobs of a configuration, or of the numbers of a list, as in
// "Rates[0]". The error is [badinput.Err] if there is no such knob or it does not hold one number.
func Sliders(config any, paths ...string) ([]Slider, error) {
	var all []Knob
	var can []string
	for _, k := range List(config) {
		all = append(all, k)
		if _, is := k.slider(); is {
			can = append(can, k.Path)
		}
		if list := reflect.ValueOf(k.Value); list.Kind() == reflect.Slice {
			for i := range list.Len() {
				one := k
				one.Path, one.Value = fmt.Sprintf("%s[%d]", k.Path, i), list.Index(i).Interface()
				all = append(all, one)
			}
		}
	}
	sliders := make([]Slider, len(paths))
	for i, path := range paths {
		at := slices.IndexFunc(all, func(k Knob) bool { return k.Path == path })
		is := at >= 0
		if is {
			sliders[i], is = all[at].slider()
		}
		if !is {
			return nil, badinput.Errorf("no slider moves %q: name a knob that holds one number: %s", path, strings.Join(can, ", "))
		}
	}
	return sliders, nil
}

// How far a slider reaches where the range of its knob does not end.
const (
	reach  = 10 // times its value, up and down
	spread = 4  // times its value, for whole numbers
	fewest = 10 // steps of a whole number
	inside = 1e-2
)

// slider returns the slider of a knob that holds one number.
func (k Knob) slider() (Slider, bool) {
	value := reflect.ValueOf(k.Value)
	if !value.CanInt() && !value.CanFloat() {
		return Slider{}, false
	}
	s := Slider{Path: k.Path, Help: k.Help, Value: number(value), Whole: value.CanInt()}
	limits := interval{low: math.Inf(-1), high: math.Inf(1)}
	if k.Range != "" {
		limits = parse(k.Range)
	}
	if s.Whole {
		s.Low, s.High = limits.whole(s.Value)
	} else {
		s.Low, s.High, s.Log = limits.around(s.Value)
	}
	s.Low, s.High = min(s.Low, s.Value), max(s.High, s.Value)
	return s, true
}

// whole returns the least and the greatest whole number for a slider that stands at a value.
func (i interval) whole(value float64) (low, high float64) {
	low, high = math.Ceil(i.low), math.Floor(i.high)
	if i.openLow && low == i.low {
		low++
	}
	if i.openHigh && high == i.high {
		high--
	}
	if math.IsInf(low, -1) {
		low = min(0, value)
	}
	if math.IsInf(high, 1) {
		high = max(spread*value, low+fewest)
	}
	return low, high
}

// around returns the ends of a slider that stands at a value, and whether it moves by factors: a number without an
// upper end that must be positive does.
func (i interval) around(value float64) (low, high float64, log bool) {
	switch {
	case !math.IsInf(i.low, 0) && !math.IsInf(i.high, 0):
		step := inside * (i.high - i.low)
		low, high = i.low, i.high
		if i.openLow {
			low += step
		}
		if i.openHigh {
			high -= step
		}
		return low, high, false
	case i.low >= 0 && value > 0:
		low, high = value/reach, value*reach
		if low < i.low || i.openLow && low == i.low {
			low = i.low + inside*(value-i.low)
		}
		return low, high, true
	}
	distance := reach * max(1, math.Abs(value))
	return max(i.low, value-distance), min(i.high, value+distance), false
}
