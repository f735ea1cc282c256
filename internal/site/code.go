package site

import (
	"go/scanner"
	"go/token"
	"html"
	"strings"
)

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
