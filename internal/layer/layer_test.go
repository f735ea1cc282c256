package layer

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWholeCharacters(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "a": 1, "é": 2, "é"[:1]: 0, "aé"[:2]: 1, "日": 3, "日"[:2]: 0, "🎓": 4, "x🎓"[:4]: 1, "\xff": 1, "a\x80\x80": 3, "\x80\x80\x80\x80": 4,
	} {
		assert.Equal(t, want, wholeCharacters([]byte(text)), "%q", text)
	}
}

func TestASinkShowsUpToItsBoundAndKeepsTheRest(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	shown, err := os.Create(filepath.Join(t.TempDir(), "shown"))
	require.NoError(t, err)
	s := newSink("stdout", shown, 10)
	for _, part := range []string{"12345678", "日", "本\xe6", "\x97"} {
		n, err := s.Write([]byte(part))
		require.NoError(t, err)
		assert.Len(t, part, n)
	}
	s.end()
	got, err := os.ReadFile(shown.Name())
	require.NoError(t, err)
	assert.Equal(t, "12345678", string(got), "日 would end behind the bound")
	require.True(t, s.hidden())
	all, err := os.ReadFile(s.file.Name())
	require.NoError(t, err)
	assert.Equal(t, "12345678日本\uFFFD", string(all))
	assert.EqualValues(t, len("12345678日本\uFFFD"), s.bytes)
}

func TestOutputIsGathered(t *testing.T) {
	texts := make(chan string, 10)
	o := newOutput(func(name, text string) { texts <- name + " " + text })
	for _, p := range []piece{{"stdout", "a"}, {"stdout", "b"}, {"stdout", "c"}, {"stderr", "d"}} {
		o.add(p.name, p.text)
	}
	assert.Len(t, texts, 1, "the first at once, others after a tenth of a second")
	for _, want := range []string{"stdout a", "stdout bc", "stderr d"} {
		assert.Equal(t, want, <-texts)
	}
	o.close([]spilled{{"stdout", 20e6, "/file"}})
	assert.Contains(t, <-texts, "the first 1.0 MB of 20 MB are shown; /file has the text")
}

// What GoNB makes of a cell, with a command between statements, and what the compiler gets.
func TestAnnotate(t *testing.T) {
	n := newNotebook()
	first := n.read("import \"fmt\"\n\ntype Box[T any] struct{ x T }\n\nfunc (b Box[T]) String() string {\n\treturn fmt.Sprint(b.x)\n}\n\nfunc init_a() { println(1) }", 1)
	n.keep(first)
	second := n.read("var a, b = 1, 2\n%%\nprintln(a)\n!ls\n\nprintln(b)", 2)
	annotated, methods := n.annotate(second, "main.go", strings.Join([]string{
		"package main", "", "import (", "\t\"fmt\"", ")", "", "type Box[T any] struct{ x T }", "", "var (", "\ta = 1", "\tb = 2", ")", "",
		"func init() { println(1) }", "",
		"func (b Box[T]) String() string {", "\treturn fmt.Sprint(b.x)", "}", "", "func main() {", "\tflag.Parse()", "println(a)", "", "println(b)", "", "}", "",
	}, "\n"))
	at := func(c *cell, line string) string { return "//line " + c.name + ":" + line + ":1\n" }
	assert.Equal(t, "package main\n\nimport (\n"+at(first, "1")+"\t_ \"fmt\"\n)\n\n"+at(first, "3")+"type Box[T any] struct{ x T }\n\nvar (\n"+
		at(second, "1")+"\ta = 1\n"+at(second, "1")+"\tb = 2\n)\n\n"+at(first, "9")+"func init() { println(1) }\n\n\n\n\n\n"+
		at(second, "2")+"func main() {\n\tflag.Parse(); defer evidentExplain()\n"+at(second, "3")+"println(a)\n"+at(second, "5")+"\nprintln(b)\n\n}\n\n", annotated)
	assert.Equal(t, "package main\nimport \"fmt\"\n"+at(first, "5")+"func (b Box[T]) String() string {\n\treturn fmt.Sprint(b.x)\n}\n\n", methods)
}

func TestPanicFault(t *testing.T) {
	n := newNotebook()
	c := n.read("%%\nf()\nnet()", 4)
	trace := strings.ReplaceAll(`2026/11/30 10:43:26 Must not error: bad shape
example.com/lib.Check
	/mod/lib/lib.go:7
main.net
	/tmp/CELL:3
runtime.main
	/go/proc.go:1
Panicking ...

panic: bad shape
	of two lines [recovered, repanicked]

goroutine 1 gp=0x1 m=0 mp=0x2 [running]:
main.main()
	/tmp/CELL:3 +0x1
`, "CELL", c.name)
	f := n.panicFault(trace)
	assert.Equal(t, "panic", f.Name)
	assert.Equal(t, "bad shape", f.Value)
	assert.Equal(t, "panic: bad shape\n\tof two lines\n\nthe error is from\n    … 1 frame of example.com/lib\n  cell [4], line 3, in net\n      net()", f.Traceback[0])

	trace = strings.ReplaceAll(`fatal error: all goroutines are asleep - deadlock!

goroutine 1 [chan receive]:
main.(*Pair[...]).wait(0x1)
	/tmp/CELL:2 +0x1
main.main()
	/tmp/CELL:3 +0x1

goroutine 7 [sleep]:
example.com/lib/v2.(*Server).run(...)
	/mod/lib/lib.go:7 +0x3
created by example.com/lib/v2.Start in goroutine 1
	/mod/lib/lib.go:3 +0x3
`, "CELL", c.name)
	assert.Equal(t, "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]\n  cell [4], line 2, in (*Pair[...]).wait\n      f()\n"+
		"  cell [4], line 3, in main\n      net()\n\nand 1 more goroutine", n.panicFault(trace).Traceback[0])
}

func TestCandidates(t *testing.T) {
	for code, want := range map[string][]string{
		"fmt.Print|ln(s)":          {"Println"},
		"fmt.Println(s, |":         {"Println"},
		"f(a(1), []int{2}, |":      {"f"},
		"größe(|":                  {"größe"},
		"outer(inner(x, |":         {"inner", "outer"},
		"x := 1 + |":               {},
		"if (a && b) { call(|":     {"call"},
		"strings.Repeat|(\"a\",2)": {"Repeat"},
	} {
		before, after, _ := strings.Cut(code, "|")
		runes := []rune(before + after)
		got := []string{}
		for _, at := range candidates(runes, len([]rune(before))) {
			start, end := at, at
			for start > 0 && isNameRune(runes[start-1]) {
				start--
			}
			for end < len(runes) && isNameRune(runes[end]) {
				end++
			}
			got = append(got, string(runes[start:end]))
		}
		assert.Equal(t, want, got, code)
	}
}
