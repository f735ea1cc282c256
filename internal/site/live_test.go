package site

import (
	"bytes"
	"compress/gzip"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/homework"
	"evident/kit/knob"
	"evident/lessons"
)

func running(t *testing.T) Site {
	t.Helper()
	found, err := lessons.Find("learningrate.floor")
	require.NoError(t, err)
	exercises, err := homework.Sheet("learningrate")
	require.NoError(t, err)
	program, err := packed([]byte("a program"))
	require.NoError(t, err)
	made, err := Build(checkout, []Lesson{{Name: "learningrate", Title: "First", Notebook: "01-first.ipynb",
		Body: []byte(`<h1>First</h1><div class="input_area"><div class="highlight"><pre>show.Run(learningrate.NoiseFloor, cfg.Floor)
check.Answer("learningrate.edge", edge)
check.Answer("learningrate.clip", clip)</pre></div></div>`),
		Claims: found[0].Claims, Experiments: found[0].Experiments, Training: found[0].Training, Questions: exercises.Questions}}, &Live{Program: program, Exec: []byte("// exec\n"), Charts: []byte("// charts\n")})
	require.NoError(t, err)
	problems, err := made.Check()
	require.NoError(t, err)
	require.Empty(t, problems)
	return made
}

func TestFormsHoldKnobsAndPresets(t *testing.T) {
	page := string(running(t)["notebooks/01-first.html"])
	require.Contains(t, page, `<details class="experiment" id="run-floor" data-lesson="learningrate" data-experiment="floor" data-prefix="Floor">`)
	require.Contains(t, page, `<label for="floor-Steps">Steps</label>`)
	require.Contains(t, page, `at each rate <span class="limits">(whole number at least 1)</span>`)
	require.Contains(t, page, `"smoke":{"BatchSize":"4"`)
	require.Contains(t, page, `<label for="predict-q1a.3">`)
	require.Contains(t, page, `<a href="#run-here">`)
	require.Contains(t, page, `<p class="live run-link"><a href="#run-floor">Run this in your browser</a></p>`)
}

func TestExercisesAreListedAndLinked(t *testing.T) {
	made := running(t)
	page := string(made["exercises.html"])
	require.Contains(t, page, `<details class="exercises" id="learningrate">`)
	require.Contains(t, page, "<li id=\"learningrate.edge\"><h3>Predict: the edge</h3>")
	require.Contains(t, page, `<script defer src="live/exercises.js"></script>`)
	require.Contains(t, string(made["index.html"]), `<a href="exercises.html">`)
	require.NotContains(t, string(made["index.html"]), "live/exercises.js")
	lesson := string(made["notebooks/01-first.html"])
	require.Contains(t, lesson, `<a href="../exercises.html#learningrate">Exercises</a>`)
	require.Contains(t, lesson, `<a href="../exercises.html#learningrate.edge">Draw this question with other numbers</a>`)
	require.NotContains(t, lesson, "#learningrate.clip", "only the notebook judges a function")
	require.NotContains(t, built(t), "exercises.html", "static pages draw nothing")
}

func TestFormsTakeDataOfTheReader(t *testing.T) {
	for lesson, want := range map[string]string{"textcnn": `<fieldset class="own" data-most="8388608">`, "imageclass": `data-folder="second"`, "params": ""} {
		found, err := lessons.Find(lesson)
		require.NoError(t, err)
		made, err := Build(checkout, []Lesson{{Name: lesson, Title: "First", Notebook: "01-first.ipynb", Body: []byte(`<h1>First</h1>`), Experiments: found[0].Experiments}}, &Live{})
		require.NoError(t, err)
		page := string(made["notebooks/01-first.html"])
		require.Contains(t, page, want)
		require.Equal(t, want != "", strings.Contains(page, "live/own.js"), lesson)
	}
}

func TestDialsHoldTheKnobsOfATraining(t *testing.T) {
	page := string(running(t)["notebooks/01-first.html"])
	require.Contains(t, page, `<a href="#train-here">`)
	require.Contains(t, page, `<section class="live training" aria-labelledby="train-here" data-lesson="learningrate">`)
	require.Contains(t, page, `<label for="train-Rate">Rate</label>`)
	require.Contains(t, page, `value="11" autocomplete="off" data-knob="Rate" data-low="0.0015" data-high="0.15" data-value="0.01" aria-describedby="train-Rate-help" aria-valuetext="0.01">`)
	require.Contains(t, page, `<option selected>bowl</option>`)
	require.Contains(t, page, `<option>bent valley</option>`)
	require.Contains(t, page, `<label for="train-pace">Pace</label>`)
}

func TestDialsStandAtTheirValue(t *testing.T) {
	for name, c := range map[string]struct {
		slider knob.Slider
		want   int
	}{
		"linear":  {knob.Slider{Value: 0.5, Low: 0, High: 2}, dialSteps / 4},
		"factors": {knob.Slider{Value: 1, Low: 0.01, High: 100, Log: true}, dialSteps / 2},
		"at rest": {knob.Slider{Value: 1, Low: 1, High: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, dial{Slider: c.slider}.placed().At) })
	}
}

func TestProgramIsThereForServersAndForFolders(t *testing.T) {
	made := running(t)
	name := regexp.MustCompile(`data-program="(live/program-[0-9a-f]{16})"`).FindStringSubmatch(string(made["notebooks/01-first.html"]))
	require.NotNil(t, name)
	zip, err := gzip.NewReader(bytes.NewReader(made[name[1]+".gz"]))
	require.NoError(t, err)
	content, err := io.ReadAll(zip)
	require.NoError(t, err)
	require.Equal(t, "a program", string(content))
	require.True(t, strings.HasPrefix(string(made[name[1]+".js"]), `globalThis.evidentProgram = "H4sI`))
}

func TestOfflineKnowsThePagesAndItsVersion(t *testing.T) {
	script := func(made Site) string { return string(made[offlineScript]) }
	made := running(t)
	require.Regexp(t, `^const VERSION = '[0-9a-f]{16}';\nconst PAGES = \["live/worker-[0-9a-f]{16}\.js","live/charts-[0-9a-f]{16}\.js","count.html","exercises.html","index.html","live/exercises.js","live/own.js","live/page.js","live/train.js","logo.svg","notebooks/01-first.html","style.css"\];\n`, script(made))
	require.NotContains(t, built(t), offlineScript, "static pages need none")
}
