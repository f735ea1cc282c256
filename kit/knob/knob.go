// Package knob describes, checks and shifts the knobs of an experiment. A
// configuration is a struct whose fields carry tags; see [Knob].
package knob

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"evident/internal/badinput"
	"evident/kit/claim"
)

// Role says what an experiment does with a knob (Deep Learning Tuning Playbook, "Choosing the goal for the
// next round of experiments").
type Role string

// The roles. A fixed knob limits how far the verdict generalises.
const (
	Compared Role = "compared"
	Averaged Role = "averaged over"
	Fixed    Role = "fixed"
)

// roles maps the values of the tag `role`.
var roles = map[string]Role{"compared": Compared, "averaged": Averaged, "fixed": Fixed}

// Knob is one field of an experiment's configuration, described by the field's tags:
//
//	Rates []float64 `role:"compared" range:"(0, inf)" list:"2 rising" help:"learning rates η"`
//
// The tag role is compared, averaged or fixed. The tag range is an interval for the number, or for every number
// of a list; a round bracket excludes its end. The tag list gives the minimum length of a list and may require
// its values to be "rising" or "unique". Seeds must always be unique. The tag choices lists the only values, with | between
// them. The tag help describes the knob in one line.
type Knob struct {
	Path  string `json:"path"` // as in "Floor.Rates"
	Role  Role   `json:"role"`
	Range string `json:"range,omitempty"`
	Help  string `json:"help"`
	Value any    `json:"value"`
	// Choices are the only values; nil for all in the range.
	Choices []string `json:"choices,omitempty"`
	// Private knobs, such as a folder on the reader's disk, do not appear in reports. Their field has the tag
	// json:"-".
	Private bool `json:"-"`

	list    string
	omitted bool // from JSON, since it is not set
}

// validator is a group of knobs with conditions that involve several of them, or a knob that is a struct. The error
// of a group begins with the name of the invalid field.
type validator interface{ Validate() error }

// List returns the knobs of a configuration, or of the one that a pointer leads to, in source order, but for those that
// are not set and that JSON then omits. A field without the tag role is a group of knobs;
// the knobs of an embedded group belong to the enclosing group. List panics at a field that is neither, because
// that is a programming error.
func List(config any) []Knob {
	var all []Knob
	_ = walk("", reflect.Indirect(reflect.ValueOf(config)), func(k Knob) error {
		if !k.omitted {
			all = append(all, k)
		}
		return nil
	}, nil)
	return all
}

// Check returns an error for the first knob, in source order, that is out of its range, or for the first group
// whose Validate fails. The error is [badinput.Err]. It names the knob by its path below prefix, which may be
// empty.
func Check(prefix string, config any) error {
	return walk(prefix, reflect.ValueOf(config), Knob.check, func(prefix string, group any) error {
		if checked, has := group.(validator); has {
			if err := checked.Validate(); err != nil {
				return badinput.Errorf("%s%w", dotted(prefix), err)
			}
		}
		return nil
	})
}

// dataSource is a group of knobs that may name data of the reader's own, of which nobody knows beforehand what
// will come out.
type dataSource interface{ OwnData() bool }

// OwnData reports whether a group of the configuration, or of the one that a pointer leads to, names the reader's own
// data, as its method OwnData has it.
func OwnData(config any) bool {
	own := false
	_ = walk("", reflect.Indirect(reflect.ValueOf(config)), func(Knob) error { return nil }, func(_ string, group any) error {
		source, has := group.(dataSource)
		own = own || has && source.OwnData()
		return nil
	})
	return own
}

// SeedsOf a configuration are every seed of a list that is averaged over, once, in rising order.
func SeedsOf(config any) []int64 {
	var all []int64
	for _, k := range List(config) {
		if seeds, isList := k.Value.([]int64); isList && k.Role == Averaged {
			all = append(all, seeds...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Shift adds an amount to every seed of the configuration that the pointer leads to, which means to all numbers
// of type int64 and to all lists of them. It copies the lists first, because configurations may share them.
func Shift(config any, by int64) {
	eachSeed(reflect.ValueOf(config).Elem(),
		func(number reflect.Value) { number.SetInt(number.Int() + by) },
		func(list reflect.Value) {
			shifted := slices.Clone(list.Interface().([]int64))
			for i := range shifted {
				shifted[i] += by
			}
			list.Set(reflect.ValueOf(shifted))
		})
}

// FirstSeed returns the first seed that [Shift] moves, or 0 if there is none.
func FirstSeed[C any](config C) int64 {
	var all []int64
	eachSeed(reflect.ValueOf(&config).Elem(),
		func(number reflect.Value) { all = append(all, number.Int()) },
		func(list reflect.Value) { all = append(all, list.Interface().([]int64)...) })
	if len(all) == 0 {
		return 0
	}
	return all[0]
}

// Cut keeps at most the first n seeds of every list in the configuration that the pointer leads to.
func Cut(config any, n int) {
	eachSeed(reflect.ValueOf(config).Elem(), func(reflect.Value) {},
		func(list reflect.Value) { list.Set(list.Slice(0, min(n, list.Len()))) })
}

// eachSeed visits the numbers of type int64 below v, and the lists of them.
func eachSeed(v reflect.Value, number, list func(reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[[]int64]():
		list(v)
	case v.Type() == reflect.TypeFor[int64]():
		number(v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
				eachSeed(v.Field(i), number, list)
			}
		}
	}
}

func dotted(prefix string) string {
	if prefix == "" {
		return ""
	}
	return prefix + "."
}

// walk visits the knobs of a group and then, if there is a visitor for it, the group itself.
func walk(prefix string, group reflect.Value, visit func(Knob) error, after func(string, any) error) error {
	for i := range group.NumField() {
		field := group.Type().Field(i)
		if !field.IsExported() && !field.Anonymous {
			continue
		}
		path := dotted(prefix) + field.Name
		role, isKnob := field.Tag.Lookup("role")
		if isKnob {
			k := Knob{
				Path: path, Role: roles[role], Range: field.Tag.Get("range"), Help: field.Tag.Get("help"),
				Value: group.Field(i).Interface(), Private: field.Tag.Get("json") == "-", list: field.Tag.Get("list"),
				omitted: strings.Contains(field.Tag.Get("json"), ",omit") && group.Field(i).IsZero(),
			}
			if choices := field.Tag.Get("choices"); choices != "" {
				k.Choices = strings.Split(choices, "|")
			}
			if k.Role == "" || k.Help == "" {
				panic(fmt.Sprintf("knob: %s of %s has no role or no help", field.Name, group.Type()))
			}
			if err := visit(k); err != nil {
				return err
			}
			continue
		}
		if field.Type.Kind() != reflect.Struct {
			panic(fmt.Sprintf("knob: %s of %s is no group and has no role", field.Name, group.Type()))
		}
		if field.Anonymous {
			path = prefix
		}
		if err := walk(path, group.Field(i), visit, after); err != nil {
			return err
		}
	}
	if after == nil || !group.CanInterface() {
		return nil
	}
	return after(prefix, group.Interface())
}

// check returns an error if the value is out of range, or if the list is too short or out of order.
func (k Knob) check() error {
	value := reflect.ValueOf(k.Value)
	if k.Choices != nil && !slices.Contains(k.Choices, fmt.Sprint(k.Value)) {
		return badinput.Errorf("%s is %v: choose one of %s", k.Path, k.Value, strings.Join(k.Choices, ", "))
	}
	if value.Kind() != reflect.Slice {
		if err := k.checkNumber(value, "is", "it"); err != nil || value.IsZero() {
			return err
		}
		return k.checkItself(value)
	}
	least, order := k.lists()
	switch {
	case value.Len() == 0 && least > 0 && k.isSeeds():
		return badinput.Errorf("%s is empty: give at least one seed, and %d for a verdict", k.Path, claim.MinSamples)
	case value.Len() == 0 && least > 0:
		return badinput.Errorf("%s is empty: give at least %s", k.Path, values(least))
	case value.Len() < least:
		return badinput.Errorf("%s has %s: give at least %d", k.Path, values(value.Len()), least)
	}
	for i := range value.Len() {
		if err := cmp.Or(k.checkNumber(value.Index(i), "has", "every value"), k.checkItself(value.Index(i))); err != nil {
			return err
		}
		for j := range i {
			if order != "" && value.Index(i).Equal(value.Index(j)) {
				return badinput.Errorf("%s has %v twice: give each value once", k.Path, value.Index(i))
			}
		}
		if order == "rising" && i > 0 && number(value.Index(i)) < number(value.Index(i-1)) {
			return badinput.Errorf("%s has %v after %v: give the values in rising order", k.Path, value.Index(i), value.Index(i-1))
		}
	}
	return nil
}

func (k Knob) isSeeds() bool { _, seeds := k.Value.([]int64); return seeds && k.Role == Averaged }

// lists parses the tag list.
func (k Knob) lists() (least int, order string) {
	if k.list == "" && k.isSeeds() {
		return 1, "unique"
	}
	text, order, _ := strings.Cut(k.list, " ")
	least, _ = strconv.Atoi(text)
	return least, order
}

// checkNumber returns an error if a number lies outside the range. It accepts values that are not numbers.
func (k Knob) checkNumber(value reflect.Value, verb, subject string) error {
	if k.Range == "" || !value.CanInt() && !value.CanFloat() {
		return nil
	}
	v := number(value)
	if interval := parse(k.Range); !interval.holds(v) {
		return badinput.Errorf("%s %s %v: %s must be %s", k.Path, verb, value, subject, interval)
	}
	return nil
}

// checkItself returns the error of a value that has Validate, such as a net of the reader's own.
func (k Knob) checkItself(value reflect.Value) error {
	if checked, has := value.Interface().(validator); has {
		if err := checked.Validate(); err != nil {
			return badinput.Errorf("%s: %w", k.Path, err)
		}
	}
	return nil
}

func number(value reflect.Value) float64 {
	if value.CanInt() {
		return float64(value.Int())
	}
	return value.Float()
}

func values(n int) string {
	if n == 1 {
		return "1 value"
	}
	return fmt.Sprintf("%d values", n)
}

// interval is the range of a knob.
type interval struct {
	low, high         float64
	openLow, openHigh bool
}

// parse reads an interval in mathematical notation. It panics on an invalid one, because that is a programming
// error.
func parse(text string) interval {
	low, high, found := strings.Cut(strings.Trim(text, "[]()"), ",")
	i := interval{openLow: strings.HasPrefix(text, "("), openHigh: strings.HasSuffix(text, ")")}
	var err, err2 error
	i.low, err = strconv.ParseFloat(strings.TrimSpace(low), 64)
	i.high, err2 = strconv.ParseFloat(strings.TrimSpace(high), 64)
	if !found || err != nil || err2 != nil {
		panic(fmt.Sprintf("knob: %q is no interval", text))
	}
	return i
}

// holds reports whether the interval contains the number. No interval contains infinity or NaN.
func (i interval) holds(v float64) bool {
	return !math.IsInf(v, 0) && (v > i.low || v == i.low && !i.openLow) && (v < i.high || v == i.high && !i.openHigh)
}

// String describes the interval in words, as in "above 0 and below 1".
func (i interval) String() string {
	var parts []string
	switch {
	case math.IsInf(i.low, -1):
	case i.openLow:
		parts = append(parts, fmt.Sprintf("above %v", i.low))
	default:
		parts = append(parts, fmt.Sprintf("at least %v", i.low))
	}
	switch {
	case math.IsInf(i.high, 1):
	case i.openHigh:
		parts = append(parts, fmt.Sprintf("below %v", i.high))
	default:
		parts = append(parts, fmt.Sprintf("at most %v", i.high))
	}
	if len(parts) == 0 {
		return "finite"
	}
	return strings.Join(parts, " and ")
}

// Seeds returns 1, 2, …, n.
func Seeds(n int) []int64 { return SeedsFrom(1, n) }

// SeedsFrom returns n consecutive seeds.
func SeedsFrom(first int64, n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = first + int64(i)
	}
	return all
}

// Logspace returns base^from, …, base^to with per numbers for each power of the
// base, evenly spaced on a logarithmic axis. Both from and to are multiples of
// 1/per.
func Logspace(base, from, to float64, per int) []float64 {
	var all []float64
	for i := int(math.Round(from * float64(per))); i <= int(math.Round(to*float64(per))); i++ {
		all = append(all, math.Pow(base, float64(i)/float64(per)))
	}
	return all
}

// CheckSeeds returns an error if the list is empty or holds a seed twice.
func CheckSeeds(name string, seeds []int64) error {
	if len(seeds) == 0 {
		return badinput.Errorf("%s is empty: give at least one seed, and %d for a verdict", name, claim.MinSamples)
	}
	for i, seed := range seeds {
		if slices.Contains(seeds[:i], seed) {
			return badinput.Errorf("%s has %d twice: each seed counts once", name, seed)
		}
	}
	return nil
}
