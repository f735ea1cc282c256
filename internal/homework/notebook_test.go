package homework

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/nbformat"
	"evident/kit/exercise"
)

// variants returns the variants of all lessons for one seed.
func variants(t *testing.T) []Variant {
	t.Helper()
	var all []Variant
	for _, c := range courses() {
		v, err := NewVariant(c.lesson, 80127, "ada")
		require.NoError(t, err)
		all = append(all, v)
	}
	return all
}

// The test compiles and runs the code of every notebook outside of Jupyter, as
// one program with a package per notebook. All solutions must be right, also on
// unseen inputs, and all students' notebooks must count as not answered.
func TestNotebooksOfAllLessonsRun(t *testing.T) {
	module := t.TempDir()
	main := "package main\n\nimport (\n"
	calls := ""
	all := variants(t)
	for _, v := range all {
		for kind, write := range map[string]func() ([]byte, error){"solution": v.Solution, "student": v.Student} {
			content, err := write()
			require.NoError(t, err)
			name := v.Set.Lesson + kind
			save(t, filepath.Join(module, name, "code.go"), program(t, name, content))
			main += fmt.Sprintf("\t%q\n", "notebooks/"+name)
			calls += fmt.Sprintf("\t%s.Run()\n", name)
		}
	}
	save(t, filepath.Join(module, "main.go"), main+")\n\nfunc main() {\n"+calls+"}\n")
	printed := run(t, module)
	for _, v := range all {
		for _, q := range v.Set.Questions {
			require.Contains(t, printed, fmt.Sprintf("✔ %s: right.\n", q.ID))
			require.Contains(t, printed, fmt.Sprintf("… %s: missing.", q.ID))
		}
	}
	require.NotContains(t, printed, "wrong")
	require.NotContains(t, printed, "unreadable")
}

func save(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
}

// program returns a package with the code of a notebook. GoNB would run the
// cells as separate programs; the package runs them one after the other.
func program(t *testing.T, name string, notebook []byte) string {
	t.Helper()
	n, err := nbformat.Parse(notebook)
	require.NoError(t, err)
	code, calls := "package "+name+"\n", ""
	for _, cell := range n.Cells {
		switch source, isCall := strings.CutPrefix(string(cell.Source), "%%\n"); {
		case cell.Kind != "code":
		case isCall:
			calls += source + "\n"
		default:
			code += strings.TrimPrefix(source, "%noautoget\n") + "\n"
		}
	}
	return code + "\nfunc Run() {\n" + calls + "}\n"
}

// A notebook is a separate module, which cannot import this package.
func TestNoNotebookCanImportTheExercises(t *testing.T) {
	module := t.TempDir()
	save(t, filepath.Join(module, "main.go"), `package main

import "evident/internal/homework"

func main() { homework.Sheet("params") }
`)
	printed, err := tryRun(t, module)
	require.Error(t, err)
	require.Contains(t, printed, "use of internal package evident/internal/homework not allowed")
}

// run runs a module that uses evident.
func run(t *testing.T, module string) string {
	t.Helper()
	printed, err := tryRun(t, module)
	require.NoError(t, err, printed)
	return printed
}

func tryRun(t *testing.T, module string) (string, error) {
	t.Helper()
	evident, err := filepath.Abs("../..")
	require.NoError(t, err)
	save(t, filepath.Join(module, "go.mod"), "module notebooks\n\ngo 1.26\n\nrequire evident v0.0.0\n\nreplace evident => "+evident+"\n")
	sums, err := os.ReadFile("../../go.sum")
	require.NoError(t, err)
	save(t, filepath.Join(module, "go.sum"), string(sums))
	cmd := exec.Command("go", "run", "-mod=mod", ".")
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false", "GOPROXY=off")
	printed, err := cmd.CombinedOutput()
	return string(printed), err
}

// Every known mistake of a question is recognised, and its hint is shown.
func TestUsualMistakesAreRecognised(t *testing.T) {
	for _, c := range courses() {
		t.Run(c.lesson, func(t *testing.T) {
			t.Parallel() // sealing is slow
			set, err := Sheet(c.lesson)
			require.NoError(t, err)
			sheet, err := set.Seal()
			require.NoError(t, err)
			for _, q := range set.Questions {
				for _, m := range q.Mistakes {
					result, err := sheet.Answer(q.ID, m.Answer)
					require.NoError(t, err)
					require.Equal(t, exercise.Wrong, result.Verdict, "%s: %v", q.ID, m.Answer)
					require.Equal(t, strings.ToUpper(m.Hint[:1])+strings.TrimSuffix(m.Hint[1:], ".")+".", result.Hint)
				}
			}
		})
	}
}

// nbgrader accepts unique ids of these characters.
var gradeID = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func TestNotebooksAreAssignments(t *testing.T) {
	for _, v := range variants(t) {
		cells, err := v.cells()
		require.NoError(t, err)
		seen, points := map[string]bool{}, 0
		for _, c := range cells {
			require.Regexp(t, gradeID, c.id)
			require.False(t, seen[c.id], c.id)
			seen[c.id] = true
			points += c.points
		}
		want := 0
		for _, q := range v.Set.Questions {
			want += q.Points
		}
		require.Equal(t, want, points)
		student, err := v.Student()
		require.NoError(t, err)
		for _, text := range []string{"BEGIN", "END SOLUTION", "Unseen", "80127"} {
			require.NotContains(t, string(student), text)
		}
	}
}

func TestStubTakesThePlaceOfTheSolution(t *testing.T) {
	source := "func a() int {\n\t// BEGIN SOLUTION\n\tx := 1\n\treturn x\n\t// END SOLUTION\n}"
	want := "func a() int {\n\t// YOUR CODE HERE\n\tpanic(\"not answered yet\")\n}"
	require.Equal(t, want, withoutRegion(source, beginSolution, endSolution, stub))
	require.Equal(t, "one\nthree", withoutRegion("one\n// BEGIN HIDDEN TESTS\ntwo\n// END HIDDEN TESTS\nthree", beginHidden, endHidden, ""))
}

// given returns the answers in a variant's cells as the solution notebook
// outputs them, after a change by the test.
func given(t *testing.T, v Variant, change func(Given)) Given {
	t.Helper()
	all := Given{}
	for _, q := range v.Set.Questions {
		answer := q.Right
		if q.Form.Kind == exercise.Code {
			answer = q.Function.Reference
		}
		result, err := v.Sheet.Answer(q.ID, answer)
		require.NoError(t, err)
		all[q.ID] = []exercise.Result{result}
		inputs, err := v.unseenInputs(q)
		require.NoError(t, err)
		if inputs != "" {
			result, err := v.Sheet.Unseen(q.ID, answer, inputs)
			require.NoError(t, err)
			all[q.ID] = append(all[q.ID], result)
		}
	}
	change(all)
	return all
}

func earned(all []Graded) (points int) {
	for _, g := range all {
		points += g.Points
	}
	return points
}

func TestGrading(t *testing.T) {
	v, err := NewVariant("params", 80127, "")
	require.NoError(t, err)
	const all, function = 14, 3
	result := func(id, answer string) exercise.Result {
		return exercise.Result{Question: id, Verdict: exercise.Right, Answer: json.RawMessage(answer)}
	}
	tests := map[string]struct {
		change func(Given)
		points int
	}{
		"all right":                 {func(Given) {}, all},
		"a forged verdict":          {func(g Given) { g["params.conv1"] = []exercise.Result{result("params.conv1", "1")} }, all - 1},
		"no output":                 {func(g Given) { g["params.total"] = nil }, all - 2},
		"an output of another cell": {func(g Given) { g["params.conv1"] = g["params.conv2"] }, all - 1},
		"the last answer counts": {func(g Given) {
			g["params.conv1"] = append([]exercise.Result{result("params.conv1", "1")}, g["params.conv1"]...)
		}, all},
		"right on the examples alone": {func(g Given) { g["params.count"] = g["params.count"][:1] }, all - function},
		"wrong on unseen inputs":      {func(g Given) { g["params.count"][1].Unseen[2] = json.RawMessage("[1]") }, all - function},
		"too few unseen outputs":      {func(g Given) { g["params.count"][1].Unseen = g["params.count"][1].Unseen[:2] }, all - function},
		"a cell that is gone":         {func(g Given) { delete(g, "params.total") }, all - 2},
		"unseen outputs by themselves": {func(g Given) {
			g["params.count"] = g["params.count"][1:]
		}, all - function},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			graded, err := v.Grade(given(t, v, test.change))
			require.NoError(t, err)
			require.Equal(t, test.points, earned(graded))
		})
	}
	_, err = v.Grade(Given{})
	require.ErrorContains(t, err, "no question of params has a cell here")
}

func TestKeyMakesTheExercisesAgain(t *testing.T) {
	v, err := NewVariant("saddle", 12, "ada")
	require.NoError(t, err)
	written, err := json.Marshal(v.Key())
	require.NoError(t, err)
	var read Key
	require.NoError(t, json.Unmarshal(written, &read))
	again, err := read.Variant()
	require.NoError(t, err)
	require.Equal(t, v.Sheet, again.Sheet)
	read.Answers[0].Points++
	_, err = read.Variant()
	require.ErrorContains(t, err, "another version")
}
