package site

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// parseFragment parses HTML as the content of a div.
func parseFragment(markup string) (*html.Node, error) {
	root := element(atom.Div)
	nodes, err := html.ParseFragment(strings.NewReader(markup), root)
	if err != nil {
		return nil, err
	}
	for _, node := range nodes {
		root.AppendChild(node)
	}
	return root, nil
}

// renderInside renders the children of a node.
func renderInside(root *html.Node) (string, error) {
	var out strings.Builder
	for child := range root.ChildNodes() {
		if err := html.Render(&out, child); err != nil {
			return "", err
		}
	}
	return out.String(), nil
}

// element creates an element with attributes, given as alternating names and
// values.
func element(kind atom.Atom, attributes ...string) *html.Node {
	node := &html.Node{Type: html.ElementNode, DataAtom: kind, Data: kind.String()}
	for pair := range slices.Chunk(attributes, 2) {
		set(node, pair[0], pair[1])
	}
	return node
}

// all returns the nodes below root that match, in page order. It collects
// them first, because the caller may move or remove them.
func all(root *html.Node, matches func(*html.Node) bool) []*html.Node {
	var found []*html.Node
	for node := range root.Descendants() {
		if matches(node) {
			found = append(found, node)
		}
	}
	return found
}

func isKind(kinds ...atom.Atom) func(*html.Node) bool {
	return func(node *html.Node) bool {
		return node.Type == html.ElementNode && slices.Contains(kinds, node.DataAtom)
	}
}

func hasClass(name string) func(*html.Node) bool {
	return func(node *html.Node) bool { return slices.Contains(strings.Fields(get(node, "class")), name) }
}

// get returns the value of an attribute, or "".
func get(node *html.Node, name string) string {
	value, _ := lookup(node, name)
	return value
}

func lookup(node *html.Node, name string) (string, bool) {
	for _, attribute := range node.Attr {
		if attribute.Key == name {
			return attribute.Val, true
		}
	}
	return "", false
}

func set(node *html.Node, name, value string) {
	unset(node, name)
	node.Attr = append(node.Attr, html.Attribute{Key: name, Val: value})
}

func unset(node *html.Node, name string) {
	node.Attr = slices.DeleteFunc(node.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func remove(node *html.Node) { node.Parent.RemoveChild(node) }

// wrap puts an element around a node.
func wrap(node, around *html.Node) {
	node.Parent.InsertBefore(around, node)
	remove(node)
	around.AppendChild(node)
}

// textOf returns the text inside a node.
func textOf(node *html.Node) string {
	if node.Type == html.TextNode {
		return node.Data
	}
	var text strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			text.WriteString(inner.Data)
		}
	}
	return text.String()
}

// replaceText replaces a text by markup.
func replaceText(node *html.Node, markup string) error {
	content, err := parseFragment(markup)
	if err != nil {
		return err
	}
	for _, child := range slices.Collect(content.ChildNodes()) {
		content.RemoveChild(child)
		node.Parent.InsertBefore(child, node)
	}
	remove(node)
	return nil
}
