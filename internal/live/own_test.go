package live_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/live"
	"evident/kit/claim"
	"evident/lessons"
)

// table is a file of texts and labels.
func table(t *testing.T) []live.File {
	t.Helper()
	content, err := os.ReadFile("../../lessons/textcnn/testdata/eighty.csv")
	require.NoError(t, err)
	return []live.File{{Name: "eighty.csv", Content: content}}
}

// pictures are files in two classes.
func pictures(t *testing.T) (files []live.File) {
	t.Helper()
	for i, class := range []string{live.FirstClass, live.SecondClass} {
		folders, err := filepath.Glob("../../lessons/imageclass/testdata/twenty/*")
		require.NoError(t, err)
		found, err := filepath.Glob(filepath.Join(folders[i], "*"))
		require.NoError(t, err)
		require.NotEmpty(t, found)
		for _, file := range found {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			files = append(files, live.File{Name: class + "/" + filepath.Base(file), Content: content})
		}
	}
	return files
}

func TestExperimentsThatTakeDataOfTheReader(t *testing.T) {
	all := map[live.Own][]string{}
	for _, l := range lessons.All() {
		for _, e := range l.Experiments {
			kind := live.OwnOf(l.Name, e)
			all[kind] = append(all[kind], l.Name+"."+e.Name)
		}
	}
	slices.Sort(all[live.Pictures])
	require.Equal(t, []string{"textcnn.maps", "textcnn.curve", "textcnn.faithful", "textcnn.classify"}, all[live.Table])
	require.Equal(t, []string{"imageclass.leak", "imageclass.overfitting", "imageclass.start", "imageclass.train", "imageclass.unscaled"}, all[live.Pictures])
}

func TestOwnDataTakeThePlaceOfTheGeneratedOnes(t *testing.T) {
	for _, c := range []struct {
		request live.Request
		notice  string
	}{
		{live.Request{Lesson: "textcnn", Experiment: "maps", Files: table(t)}, "<li>texts in eighty.csv: 2 columns between commas"},
		{live.Request{Lesson: "imageclass", Experiment: "train", Files: pictures(t)}, "<li>pictures in your pictures, read in colour, 48×48: 10 of class first"},
	} {
		c.request.Scale = "smoke"
		found := results(t, messages(t, c.request))
		require.Len(t, found, 1)
		require.Contains(t, found[0].Cards, c.notice)
		require.NotEmpty(t, found[0].Verdicts)
		for _, v := range found[0].Verdicts {
			require.True(t, v.Agrees, "there is no record of the reader's own data")
			require.NotEqual(t, claim.Verdict(""), v.Verdict)
		}
	}
}

func TestOwnDataThatCannotBeRead(t *testing.T) {
	table, pictures := table(t), pictures(t)
	oneClass := slices.DeleteFunc(slices.Clone(pictures), func(f live.File) bool { return filepath.Dir(f.Name) == live.SecondClass })
	for name, c := range map[string]struct {
		lesson, experiment string
		files              []live.File
		want               string
	}{
		"takes none":      {"textcnn", "cost", table, "textcnn.cost takes no data of your own"},
		"no table":        {"textcnn", "classify", []live.File{{Name: "a.json", Content: []byte(`{"a": 1}`)}}, "labelled texts a.json: JSON, not a table"},
		"nothing in it":   {"textcnn", "classify", []live.File{{Name: "a.csv"}}, "labelled texts a.csv: empty"},
		"two texts":       {"textcnn", "classify", []live.File{{Name: "a.csv", Content: []byte("text,label\nfine,a\nbad,b\n")}}, "class"},
		"one class":       {"imageclass", "train", oneClass, `your pictures holds 1 class ("first" with`},
		"not pictures":    {"imageclass", "train", []live.File{{Name: "first/a.png", Content: []byte("a")}, {Name: "second/b.png", Content: []byte("b")}}, `class "first" in your pictures has no picture that can be read`},
		"upwards":         {"imageclass", "train", []live.File{{Name: "../first/a.png"}, {Name: "second/b.png"}}, "your pictures"},
		"a scale without": {"imageclass", "train", pictures[:2], "your pictures"},
	} {
		t.Run(name, func(t *testing.T) {
			all := messages(t, live.Request{Lesson: c.lesson, Experiment: c.experiment, Scale: "smoke", Files: c.files})
			require.Contains(t, all[len(all)-1].Error, c.want)
			require.NotContains(t, all[len(all)-1].Error, "\n")
		})
	}
}
