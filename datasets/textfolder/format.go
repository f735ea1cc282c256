package textfolder

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Format says how a table was read.
type Format struct {
	Encoding  string   // "UTF-8", "UTF-16 (little endian)", …
	LineEnds  string   // "LF", "CRLF", "CR" or "mixed"
	Delimiter rune     // between columns; a blank for fastText's format
	Columns   int      // number of columns in most rows
	Text      int      // index of the column of texts, from 0
	Label     int      // index of the column of labels
	Header    []string // names of the columns; nil for no header
	HeaderAt  int      // line of the header, from 1
}

// delimiters are the ones to try, with their names.
var delimiters = []struct {
	sign rune
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "bars"}, {' ', "blanks"}}

func nameOf(delimiter rune) string {
	for _, d := range delimiters {
		if d.sign == delimiter {
			return d.name
		}
	}
	return fmt.Sprintf("%q", delimiter)
}

// String describes the format in a few words, without what is usual.
func (f Format) String() string {
	if f.Delimiter == ' ' {
		return "in the format of fastText"
	}
	header := "no header"
	if f.Header != nil {
		header = "the first line is a header"
	}
	if f.HeaderAt > 1 {
		header = fmt.Sprintf("line %d is the header", f.HeaderAt)
	}
	parts := []string{fmt.Sprintf("%d columns between %s, %s", f.Columns, nameOf(f.Delimiter), header),
		fmt.Sprintf("the text is in column %s, the label in column %s", f.column(f.Text), f.column(f.Label))}
	if f.LineEnds == lineCR || f.LineEnds == lineMixed {
		parts = append(parts, "line ends: "+f.LineEnds)
	}
	if f.Encoding != utf8Name {
		parts = append(parts, f.Encoding)
	}
	return strings.Join(parts, "; ")
}

// column describes a column by number and name.
func (f Format) column(i int) string {
	if i < len(f.Header) && strings.TrimSpace(f.Header[i]) != "" {
		return fmt.Sprintf("%d %q", i+1, shortened(f.Header[i]))
	}
	return fmt.Sprint(i + 1)
}

// The ends of lines.
const (
	lineLF    = "LF"
	lineCRLF  = "CRLF"
	lineCR    = "CR"
	lineMixed = "mixed"
)

// unixLines converts all line ends to line feeds, including single carriage
// returns (classic Mac) and CR CR LF, which some programs write on Windows.
func unixLines(content string) (lines, ends string) {
	if !strings.Contains(content, "\r") {
		return content, lineLF
	}
	all := strings.Count(content, "\r")
	crlf := strings.Count(content, "\r\n")
	lf := strings.Count(content, "\n")
	ends = lineMixed
	switch {
	case crlf == all && crlf == lf:
		ends = lineCRLF
	case lf == 0:
		ends = lineCR
	}
	return strings.NewReplacer("\r\r\n", "\n", "\r\n", "\n", "\r", "\n").Replace(content), ends
}

// sepLine matches a first line that tells Excel the delimiter, such as sep=;
var sepLine = regexp.MustCompile(`^(?i)"?sep=(\\t|[,;|\t])"?[ ,;|\t]*(\n|$)`)

// withoutSep blanks that line. The delimiter is 0 if there is none.
func withoutSep(content string) (rest string, delimiter rune) {
	found := sepLine.FindStringSubmatch(content)
	if found == nil {
		return content, 0
	}
	sign := strings.Replace(found[1], `\t`, "\t", 1)
	return "\n" + content[len(found[0]):], rune(sign[0])
}

// The known names of columns, the best first, in lower case and without
// punctuation.
var (
	textNames = []string{
		"text", "texts", "review", "sentence", "comment", "message", "tweet", "content", "body", "document", "phrase", "reviewtext", "tweettext", "commenttext",
		"cleantext", "utterance", "sms", "headline", "question", "description", "abstract", "statement", "mail", "email",
	}
	labelNames = []string{
		"label", "labels", "class", "sentiment", "category", "target", "rating", "polarity", "stars", "score", "topic", "emotion", "intent", "tag", "y", "spam",
		"classes", "sentimentlabel", "airlinesentiment", "overall",
	}
)

// plainName returns the name of a column in lower case without punctuation.
func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("_- .:#*", r) {
			return -1
		}
		return r
	}, folded(name))
}

// known returns the columns of a header whose names are in a list. If one has the
// list's first name, only that one counts.
func known(header, names []string) []int {
	var found []int
	for i, name := range header {
		switch at := slices.Index(names, plainName(name)); {
		case at == 0:
			return []int{i}
		case at > 0:
			found = append(found, i)
		}
	}
	return found
}
