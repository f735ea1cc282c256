package keep

import (
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type node struct {
	Name string
	Next *node
}

type hidden struct{ A, b int }

func TestTypesThatCanBeStored(t *testing.T) {
	for message, of := range map[string]reflect.Type{
		"func() is a func, which lives in one program only": reflect.TypeFor[func()](),
		"[]chan int[…] is a chan, which lives in one":       reflect.TypeFor[[]chan int](),
		"a key of map[uintptr]int is a uintptr":             reflect.TypeFor[map[uintptr]int](),
		"keep.hidden.b is unexported, so it would be lost":  reflect.TypeOf(hidden{b: 1}),
		"struct { P **keep.hidden }.P.b is unexported":      reflect.TypeFor[struct{ P **hidden }](),
	} {
		require.ErrorContains(t, Storable(of), message)
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[int](), reflect.TypeFor[[]float32](), reflect.TypeFor[map[string][2]complex128](), reflect.TypeFor[*node](),
		reflect.TypeFor[time.Time](), reflect.TypeFor[*big.Int](), reflect.TypeFor[any](), reflect.TypeFor[struct{}](),
	} {
		require.NoError(t, Storable(of), of)
	}
}

// What is refused is made and returned all the same.
func TestValuesThatCanBeStored(t *testing.T) {
	circle, zero := &node{Name: "a"}, 0
	circle.Next = circle
	for message, value := range map[string]any{
		"points to itself, or is nested":                                   circle,
		"interface {}.P points to a zero, which would be read back as nil": struct{ P *int }{&zero},
		"interface {}[1] is nil, which a list cannot store":                []*node{{Name: "a"}, nil},
		"interface {}[a] is nil, which a list cannot store":                map[string]any{"a": nil},
		"interface {}.E.s is unexported":                                   struct{ E error }{errors.New("x")},
		"interface {} is a func":                                           func() {},
		"not registered for interface":                                     hiddenNone{1},
	} {
		_, origin, err := Value(t.Context(), At(t.TempDir(), time.Time{}), "key", "", func() (any, error) { return value, nil })
		require.NoError(t, err)
		require.Contains(t, origin.Refused, message)
	}
	s := At(t.TempDir(), time.Time{})
	seven := 7
	type value struct {
		List  *node
		Time  time.Time
		Big   *big.Int
		Any   any
		None  *int
		Seven *int
		Empty struct{}
	}
	want := value{&node{"a", &node{Name: "b"}}, time.Unix(5, 0).UTC(), big.NewInt(9), 2.5, nil, &seven, struct{}{}}
	for range 2 {
		got, origin, err := Value(t.Context(), s, "key", "", func() (value, error) { return want, nil })
		require.NoError(t, err)
		require.Empty(t, origin.Refused)
		require.Equal(t, want, got)
	}
	s.most = 4e6
	_, origin, err := Value(t.Context(), s, "large", "", func() ([]byte, error) { return make([]byte, 1e6), nil })
	require.NoError(t, err)
	require.Contains(t, origin.Refused, "it has 1.0 MB, and the store takes values of up to 1.0: keep a part of it")
}

type hiddenNone struct{ A int }

func TestAGroupIsForgotten(t *testing.T) {
	s := At(t.TempDir(), time.Time{})
	made := 0
	for _, name := range []string{"a", "b"} {
		for _, key := range []string{"1", "2"} {
			_, _, err := Value(t.Context(), s.Group(name), key, "", counted(&made))
			require.NoError(t, err)
		}
	}
	require.Equal(t, 4, made)
	n, err := s.Group("a").Forget()
	require.NoError(t, err)
	require.Equal(t, 2, n)
	_, origin, err := Value(t.Context(), s.Group("b"), "1", "", counted(&made))
	require.NoError(t, err)
	require.True(t, origin.WasKept)
	_, origin, err = Value(t.Context(), s.Group("b").Again(), "1", "", counted(&made))
	require.NoError(t, err)
	require.False(t, origin.WasKept)
}

func TestTheCodeOfACall(t *testing.T) {
	root := tree(t)
	code := func(c Call) string {
		sums.Clear()
		_, err := codeBefore(root, "evident/kit/engine", time.Now().Add(time.Hour)) // Code finds it
		require.NoError(t, err)
		sum, err := c.Code(root)
		require.NoError(t, err)
		return sum
	}
	imports := []string{"evident/kit/engine", "fmt"}
	before := code(Call{"a", imports})
	require.Equal(t, before, code(Call{"a", imports}))
	require.NotEqual(t, before, code(Call{"b", imports}))
	require.NotEqual(t, before, code(Call{"a", imports[:1]}))
	require.NoError(t, os.WriteFile(filepath.Join(root, "kit/engine/engine.go"), []byte("package engine\n"), 0o644))
	require.NotEqual(t, before, code(Call{"a", imports}))
	_, err := Call{"a", []string{"evident/kit/none"}}.Code(root)
	require.Error(t, err)
	_, err = Call{"a", []string{"example.com/mine"}}.Code(root)
	require.ErrorContains(t, err, "no module has the package example.com/mine")
}

func TestCallsAreReadByTheirProgram(t *testing.T) {
	program, err := os.Executable()
	require.NoError(t, err)
	want := Call{"abc", []string{"fmt"}}
	require.NoError(t, WriteCalls(program, map[string]Call{"cell-0f:3": want}))
	got, found := CallAt("cell-0f", 3)
	require.True(t, found)
	require.Equal(t, want, got)
	_, found = CallAt("cell-0f", 4)
	require.False(t, found)
	for range 2 {
		require.NoError(t, WriteCalls(program, nil))
	}
	_, found = CallAt("cell-0f", 3)
	require.False(t, found)
}
