package layer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/keep"
)

// keeping is a notebook's program that keeps one value.
const keeping = `package main

import (
	"fmt"

	"evident/kit/fit"
	"evident/kit/show"
)

const unrelated = 1

const (
	zero = iota
	one
)

var (
	rate  = 0.1
	other = 0.2
)

type Net struct{ Layers int }

func (n Net) size() int { return n.Layers * helper() }

func helper() int { return one }

func aside() int { return unrelated }

func raise() { rate = 0.3 }

func init() { fmt.Println(aside()) }

func net(n int) fit.History {
	epochs := 3
	fmt.Println("about to train", other)
	plan := fit.Training{Epochs: epochs}
	return show.Keep(fmt.Sprint("net ", n), func() fit.History {
		return train(Net{n}, rate, plan)
	})
}

func train(n Net, rate float64, plan fit.Training) fit.History { panic(n.size()) }

func main() {
	fmt.Println(net(2))
}
`

// onlyCall is the one call of a program.
func onlyCall(t *testing.T, program string) keep.Call {
	t.Helper()
	found, wrong := calls(map[string]string{"main.go": program})
	require.Nil(t, wrong)
	require.Len(t, found, 1)
	for _, c := range found {
		return c
	}
	return keep.Call{}
}

func TestWhatAKeptValueDependsOn(t *testing.T) {
	before := onlyCall(t, keeping)
	require.Equal(t, []string{"evident/kit/fit", "evident/kit/show"}, before.Imports)
	for name, c := range map[string]struct {
		old, new string
		changes  bool
	}{
		"a function that the closure calls":          {"panic(n.size())", "panic(1)", true},
		"a method of a type that it names":           {"n.Layers * helper()", "n.Layers", true},
		"a function that this method calls":          {"return one", "return zero", true},
		"a constant at another place":                {"zero = iota\n\tone", "zero = iota\n\thalf\n\tone", true},
		"a field":                                    {"Layers int", "Layers, Width int", true},
		"a variable above %%":                        {"rate  = 0.1", "rate = 0.11", true},
		"a local variable that the closure reads":    {"Epochs: epochs}", "Epochs: 5}", true},
		"a local variable that this is made of":      {"epochs := 3", "epochs := 4", true},
		"the closure":                                {"Net{n}, rate", "Net{n}, 2*rate", true},
		"an assignment in main":                      {"fmt.Println(net(2))", "rate = 0.2\n\tfmt.Println(net(2))", true},
		"an assignment above the call":               {"epochs := 3", "rate = 0.9\n\tepochs := 3", true},
		"a call in main that assigns":                {"fmt.Println(net(2))", "raise()\n\tfmt.Println(net(2))", true},
		"a call in init that assigns":                {"fmt.Println(aside())", "raise()", true},
		"an assignment to another variable":          {"fmt.Println(net(2))", "other = 0.5\n\tfmt.Println(net(2))", false},
		"another cell":                               {"fmt.Println(net(2))", "for range 3 {\n\t\tfmt.Println(net(1+1), rate)\n\t}", false},
		"a function that nothing calls":              {"return unrelated", "return unrelated + 1", false},
		"an assignment that is never run":            {"func raise() { rate = 0.3 }", "func raise() { rate = 0.4 }", false},
		"another constant":                           {"unrelated = 1", "unrelated = 2", false},
		"a statement that has nothing to do with it": {`"about to train", other`, `"about"`, false},
		"the name's expression":                      {`fmt.Sprint("net ", n)`, `fmt.Sprint("net", " ", n)`, false},
		"a comment and an empty line":                {"epochs := 3", "\n\t// as many as Kim\n\tepochs := 3 // epochs", false},
		"a line that is broken":                      {"train(Net{n}, rate, plan)", "train(\n\t\t\tNet{n}, rate, plan)", false},
		"an unused import":                           {`"fmt"`, `"fmt"` + "\n\t_ \"os\"", false},
		"a place":                                    {"const unrelated = 1", "//line cell-0f:7\nconst unrelated = 1", false},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(keeping, c.old))
			after := onlyCall(t, strings.Replace(keeping, c.old, c.new, 1))
			assert.Equal(t, c.changes, before.Source != after.Source)
			if !c.changes {
				assert.Equal(t, before.Imports, after.Imports)
			}
		})
	}
}

// The name must say what the source does not.
func TestWhatTheSourceDoesNotDetermineIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ body, message string }{
		"a parameter":                   {"func f(lr float64) { show.Keep(\"net\", func() float64 { return lr }) }", "on lr, a parameter of f: write it into the name, as in show.Keep(fmt.Sprint(\"net\", lr), …)"},
		"what is made of a parameter":   {"func f(lr float64) {\n\ttwice := 2 * lr\n\tshow.Keep(\"net\", func() float64 { return twice })\n}", "on lr, a parameter of f"},
		"a parameter in the name":       {"func f(lr float64) { show.Keep(fmt.Sprint(lr), func() float64 { return lr }) }", ""},
		"in the name by another":        {"func f(lr float64) {\n\tname := fmt.Sprint(lr)\n\tshow.Keep(name, func() float64 { return lr })\n}", ""},
		"a parameter beside":            {"func f(lr float64) { show.Keep(\"net\", func() float64 { return 1 }) }", ""},
		"a receiver":                    {"func (n Net) f() { show.Keep(\"net\", func() int { return n.x }) }", "on n, a parameter of f"},
		"a type parameter":              {"func f[T any]() { show.Keep(\"net\", func() (t T) { return }) }", "on T, a parameter of f"},
		"a closure's parameter":         {"func main() { g(func(x int) { show.Keep(\"net\", func() int { return x }) }) }", "on x, a parameter of a function"},
		"a variable's closure":          {"var f = func(x int) int { return show.Keep(\"net\", func() int { return x }) }", "on x, a parameter of a function"},
		"a range":                       {"func main() { for _, lr := range rates { show.Keep(\"net\", func() float64 { return lr }) } }", "on lr, a variable of a loop"},
		"a loop":                        {"func main() { for i := 0; i < 3; i++ { show.Keep(\"net\", func() int { return i }) } }", "on i, "},
		"what a loop changes":           {"func main() {\n\tlr := 1.0\n\tfor range 3 {\n\t\tshow.Keep(\"net\", func() float64 { return lr })\n\t\tlr /= 2\n\t}\n}", "on lr, changed in a loop"},
		"what is made anew in each run": {"func main() { for _, lr := range rates { net := g(lr); show.Keep(fmt.Sprint(lr), func() int { return 1 }, net) } }", ""},
		"an alias of the package":       {"func f(lr float64) { s.Keep[float64](\"net\", func() float64 { return lr }) }", "on lr, a parameter of f"},
		"another Keep":                  {"func f(lr float64) { fmt.Keep(\"net\", func() float64 { return lr }) }", ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, wrong := calls(map[string]string{"main.go": "package main\n\nimport (\n\t\"fmt\"\n\t\"evident/kit/show\"\n\ts \"evident/kit/show\"\n)\n\n//line cell-0f:3:1\n" + c.body + "\n"})
			if c.message == "" {
				require.Nil(t, wrong)
				return
			}
			require.NotNil(t, wrong)
			require.Contains(t, wrong.message, c.message)
			require.Equal(t, "cell-0f", wrong.at.Filename)
		})
	}
}

// What a cell reads from a loop's range counts, and what another iteration does.
func TestALoopIsRunAsAWhole(t *testing.T) {
	const loop = "package main\n\nimport \"evident/kit/show\"\n\nfunc main() {\n\tfor _, c := range []Config{{1, 2}} {\n\t\tx := c.b\n\t\tshow.Keep(c.name, func() int { return x })\n\t\tadjust(&x)\n\t}\n}\n\nfunc adjust(x *int) { *x = 2 }\n"
	before := onlyCall(t, loop)
	for _, change := range [][2]string{{"{1, 2}", "{1, 3}"}, {"adjust(&x)", "_ = x"}, {"*x = 2", "*x = 3"}} {
		require.NotEqual(t, before, onlyCall(t, strings.Replace(loop, change[0], change[1], 1)), change[0])
	}
}

func TestPlacesOfCalls(t *testing.T) {
	const program = "package main\n\nimport . \"evident/kit/show\"\n\n//line cell-0a:2:1\nvar a = Keep(\"a\", f)\n\n//line cell-0b:9:1\nfunc main() {\n\tKeep(\"b\", f); Keep(\"c\", g)\n}\n\nfunc f() int { return 1 }\n\nfunc g() int { return 1 }\n"
	found, wrong := calls(map[string]string{"main.go": program})
	require.Nil(t, wrong)
	require.Equal(t, []string{"cell-0a:2", "cell-0b:10"}, sortedKeys(found))
	other, _ := calls(map[string]string{"main.go": strings.Replace(program, "g() int { return 1 }", "g() int { return 2 }", 1)})
	require.Equal(t, found["cell-0a:2"], other["cell-0a:2"])
	require.NotEqual(t, found["cell-0b:10"], other["cell-0b:10"], "two calls on one line")
	methods := map[string]string{"main.go": strings.Replace(program, "return 1", "return box{}.x()", 1), "methods.go": "package main\n\nfunc (b box) x() int { return 5 }\n"}
	with, _ := calls(methods)
	methods["methods.go"] = strings.Replace(methods["methods.go"], "5", "6", 1)
	without, _ := calls(methods)
	require.NotEqual(t, with["cell-0a:2"], without["cell-0a:2"], "a method in the other file")
}
