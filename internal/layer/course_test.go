package layer

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/nbformat"
	"evident/kit/keep"
)

// What a cell calls that measures an experiment, trains for its chart, or reads a net that another has trained: `make
// lessons` runs such cells, and this test compiles them.
var measures = regexp.MustCompile(`\b(Run|Train|TrainAndSave|Verdicts|Score|Predict|Sliders|Keep|myAccuracy|ModelFolder)\(`)

// A cell tells by these how far what it builds is from the package.
var (
	difference = regexp.MustCompile(`(?i)differ.* ([0-9]+(?:\.[0-9]+)?(?:e[-+][0-9]+)?)$`)
	counts     = regexp.MustCompile(`([0-9]+) parameters; .* ([0-9]+)$|= ([0-9]+) by formula, ([0-9]+) in GoMLX$`)
)

// A commented line that puts the reader's own beside ours compiles, too; it does not run, since that takes long.
var own = regexp.MustCompile(`(?m)^(\s*)// ((?:cfg|knobs)\.[\w.]*Own = .*?)(?: //.*)?$`)

// largest is the difference that rounding may make in float32, over a few hundred steps.
const largest = 1e-4

// All cells of each notebook compile as one program; those that build run, and what they build is what the package has.
func TestTheCellsOfTheCourseCompileAndBuildWhatThePackagesHave(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a program for each notebook")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	// Go keeps the result of a test until a file changes that it has read: the programs are made of these.
	_, err = keep.Snapshot(root, "evident/lessons", "evident/kit/show")
	require.NoError(t, err)
	paths, err := filepath.Glob(filepath.Join(root, "notebooks", "*.ipynb"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			n, err := nbformat.Parse(content)
			require.NoError(t, err)
			text, cells := programOf(n)
			folder := t.TempDir()
			for name, content := range map[string]string{
				"go.mod":  "module course\n\ngo 1.26\n",
				"go.work": fmt.Sprintf("go 1.26.8\n\nuse (\n\t.\n\t%s\n\t%[1]s/kernel/noinstaller\n)\n", root),
				"main.go": text,
			} {
				require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o644))
			}
			build := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-gcflags=all=-dwarf=false", "-o", "course", ".")
			build.Dir, build.Env = folder, append(os.Environ(), "GOFLAGS=", "GOWORK=auto")
			said, err := build.CombinedOutput()
			require.NoError(t, err, string(said))

			run := exec.Command(filepath.Join(folder, "course"), cells...)
			run.Dir = folder
			run.Env = append(os.Environ(), "EVIDENT_HOME="+root, "XDG_CACHE_HOME="+folder, "EVIDENT_KEEP=off")
			said, err = run.CombinedOutput()
			require.NoError(t, err, string(said))
			checks := 0
			for line := range strings.Lines(string(said)) {
				line = strings.TrimSpace(line)
				if m := difference.FindStringSubmatch(line); m != nil {
					value, err := strconv.ParseFloat(m[1], 64)
					require.NoError(t, err, line)
					require.LessOrEqual(t, value, largest, line)
					checks++
				}
				if m := counts.FindStringSubmatch(line); m != nil {
					require.Equal(t, m[1]+m[3], m[2]+m[4], line)
					checks++
				}
			}
			if !strings.HasPrefix(filepath.Base(path), "00-") {
				require.Positive(t, checks, "no cell says how far it is from the package:\n%s", said)
			}
		})
	}
}

// programOf is a notebook as one program, whose arguments say which cells to run, and the cells that build. A name that
// is declared twice has its last declaration.
func programOf(n nbformat.Notebook) (text string, build []string) {
	declared, bodies := map[string]string{}, map[string]string{}
	known, dots := map[string]string{}, []string{}
	for i, source := range n.Cells {
		if source.Kind != "code" {
			continue
		}
		c := readCell(own.ReplaceAllString(string(source.Source), "${1}if false { $2 }"), i)
		for _, imported := range c.imports {
			switch spec := strings.TrimSpace(imported.name + " " + strconv.Quote(imported.path)); imported.name {
			case ".":
				dots = append(dots, spec)
			default:
				known[importName(imported.name, imported.path)] = spec
			}
		}
		for _, d := range c.declared {
			if d.kind != "import" && d.key != "main" {
				declared[d.key] = d.text
			}
		}
		if c.mainAt >= 0 {
			lines := c.goLines()
			name := fmt.Sprintf("cell%d", i)
			bodies[name] = fmt.Sprintf("func %s() {\n%s\n", name, strings.Join(lines[c.mainAt+1:], "\n"))
			if !measures.MatchString(string(source.Source)) {
				build = append(build, name)
			}
		}
	}
	var b strings.Builder
	slices.Sort(dots)
	for _, text := range slices.Compact(slices.Sorted(maps.Values(declared))) { // a constant may declare several names
		b.WriteString(text + "\n\n")
	}
	b.WriteString("func main() {\n\tfor _, name := range os.Args[1:] {\n\t\tswitch name {\n")
	for _, name := range sortedKeys(bodies) {
		fmt.Fprintf(&b, "\t\tcase %q:\n\t\t\t%s()\n", name, name)
	}
	b.WriteString("\t\t}\n\t}\n}\n")
	for _, name := range sortedKeys(bodies) {
		b.WriteString(bodies[name] + "\n")
	}
	known["os"] = `"os"`
	head := "package main\n"
	for _, dot := range slices.Compact(dots) {
		head += "import " + dot + "\n"
	}
	return head + importsOf(b.String(), known) + b.String(), build
}
