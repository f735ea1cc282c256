package layer

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestQuickCompletion(t *testing.T) {
	home := t.TempDir()
	write := func(file, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	write(filepath.Join(home, "go.mod"), "module evident\n\nrequire (\n\texample.com/Lib/v2 v2.1.0 // indirect\n)\n")
	write(filepath.Join(home, "kit/fit/fit.go"), "package fit\n\ntype Network int\n\nfunc (Network) Name() {}\n\nvar NewThing, other = 1, 2\n")
	write(filepath.Join(home, "kit/fit/fit_test.go"), "package fit\n\nfunc NewTest() {}\n")
	write(filepath.Join(home, "mod/example.com/!lib/v2@v2.1.0/sub/sub.go"), "package sub\n\nconst Answer = 42\n")
	t.Setenv("GOMODCACHE", filepath.Join(home, "mod"))
	x := newExports(filepath.Join(runtime.GOROOT(), "bin", "go"), home) //nolint:staticcheck // of the Go that runs this test
	n := newNotebook()
	n.keep(n.read("import (\n\tshort \"strings\"\n\t. \"example.com/Lib/v2/sub\"\n)\n\nfunc größe() {}\n\ntype Net struct{ Layers int }\n\nfunc (Net) growing() {}", 1))

	for code, want := range map[string]struct {
		typed   string // what is replaced
		matches []string
	}{
		"%%\nη := \"🎓\"; gr|":               {"gr", []string{"größe"}},
		"%%\nvar n Ne|":                     {"Ne", []string{"Net", "new"}},
		"%%\nAns|":                          {"Ans", []string{"Answer"}},
		"%%\nshort.ToV|":                    {"ToV", []string{"ToValidUTF8"}},
		"%%\nshort.tov|(x)":                 {"tov", []string{"ToValidUTF8"}},
		"%%\nfit.|":                         {"", []string{"Network", "NewThing"}},
		"%%\nfit.New|\nfmt.Println()":       {"New", []string{"NewThing"}},
		"import f \"fmt\"\n%%\nf.Fprintl|":  {"Fprintl", []string{"Fprintln"}},
		"%%\ncounter := 1\nfmt.Print(cou|)": {"cou", []string{"counter"}},
		"%%\nfallt|":                        {"fallt", []string{"fallthrough"}},
		"%%\nn.net.Lay|":                    {"", []string{}}, // a field, of which only gopls knows
		"%%\nnosuchpackage.P|":              {"", []string{}},
		"%%\n\"fmt.Pr|":                     {"", []string{}},
		"%%\n// gr|":                        {"", []string{}},
		"!gr|":                              {"", []string{}},
		"%%bash\ngr|":                       {"", []string{}},
		"%%\nx := 1.|":                      {"", []string{}},
		"|":                                 {"", []string{}},
	} {
		before, after, _ := strings.Cut(code, "|")
		cursor := len([]rune(before))
		assert.Equal(t, completion{want.matches, cursor - len([]rune(want.typed)), cursor}, n.quick(x, []rune(before+after), cursor), code)
	}
}
