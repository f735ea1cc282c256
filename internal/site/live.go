package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"evident/internal/badinput"
	"evident/internal/live"
	"evident/kit/claim"
	"evident/kit/exercise"
	"evident/kit/experiment"
	"evident/kit/knob"
	"evident/lessons"
)

// Live is what the pages need to run experiments in the reader's browser.
type Live struct {
	Program []byte // cmd/evident-live, gzipped
	Exec    []byte // wasm_exec.js of the Go that built it
	Charts  []byte // what draws charts in Vega-Lite, as one script
	// Licences are the texts of all that these hold by others.
	Licences []byte
}

// chartPackages are the packages of npm that draw charts, in the order in which they are loaded. package.json in the
// folder live pins them.
var chartPackages = []string{"vega", "vega-lite", "vega-interpreter"}

// BuildLive builds the program, and reads the npm packages from the folder where `make site` installs them.
func BuildLive(ctx context.Context, checkout string) (*Live, error) {
	var live Live
	modules := filepath.Join(checkout, ".venv", "live", "node_modules")
	for _, name := range chartPackages {
		script, err := os.ReadFile(filepath.Join(modules, name, "build", name+".min.js"))
		if err != nil {
			return nil, badinput.Errorf("no %s in .venv, which draws the charts of live pages: run `make site`, or give --static", name)
		}
		live.Charts = append(append(live.Charts, script...), '\n')
	}
	work, err := os.MkdirTemp("", "evident-site-*")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	file := filepath.Join(work, "live.wasm")
	if _, err := output(ctx, checkout, "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", file, "./cmd/evident-live"); err != nil {
		return nil, err
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if live.Program, err = packed(program); err != nil {
		return nil, err
	}
	root, err := output(ctx, checkout, "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if live.Exec, err = os.ReadFile(filepath.Join(strings.TrimSpace(root), "lib", "wasm", "wasm_exec.js")); err != nil {
		return nil, err
	}
	folders, err := output(ctx, checkout, "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Dir}}{{end}}{{end}}", "./cmd/evident-live")
	if err != nil {
		return nil, err
	}
	packages, err := filepath.Glob(filepath.Join(modules, "*", "package.json"))
	if err != nil {
		return nil, err
	}
	sources := append(strings.Fields(folders), strings.TrimSpace(root))
	for _, file := range packages {
		sources = append(sources, filepath.Dir(file))
	}
	live.Licences, err = licences(sources)
	return &live, err
}

var licenceFile = regexp.MustCompile(`(?i)^(licen[sc]e|copying|notice)([-._].*)?$`)

// licences joins the licence files of some folders.
func licences(folders []string) ([]byte, error) {
	var all bytes.Buffer
	slices.Sort(folders)
	for _, folder := range slices.Compact(folders) {
		files, err := os.ReadDir(folder)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if file.IsDir() || !licenceFile.MatchString(file.Name()) {
				continue
			}
			text, err := os.ReadFile(filepath.Join(folder, file.Name()))
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&all, "==== %s: %s ====\n\n%s\n\n", filepath.Base(folder), file.Name(), bytes.TrimSpace(text))
		}
	}
	return all.Bytes(), nil
}

// output is that of a go command for the browser.
func output(ctx context.Context, folder string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOEXPERIMENT=", "GOFLAGS=")
	text, err := cmd.Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("go %s for the browser: %s", args[0], failed.Stderr)
	}
	return string(text), err
}

func packed(content []byte) ([]byte, error) {
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	_, err = zip.Write(content)
	err = errors.Join(err, zip.Close())
	return out.Bytes(), err
}

// liveFiles are the paths of what a page loads when something runs. Their names hold a checksum, so that a browser
// may keep them.
type liveFiles struct {
	Program, Worker, Charts string
	size                    int // of the program, in bytes
}

// addLive adds the scripts. The program is there twice: a page on a server loads it with progress, and one in a folder,
// which may not, gets it as text in a script.
func (b *builder) addLive(live *Live) error {
	if live == nil {
		return nil
	}
	text := map[string]string{}
	for _, name := range append([]string{"live/worker.js", "live/offline.js"}, pageScripts...) {
		content, err := liveScripts.ReadFile(name)
		if err != nil {
			return err
		}
		text[name] = string(content)
	}
	for _, name := range pageScripts {
		b.site[name] = []byte(text[name])
	}
	worker := "globalThis.evidentWorker = " + quoted(string(live.Exec)+"\n"+text["live/worker.js"]) + ";\n"
	asText := "globalThis.evidentProgram = " + quoted(base64.StdEncoding.EncodeToString(live.Program)) + ";\n"
	b.live = &liveFiles{Worker: hashed("live/worker", ".js", []byte(worker)), Charts: hashed("live/charts", ".js", live.Charts), Program: hashed("live/program", "", live.Program), size: len(live.Program)}
	b.site[b.live.Worker], b.site[b.live.Charts] = []byte(worker), live.Charts
	b.site[b.live.Program+".gz"], b.site[b.live.Program+".js"] = live.Program, []byte(asText)
	b.site[offlineScript] = []byte(text["live/offline.js"])
	b.site["live/licences.txt"] = live.Licences
	return b.addPage("count.html", "count", b.frameOf("count.html", "Count a Keras model", "count"))
}

// offlineScript is the service worker, which must stand above the pages. finishOffline completes it.
const offlineScript = "offline.js"

// finishOffline lists the pages in the service worker, under a version that changes with the site.
func (b builder) finishOffline() {
	if b.live == nil {
		return
	}
	sum := sha256.New()
	pages := []string{b.live.Worker, b.live.Charts}
	for _, file := range slices.Sorted(maps.Keys(b.site)) {
		_, _ = fmt.Fprintf(sum, "%s %x\n", file, sha256.Sum256(b.site[file]))
		if ending := path.Ext(file); path.Dir(file) != "api" && (ending == ".html" && !strings.HasPrefix(file, "api/") || ending == ".css" || ending == ".svg" || slices.Contains(pageScripts, file)) {
			pages = append(pages, file)
		}
	}
	head := fmt.Sprintf("const VERSION = '%x';\nconst PAGES = %s;\n", sum.Sum(nil)[:8], quoted(pages))
	b.site[offlineScript] = append([]byte(head), b.site[offlineScript]...)
}

func hashed(name, ending string, content []byte) string {
	sum := sha256.Sum256(content)
	return fmt.Sprintf("%s-%x%s", name, sum[:8], ending)
}

// quoted is a text or a list of texts as JavaScript writes it.
func quoted(value any) string {
	text, _ := json.Marshal(value) // texts always become JSON
	return string(text)
}

// The scripts of single pages.
const (
	exercisesScript = "live/exercises.js"
	ownScript       = "live/own.js"
	trainScript     = "live/train.js"
)

// pageScripts are the scripts of pages, which are kept for reading offline.
var pageScripts = []string{"live/page.js", exercisesScript, ownScript, trainScript}

// addExercises adds the page that draws exercises.
func (b builder) addExercises(lessons []entry) error {
	if b.live == nil {
		return nil
	}
	page := struct {
		frame
		Lessons []entry
	}{b.frameOf("exercises.html", "Exercises", "exercises"), lessons}
	page.Scripts = []string{exercisesScript}
	return b.addPage("exercises.html", "exercises", page)
}

var (
	// experimentVariable matches the declaration of an experiment, and its name.
	experimentVariable = regexp.MustCompile(`(?m)^var (\w+) = experiment\.Experiment\[.*\n?\s*Name: "(\w+)"`)
	runCall            = regexp.MustCompile(`show\.Run\((\w+)\.(\w+),`)
	answerCall         = regexp.MustCompile(`check\.Answer\("([\w.]+)",`)
)

// linkRuns adds a link to each cell that runs an experiment of the lesson, to its form on the page, and to each that
// judges an answer to a question, to that question with other numbers.
func (b builder) linkRuns(root *html.Node, l Lesson) error {
	sources, err := filepath.Glob(filepath.Join(b.checkout, "lessons", l.Name, "*.go"))
	if err != nil {
		return err
	}
	names := map[string]string{} // by variable
	for _, file := range sources {
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, found := range experimentVariable.FindAllStringSubmatch(string(source), -1) {
			names[found[1]] = strings.ToLower(found[2])
		}
	}
	for _, cell := range all(root, hasClass("input_area")) {
		for _, call := range runCall.FindAllStringSubmatch(textOf(cell), -1) {
			name := names[call[2]]
			if call[1] != l.Name || !slices.ContainsFunc(l.Experiments, func(e lessons.Experiment) bool { return e.Name == name }) {
				continue
			}
			linkBelow(cell, "#run-"+name, "Run this in your browser")
		}
		for _, call := range answerCall.FindAllStringSubmatch(textOf(cell), -1) {
			if slices.ContainsFunc(l.Questions, func(q exercise.Question) bool { return q.ID == call[1] && q.Form.Kind != exercise.Code }) {
				linkBelow(cell, "../exercises.html#"+call[1], "Draw this question with other numbers")
			}
		}
	}
	return nil
}

// linkBelow adds a link below the code of a cell.
func linkBelow(cell *html.Node, address, text string) {
	link := element(atom.A, "href", address)
	link.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	around := element(atom.P, "class", "live run-link")
	around.AppendChild(link)
	cell.AppendChild(around)
}

// form is an experiment with its knobs as a form.
type form struct {
	Lesson, Name, Prefix, Title string
	Claims                      []claim.Claim
	Varied, Fixed               []field
	Presets                     template.JS // the knobs by scale and path
	IsSampled                   bool        // it averages over seeds
	Own                         live.Own    // data of the reader's own that it takes
}

// field is one knob of a form.
type field struct {
	knob.Knob
	ID     string
	Value  string
	Limits string
	IsBool bool
}

// scales are those that a reader may choose, the first beforehand.
var scales = []experiment.Preset{experiment.Live, experiment.Smoke, experiment.Default}

// formsOf returns the forms of a lesson's experiments.
func formsOf(lesson string, experiments []lessons.Experiment) []form {
	forms := make([]form, len(experiments))
	for i, e := range experiments {
		f := form{Lesson: lesson, Name: e.Name, Prefix: e.Prefix, Title: e.Title, Claims: e.Claims, Own: live.OwnOf(lesson, e)}
		presets := map[experiment.Preset]map[string]string{}
		for _, scale := range scales {
			presets[scale] = map[string]string{}
			for _, k := range knob.List(e.Knobs(experiment.Options{Preset: scale})) {
				if k.IsTyped() {
					presets[scale][k.Path] = k.Text()
				}
			}
		}
		for _, k := range knob.List(e.Knobs(experiment.Options{Preset: scales[0]})) {
			if k.Private {
				continue
			}
			_, isBool := k.Value.(bool)
			one := field{Knob: k, ID: e.Name + "-" + strings.ReplaceAll(k.Path, ".", "-"), Value: k.Text(), Limits: k.Limits(), IsBool: isBool}
			f.IsSampled = f.IsSampled || k.Role == knob.Averaged
			if k.Role == knob.Fixed {
				f.Fixed = append(f.Fixed, one)
			} else {
				f.Varied = append(f.Varied, one)
			}
		}
		f.Presets = template.JS(quoted(presets))
		forms[i] = f
	}
	return forms
}
