package run

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gomlx/compute"

	"evident/kit/experiment"
	"evident/kit/report"
	"evident/lessons"
)

// backendSetting returns the environment's choice of the backend, or "".
func backendSetting() string { return os.Getenv(compute.ConfigEnvVar) }

// recipe holds everything that decides the numbers of a run. The same recipe,
// program and backend give the same numbers, except for measured times.
type recipe struct {
	setting string   // value of $GOMLX_BACKEND
	lessons []string // or experiments; none means all
	scale   experiment.Preset
	seeds   []int64
	data    string
	devices int // 0 means the lessons' own number
	shard   shard
	out     string // of a shard
}

// recipeOf returns the recipe of the units, of which there is at least one.
func (r Runner) recipeOf(units []unit) (recipe, error) {
	of := recipe{setting: backendSetting(), scale: units[0].Scale, data: units[0].Data, devices: units[0].Devices}
	for _, u := range units {
		for _, name := range u.arguments() {
			if !slices.Contains(of.lessons, name) {
				of.lessons = append(of.lessons, name)
			}
		}
		if !slices.Contains(of.seeds, u.Seed) {
			of.seeds = append(of.seeds, u.Seed)
		}
	}
	all, err := r.Find()
	if err != nil {
		return of, err
	}
	if slices.EqualFunc(of.lessons, all, func(name string, l lessons.Lesson) bool { return name == l.Name }) {
		of.lessons = nil
	}
	return of, nil
}

// command returns the line for a shell.
func (r recipe) command() string {
	var words []string
	if r.setting != "" {
		words = append(words, compute.ConfigEnvVar+"="+quoted(r.setting))
	}
	words = append(words, invocation(os.Args[0]), "run")
	words = append(words, r.lessons...)
	words = append(words, "--scale", string(r.scale))
	if !slices.Equal(r.seeds, []int64{0}) {
		// Use one word, because a negative number would look like a flag.
		words = append(words, "--seed="+joined(r.seeds))
	}
	if r.data != "" {
		words = append(words, "--data", quoted(r.data))
	}
	if r.devices > 0 {
		words = append(words, "--devices", strconv.Itoa(r.devices))
	}
	if r.shard.n > 0 {
		words = append(words, "--shard", r.shard.String(), "--out", quoted(r.out))
	}
	return strings.Join(words, " ")
}

// invocation returns how a shell starts this program again. The binary that `go
// run` built lies in a temporary folder of Go, so it may be gone.
func invocation(program string) string {
	for _, folder := range strings.Split(filepath.ToSlash(filepath.Dir(program)), "/") {
		if strings.HasPrefix(folder, "go-build") {
			return "go run ./cmd/evident"
		}
	}
	return quoted(program)
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./-]+$`)

// quoted quotes a word for a POSIX shell.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func joined(seeds []int64) string {
	words := make([]string, len(seeds))
	for i, seed := range seeds {
		words[i] = strconv.FormatInt(seed, 10)
	}
	return strings.Join(words, ",")
}

// printRepeat prints a line that reproduces the reports. The comment after #
// names the code and the backend.
func printRepeat(w io.Writer, r recipe, reports []report.Report) error {
	line := "repeat: " + r.command()
	if len(reports) > 0 {
		p := reports[0].Provenance
		code := "code that git does not know"
		if p.Commit != "" {
			code = "commit " + p.Commit
		}
		line += fmt.Sprintf("  # %s, backend %s", code, p.Backend)
	}
	_, err := fmt.Fprintln(w, line)
	return err
}
