package knob_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/knob"
)

type word string

func (w word) MarshalText() ([]byte, error) { return []byte(w), nil }

type typed struct {
	Rates  []float64 `role:"compared" range:"(0, 1)" list:"2 rising" help:"learning rates"`
	Seeds  []int64   `role:"averaged" help:"of the weights"`
	Widths []int     `role:"compared" range:"[1, 8]" list:"1" help:"of the layers"`
	Rate   float64   `role:"fixed" range:"(0, inf)" help:"of the last layer"`
	Real   bool      `role:"fixed" help:"real data"`
	Name   string    `role:"fixed" help:"of the data"`
	Kinds  []word    `role:"compared" help:"of the layers"`
	Folder string    `role:"fixed" json:"-" help:"of the reader"`
	Nested shared
}

func of() typed {
	return typed{Rates: []float64{0.1, 0.2}, Seeds: knob.Seeds(3), Widths: []int{8}, Rate: 1e-7, Real: true, Name: "a", Kinds: []word{"b", "c"}, Nested: shared{Epochs: 2}}
}

func ExampleKnob_Limits() {
	for _, k := range knob.List(of()) {
		fmt.Printf("%s = %s, %t, %q\n", k.Path, k.Text(), k.IsTyped(), k.Limits())
	}
	// Output:
	// Rates = 0.1, 0.2, true, "numbers above 0 and below 1, at least 2 values, rising"
	// Seeds = 1, 2, 3, true, "whole numbers"
	// Widths = 8, true, "whole numbers at least 1 and at most 8"
	// Rate = 1e-7, true, "number above 0"
	// Real = true, true, ""
	// Name = a, true, ""
	// Kinds = b, c, false, ""
	// Folder = , false, ""
	// Nested.Epochs = 2, true, "whole number at least 1"
}

func TestSetReadsWhatTextWrites(t *testing.T) {
	want, got := of(), typed{Kinds: of().Kinds}
	for _, k := range knob.List(&want) {
		if k.IsTyped() {
			require.NoError(t, knob.Set("", &got, k.Path, k.Text()))
		}
	}
	require.Equal(t, want, got)
}

func TestSetNamesTheKnob(t *testing.T) {
	for _, c := range []struct{ path, text, want string }{
		{"Rate", "fast", `T.Rate is "fast": it must be a number`},
		{"Rate", "1e999", `T.Rate is "1e999": it must be a number`},
		{"Nested.Epochs", "1.5", `T.Nested.Epochs is "1.5": it must be a whole number`},
		{"Rates", "0.1; 0.2", `T.Rates is "0.1; 0.2": it must be numbers with commas between them`},
		{"Seeds", "one", `T.Seeds is "one": it must be whole numbers with commas between them`},
		{"Real", "yes", `T.Real is "yes": it must be true or false`},
		{"Kinds", "b", "T.Kinds is no knob that can be set"},
		{"Folder", "/", "T.Folder is no knob that can be set"},
		{"None", "1", "T.None is no knob that can be set"},
	} {
		config := of()
		err := knob.Set("T", &config, c.path, c.text)
		require.ErrorIs(t, err, badinput.Err)
		require.EqualError(t, err, c.want)
		require.Equal(t, of(), config)
	}
	config := of()
	require.NoError(t, knob.Set("", &config, "Rate", " -2 "))
	require.Equal(t, -2.0, config.Rate)
	require.ErrorContains(t, knob.Check("", config), "Rate is -2: it must be above 0")
	require.NoError(t, knob.Set("", &config, "Rates", ""))
	require.Empty(t, config.Rates)
}
