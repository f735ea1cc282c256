package site

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// faults collects the faults of one page.
type faults struct {
	file string
	list *[]string
}

func (f faults) add(format string, args ...any) {
	*f.list = append(*f.list, f.file+": "+fmt.Sprintf(format, args...))
}

// Check finds faults in the pages: broken links, content from a network,
// pictures without alternative text, and headings or tables that a screen reader
// cannot interpret. It returns one line per fault, which names the page.
func (s Site) Check() ([]string, error) {
	var problems []string
	pages := map[string]*html.Node{}
	for _, file := range slices.Sorted(maps.Keys(s)) {
		if path.Ext(file) != ".html" {
			continue
		}
		page, err := html.Parse(bytes.NewReader(s[file]))
		if err != nil {
			return nil, fmt.Errorf("site: %s: %w", file, err)
		}
		pages[file] = page
	}
	for _, file := range slices.Sorted(maps.Keys(pages)) {
		f := faults{file, &problems}
		for _, find := range []func(faults, *html.Node){doubleIDs, silentPictures, brokenOutline, namelessTables, missingLanguage} {
			find(f, pages[file])
		}
		s.brokenLinks(f, pages)
	}
	return problems, nil
}

// brokenLinks finds the links of a page that lead nowhere, or load from a
// network.
func (s Site) brokenLinks(f faults, pages map[string]*html.Node) {
	for _, node := range all(pages[f.file], func(n *html.Node) bool { return n.Type == html.ElementNode }) {
		for _, name := range []string{"href", "src", "srcset", "poster", "data"} {
			value, given := lookup(node, name)
			if !given {
				continue
			}
			if problem := s.brokenLink(f.file, value, node.DataAtom == atom.A, pages); problem != "" {
				f.add("<%s %s=%q> %s", node.Data, name, value, problem)
			}
		}
	}
}

func (s Site) brokenLink(file, address string, mayLeave bool, pages map[string]*html.Node) string {
	parsed, err := url.Parse(address)
	switch {
	case err != nil:
		return "is no address"
	case parsed.IsAbs() || parsed.Host != "":
		if mayLeave && parsed.Scheme == "https" {
			return ""
		}
		return "needs a network"
	case path.IsAbs(parsed.Path):
		return "works only on a server"
	}
	target := file
	if parsed.Path != "" {
		target = path.Join(path.Dir(file), parsed.Path)
	}
	if _, exists := s[target]; !exists {
		return "leads to no file"
	}
	if parsed.Fragment != "" && pages[target] != nil && !slices.Contains(ids(pages[target]), parsed.Fragment) {
		return "leads to no place on that page"
	}
	return ""
}

func ids(page *html.Node) []string {
	var found []string
	for node := range page.Descendants() {
		if id, given := lookup(node, "id"); given {
			found = append(found, id)
		}
	}
	return found
}

func doubleIDs(f faults, page *html.Node) {
	seen := map[string]bool{}
	for _, id := range ids(page) {
		if seen[id] {
			f.add("the id %q is there twice", id)
		}
		seen[id] = true
	}
}

func silentPictures(f faults, page *html.Node) {
	for _, node := range all(page, isKind(atom.Img)) {
		if strings.TrimSpace(get(node, "alt")) == "" {
			f.add("the picture %.60q has no alternative text", get(node, "src"))
		}
	}
}

// brokenOutline requires one title, and below it no skipped level.
func brokenOutline(f faults, page *html.Node) {
	before, titles := 0, 0
	for _, node := range all(page, isKind(headingKinds...)) {
		level := slices.Index(headingKinds, node.DataAtom) + 1
		if level == 1 {
			titles++
		}
		if level > before+1 {
			f.add("the heading %q is of level %d below one of level %d", textOf(node), level, before)
		}
		before = level
	}
	if titles != 1 {
		f.add("it has %d headings of the first level, and needs one", titles)
	}
}

func namelessTables(f faults, page *html.Node) {
	for _, table := range all(page, isKind(atom.Table)) {
		if len(all(table, isKind(atom.Caption))) == 0 && get(table, "aria-label") == "" {
			f.add("the table %.40q has no caption", strings.TrimSpace(textOf(table)))
		}
		for _, head := range all(table, isKind(atom.Th)) {
			if get(head, "scope") == "" {
				f.add("the head %q of a table has no scope", textOf(head))
			}
		}
	}
}

func missingLanguage(f faults, page *html.Node) {
	for _, root := range all(page, isKind(atom.Html)) {
		if get(root, "lang") != "" {
			return
		}
	}
	f.add("it does not say its language")
}
