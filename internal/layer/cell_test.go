package layer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whatever a reader has typed so far, the layer lives.
func FuzzCell(f *testing.F) {
	for _, code := range []string{
		"", "func ) {", "func (s *Stack[T", "%", "%%\nx :=", "!ls \\", "//gonb:%%\nvar x = `", "type T struct {", "import (\n\"fmt\n", "import \"fmt",
		"const (\na = iota\nb", "var a, b =", "func f[T any](", "//line x.go:99\nfunc f() {}", "func (", "package", "%%bash\nls", "%%\nfor i := range 3 { Keep(\"a\", func() int { return i }) }", "func main() {", "var _ = 'ab'\n%%",
	} {
		f.Add(code, 3)
	}
	f.Fuzz(func(t *testing.T, code string, cursor int) {
		n := newNotebook()
		c := n.read(code, 1)
		_, _ = c.forGoNB(len(code)%2 == 0)
		_ = isComplete(code)
		n.keep(c)
		runes := []rune(code)
		cursor = min(max(0, cursor), len(runes))
		found := n.quick(&exports{read: map[string][]string{}}, runes, cursor)
		assert.LessOrEqual(t, 0, found.start)
		assert.LessOrEqual(t, found.start, found.end)
		assert.Equal(t, cursor, found.end)
		text, line, ok := n.compose(runes, cursor)
		if ok {
			// The cursor's line begins as the reader's does.
			assert.Less(t, line, strings.Count(text, "\n")+1)
		}
		_ = candidates(runes, cursor)
		_, _ = n.annotate(c, "main.go", "package main\n\n"+code)
		_, _ = calls(map[string]string{"main.go": "package main\n\nimport . \"evident/kit/show\"\n" + strings.Join(c.goLines(), "\n")})
		_ = n.buildFault(c, code)
		_ = n.panicFault(code)
	})
}
