package site

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/kit/claim"
)

var checkout = filepath.Join("..", "..")

// chart is a picture with the proportions of a chart.
var chart = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 128, 72))); err != nil {
		panic(err)
	}
	return out.Bytes()
})

// rendered returns a notebook as nbconvert's template "basic" renders it: a
// text, a cell, a chart and a report.
func rendered() []byte {
	return []byte(`<div class="cell text_cell" id="cell-id=cell-00"><div class="prompt input_prompt"></div><div class="inner_cell">
<h1 id="A-lesson">A lesson<a class="anchor-link" href="#A-lesson">¶</a></h1>
<p>With $x_1 &lt; 2$, and $$\frac12 \operatorname{tr} A$$ below it; <code>$HOME</code> is none.</p>
<table><thead><tr><th></th><th>the sheet says</th></tr></thead><tbody><tr><td>q9.1</td><td>it holds</td></tr><tr><td>q9.2</td><td>nobody judged it</td></tr></tbody></table>
</div></div>
<div class="cell code_cell"><div class="input_area"><div class="highlight hl-ipython3"><pre><span></span><span class="o">%%</span>
first := claim.<span class="n">Claim</span>{ID: "a &lt; b"} // a claim
fit.Nowhere(claim)
</pre></div></div>
<div class="output"><style>p { color: red }</style><h4>Deep down</h4>
<img src="data:image/png;base64,` + base64.StdEncoding.EncodeToString(chart()) + `" width=64 height=10 alt="A curve falls.">
<h2>Leaving $x^2$</h2><h2>Leaving $x^2$</h2>
<div class="evident-report"><div class="evident-verdict" data-claim="q9.1">It holds.</div></div></div></div>`)
}

// once builds the site for all tests, which only read it.
var once = sync.OnceValues(func() (Site, error) {
	first := claim.Claim{ID: "q9.1", Statement: "It holds.", Kind: claim.Exact, Recorded: claim.Supported}
	open := first
	first.Verdict, first.Evidence = claim.Refuted, "1 < 2 & so on."
	open.ID = "q9.2"
	return Build(checkout, []Lesson{
		{Title: "Before all", Notebook: "00-before.ipynb", Body: []byte("<h1>Before all</h1>")},
		{Name: "params", Title: "First", Question: "Q9", Notebook: "01-first.ipynb", Body: rendered(), Claims: []claim.Claim{first}},
		{Name: "other", Title: "Second", Question: "Q10", Notebook: "02-second.ipynb", Body: []byte("<h1>Second</h1>"), Claims: []claim.Claim{open}},
	}, nil)
})

func built(t *testing.T) Site {
	t.Helper()
	made, err := once()
	require.NoError(t, err)
	return made
}

func TestSiteOfThisCheckoutIsSound(t *testing.T) {
	problems, err := built(t).Check()
	require.NoError(t, err)
	require.Empty(t, problems)
}

func TestPagesOfEveryPackageThatNotebooksImport(t *testing.T) {
	made := built(t)
	for _, folder := range publicFolders {
		docs, err := filepath.Glob(filepath.Join(checkout, folder, "*", "doc.go"))
		require.NoError(t, err)
		require.NotEmpty(t, docs)
		for _, file := range docs {
			page := path.Join("api", folder, filepath.Base(filepath.Dir(file))+".html")
			require.Contains(t, made, page)
			assert.Contains(t, string(made["api/index.html"]), `href="../`+page+`"`)
		}
	}
}

func TestPackagePageHasDeclarationsLinksAndExamples(t *testing.T) {
	page := string(built(t)["api/kit/claim.html"])
	assert.Contains(t, page, `<h4 id="Claim.Agrees">func (Claim) Agrees</h4>`)
	assert.Contains(t, page, `<span id="Supported"></span>`, "constants have an anchor each")
	assert.Contains(t, page, `) Agrees() bool</pre>`, "a declaration has no body")
	assert.Contains(t, page, `<a href="#Verdict">Verdict</a>`)
	assert.Contains(t, page, `<details class="example"><summary>Example</summary>`)
	assert.NotContains(t, page, "// Output:")
	assert.NotContains(t, page, "badInput struct")
}

func TestIndexShowsLessonsInOrderAndEveryVerdict(t *testing.T) {
	index := string(built(t)["index.html"])
	assert.Less(t, strings.Index(index, "notebooks/01-first.html"), strings.Index(index, "notebooks/02-second.html"))
	assert.Contains(t, index, `<a href="notebooks/01-first.html#q9.1">q9.1</a>`)
	assert.Contains(t, index, "1 &lt; 2 &amp; so on.")
	assert.Contains(t, index, `<span class="evident-differs">differs</span>`)
	assert.Contains(t, index, "not judged yet")
	assert.Regexp(t, `<img class="chart" src="pictures/[0-9a-f]{16}\.png" alt="A curve falls\."`, index)
}

func TestTutorialStandsBeforeTheLessonsWithoutANumber(t *testing.T) {
	made := built(t)
	assert.Regexp(t, `(?s)>Tutorial</p>\s*<h3><a href="notebooks/00-before.html">.*>Lesson 1 · Q9</p>\s*<h3><a href="notebooks/01-first.html">`, string(made["index.html"]))
	assert.NotContains(t, string(made["index.html"]), "0. Before all", "it has no claims")
	assert.Contains(t, string(made["notebooks/00-before.html"]), `<span class="kicker">Next: lesson 1</span> First</a>`)
	assert.Contains(t, string(made["notebooks/01-first.html"]), `<span class="kicker">Before: tutorial</span> Before all</a>`)
}

func TestNotebookPageNeedsNoScriptAndNoOtherStyle(t *testing.T) {
	made := built(t)
	page := string(made["notebooks/01-first.html"])
	for _, unwanted := range []string{"<script", "<style", "data:image", "¶", "cell-id"} {
		assert.NotContains(t, page, unwanted)
	}
	source := regexp.MustCompile(`src="\.\./(pictures/[^"]+)" alt="A curve falls\."`).FindStringSubmatch(page)
	require.NotNil(t, source)
	assert.Equal(t, chart(), made[source[1]])
	assert.Contains(t, page, `width="64" height="36"`, "the height follows from the picture")
}

func TestFormulasBecomeMathML(t *testing.T) {
	page := string(built(t)["notebooks/01-first.html"])
	assert.Equal(t, 6, strings.Count(page, "<math"), "two in the text, two in headings, and these again in the contents")
	assert.Equal(t, 1, strings.Count(page, `class="formula"`), "one on a line of its own")
	assert.Contains(t, page, "<code>$HOME</code>")
	assert.NotContains(t, page, "annotation")
}

func TestHeadingsLeaveNoLevelOut(t *testing.T) {
	page := string(built(t)["notebooks/01-first.html"])
	assert.Contains(t, page, `<h1 id="a-lesson">A lesson</h1>`)
	assert.Contains(t, page, `<h2 id="deep-down">Deep down</h2>`)
	assert.Regexp(t, `<h2 id="leaving-x-2">Leaving <math`, page)
	assert.Contains(t, page, `<h2 id="leaving-x-2-2">`)
	assert.Regexp(t, `<li><a href="#leaving-x-2-2">Leaving <math`, page)
}

func TestNamesLeadToWhatTheyName(t *testing.T) {
	page := string(built(t)["notebooks/01-first.html"])
	assert.Contains(t, page, `claim.<a href="../api/kit/claim.html#Claim">Claim</a>`)
	assert.Contains(t, page, "fit.Nowhere(claim)", "a name that is not exported leads nowhere")
	assert.Contains(t, page, `<td><a href="#q9.1">q9.1</a></td>`)
	assert.Contains(t, page, `<td>q9.2</td>`, "nothing judged it")
	assert.Contains(t, page, `<a href="../api/lessons/params.html">Package`)
}

func TestTablesTellTheirHeads(t *testing.T) {
	page := string(built(t)["notebooks/01-first.html"])
	assert.Contains(t, page, `<table aria-label="A lesson">`)
	assert.Contains(t, page, `<tr><td></td><th scope="col">the sheet says</th></tr>`)
}

func TestPictureFromElsewhereIsRefused(t *testing.T) {
	_, err := Build(checkout, []Lesson{{Notebook: "01-first.ipynb", Body: []byte(`<h1>A</h1><img src="https://example.com/a.png" alt="A">`)}}, nil)
	require.ErrorContains(t, err, "01-first.ipynb: picture \"https://example.com/a.png\" is not in the notebook")
}

// committed calls do for the sources of all cells of a kind in the notebooks.
func committed(t *testing.T, kind string, do func(name, source string)) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(checkout, "notebooks", "*.ipynb"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		var n struct {
			Cells []struct {
				Kind   string   `json:"cell_type"`
				Source []string `json:"source"`
			} `json:"cells"`
		}
		require.NoError(t, json.Unmarshal(content, &n), file)
		for _, cell := range n.Cells {
			if cell.Kind == kind {
				do(filepath.Base(file), strings.Join(cell.Source, ""))
			}
		}
	}
}

func TestEveryFormulaOfTheNotebooksIsSet(t *testing.T) {
	set := 0
	committed(t, "markdown", func(name, source string) {
		markup, err := withMathML(source)
		require.NoError(t, err, name)
		assert.NotContains(t, markup, "merror", name)
		assert.NotContains(t, markup, "$", name)
		set += strings.Count(markup, "<math")
	})
	assert.Positive(t, set)
}

func TestColourKeepsEveryLetter(t *testing.T) {
	committed(t, "code", func(name, source string) {
		content, err := parseFragment(colour(source, func(_, name string) string { return "#" + name }))
		require.NoError(t, err, name)
		assert.Equal(t, source, textOf(content), name)
	})
}
