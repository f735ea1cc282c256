package site

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
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
