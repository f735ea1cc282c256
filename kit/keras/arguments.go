package keras

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"evident/kit/arch"
)

// largest is the largest permitted number in an argument: the maximum of a
// 32-bit integer.
const largest = math.MaxInt32

// arguments are the arguments of a layer. They keep the first error, so that
// reading a layer needs no check after each argument.
type arguments struct {
	values map[string]json.RawMessage
	err    error
}

func argumentsOf(config json.RawMessage) *arguments {
	a := &arguments{}
	if err := json.Unmarshal(config, &a.values); err != nil || a.values == nil {
		a.err = fmt.Errorf("it has no config with its arguments")
	}
	return a
}

// has reports whether the argument is present and not null.
func (a *arguments) has(key string) bool {
	value, ok := a.values[key]
	return ok && !bytes.Equal(value, []byte("null"))
}

// refuse records what is wrong with an argument.
func (a *arguments) refuse(key, want string) {
	if a.err != nil {
		return
	}
	if !a.has(key) {
		a.err = fmt.Errorf("%s is missing; it has to be %s", key, want)
		return
	}
	text := []rune(strings.Join(strings.Fields(string(a.values[key])), " "))
	if len(text) > 60 {
		text = append(text[:60], '…')
	}
	a.err = fmt.Errorf("%s is %s; it has to be %s", key, string(text), want)
}

const wholeNumber = "a whole number up to 2147483647"

// integer reads a whole number.
func integer(raw json.RawMessage) (int, bool) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil {
		x, err := strconv.ParseFloat(string(raw), 64)
		if err != nil || x != math.Trunc(x) || math.Abs(x) > largest {
			return 0, false
		}
		n = int64(x) // accepts 3.0
	}
	return int(n), n >= -largest && n <= largest
}

func (a *arguments) int(key string) int {
	n, ok := integer(a.values[key])
	if !ok {
		a.refuse(key, wholeNumber)
	}
	return n
}

func (a *arguments) intOr(key string, otherwise int) int {
	if !a.has(key) {
		return otherwise
	}
	return a.int(key)
}

func (a *arguments) bool(key string, otherwise bool) bool {
	if !a.has(key) {
		return otherwise
	}
	var value bool
	if json.Unmarshal(a.values[key], &value) != nil {
		a.refuse(key, "true or false")
	}
	return value
}

// text reads a word; if it is absent, the result is otherwise.
func (a *arguments) text(key, otherwise string) string {
	if !a.has(key) {
		return otherwise
	}
	var value string
	if json.Unmarshal(a.values[key], &value) != nil {
		a.refuse(key, "a text")
	}
	return value
}

// oneOf reads one of the words; if it is absent, the result is the first.
func (a *arguments) oneOf(key string, words ...string) string {
	word := strings.ToLower(a.text(key, words[0]))
	if !slices.Contains(words, word) {
		a.refuse(key, strings.Join(words[:len(words)-1], ", ")+" or "+words[len(words)-1])
	}
	return word
}

// integers reads a list of whole numbers.
func integers(raw json.RawMessage) ([]int, bool) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || items == nil {
		return nil, false
	}
	numbers := make([]int, len(items))
	for i, item := range items {
		n, ok := integer(item)
		if !ok {
			return nil, false
		}
		numbers[i] = n
	}
	return numbers, true
}

// numbers reads a whole number or a list of them, or returns nil if it is
// absent.
func (a *arguments) numbers(key string) []int {
	if !a.has(key) {
		return nil
	}
	if n, ok := integer(a.values[key]); ok {
		return []int{n}
	}
	all, ok := integers(a.values[key])
	if !ok {
		a.refuse(key, "a whole number or a list of them, up to 2147483647")
	}
	return all
}

// sizes reads one number per axis, or one for all, or returns nil if it is
// absent.
func (a *arguments) sizes(key string, axes int) []int {
	all := a.numbers(key)
	switch {
	case all == nil:
		return nil
	case len(all) == 1:
		return slices.Repeat(all, axes)
	case len(all) != axes:
		a.refuse(key, fmt.Sprintf("one number or %d", axes))
		return slices.Repeat([]int{1}, axes)
	}
	return all
}

// window is sizes for a required argument.
func (a *arguments) window(key string, axes int) []int {
	if all := a.sizes(key, axes); all != nil {
		return all
	}
	a.refuse(key, fmt.Sprintf("one number or %d", axes))
	return slices.Repeat([]int{1}, axes)
}

// margins reads what is added or cut before and after each axis: one number for
// all, one per axis, or two per axis.
func (a *arguments) margins(key string, axes int) [][2]int {
	margins := make([][2]int, axes)
	if pairs, ok := pairs(a.values[key], axes); ok {
		margins = pairs
	} else {
		all, ok := a.numbers(key), true
		switch {
		case len(all) == 2 && axes == 1:
			margins[0] = [2]int(all)
		case len(all) == 1:
			for i := range margins {
				margins[i] = [2]int{all[0], all[0]}
			}
		case len(all) == axes:
			for i, n := range all {
				margins[i] = [2]int{n, n}
			}
		default:
			ok = false
		}
		if !ok {
			a.refuse(key, "one number, one for each axis or two for each")
		}
	}
	for _, pair := range margins {
		if pair[0] < 0 || pair[1] < 0 {
			a.refuse(key, "0 or more at each side")
		}
	}
	return margins
}

func pairs(raw json.RawMessage, axes int) ([][2]int, bool) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || len(items) != axes {
		return nil, false
	}
	all := make([][2]int, axes)
	for i, item := range items {
		pair, ok := integers(item)
		if !ok || len(pair) != 2 {
			return nil, false
		}
		all[i] = [2]int(pair)
	}
	return all, true
}

// axes reads axes of a shape that includes the batch, and returns them without
// the batch: −1 is the last, 0 the first after the batch.
func (a *arguments) axes(key string, otherwise int) []int {
	if !a.has(key) {
		return []int{otherwise}
	}
	all := slices.Clone(a.numbers(key))
	for i, axis := range all {
		switch {
		case axis == 0:
			a.refuse(key, "an axis behind the batch, which is 0")
		case axis > 0:
			all[i] = axis - 1
		}
	}
	return all
}

// axis is axes for a single axis.
func (a *arguments) axis(key string, otherwise int) int {
	all := a.axes(key, otherwise)
	if len(all) != 1 {
		a.refuse(key, "one axis")
		return otherwise
	}
	return all[0]
}

func (a *arguments) padding() arch.Padding {
	switch a.oneOf("padding", "valid", "same", "causal") {
	case "same":
		return arch.Same
	case "causal":
		return arch.Causal
	}
	return arch.Valid
}

// activation returns the name of an activation function, of Keras or of the
// user.
func (a *arguments) activation() string {
	var name string
	if json.Unmarshal(a.values["activation"], &name) == nil {
		return name
	}
	var function described
	_ = json.Unmarshal(a.values["activation"], &function) // the count does not depend on the function
	return function.Class
}

// nested reads an argument that is a layer.
func (a *arguments) nested(key string) described {
	var d described
	if json.Unmarshal(a.values[key], &d) != nil || d.Class == "" {
		a.refuse(key, "a layer")
	}
	return d
}

// shape reads a list of sizes, in which null is an unknown size.
func shape(raw json.RawMessage) (arch.Shape, bool) {
	var wrapped struct {
		Items json.RawMessage `json:"items"`
	}
	if json.Unmarshal(raw, &wrapped) == nil && wrapped.Items != nil {
		raw = wrapped.Items // a tuple
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || items == nil {
		return nil, false
	}
	sizes := make(arch.Shape, len(items))
	for i, item := range items {
		sizes[i] = arch.Unknown
		if bytes.Equal(item, []byte("null")) {
			continue
		}
		n, ok := integer(item)
		if !ok || n < 0 {
			return nil, false
		}
		sizes[i] = n
	}
	return sizes, true
}

// batchShape reads a shape that begins with the batch. It returns the batch, or
// [arch.Unknown], and the shape of one example.
func (a *arguments) batchShape(key string) (batch int, example arch.Shape) {
	all, ok := shape(a.values[key])
	if !ok || len(all) == 0 {
		a.refuse(key, "the batch and the sizes, each a whole number or null")
		return arch.Unknown, nil
	}
	return all[0], all[1:]
}

// bytesOf returns the size of one weight of the layer. Mixed-precision policies
// keep weights in 32 bits.
func (a *arguments) bytesOf() int {
	name := a.values["dtype"]
	if bytes.Contains(name, []byte(`"Quantized`)) || bytes.Contains(name, []byte("_from_")) { // such as int8_from_float32
		a.refuse("dtype", "a type that is not quantized, whose weights are not counted: write the model with model.to_json() before model.quantize(…), or count it in Keras")
	}
	for range 2 { // a map of policies has a default for other layers
		var policy struct {
			Config struct {
				Name    json.RawMessage `json:"name"`
				Default json.RawMessage `json:"default_policy"`
			} `json:"config"`
		}
		if json.Unmarshal(name, &policy) == nil {
			name = append(policy.Config.Name, policy.Config.Default...) // only one of the two is set
		}
	}
	switch text := strings.Trim(string(name), `"`); text {
	case "float16", "bfloat16", "int16", "uint16":
		return 2
	case "float64", "int64", "uint64":
		return 8
	case "int8", "uint8", "bool", "float8_e4m3fn", "float8_e5m2":
		return 1
	}
	return 4
}
