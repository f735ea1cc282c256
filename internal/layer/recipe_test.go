package layer

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"evident/internal/files"
)

// The test is the program that go starts for -toolexec, too.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "record" {
		_ = record(os.Args[2], os.Args[3:])
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// bench is a kernel that builds programs in a folder as GoNB makes it, beside a module whose sources can change.
type bench struct {
	*testing.T
	kernel      *Kernel
	folder, lib string
	environment []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	goTool, err := exec.LookPath("go")
	require.NoError(t, err)
	root := t.TempDir()
	b := &bench{T: t, kernel: &Kernel{tools: tools{goTool}}, folder: filepath.Join(root, "gonb_1"), lib: filepath.Join(root, "lib"), environment: append(os.Environ(), "GOFLAGS=", "GOWORK=auto")}
	b.write("../lib/go.mod", "module example.com/lib\n\ngo 1.26\n")
	b.write("../lib/lib.go", "package lib\n\nimport _ \"embed\"\n\n//go:embed parts/text.txt\nvar Text string\n\nfunc Value() int { return 1 }\n")
	b.write("../lib/parts/text.txt", "text")
	b.write("go.mod", "module gonb_1\n\ngo 1.26\n")
	b.write("go.work", "go 1.26\n\nuse (\n\t.\n\t../lib\n)\n")
	b.age()
	return b
}

// write changes a file of the folder.
func (b *bench) write(name, content string) {
	b.Helper()
	require.NoError(b, files.Save(filepath.Join(b.folder, name), []byte(content)))
}

// age makes all sources older than the next build.
func (b *bench) age() {
	b.Helper()
	before := time.Now().Add(-time.Hour)
	require.NoError(b, filepath.Walk(b.lib, func(path string, _ os.FileInfo, err error) error {
		require.NoError(b, err)
		return os.Chtimes(path, before, before)
	}))
}

// run builds the program of a cell and runs it. It says whether the command go was asked.
func (b *bench) run(source string) (output string, asked bool) {
	b.Helper()
	b.write("main.go", source)
	before := b.kernel.recipe
	reply := b.kernel.buildProgram(nil, buildCall{[]string{"build", "-o", filepath.Join(b.folder, "gonb_1_1.cell")}, b.environment, b.folder})
	if reply.Status != 0 {
		return reply.Output, true
	}
	content, err := exec.Command(filepath.Join(b.folder, "gonb_1_1.cell")).CombinedOutput()
	require.NoError(b, err, string(content))
	return string(content), before == nil || before != b.kernel.recipe
}

func program(imports, statements string) string {
	return "package main\n\nimport (\n" + imports + "\n)\n\nfunc main() { " + statements + " }\n"
}

func TestARecipeBuildsWhatGoWouldBuild(t *testing.T) {
	b := newBench(t)
	fmtAndLib := "\"fmt\"\n\"example.com/lib\""
	steps := []struct {
		name   string
		change func()
		source string
		want   string
		asked  bool // the command go
	}{
		{"the first program", nil, program(fmtAndLib, `fmt.Print(lib.Value(), lib.Text)`), "1text", true},
		{"the module beside is in the cache now", nil, program(fmtAndLib, `fmt.Print(lib.Value()+1)`), "2", true},
		{"another one", nil, program(fmtAndLib, `fmt.Print(lib.Value()+2)`), "3", false},
		{"with less", nil, program(`"fmt"`, `fmt.Print(3)`), "3", false},
		{"with a package that is there", nil, program("\"fmt\"\n\"strconv\"", `fmt.Print(strconv.Itoa(4))`), "4", false},
		{"with a new package", nil, program("\"fmt\"\n\"text/tabwriter\"", `fmt.Print(tabwriter.TabIndent)`), "16", true},
		{"with both", nil, program(fmtAndLib+"\n\"text/tabwriter\"", `fmt.Print(lib.Value(), tabwriter.TabIndent)`), "1 16", false},
		{"a source is changed", func() { b.write("../lib/lib.go", "package lib\n\nfunc Value() int { return 7 }\n") }, program(fmtAndLib, `fmt.Print(lib.Value())`), "7", true},
		{"it is newer than the last build", nil, program(fmtAndLib, `fmt.Print(lib.Value()+1)`), "8", true},
		{"nothing is changed", nil, program(fmtAndLib, `fmt.Print(lib.Value())`), "7", false},
		{"a source is added", func() { b.write("../lib/more.go", "package lib\n\nfunc More() int { return 8 }\n") }, program(fmtAndLib, `fmt.Print(lib.More())`), "8", true},
		{"a file is embedded", func() {
			b.write("../lib/more.go", "package lib\n\nimport _ \"embed\"\n\n//go:embed parts/text.txt\nvar Text string\n")
		}, program(fmtAndLib, `fmt.Print(lib.Text)`), "text", true},
		{"it is in the cache", nil, program(fmtAndLib, `fmt.Print(lib.Text+"!")`), "text!", true},
		{"and in the recipe", nil, program(fmtAndLib, `fmt.Print(lib.Text)`), "text", false},
		{"the embedded file is changed", func() { b.write("../lib/parts/text.txt", "other") }, program(fmtAndLib, `fmt.Print(lib.Text)`), "other", true},
		{"another file of the cell", func() { b.write("methods.go", "package main\n\nfunc nine() int { return 9 }\n") }, program("\"fmt\"\n\"strconv\"", `fmt.Print(strconv.Itoa(nine()))`), "9", false},
		{"it is gone again", func() { require.NoError(t, os.Remove(filepath.Join(b.folder, "methods.go"))) }, program(`"fmt"`, `fmt.Print(10)`), "10", false},
		{"with unsafe", nil, program("\"fmt\"\n\"unsafe\"", `fmt.Print(unsafe.Sizeof(int32(0)))`), "4", false},
		{"a setting is changed", func() { b.environment = append(b.environment, "GOFLAGS=-tags=own") }, program(`"fmt"`, `fmt.Print(11)`), "11", true},
		{"and stays", nil, program(`"fmt"`, `fmt.Print(13)`), "13", false},
		{"the module is changed", func() { b.write("go.mod", "module gonb_1\n\ngo 1.25\n") }, program(`"fmt"`, `fmt.Print(14)`), "14", true},
	}
	for _, s := range steps {
		if s.change != nil {
			s.change()
		}
		got, asked := b.run(s.source)
		require.Equal(t, s.want, got, s.name)
		require.Equal(t, s.asked, asked, s.name)
	}
}

// Go says what is wrong, in its words, and the recipe stays good.
func TestARecipeLeavesErrorsToGo(t *testing.T) {
	b := newBench(t)
	_, _ = b.run(program(`"fmt"`, `fmt.Print(1)`))
	output, _ := b.run(program(`"fmt"`, `fmt.Print(missing)`))
	require.True(t, strings.HasPrefix(output, "# gonb_1\n./main.go:7:25: undefined: missing"), output)
	output, asked := b.run(program(`"fmt"`, `fmt.Print(2)`))
	require.Equal(t, "2", output)
	require.False(t, asked)
}

// A program tells of the modules that it is made of, whoever has built it.
func TestAProgramOfARecipeKnowsItsModules(t *testing.T) {
	b := newBench(t)
	source := program("\"fmt\"\n\"runtime/debug\"\n\"example.com/lib\"", `i, ok := debug.ReadBuildInfo(); fmt.Print(ok, " ", i.Deps[0].Path, " ", i.GoVersion, lib.Value())`)
	first, asked := b.run(source)
	require.True(t, asked)
	require.Contains(t, first, "true example.com/lib go1.")
	_, _ = b.run(source + "// it is in the cache now\n")
	second, asked := b.run(source + "// changed\n")
	require.False(t, asked)
	require.Equal(t, first, second)
}

func TestSettingsThatForbidARecipe(t *testing.T) {
	for name, b := range map[string]buildCall{
		"a test":                {Arguments: []string{"test", "-c", "-o", "x"}},
		"a reader's own tool":   {Arguments: []string{"build", "-toolexec=mine", "-o", "x"}},
		"a tool in the setting": {Arguments: []string{"build", "-o", "x"}, Environment: []string{"GOFLAGS=-toolexec=mine"}},
	} {
		require.Empty(t, recipeKey(b), name)
	}
	require.NotEmpty(t, recipeKey(buildCall{Arguments: []string{"build", "-o", "x"}}))
}
