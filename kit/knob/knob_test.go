package knob_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/knob"
)

type shared struct {
	Epochs int `role:"fixed" range:"[1, inf)" help:"passes over the data"`
}

type training struct {
	shared2
	Rates  []float64 `role:"compared" range:"(0, 1)" list:"2 rising" help:"learning rates"`
	Seeds  []int64   `role:"averaged" help:"of the weights"`
	Name   string    `role:"fixed" help:"of the data"`
	Sizes  []int     `role:"compared" range:"[1, 8]" list:"1 unique" help:"of a batch"`
	Kind   int       `role:"compared" choices:"1|4" help:"of the data"`
	Nested shared
}

type shared2 struct {
	Data int64 `role:"fixed" help:"seed of the data"`
}

func (t training) Validate() error {
	if len(t.Sizes) > t.Nested.Epochs {
		return badinput.Errorf("Sizes has %d values for %d epochs", len(t.Sizes), t.Nested.Epochs)
	}
	return nil
}

func sound() training {
	return training{
		shared2: shared2{Data: 3}, Rates: []float64{0.1, 0.2}, Seeds: knob.Seeds(3), Sizes: []int{1, 8}, Kind: 4, Nested: shared{Epochs: 2},
	}
}

func ExampleList() {
	for _, k := range knob.List(struct{ Floor training }{sound()}) {
		fmt.Printf("%s (%s): %v, %s\n", k.Path, k.Role, k.Value, k.Help)
	}
	// Output:
	// Floor.Data (fixed): 3, seed of the data
	// Floor.Rates (compared): [0.1 0.2], learning rates
	// Floor.Seeds (averaged over): [1 2 3], of the weights
	// Floor.Name (fixed): , of the data
	// Floor.Sizes (compared): [1 8], of a batch
	// Floor.Kind (compared): 4, of the data
	// Floor.Nested.Epochs (fixed): 2, passes over the data
}

func TestCheckNamesTheFirstKnobOfTheSource(t *testing.T) {
	for want, spoil := range map[string]func(*training){
		"": func(*training) {},
		"Floor.Rates is empty: give at least 2 values":                      func(t *training) { t.Rates, t.Seeds = nil, nil },
		"Floor.Rates has 1 value: give at least 2":                          func(t *training) { t.Rates = []float64{0.5} },
		"Floor.Rates has 0: every value must be above 0 and below 1":        func(t *training) { t.Rates = []float64{0, 0.5} },
		"Floor.Rates has 1: every value must be above 0 and below 1":        func(t *training) { t.Rates = []float64{0.5, 1} },
		"Floor.Rates has NaN: every value must be above 0 and below 1":      func(t *training) { t.Rates = []float64{0.5, math.NaN()} },
		"Floor.Rates has 0.1 after 0.2: give the values in rising order":    func(t *training) { t.Rates = []float64{0.2, 0.1} },
		"Floor.Rates has 0.2 twice: give each value once":                   func(t *training) { t.Rates = []float64{0.2, 0.2} },
		"Floor.Seeds is empty: give at least one seed, and 5 for a verdict": func(t *training) { t.Seeds, t.Nested.Epochs = nil, 0 },
		"Floor.Seeds has 2 twice: give each value once":                     func(t *training) { t.Seeds = []int64{2, 1, 2} },
		"Floor.Sizes has 9: every value must be at least 1 and at most 8":   func(t *training) { t.Sizes = []int{9} },
		"Floor.Kind is 2: choose one of 1, 4":                               func(t *training) { t.Kind = 2 },
		"Floor.Nested.Epochs is 0: it must be at least 1":                   func(t *training) { t.Nested.Epochs = 0 },
		"Floor.Sizes has 2 values for 1 epochs":                             func(t *training) { t.Nested.Epochs = 1 },
	} {
		c := sound()
		spoil(&c)
		err := knob.Check("", struct{ Floor training }{c})
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, badinput.Err)
		require.EqualError(t, err, want)
		require.EqualError(t, knob.Check("Floor", c), want, "alone, with its name")
	}
}

func TestShiftMovesEverySeedAndNoOther(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		by := random.Int64N(1000) - 500
		before := sound()
		after := before
		knob.Shift(&after, by)
		require.Equal(t, before.Data+by, after.Data)
		for i, seed := range before.Seeds {
			require.Equal(t, seed+by, after.Seeds[i])
		}
		require.Equal(t, knob.Seeds(3), before.Seeds, "configurations share lists")
		require.Equal(t, before.Sizes, after.Sizes)
	}
}

func TestSeedsAreListedOnce(t *testing.T) {
	one, other := sound(), sound()
	other.Seeds = []int64{3, 9}
	require.Equal(t, []int64{1, 2, 3, 9}, knob.SeedsOf(struct{ A, B training }{one, other}))
	knob.Cut(&one, 1)
	require.Equal(t, []int64{1}, knob.SeedsOf(one))
}

// A knob without a role or help is a programming error, which every lesson's test finds.
func TestKnobsWithoutARoleOrHelpPanic(t *testing.T) {
	require.PanicsWithValue(t, "knob: Rate of struct { Rate float64 } is no group and has no role", func() { knob.List(struct{ Rate float64 }{}) })
	require.Panics(t, func() {
		knob.List(struct {
			Rate float64 `role:"fixed"`
		}{})
	})
	require.Panics(t, func() {
		_ = knob.Check("", struct {
			Rate float64 `role:"fixed" range:"positive" help:"a rate"`
		}{})
	})
}

func ExampleSeeds() {
	fmt.Println(knob.Seeds(3), knob.SeedsFrom(1001, 2))
	// Output: [1 2 3] [1001 1002]
}

func TestSeedsAreChecked(t *testing.T) {
	for want, seeds := range map[string][]int64{
		"--seed is empty: give at least one seed, and 5 for a verdict": nil,
		"--seed has 2 twice: each seed counts once":                    {2, 1, 2},
	} {
		err := knob.CheckSeeds("--seed", seeds)
		require.ErrorIs(t, err, badinput.Err)
		require.EqualError(t, err, want)
	}
	require.NoError(t, knob.CheckSeeds("--seed", knob.Seeds(5)))
}

func TestLogspaceIsEvenlySpaced(t *testing.T) {
	require.Equal(t, []float64{0.25, 0.5, 1, 2}, knob.Logspace(2, -2, 1, 1))
	require.InDeltaSlice(t, []float64{0.1, 0.31622776601683794, 1}, knob.Logspace(10, -1, 0, 2), 1e-15)
	require.Len(t, knob.Logspace(10, -3.5, 1.5, 4), 21)
	require.Empty(t, knob.Logspace(10, 1, 0, 1))
}

// named is a knob that is a struct.
type named struct{ Name string }

func (n named) Validate() error {
	if n.Name == "" {
		return badinput.Errorf("it has no name")
	}
	return nil
}

func TestKnobThatIsAStructChecksItself(t *testing.T) {
	type one struct {
		Own named `role:"compared" json:",omitzero" help:"one"`
	}
	type several struct {
		Own []named `role:"compared" json:",omitempty" help:"several"`
	}
	require.NoError(t, knob.Check("", one{}), "not set")
	require.Empty(t, knob.List(one{}), "JSON omits it")
	require.NoError(t, knob.Check("", one{named{"a"}}))
	require.Len(t, knob.List(one{named{"a"}}), 1)
	require.NoError(t, knob.Check("Floor", several{[]named{{"a"}}}))
	err := knob.Check("Floor", several{[]named{{"a"}, {}}})
	require.ErrorIs(t, err, badinput.Err)
	require.EqualError(t, err, "Floor.Own: it has no name")
}
