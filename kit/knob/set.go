package knob

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"

	"evident/internal/badinput"
)

// Text writes the value as a reader types it into a form: a number, true or false, words, or numbers with commas
// between them.
func (k Knob) Text() string {
	written, err := json.Marshal(k.Value)
	if err != nil {
		return "" // not a value that can be typed
	}
	text := strings.NewReplacer(`"`, "", "[", "", "]", "", ",", ", ", "null", "").Replace(string(written))
	return strings.TrimSpace(text)
}

// IsTyped reports whether a reader can type the value: it is a number, a list of numbers, a truth value or words.
func (k Knob) IsTyped() bool {
	t := reflect.TypeOf(k.Value)
	return !k.Private && (isPlain(t) || t.Kind() == reflect.Slice && isPlain(t.Elem()) && t.Elem().Kind() != reflect.String)
}

func isPlain(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Float64, reflect.Bool, reflect.String:
		return !t.Implements(reflect.TypeFor[encoding.TextMarshaler]())
	}
	return false
}

// Limits says in words which values the knob takes, as in "whole number, at least 1" or "numbers above 0, at least 2
// of them, rising".
func (k Knob) Limits() string {
	t := reflect.TypeOf(k.Value)
	isList := t.Kind() == reflect.Slice
	if isList {
		t = t.Elem()
	}
	kinds := map[reflect.Kind]string{reflect.Int: "whole number", reflect.Int64: "whole number", reflect.Float64: "number"}
	words, isNumber := kinds[t.Kind()]
	if !isNumber {
		return ""
	}
	if isList {
		words += "s"
	}
	if k.Range != "" {
		words += " " + parse(k.Range).String()
	}
	least, order := k.lists()
	if least > 1 {
		words += ", at least " + values(least)
	}
	if order == "rising" {
		words += ", rising"
	}
	return words
}

// Set reads the value of the knob at a path below the configuration that the pointer leads to, as [Knob.Text] writes
// it. The error is [badinput.Err]. It names the knob by its path below prefix, which may be empty, and comes where
// there is no such knob or the text is no value of its kind. Whether the value is in range is for [Check].
func Set(prefix string, config any, path, text string) error {
	for _, k := range List(config) {
		if k.Path == path && k.IsTyped() {
			field := reflect.ValueOf(config).Elem()
			for name := range strings.SplitSeq(path, ".") {
				field = field.FieldByName(name)
			}
			if !read(field, strings.TrimSpace(text)) {
				return badinput.Errorf("%s%s is %q: it must be %s", dotted(prefix), path, text, k.wanted())
			}
			return nil
		}
	}
	return badinput.Errorf("%s%s is no knob that can be set", dotted(prefix), path)
}

// wanted names the kind of value that the knob takes.
func (k Knob) wanted() string {
	t := reflect.TypeOf(k.Value)
	whole := map[bool]string{true: "whole number", false: "number"}
	switch {
	case t.Kind() == reflect.Slice:
		return whole[t.Elem().Kind() != reflect.Float64] + "s with commas between them"
	case t.Kind() == reflect.Bool:
		return "true or false"
	}
	return "a " + whole[t.Kind() != reflect.Float64]
}

func read(field reflect.Value, text string) bool {
	if field.Kind() == reflect.String {
		field.SetString(text)
		return true
	}
	value := reflect.New(field.Type())
	if field.Kind() == reflect.Slice {
		text = "[" + strings.Trim(text, "[]") + "]"
	}
	if err := json.Unmarshal([]byte(text), value.Interface()); err != nil {
		return false
	}
	field.Set(value.Elem())
	return true
}
