package lessons_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/scaffold"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/lessons"
)

func TestEveryLessonIsWhole(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			assert.DirExists(t, l.Name, "a lesson has the name of its package")
			assert.NotEmpty(t, l.Title)
			assert.Regexp(t, `^(Q[1-7]|own$)`, l.Question, "a question of the homework, or the reader's own")
			assert.NotNil(t, l.Run)
			assert.NotEmpty(t, l.Claims)
			assert.FileExists(t, filepath.Join("..", "notebooks", l.Notebook))
		})
	}
}

func TestEveryClaimIsWhole(t *testing.T) {
	for _, l := range lessons.All() {
		for _, c := range l.Claims {
			assert.NotEmpty(t, c.Source, c.ID)
		}
		claim.Each(l.Claims, func(c *claim.Claim) {
			t.Run(c.ID, func(t *testing.T) {
				assert.NotEmpty(t, c.Statement)
				assert.NotEmpty(t, c.Rule)
				assert.Contains(t, []claim.Kind{claim.Exact, claim.Sampled}, c.Kind)
				assert.Contains(t, claim.Verdicts(), c.Recorded)
				assert.Empty(t, c.Verdict, "a declared claim is not judged yet")
				if l.Question != scaffold.OwnQuestion && len(c.Parts) == 0 {
					assert.NotEmpty(t, c.RuleHistory(), "the day on which the rule got its form")
				}
			})
		})
	}
}

func TestNamesAndClaimsAreUnique(t *testing.T) {
	seen := map[string]bool{}
	unique := func(id string) {
		assert.False(t, seen[id], "%q is used twice", id)
		seen[id] = true
	}
	for _, l := range lessons.All() {
		unique(l.Name)
		unique(l.Notebook)
		for _, c := range l.Claims {
			unique(c.ID)
		}
	}
}

func TestLessonsAreOrderedAsTheirNotebooks(t *testing.T) {
	all := lessons.All()
	for i := 1; i < len(all); i++ {
		assert.Less(t, all[i-1].Notebook, all[i].Notebook)
	}
}

func TestEveryNotebookIsInTheCatalog(t *testing.T) {
	entries, err := os.ReadDir(filepath.Join("..", "notebooks"))
	require.NoError(t, err)
	listed := map[string]bool{lessons.Tutorial: true}
	for _, l := range lessons.All() {
		listed[l.Notebook] = true
	}
	for _, entry := range entries {
		if filepath.Ext(entry.Name()) == ".ipynb" {
			assert.True(t, listed[entry.Name()], "%s belongs to no lesson", entry.Name())
		}
	}
}

// What the catalog says of a lesson is what its configuration does with the options.
func TestLessonsDeclareWhatTheyTake(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			// As text, with the knobs that reports do not have.
			knobs := func(o experiment.Options) string { return fmt.Sprintf("%+v", l.Config(o)) }
			assert.Equal(t, l.DataSet != "", knobs(experiment.Options{}) != knobs(experiment.Options{Data: "folder"}), "DataSet")
			assert.Equal(t, l.Devices, knobs(experiment.Options{}) != knobs(experiment.Options{Devices: 2}), "Devices")
		})
	}
}

func TestFindKeepsTheOrderOfTheCourse(t *testing.T) {
	all := lessons.All()
	var backwards []string
	for i := len(all) - 1; i >= 0; i-- {
		backwards = append(backwards, all[i].Name)
	}
	found, err := lessons.Find(backwards...)
	require.NoError(t, err)
	require.Len(t, found, len(all))
	for i := range all {
		assert.Equal(t, all[i].Name, found[i].Name)
	}
}

func TestFindRefusesAnUnknownName(t *testing.T) {
	_, err := lessons.Find("inceptoin")
	assert.ErrorIs(t, err, badinput.Err)
	assert.ErrorContains(t, err, `unknown lesson "inceptoin" (did you mean inception?): the lessons are learningrate, `)
	_, err = lessons.Find("nope")
	assert.ErrorContains(t, err, `unknown lesson "nope": the lessons are`)
}
