package homework

import (
	"fmt"
	"slices"
	"strings"

	"evident/internal/lines"
	"evident/internal/nbformat"
	"evident/kit/exercise"
)

// nbgrader's lines around the part that a student writes and around the part that
// a grader adds.
const (
	beginSolution = "// BEGIN SOLUTION"
	endSolution   = "// END SOLUTION"
	beginHidden   = "// BEGIN HIDDEN TESTS"
	endHidden     = "// END HIDDEN TESTS"
)

// stub replaces a solution in a student's notebook.
const stub = "// YOUR CODE HERE\npanic(\"" + exercise.NotYet + "\")"

// Solution returns the notebook with all answers and hidden tests, which nbgrader
// calls the source of an assignment.
func (v Variant) Solution() ([]byte, error) {
	cells, err := v.cells()
	if err != nil {
		return nil, err
	}
	return v.notebook(cells)
}

// Student returns the notebook without answers and hidden tests, as nbgrader
// releases it.
func (v Variant) Student() ([]byte, error) {
	cells, err := v.cells()
	if err != nil {
		return nil, err
	}
	for i := range cells {
		source := withoutRegion(cells[i].source, beginSolution, endSolution, stub)
		cells[i].source = withoutRegion(source, beginHidden, endHidden, "")
	}
	return v.notebook(cells)
}

// cell is a cell of a notebook. nbgrader handles cells with a role.
type cell struct {
	id, source string
	code       bool // or Markdown
	role       role
	points     int
	hidden     bool // folded in JupyterLab
}

// role says how nbgrader treats a cell.
type role int

const (
	plain   role = iota // leaves it alone
	reading             // prevents changes
	toSolve             // for the student to change
	test                // gives points if it does not fail
)

const sheetCell = `%%noautoget
%simport "evident/kit/show"

// The sealed sheet: it knows right from wrong, and holds no answer.
var check = show.OpenExercises(%q)`

func (v Variant) cells() ([]cell, error) {
	encoded, err := v.Sheet.Encode()
	if err != nil {
		return nil, err
	}
	cells := []cell{
		{id: "head", role: reading, source: v.head()},
		{id: "sheet", code: true, role: reading, hidden: true, source: fmt.Sprintf(sheetCell, v.imports(), encoded)},
	}
	for i, q := range v.Set.Questions {
		id := GradeID(q.ID)
		solved, name, err := answerCell(q)
		if err != nil {
			return nil, err
		}
		tested := fmt.Sprintf("%%%%\ncheck.Answer(%q, %s)", q.ID, name)
		inputs, err := v.unseenInputs(q)
		if err != nil {
			return nil, err
		}
		if inputs != "" {
			tested += fmt.Sprintf("\n%s\ncheck.Unseen(%q, %s, `%s`)\n%s", beginHidden, q.ID, name, inputs, endHidden)
		}
		cells = append(cells,
			cell{id: id + "-text", role: reading, source: questionText(i+1, q)},
			cell{id: id + "-answer", code: true, role: toSolve, source: solved},
			cell{id: id, code: true, role: test, points: q.Points, source: tested})
	}
	return cells, nil
}

// imports returns the line that functions on nodes need, if there are any.
func (v Variant) imports() string {
	onNodes := func(q exercise.Question) bool {
		if q.Function == nil {
			return false
		}
		_, is := q.Function.Reference.(exercise.Caller)
		return is
	}
	if slices.ContainsFunc(v.Set.Questions, onNodes) {
		return "import . \"github.com/gomlx/gomlx/core/graph\"\n"
	}
	return ""
}

// GradeID returns a question's id in a form that nbgrader accepts.
func GradeID(id string) string { return strings.ReplaceAll(id, ".", "-") }

func (v Variant) head() string {
	reader := ""
	if v.Name != "" {
		reader = "For **" + v.Name + "**. "
	}
	points := 0
	for _, q := range v.Set.Questions {
		points += q.Points
	}
	return fmt.Sprintf("# Exercises: %s\n\n%s%d questions, %d points. Run the next cell first. "+
		"Then write each answer in the place of its `panic`, and run the cell and the one below it: "+
		"it says whether the answer is right, and for a usual mistake, which one it is. Nobody sees how often you try.",
		v.title, reader, len(v.Set.Questions), points)
}

func questionText(number int, q exercise.Question) string {
	points := "1 point"
	if q.Points != 1 {
		points = fmt.Sprintf("%d points", q.Points)
	}
	form := "Answer: " + q.Form.String() + "."
	if q.Form.Kind == exercise.Code {
		form = "The next cell has its name and its arguments. It is tried on two examples here, and on others when it is graded."
	}
	return fmt.Sprintf("## %d · %s (%s)\n\n%s\n\n*%s*", number, q.Title, points, q.Text, form)
}

// answerCell returns the cell that the student completes, and the name of the
// function in it.
func answerCell(q exercise.Question) (source, name string, err error) {
	if q.Form.Kind == exercise.Code {
		source, err = solutionRegion(q.Function.Solution)
		return source, q.Function.Name, err
	}
	last := q.ID[strings.LastIndex(q.ID, ".")+1:]
	name = "answer" + strings.ToUpper(last[:1]) + last[1:]
	var body strings.Builder
	for _, line := range lines.Wrap(q.Why, 96) {
		body.WriteString("\t// " + line + "\n")
	}
	source = fmt.Sprintf("func %s() any {\n\t%s\n%s\treturn %#v\n\t%s\n}", name, beginSolution, body.String(), q.Right, endSolution)
	return source, name, nil
}

// solutionRegion marks the body of a function as the solution.
func solutionRegion(function string) (string, error) {
	lines := strings.Split(strings.TrimRight(function, "\n"), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "func ") && strings.HasSuffix(line, "{") && lines[len(lines)-1] == "}" {
			head, body := strings.Join(lines[:i+1], "\n"), strings.Join(lines[i+1:len(lines)-1], "\n")
			return head + "\n\t" + beginSolution + "\n" + body + "\n\t" + endSolution + "\n}", nil
		}
	}
	return "", fmt.Errorf("%q is not a function of several lines", lines[0])
}

// withoutRegion replaces everything from the line with begin to the line with
// end.
func withoutRegion(source, begin, end, instead string) string {
	var kept []string
	inside := false
	for _, line := range strings.Split(source, "\n") {
		switch {
		case strings.Contains(line, begin):
			inside = true
			indent := line[:len(line)-len(strings.TrimLeft(line, "\t "))]
			if instead != "" {
				for _, s := range strings.Split(instead, "\n") {
					kept = append(kept, indent+s)
				}
			}
		case strings.Contains(line, end):
			inside = false
		case !inside:
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

// notebook writes the cells for evident's kernel.
func (v Variant) notebook(cells []cell) ([]byte, error) {
	encoded, err := v.Sheet.Encode()
	if err != nil {
		return nil, err
	}
	written := make([]nbformat.Cell, len(cells))
	for i, c := range cells {
		written[i] = nbformat.Cell{ID: c.id, Code: c.code, Source: c.source, Metadata: c.metadata()}
	}
	return nbformat.Write(written, map[string]any{"evident": map[string]any{"lesson": v.Set.Lesson, "sheet": encoded}})
}

func (c cell) metadata() map[string]any {
	metadata := map[string]any{}
	if c.role != plain {
		grader := map[string]any{
			"schema_version": 3, "grade_id": c.id, "task": false,
			"grade": c.role == test, "solution": c.role == toSolve, "locked": c.role != toSolve,
		}
		if c.role == test {
			grader["points"] = c.points
		}
		metadata["nbgrader"] = grader
	}
	if c.hidden {
		metadata["jupyter"] = map[string]any{"source_hidden": true}
	}
	return metadata
}
