package site

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/doc"
	"go/doc/comment"
	"go/format"
	"go/parser"
	"go/scanner"
	"go/token"
	"html"
	"html/template"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// apiPackage is a package that notebooks can import.
type apiPackage struct {
	ImportPath string
	Name       string
	Page       string

	doc   *doc.Package
	files *token.FileSet
}

// publicFolders contain the packages that notebooks import.
var publicFolders = []string{"lessons", "kit", "datasets"}

// readPackages reads the packages of the checkout with their examples.
func readPackages(checkout string) ([]*apiPackage, error) {
	var packages []*apiPackage
	for _, folder := range publicFolders {
		err := filepath.WalkDir(filepath.Join(checkout, folder), func(dir string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil || !entry.IsDir():
				return err
			case entry.Name() == "testdata":
				return filepath.SkipDir
			}
			read, err := readPackage(checkout, dir)
			if errors.As(err, new(*build.NoGoError)) {
				return nil
			}
			packages = append(packages, read)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("site: packages: %w", err)
		}
	}
	return packages, nil
}

// readPackage reads the package in a folder.
func readPackage(checkout, dir string) (*apiPackage, error) {
	found, err := build.ImportDir(dir, 0)
	if err != nil {
		return nil, err
	}
	relative, err := filepath.Rel(checkout, dir)
	if err != nil {
		return nil, err
	}
	p := &apiPackage{
		ImportPath: path.Join("evident", filepath.ToSlash(relative)),
		Name:       found.Name,
		Page:       path.Join("api", filepath.ToSlash(relative)+".html"),
		files:      token.NewFileSet(),
	}
	var files []*ast.File
	for _, name := range slices.Concat(found.GoFiles, found.CgoFiles, found.TestGoFiles, found.XTestGoFiles) {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(p.files, name, content, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	p.doc, err = doc.NewFromFiles(p.files, files, p.ImportPath)
	return p, err
}

// symbols maps the documented names, by package and then "Name" or
// "Type.Method", to their address from the top of the site.
type symbols struct {
	byPath map[string]map[string]string
	byName map[string]string // import paths by package name
}

func symbolsOf(packages []*apiPackage) symbols {
	all := symbols{map[string]map[string]string{}, map[string]string{}}
	for _, p := range packages {
		all.byName[p.Name] = p.ImportPath
		names := map[string]string{"": p.Page}
		for _, name := range p.names() {
			names[name] = p.Page + "#" + name
		}
		all.byPath[p.ImportPath] = names
	}
	return all
}

// names returns the exported names of the package.
func (p *apiPackage) names() []string {
	var names []string
	values := func(groups ...[]*doc.Value) {
		for _, value := range slices.Concat(groups...) {
			names = append(names, value.Names...)
		}
	}
	functions := func(receiver string, list []*doc.Func) {
		for _, function := range list {
			names = append(names, receiver+function.Name)
		}
	}
	values(p.doc.Consts, p.doc.Vars)
	functions("", p.doc.Funcs)
	for _, t := range p.doc.Types {
		names = append(names, t.Name)
		values(t.Consts, t.Vars)
		functions("", t.Funcs)
		functions(t.Name+".", t.Methods)
	}
	return slices.DeleteFunc(names, func(name string) bool { return !ast.IsExported(name) })
}

// qualified finds pkg.Name in the code of a notebook. root is the path from
// the page to the top of the site.
func (s symbols) qualified(root string) linker {
	return func(qualifier, name string) string {
		if address, known := s.byPath[s.byName[qualifier]][name]; known && qualifier != "" && name != "" {
			return root + address
		}
		return ""
	}
}

// within finds names in the code of a package, including its own types.
func (s symbols) within(p *apiPackage, root string) linker {
	types := map[string]bool{}
	for _, t := range p.doc.Types {
		types[t.Name] = true
	}
	qualified := s.qualified(root)
	return func(qualifier, name string) string {
		if qualifier == "" && types[name] && ast.IsExported(name) {
			return "#" + name
		}
		return qualified(qualifier, name)
	}
}

// packagePage is the data for the template of a package's page.
type packagePage struct {
	frame
	*apiPackage
	Doc            template.HTML
	Examples       []example
	Consts, Vars   []declaration
	Functions      []declaration
	Types          []typeDeclaration
	HasDeclaration bool
}

// declaration is a function, a method, or a group of constants or variables.
type declaration struct {
	ID       string   // the declared name; empty for a group
	Heading  string   // empty for a group
	Names    []string // the exported names of a group
	Code     template.HTML
	Doc      template.HTML
	Examples []example
}

// typeDeclaration is a type with its functions and methods.
type typeDeclaration struct {
	declaration
	Values    []declaration
	Functions []declaration
	Methods   []declaration
}

// example is the body of an example with its output.
type example struct {
	Heading string
	Doc     template.HTML
	Code    template.HTML
	Output  string
}

// listedPackage is an entry in the list of packages.
type listedPackage struct {
	*apiPackage
	Synopsis string
}

// addPackages makes a page for each package, and the list of packages.
func (b builder) addPackages() error {
	const list = "api/index.html"
	listed := make([]listedPackage, len(b.packages))
	for i, p := range b.packages {
		listed[i] = listedPackage{p, p.doc.Synopsis(p.doc.Doc)}
		page, err := b.describe(p)
		if err != nil {
			return fmt.Errorf("site: package %s: %w", p.ImportPath, err)
		}
		if err := b.addPage(p.Page, "package", page); err != nil {
			return err
		}
	}
	return b.addPage(list, "packages", struct {
		frame
		Packages []listedPackage
	}{b.frameOf(list, "Packages", "api"), listed})
}

// describer writes the page of one package. It keeps the first error.
type describer struct {
	*apiPackage
	symbols symbols
	root    string
	err     error
}

func (b builder) describe(p *apiPackage) (packagePage, error) {
	page := packagePage{frame: b.frameOf(p.Page, "Package "+p.Name, "api"), apiPackage: p}
	d := &describer{apiPackage: p, symbols: b.symbols, root: page.Root}
	page.Doc, page.Examples = d.text(p.doc.Doc, 2), d.examples(p.doc.Examples)
	page.Consts, page.Vars = d.values(p.doc.Consts), d.values(p.doc.Vars)
	page.Functions = d.functions(p.doc.Funcs)
	for _, t := range p.doc.Types {
		page.Types = append(page.Types, typeDeclaration{
			declaration: declaration{
				ID: t.Name, Heading: "type " + t.Name, Code: d.code(t.Decl), Doc: d.text(t.Doc, 4), Examples: d.examples(t.Examples),
			},
			Values: slices.Concat(d.values(t.Consts), d.values(t.Vars)), Functions: d.functions(t.Funcs), Methods: d.functions(t.Methods),
		})
	}
	page.HasDeclaration = len(p.names()) > 0
	return page, d.err
}

func (d *describer) values(groups []*doc.Value) []declaration {
	var all []declaration
	for _, group := range groups {
		names := slices.DeleteFunc(slices.Clone(group.Names), func(name string) bool { return !ast.IsExported(name) })
		all = append(all, declaration{Names: names, Code: d.code(group.Decl), Doc: d.text(group.Doc, 4)})
	}
	return all
}

func (d *describer) functions(list []*doc.Func) []declaration {
	var all []declaration
	for _, f := range list {
		id, heading := f.Name, "func "+f.Name
		if f.Recv != "" {
			receiver, _, _ := strings.Cut(strings.TrimPrefix(f.Recv, "*"), "[")
			id, heading = receiver+"."+f.Name, "func ("+f.Recv+") "+f.Name
		}
		all = append(all, declaration{ID: id, Heading: heading, Code: d.code(f.Decl), Doc: d.text(f.Doc, 5), Examples: d.examples(f.Examples)})
	}
	return all
}

func (d *describer) examples(list []*doc.Example) []example {
	var all []example
	for _, e := range list {
		heading := "Example"
		if e.Suffix != "" {
			heading += " (" + e.Suffix + ")"
		}
		all = append(all, example{Heading: heading, Doc: d.text(e.Doc, 6), Code: d.body(e), Output: strings.TrimRight(e.Output, "\n")})
	}
	return all
}

// body returns an example without its braces.
func (d *describer) body(e *doc.Example) template.HTML {
	source := d.format(e.Code)
	if _, isBlock := e.Code.(*ast.BlockStmt); isBlock {
		source = strings.TrimSuffix(strings.TrimPrefix(source, "{"), "}")
		source = strings.Trim(strings.ReplaceAll(source, "\n\t", "\n"), "\n")
	}
	if at := strings.LastIndex(source, "// Output:"); at >= 0 {
		source = strings.TrimRight(source[:at], "\n\t ")
	}
	return template.HTML(colour(source, d.symbols.qualified(d.root)))
}

// code returns a declaration without its comment, which stands beside it.
func (d *describer) code(node ast.Decl) template.HTML {
	switch node := node.(type) {
	case *ast.FuncDecl:
		node.Doc, node.Body = nil, nil
	case *ast.GenDecl:
		node.Doc = nil
	}
	return template.HTML(colour(d.format(node), d.symbols.within(d.apiPackage, d.root)))
}

func (d *describer) format(node any) string {
	var source bytes.Buffer
	if err := format.Node(&source, d.files, node); err != nil && d.err == nil {
		d.err = err
	}
	return source.String()
}

// text renders a documentation comment; its headings begin at the given
// level.
func (d *describer) text(comments string, level int) template.HTML {
	parsed := d.doc.Parser().Parse(comments)
	for _, block := range parsed.Content {
		d.keepLinks(block)
	}
	printer := d.doc.Printer()
	printer.HeadingLevel = level
	printer.HeadingID = func(*comment.Heading) string { return "" }
	printer.DocLinkURL = func(link *comment.DocLink) string { return d.root + d.address(link) }
	return template.HTML(scrolling.Replace(string(printer.HTML(parsed))))
}

// scrolling lets keyboard users scroll code in a comment.
var scrolling = strings.NewReplacer("<pre>", `<pre tabindex="0" role="group" aria-label="Code">`)

// keepLinks replaces links to undocumented names by plain text.
func (d *describer) keepLinks(block comment.Block) {
	switch block := block.(type) {
	case *comment.Paragraph:
		block.Text = d.known(block.Text)
	case *comment.Heading:
		block.Text = d.known(block.Text)
	case *comment.List:
		for _, item := range block.Items {
			for _, inner := range item.Content {
				d.keepLinks(inner)
			}
		}
	}
}

func (d *describer) known(text []comment.Text) []comment.Text {
	var kept []comment.Text
	for _, part := range text {
		if link, isLink := part.(*comment.DocLink); isLink && d.address(link) == "" {
			kept = append(kept, link.Text...)
			continue
		}
		kept = append(kept, part)
	}
	return kept
}

// address returns where the site documents a name in a comment, from the top
// of the site.
func (d *describer) address(link *comment.DocLink) string {
	importPath := link.ImportPath
	if importPath == "" {
		importPath = d.ImportPath
	}
	name := link.Name
	if link.Recv != "" {
		name = link.Recv + "." + name
	}
	return d.symbols.byPath[importPath][name]
}

// linker returns the page of a name, or "". The qualifier is the part before
// the dot, or "".
type linker func(qualifier, name string) string

// word is one token of Go code.
type word struct {
	offset int
	kind   token.Token
	text   string
}

// colour marks up Go code. It also reads a cell of GoNB, which has lines that
// are not Go: text that the scanner does not recognise stays unchanged.
func colour(source string, link linker) string {
	var out strings.Builder
	end := 0
	words := scan(source)
	for i, w := range words {
		out.WriteString(html.EscapeString(source[end:w.offset]))
		out.WriteString(markUp(w, address(source, words, i, link)))
		end = w.offset + len(w.text)
	}
	out.WriteString(html.EscapeString(source[end:]))
	return out.String()
}

func scan(source string) []word {
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(source))
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	var words []word
	for {
		position, kind, text := s.Scan()
		if kind == token.EOF {
			return words
		}
		if kind == token.SEMICOLON && text == "\n" {
			continue // inserted by the scanner
		}
		if text == "" {
			text = kind.String()
		}
		offset := file.Offset(position)
		if !strings.HasPrefix(source[offset:], text) {
			continue // a comment without its carriage returns
		}
		words = append(words, word{offset, kind, text})
	}
}

// address returns the link of the i-th word. A name at the beginning of its
// line is a field or a constant that is declared there.
func address(source string, words []word, i int, link linker) string {
	if words[i].kind != token.IDENT {
		return ""
	}
	if i >= 2 && words[i-1].kind == token.PERIOD && words[i-2].kind == token.IDENT {
		return link(words[i-2].text, words[i].text)
	}
	before := source[:words[i].offset]
	declares := i == 0 || words[i-1].kind == token.TYPE || words[i-1].kind == token.FUNC ||
		strings.TrimSpace(before[strings.LastIndex(before, "\n")+1:]) == ""
	if declares {
		return ""
	}
	return link("", words[i].text)
}

func markUp(w word, address string) string {
	text := html.EscapeString(w.text)
	switch class := classOf(w.kind); {
	case address != "":
		return `<a href="` + html.EscapeString(address) + `">` + text + "</a>"
	case class != "":
		return `<span class="` + class + `">` + text + "</span>"
	}
	return text
}

func classOf(kind token.Token) string {
	switch {
	case kind == token.COMMENT:
		return "comment"
	case kind == token.STRING || kind == token.CHAR:
		return "string"
	case kind.IsLiteral() && kind != token.IDENT:
		return "number"
	case kind.IsKeyword():
		return "keyword"
	}
	return ""
}
