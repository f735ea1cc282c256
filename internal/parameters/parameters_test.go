package parameters

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDeclaredVariablesHaveTheirTypes(t *testing.T) {
	for name, c := range map[string]struct {
		cell string
		want []Variable
	}{
		"a group": {"var (\n\trate  = 0.1 // of learning\n\tname  = \"ada\"\n\tsteps = 3\n\tdeep  = false\n\tsizes = []float64{1, 2.5}\n)", []Variable{
			{"rate", "float64", "float64", "0.1", "of learning"}, {"name", "string", "string", `"ada"`, ""}, {"steps", "int", "int", "3", ""},
			{"deep", "bool", "bool", "false", ""}, {"sizes", "[]float64", "[]float64", "[]float64{1, 2.5}", ""},
		}},
		"types of their own": {"type Size int\n\nvar a Size = 1\nvar b float32", []Variable{{"a", "Size", "int", "1", ""}, {"b", "float32", "float32", "", ""}}},
		"several at once":    {"var a, b = 1, 'x'", []Variable{{"a", "int", "int", "1", ""}, {"b", "rune", "rune", "'x'", ""}}},
		"a computed value":   {"var half = 1.0 / 2\nvar all = half * 2", []Variable{{"half", "float64", "float64", "1.0 / 2", ""}, {"all", "float64", "float64", "half * 2", ""}}},
		"another package's": {"import \"time\"\n\nvar a time.Duration = time.Second\nvar b = time.Second", []Variable{
			{"a", "time.Duration", "time.Duration", "time.Second", ""}, {"b", "", "", "time.Second", ""},
		}},
		"lines of the kernel": {"%noautoget\n!ls\nvar a = 1\n%%\nvar b = 2\nc := 3", []Variable{{"a", "int", "int", "1", ""}}},
		"a cell that is cut":  {"var a = 1\nvar (", []Variable{{"a", "int", "int", "1", ""}}},
		"no variable":         {"const a = 1\nfunc b() {}", []Variable{}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, Declared(c.cell)) })
	}
}
