package site

import (
	"fmt"
	"html/template"

	"evident/kit/claim"
)

// entry is a lesson in the index and in the navigation.
type entry struct {
	Lesson
	Number int
	Page   string
	API    string // the page of its package; empty if there is none
	Tally  claim.Tally
	Cover  picture // the first chart of its report; without a file if there is none
}

// lessonPage is the data for the template of a notebook's page.
type lessonPage struct {
	frame
	entry
	Contents       []heading
	Body           template.HTML
	Previous, Next *entry
}

// indexPage is the data for the template of the index.
type indexPage struct {
	frame
	Lessons []entry
	Tally   claim.Tally
	Errors  string // see [claim.Errors]
}

// addLessons makes the notebooks' pages and the index.
func (b builder) addLessons(lessons []Lesson) error {
	entries := make([]entry, len(lessons))
	contents := make([]notebook, len(lessons))
	var claims []claim.Claim
	for i, l := range lessons {
		read, err := b.readNotebook(l)
		if err != nil {
			return fmt.Errorf("site: %s: %w", l.Notebook, err)
		}
		contents[i] = read
		entries[i] = entry{Lesson: l, Number: i + 1, Page: l.pageOf(), Tally: claim.TallyOf(l.Claims), Cover: read.cover, API: b.pageOfPackage(l.Name)}
		claims = append(claims, l.Claims...)
	}
	for i, e := range entries {
		page := lessonPage{frame: frameOf(e.Page, e.Title, "lessons"), entry: e, Contents: contents[i].contents, Body: contents[i].body}
		if i > 0 {
			page.Previous = &entries[i-1]
		}
		if i+1 < len(entries) {
			page.Next = &entries[i+1]
		}
		if err := b.addPage(e.Page, "lesson", page); err != nil {
			return err
		}
	}
	return b.addPage("index.html", "index", indexPage{frameOf("index.html", "evident", "index"), entries, claim.TallyOf(claims), claim.Errors(claims)})
}

// pageOfPackage returns the page of a lesson's package.
func (b builder) pageOfPackage(name string) string {
	for _, p := range b.packages {
		if p.ImportPath == "evident/lessons/"+name {
			return p.Page
		}
	}
	return ""
}
