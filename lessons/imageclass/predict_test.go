package imageclass

import (
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/lessontest"
	"evident/kit/report"
)

// saved trains the tiny net and saves it.
func saved(t *testing.T) (TrainMeasurement, string) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "model")
	trained, err := TrainAndSave(context.Background(), lessontest.PureGo(t), Smoke().TrainKnobs(), folder)
	require.NoError(t, err)
	require.Len(t, trained.Runs, 1, "of the first seed alone")
	return trained, folder
}

func opened(t *testing.T, folder string) *Model {
	t.Helper()
	model, err := Open(lessontest.PureGo(t), folder)
	require.NoError(t, err)
	t.Cleanup(model.Finalize)
	return model
}

func TestReloadedNetAnswersAsTheTrainedOneDid(t *testing.T) {
	trained, folder := saved(t)
	model := opened(t, folder)
	require.Equal(t, trained.Classes, model.Classes)
	require.Equal(t, trained.Accuracy()[0], model.Accuracy)
	for i := range 10 {
		p, err := model.Predict(context.Background(), trained.Shown.Pictures.Validation.Picture(i))
		require.NoError(t, err)
		require.InDelta(t, trained.Shown.Outcome.Probability(i), p.Probabilities[1], 1e-5)
		require.InDelta(t, 1, p.Probabilities[0]+p.Probabilities[1], 1e-9)
		require.Equal(t, p.Probabilities[1] > p.Probabilities[0], p.Class == model.Classes[1])
	}
}

func writePNG(t testing.TB, path string, picture image.Image) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	require.NoError(t, png.Encode(f, picture))
}

func TestPictureInAFileIsPredictedLikeTheSameInMemory(t *testing.T) {
	trained, folder := saved(t)
	model, picture := opened(t, folder), trained.Shown.Pictures.Validation.Picture(3)
	path := filepath.Join(t.TempDir(), "head.png")
	writePNG(t, path, picture)
	fromFile, err := model.PredictFile(context.Background(), path)
	require.NoError(t, err)
	fromMemory, err := model.Predict(context.Background(), picture)
	require.NoError(t, err)
	require.Equal(t, fromMemory, fromFile)
	require.NoError(t, report.Figures{Tables: []report.Table{model.Table(fromFile)}}.Validate())
}

// A net is asked about a photo as it was trained on it: upright.
func TestPhotoIsPredictedUpright(t *testing.T) {
	_, folder := saved(t)
	model := opened(t, folder)
	photo := func(name string) Prediction {
		p, err := model.PredictFile(context.Background(), filepath.Join("..", "..", "datasets", "imagefolder", "testdata", "pictures", name))
		require.NoError(t, err)
		return p
	}
	want := photo("upright.png")
	for _, name := range []string{"o6.png", "o6.tif", "o6.webp", "o3.png", "o8.webp"} {
		require.InDeltaSlice(t, want.Probabilities, photo(name).Probabilities, 1e-3, name)
	}
}

func TestPicturesThatCannotBePredictedAreNamed(t *testing.T) {
	_, folder := saved(t)
	model := opened(t, folder)
	_, err := model.PredictFile(context.Background(), filepath.Join(t.TempDir(), "none.png"))
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "none.png")
	text := filepath.Join(t.TempDir(), "text.png")
	require.NoError(t, os.WriteFile(text, []byte("no picture"), 0o644))
	_, err = model.PredictFile(context.Background(), text)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "text.png")
}

func TestFolderWithoutANetIsNamed(t *testing.T) {
	folder := t.TempDir()
	_, err := Open(lessontest.PureGo(t), folder)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, folder)
	for name, about := range map[string]string{
		"other": `{"format": 1, "vocabulary": ["a"]}`,
		"large": `{"format": 1, "net": {"Filters": [2, 2, 2], "Dense": 4}, "height": 2, "width": 2, "classes": ["a", "b"]}`,
	} {
		broken := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(broken, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(broken, "about.json"), []byte(about), 0o644))
		_, err = Open(lessontest.PureGo(t), broken)
		require.ErrorIs(t, err, badinput.Err, name)
	}
}

func TestSavingNeedsASeed(t *testing.T) {
	c := Smoke()
	c.Train.Seeds = nil
	_, err := TrainAndSave(context.Background(), lessontest.PureGo(t), c.TrainKnobs(), filepath.Join(t.TempDir(), "model"))
	require.ErrorIs(t, err, badinput.Err)
}

func TestReviewOfTheSavedNetIsThatOfTheTrainedOne(t *testing.T) {
	trained, folder := saved(t)
	review, err := Review(context.Background(), lessontest.PureGo(t), Smoke().TrainKnobs(), folder)
	require.NoError(t, err)
	require.InDeltaSlice(t, trained.Shown.Outcome.Scores, review.Shown.Outcome.Scores, 1e-5)
	require.Equal(t, trained.Shown.Pictures, review.Shown.Pictures)
	full, err := SmallNet.Measured(context.Background(), lessontest.PureGo(t), Smoke().TrainKnobs())
	require.NoError(t, err)
	require.Equal(t, full.Runs[0].Outcome, trained.Runs[0].Outcome, "what is saved is the net that the lesson trains")
	require.Equal(t, full.Runs[0].Pointing, review.Runs[0].Pointing)
	require.NotEmpty(t, review.Shown.Maps)
	for i := range full.Shown.Maps {
		require.InDeltaSlice(t, full.Shown.Maps[i].Values, review.Shown.Maps[i].Values, 1e-5)
	}
	_, err = Review(context.Background(), lessontest.PureGo(t), Smoke().TrainKnobs(), t.TempDir())
	require.ErrorIs(t, err, badinput.Err)
}
