package site

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ name, body, problem string }{
		{"nothing", `<h1 id="a">A</h1><a href="#a">a</a><a href="b.html#b">b</a><a href="https://example.com/">far</a><img src="p.png" alt="P">`, ""},
		{"no such file", `<h1>A</h1><a href="c.html">c</a>`, `a.html: <a href="c.html"> leads to no file`},
		{"no such place", `<h1>A</h1><a href="b.html#c">c</a>`, `a.html: <a href="b.html#c"> leads to no place on that page`},
		{"no such place here", `<h1>A</h1><a href="#c">c</a>`, `a.html: <a href="#c"> leads to no place on that page`},
		{"from the root of a server", `<h1>A</h1><a href="/b.html">b</a>`, `a.html: <a href="/b.html"> works only on a server`},
		{"a script of a CDN", `<h1>A</h1><script src="https://example.com/a.js"></script>`, `a.html: <script src="https://example.com/a.js"> needs a network`},
		{"a script of some host", `<h1>A</h1><script src="//example.com/a.js"></script>`, `a.html: <script src="//example.com/a.js"> needs a network`},
		{"a silent picture", `<h1>A</h1><img src="p.png" alt=" ">`, `a.html: the picture "p.png" has no alternative text`},
		{"no title", `<p>A</p>`, `a.html: it has 0 headings of the first level, and needs one`},
		{"a level left out", `<h1>A</h1><h3>B</h3>`, `a.html: the heading "B" is of level 3 below one of level 1`},
		{"an id twice", `<h1 id="a">A</h1><p id="a"></p>`, `a.html: the id "a" is there twice`},
		{"a table without a name", `<h1>A</h1><table><tr><td>B</table>`, `a.html: the table "B" has no caption`},
		{"a head of nothing", `<h1>A</h1><table aria-label="T"><tr><th>B</table>`, `a.html: the head "B" of a table has no scope`},
	} {
		t.Run(c.name, func(t *testing.T) {
			problems, err := Site{
				"a.html": []byte(`<!DOCTYPE html><html lang="en"><body>` + c.body),
				"b.html": []byte(`<!DOCTYPE html><html lang="en"><body><h1 id="b">B</h1>`),
				"p.png":  nil,
			}.Check()
			require.NoError(t, err)
			if c.problem == "" {
				assert.Empty(t, problems)
				return
			}
			assert.Equal(t, []string{c.problem}, problems)
		})
	}
}

func TestCheckWantsTheLanguage(t *testing.T) {
	problems, err := Site{"a.html": []byte(`<h1>A</h1>`)}.Check()
	require.NoError(t, err)
	assert.Equal(t, []string{"a.html: it does not say its language"}, problems)
}
