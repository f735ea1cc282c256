package site

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"image/png"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"evident/internal/mathml"
)

// notebook is the content of a notebook's page.
type notebook struct {
	body     template.HTML
	contents []heading
	cover    picture
}

// heading is an entry of a page's table of contents.
type heading struct {
	ID   string
	Text template.HTML // with formulas
}

// readNotebook converts nbconvert's rendering to the content of a page.
func (b builder) readNotebook(l Lesson) (notebook, error) {
	root, err := parseFragment(string(l.Body))
	if err != nil {
		return notebook{}, err
	}
	dropFurniture(root)
	cover, err := b.takePictures(root)
	if err != nil {
		return notebook{}, err
	}
	if b.live != nil {
		if err := b.linkRuns(root, l); err != nil {
			return notebook{}, err
		}
	}
	if err := b.colourCode(root); err != nil {
		return notebook{}, err
	}
	if err := setFormulas(root); err != nil {
		return notebook{}, err
	}
	contents, err := orderHeadings(root)
	if err != nil {
		return notebook{}, err
	}
	linkClaims(root)
	describeTables(root)
	letKeysScroll(root)
	body, err := renderInside(root)
	return notebook{body: template.HTML(body), contents: contents, cover: cover}, err
}

// dropFurniture removes prompts, and the style sheet in every output of a cell,
// because the site has its own.
func dropFurniture(root *html.Node) {
	for _, node := range all(root, func(n *html.Node) bool {
		return isKind(atom.Style, atom.Script)(n) || hasClass("prompt")(n) || hasClass("anchor-link")(n)
	}) {
		remove(node)
	}
	for _, cell := range all(root, hasClass("cell")) {
		unset(cell, "id") // "cell-id=…" is useless as an anchor
	}
}

// colourCode colours the Go code and links names of our packages to their
// documentation.
func (b builder) colourCode(root *html.Node) error {
	for _, block := range all(root, hasClass("highlight")) {
		pre := element(atom.Pre)
		pre.AppendChild(&html.Node{Type: html.TextNode, Data: strings.TrimRight(textOf(block), "\n")})
		block.Parent.InsertBefore(pre, block)
		remove(block)
		if !hasClass("input_area")(pre.Parent) {
			continue // code in the text may be in any language
		}
		set(pre, "class", "code")
		if err := replaceText(pre.FirstChild, colour(pre.FirstChild.Data, b.symbols.qualified("../"))); err != nil {
			return err
		}
	}
	return nil
}

var headingKinds = []atom.Atom{atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6}

// orderHeadings gives the headings anchors, and consecutive levels below the one
// title, because outputs of cells bring headings of any level. It returns the
// headings of the second level.
func orderHeadings(root *html.Node) ([]heading, error) {
	var contents []heading
	level := 0
	taken := map[string]bool{"main": true}
	for _, node := range all(root, isKind(headingKinds...)) {
		level = min(slices.Index(headingKinds, node.DataAtom)+1, level+1)
		if level == 1 && len(taken) > 1 {
			level = 2
		}
		node.DataAtom = headingKinds[level-1]
		node.Data = node.DataAtom.String()
		id := anchor(textOf(node), taken)
		set(node, "id", id)
		if level != 2 {
			continue
		}
		text, err := renderInside(node)
		if err != nil {
			return nil, err
		}
		contents = append(contents, heading{ID: id, Text: template.HTML(text)})
	}
	return contents, nil
}

// anchor makes a unique anchor from a heading's words.
func anchor(text string, taken map[string]bool) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	base := cmp.Or(strings.Join(words, "-"), "section")
	id := base
	for i := 2; taken[id]; i++ {
		id = fmt.Sprintf("%s-%d", base, i)
	}
	taken[id] = true
	return id
}

// linkClaims gives the report's verdict cards anchors, and links the claim ids
// in the text's tables to them.
func linkClaims(root *html.Node) {
	judged := map[string]bool{}
	for _, report := range all(root, hasClass("evident-report")) {
		for _, card := range all(report, func(n *html.Node) bool { return get(n, "data-claim") != "" }) {
			if id := get(card, "data-claim"); !judged[id] {
				judged[id] = true
				set(card, "id", id)
			}
		}
	}
	for _, cell := range all(root, isKind(atom.Td)) {
		text := cell.FirstChild
		if text != nil && text.NextSibling == nil && text.Type == html.TextNode && judged[text.Data] {
			wrap(text, element(atom.A, "href", "#"+text.Data))
		}
	}
}

// describeTables gives tables a name and header cells for screen readers. Tables
// from reports already have both.
func describeTables(root *html.Node) {
	section := "Table"
	for _, node := range all(root, isKind(append(headingKinds, atom.Table)...)) {
		if node.DataAtom != atom.Table {
			section = strings.TrimSpace(textOf(node))
			continue
		}
		for _, cell := range all(node, isKind(atom.Th)) {
			describeHead(cell)
		}
		if len(all(node, isKind(atom.Caption))) == 0 {
			set(node, "aria-label", section)
		}
		if !hasClass("evident-scroll")(node.Parent) {
			wrap(node, element(atom.Div, "class", "evident-scroll"))
		}
	}
}

// describeHead marks a cell as the header of its column; an empty cell heads
// nothing.
func describeHead(cell *html.Node) {
	if strings.TrimSpace(textOf(cell)) == "" {
		cell.DataAtom, cell.Data = atom.Td, "td"
		unset(cell, "scope")
		return
	}
	if get(cell, "scope") == "" {
		set(cell, "scope", "col")
	}
}

// letKeysScroll lets keyboard users scroll what may be wider than the page.
func letKeysScroll(root *html.Node) {
	for _, node := range all(root, func(n *html.Node) bool {
		return isKind(atom.Pre)(n) || hasClass("evident-scroll")(n) || hasClass("formula")(n)
	}) {
		set(node, "tabindex", "0")
		set(node, "role", "group")
		set(node, "aria-label", groupName(node))
	}
}

func groupName(node *html.Node) string {
	switch {
	case hasClass("code")(node):
		return "Go code"
	case hasClass("formula")(node):
		return "Formula"
	case isKind(atom.Pre)(node):
		return "Text"
	}
	for _, caption := range all(node, isKind(atom.Caption)) {
		return textOf(caption)
	}
	for _, table := range all(node, isKind(atom.Table)) {
		return "Table: " + get(table, "aria-label")
	}
	return "Wide content"
}

// picture is a file of the site with its description.
type picture struct {
	File, Alt     string
	Width, Height int // on the page, in CSS pixels
}

const inline = "data:image/png;base64,"

// takePictures moves pictures from inside the page into files beside it, which load
// when they become visible. It returns the first chart that is as wide as a card, if
// there is one.
func (b builder) takePictures(root *html.Node) (cover picture, err error) {
	for _, node := range all(root, isKind(atom.Img)) {
		taken, err := b.takePicture(node)
		if err != nil {
			return picture{}, err
		}
		if cover.File == "" && hasClass("chart")(node) && 2*taken.Width > 3*taken.Height {
			cover = taken
		}
	}
	return cover, nil
}

func (b builder) takePicture(node *html.Node) (picture, error) {
	encoded, isInline := strings.CutPrefix(get(node, "src"), inline)
	if !isInline {
		return picture{}, fmt.Errorf("picture %.60q is not in the notebook: the site works without a network", get(node, "src"))
	}
	content, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(encoded), ""))
	if err != nil {
		return picture{}, fmt.Errorf("picture %q: %w", get(node, "alt"), err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return picture{}, fmt.Errorf("picture %q: %w", get(node, "alt"), err)
	}
	sum := sha256.Sum256(content)
	taken := picture{File: fmt.Sprintf("pictures/%x.png", sum[:8]), Alt: get(node, "alt"), Width: size.Width, Height: size.Height}
	b.site[taken.File] = content
	kind := "picture"
	if width, err := strconv.Atoi(get(node, "width")); err == nil {
		// A chart or a diagram has twice the pixels, for dense screens.
		kind = "chart"
		taken.Height = taken.Height * width / taken.Width
		taken.Width = width
	}
	node.Attr = nil
	for _, attribute := range [][2]string{
		{"src", "../" + taken.File}, {"alt", taken.Alt}, {"class", kind}, {"loading", "lazy"},
		{"width", strconv.Itoa(taken.Width)}, {"height", strconv.Itoa(taken.Height)},
	} {
		set(node, attribute[0], attribute[1])
	}
	return taken, nil
}

// setFormulas converts the LaTeX of the text to MathML, which browsers display
// and screen readers read without a script.
func setFormulas(root *html.Node) error {
	for _, text := range all(root, func(n *html.Node) bool { return n.Type == html.TextNode && !isVerbatim(n) }) {
		if !mathml.Formula.MatchString(text.Data) {
			continue
		}
		markup, err := withMathML(text.Data)
		if err != nil {
			return err
		}
		if err := replaceText(text, markup); err != nil {
			return err
		}
	}
	return nil
}

func isVerbatim(text *html.Node) bool {
	for parent := text.Parent; parent != nil; parent = parent.Parent {
		if isKind(atom.Pre, atom.Code)(parent) {
			return true
		}
	}
	return false
}

// withMathML returns the text as markup with MathML formulas.
func withMathML(text string) (string, error) {
	var out strings.Builder
	end := 0
	for _, at := range mathml.Formula.FindAllStringIndex(text, -1) {
		out.WriteString(html.EscapeString(text[end:at[0]]))
		end = at[1]
		markup, err := mathml.Set(text[at[0]:at[1]])
		if err != nil {
			return "", err
		}
		out.WriteString(markup)
	}
	out.WriteString(html.EscapeString(text[end:]))
	return out.String(), nil
}
