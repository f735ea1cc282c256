package live

import (
	"context"
	"html"
	"path"
	"strings"
	"testing/fstest"

	"evident/internal/badinput"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/kit/progress"
	"evident/lessons"
)

// Own is data of the reader's own that a page can hand to an experiment.
type Own string

// A table of texts and labels, or pictures in the folders [FirstClass] and [SecondClass].
const (
	NoData   Own = ""
	Table    Own = "table"
	Pictures Own = "pictures"
)

// The folders of pictures, in alphabetical order as the classes are.
const (
	FirstClass  = "first"
	SecondClass = "second"
)

// MostBytes limits the reader's files: a browser holds them in memory several times.
func (o Own) MostBytes() int {
	if o == Table {
		return 8 << 20
	}
	return 64 << 20
}

// OwnOf says which data an experiment of a lesson takes in place of the generated ones.
func OwnOf(lesson string, e lessons.Experiment) Own {
	kind := map[string]Own{"textcnn": Table, "imageclass": Pictures}[lesson]
	if kind == NoData || !knob.OwnData(e.Knobs(experiment.Options{Preset: experiment.Smoke, Data: ownFolder})) {
		return NoData
	}
	return kind
}

// ownFolder is what the reader's pictures are called.
const ownFolder = "your pictures"

// withOwn gives an experiment the request's files in place of generated data: the name of the data, and a context in
// which they lie and in which what the experiment says of them is added to the notices.
func (r Request) withOwn(ctx context.Context, e lessons.Experiment, notices *[]string) (context.Context, string, error) {
	if len(r.Files) == 0 {
		return ctx, "", nil
	}
	files := fstest.MapFS{}
	for _, f := range r.Files {
		files[path.Clean(f.Name)] = &fstest.MapFile{Data: f.Content}
	}
	name := r.Files[0].Name
	switch OwnOf(r.Lesson, e) {
	case NoData:
		return ctx, "", badinput.Errorf("%s.%s takes no data of your own", r.Lesson, e.Name)
	case Pictures:
		name = ownFolder
	}
	ctx = experiment.WithFiles(ctx, files)
	return progress.WithNotices(ctx, func(line string) { *notices = append(*notices, line) }), name, nil
}

// noticeList shows what an experiment said of the reader's data.
func noticeList(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = "<li>" + html.EscapeString(line) + "</li>"
	}
	return `<ul class="notices">` + strings.Join(escaped, "") + "</ul>"
}
