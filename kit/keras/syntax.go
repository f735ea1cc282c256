package keras

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"evident/kit/arch"
)

// syntaxError says where the JSON ends early or is wrong: the line, the column,
// and the layer that is described there. quoted lists the places where [finite]
// inserted quotes, which do not count.
func syntaxError(data []byte, quoted []int, syntax *json.SyntaxError) error {
	before := data[:min(max(int(syntax.Offset), 0), len(data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	begin := bytes.LastIndexByte(before, '\n')
	column := len(before) - begin - 1
	for _, at := range quoted {
		if at > begin && at < len(before) {
			column -= len(`""`)
		}
	}
	err := error(syntax)
	switch text := syntax.Error(); {
	case strings.HasPrefix(text, "unexpected end"):
		err = errors.New("the JSON breaks off: is the file truncated?")
	case strings.HasSuffix(text, "after top-level value"):
		err = fmt.Errorf("%w: something stands behind the model: leave the model alone in the file", syntax)
	case strings.HasSuffix(text, "exceeded max depth"):
		err = errors.New("more than 10,000 lists and objects lie in one another: write the model with model.to_json()")
	}
	err = fmt.Errorf("line %d, column %d: %w", line, column, err)
	if open := openLayer(before); open != nil {
		open.Err = err
		return open
	}
	return err
}

// frame is an open JSON object or array.
type frame struct {
	key         string // key in the enclosing object
	object      bool
	wantsKey    bool   // the next token of the object is a key
	last        string // the latest key of the object
	items       int    // number of items in the array
	index       int    // index in the enclosing array
	name, class string
}

// openLayer returns the layer in or before whose description the text ends, or
// nil outside of all layers.
func openLayer(text []byte) *arch.LayerError {
	stack := walkOpen(text)
	var found *arch.LayerError
	place := ""
	for i, f := range stack {
		switch {
		case i == 0:
		case f.key != "":
			place += "." + f.key
		default:
			place += fmt.Sprintf("[%d]", f.index)
		}
		if i > 0 && stack[i-1].key == "layers" && f.object {
			found = &arch.LayerError{Name: f.name, Class: f.class, Place: strings.TrimPrefix(place, ".")}
		}
	}
	if last := len(stack) - 1; last >= 0 && stack[last].key == "layers" && !stack[last].object {
		return &arch.LayerError{Place: fmt.Sprintf("%s[%d]", strings.TrimPrefix(place, "."), stack[last].items)}
	}
	return found
}

// walkOpen returns the objects and arrays that are open at the end of the text.
func walkOpen(text []byte) []*frame {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var stack []*frame
	for {
		token, err := decoder.Token()
		if err != nil {
			return stack
		}
		stack = step(stack, token)
	}
}

func step(stack []*frame, token json.Token) []*frame {
	var top *frame
	if len(stack) > 0 {
		top = stack[len(stack)-1]
	}
	switch delim, _ := token.(json.Delim); {
	case delim == '}' || delim == ']':
		return stack[:len(stack)-1]
	case top != nil && top.object && top.wantsKey:
		top.last, _ = token.(string)
		top.wantsKey = false
		return stack
	case delim == '{' || delim == '[':
		next := &frame{object: delim == '{', wantsKey: true}
		if top != nil && top.object {
			next.key, top.wantsKey = top.last, true
		} else if top != nil {
			next.index = top.items
			top.items++
		}
		return append(stack, next)
	}
	if top != nil {
		note(stack, top, token)
	}
	return stack
}

// note records the name and the class of an object.
func note(stack []*frame, top *frame, token json.Token) {
	if !top.object {
		top.items++
		return
	}
	top.wantsKey = true
	text, _ := token.(string)
	switch top.last {
	case "class_name":
		top.class = text
	case "name":
		top.name = text
		if around := len(stack) - 2; top.key == "config" && around >= 0 && stack[around].name == "" {
			stack[around].name = text
		}
	}
}
