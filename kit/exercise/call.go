package exercise

import (
	"encoding/json"
	"math"
	"reflect"

	"evident/internal/badinput"
)

// call applies a function to its arguments, a JSON list, and returns the list
// of its results. The error is [badinput.Err] if the function panics or returns
// a number that is not finite.
func call(function any, arguments json.RawMessage) (output json.RawMessage, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = badinput.Errorf("the function panicked on %s: %v", shortened(arguments), reason)
		}
	}()
	var given []json.RawMessage
	if err := json.Unmarshal(arguments, &given); err != nil {
		return nil, err
	}
	of := reflect.TypeOf(function)
	values := make([]reflect.Value, of.NumIn())
	for i := range values {
		value := reflect.New(of.In(i))
		if err := json.Unmarshal(given[i], value.Interface()); err != nil {
			return nil, err
		}
		values[i] = value.Elem()
	}
	results := []any{}
	for _, result := range reflect.ValueOf(function).Call(values) {
		results = append(results, result.Interface())
	}
	if output, err = json.Marshal(results); err != nil {
		return nil, badinput.Errorf("the function does not return finite numbers on %s", shortened(arguments))
	}
	return output, nil
}

// shortened returns the beginning of a long text.
func shortened(text json.RawMessage) string {
	const most = 200
	letters := []rune(string(text))
	if len(letters) <= most {
		return string(text)
	}
	return string(letters[:most]) + "…"
}

// tolerance is the largest difference between equal results, as a fraction of
// the larger one or of 1. It allows for rounding in float32.
const tolerance = 1e-4

// same compares two results of any shape.
func same(a, b json.RawMessage) bool {
	var first, second any
	return json.Unmarshal(a, &first) == nil && json.Unmarshal(b, &second) == nil && alike(first, second)
}

func alike(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) <= tolerance*max(1, math.Abs(a), math.Abs(b))
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !alike(a[i], b[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}
