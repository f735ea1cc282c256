package imageclass

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets"
	"evident/datasets/imagefolder"
	"evident/internal/badinput"
	"evident/kit/claim"
	"evident/kit/experiment"
	"evident/kit/lessontest"
	"evident/kit/progress"
)

// ownFolder holds n pictures of each of the classes, drawn heads as files.
func ownFolder(t testing.TB, n int, classes ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "scans")
	set := heads(t, 2*n*len(classes), 5)
	written := map[uint8]int{}
	for i, label := range set.Labels {
		for class, name := range classes {
			if int(label) == class%2 && written[label] < n*(1+class/2) && written[label] >= n*(class/2) {
				writePNG(t, filepath.Join(folder, name, fmt.Sprintf("%03d.png", i)), set.Picture(i))
			}
		}
		written[label]++
	}
	return folder
}

// onFolder is the smoke scale on a folder of pictures.
func onFolder(folder string) Config {
	c := Lesson.Config(experiment.Options{Preset: experiment.Smoke, Data: folder})
	c.Data.Side = 24
	return c
}

func TestOwnPicturesAreUsedAndWhatWasLeftOutIsShown(t *testing.T) {
	folder := ownFolder(t, 45, "healthy", "lesion")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "lesion", "broken.png"), []byte("no picture"), 0o644))
	set := heads(t, 1, 77)
	for _, name := range []string{"a.png", "b.png"} {
		writePNG(t, filepath.Join(folder, "healthy", name), set.Picture(0))
	}
	var told []string
	ctx := progress.WithNotices(context.Background(), func(line string) { told = append(told, line) })
	report, err := Lesson.Run(ctx, lessontest.PureGo(t), onFolder(folder))
	require.NoError(t, err)
	lessontest.RequireSound(t, report)
	require.Equal(t, "pictures in scans", report.Provenance.DataSet)
	require.NotContains(t, string(report.Config), folder, "a report says nothing of the reader's disk")
	rows := map[string][]string{}
	for _, table := range report.Tables {
		if table.ID == "data" {
			for _, row := range table.Rows {
				rows[row[0]] = row
			}
		}
	}
	require.Equal(t, "47", rows["pictures of class healthy"][1])
	require.Equal(t, "1", rows["found twice, exactly"][1])
	require.Equal(t, "1", rows["files left out"][1])
	require.Contains(t, rows["left out"][2], "lesion/broken.png")
	require.Equal(t, "0", rows["validation pictures with an exact twin among the training pictures"][1])
	require.Equal(t, []string{
		"pictures in scans, read in grey, 24×24: 47 of class healthy (38 to train on, 9 to validate with), 45 of class lesion (36 to train on, 9 to validate with)",
		"found twice: 1 exactly, 0 nearly, as in [healthy/a.png healthy/b.png]: kept on one side of the split",
		"only 18 pictures to validate with: each moves the accuracy by 0.06, so no score here says much; give hundreds",
		"left out: 1, as lesion/broken.png: not a picture: unknown format",
	}, told)
	for _, c := range report.Claims {
		require.Equal(t, claim.NoRecord, c.Recorded, c.ID)
	}
	require.Equal(t, claim.Unmeasured, lessontest.Named(t, report.Claims, "q4.4").Verdict, "nobody knows how well own lesions can be seen")
}

// One disc is red and the other green, equally bright, in the same scenes. Of two
// pairs, one is the same picture twice, and one nearly.
func TestColoursOfOwnPicturesAreUsedAndTellThemApart(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "discs")
	red, green := color.NRGBA{150, 70, 60, 255}, color.NRGBA{70, 110, 60, 255}
	scene := func(i int, disc color.NRGBA) *image.NRGBA {
		picture := image.NewNRGBA(image.Rect(0, 0, 24, 24))
		for at := range 24 * 24 {
			x, y := at%24, at/24
			tone := color.NRGBA{uint8(10 * x), uint8(10 * (y + i) % 240), uint8(235 - 10*x), 255}
			if math.Hypot(float64(x-12), float64(y-12)) < 4 {
				tone = disc
			}
			picture.SetNRGBA(x, y, tone)
		}
		return picture
	}
	for i := range 24 {
		writePNG(t, filepath.Join(folder, "red", fmt.Sprintf("%02d.png", i)), scene(i, red))
		writePNG(t, filepath.Join(folder, "green", fmt.Sprintf("%02d.png", i)), scene(i, green))
	}
	writePNG(t, filepath.Join(folder, "red", "copy.png"), scene(3, green))
	writePNG(t, filepath.Join(folder, "red", "near.png"), scene(5, color.NRGBA{75, 115, 60, 255}))
	var told []string
	ctx := progress.WithNotices(context.Background(), func(line string) { told = append(told, line) })
	report, err := Lesson.Run(ctx, lessontest.PureGo(t), onFolder(folder))
	require.NoError(t, err)
	lessontest.RequireSound(t, report)
	require.Contains(t, told[0], "pictures in discs, read in colour, 24×24: 24 of class green")
	require.Contains(t, told, "copies in different classes: 1, as in [green/03.png red/copy.png]: at least one label is wrong")
	require.Contains(t, told, "near twins in different classes: 1, as in [green/05.png red/near.png]: look at their labels")
}

func TestFoldersThatCannotBeTrainedOnAreNamed(t *testing.T) {
	atDefault := func(c *Config) { c.Train.BatchSize = Default().Train.BatchSize }
	phone := ownFolder(t, 8, "a", "b")
	for i := range 2 {
		require.NoError(t, os.WriteFile(filepath.Join(phone, "a", fmt.Sprintf("%d.heic", i)), nil, 0o644))
	}
	tests := map[string]struct {
		folder string
		change func(*Config)
		want   string
	}{
		"three classes":      {ownFolder(t, 10, "a", "b", "c"), func(*Config) {}, `holds 3 classes ("a" with 10 files, "b" with 10 files, "c" with 10 files), and 2 are needed: move the other folders elsewhere`},
		"too few for one":    {ownFolder(t, 8, "a", "b"), func(*Config) {}, "pictures in scans: 12 to train on and 4 to validate with, and the lesson trains on batches of 16: put about 4 more there"},
		"too few by default": {ownFolder(t, 10, "a", "b"), atDefault, "16 to train on and 4 to validate with, and the lesson trains on batches of 32: put about 20 more there, or use --scale smoke, for which they are enough"},
		"too few for both":   {ownFolder(t, 8, "a", "b"), atDefault, "12 to train on and 4 to validate with, and the lesson trains on batches of 32: put about 24 more there, or about 4 more and use --scale smoke"},
		"too few, split":     {ownFolder(t, 8, "train/a", "train/b", "test/a", "test/b"), atDefault, "16 to train on and 16 to validate with, and the lesson trains on batches of 32: put 16 more to train on there, or use --scale smoke"},
		"too few are read":   {phone, func(*Config) {}, "put about 4 more there; left out: 2, as a/0.heic: .heic files are not read: convert them to JPEG or PNG"},
		"one class":          {ownFolder(t, 8, "a"), func(*Config) {}, `holds 1 class ("a" with 8 files), and 2 are needed: make a folder of pictures for each, as healthy/ and lesion/`},
		"none":               {filepath.Join(t.TempDir(), "none"), func(*Config) {}, "none"},
		"pictures too small": {ownFolder(t, 45, "a", "b"), func(c *Config) { c.Data.Side = 3 }, "Train.Net.Filters has 2 convolutions"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			c := onFolder(test.folder)
			test.change(&c)
			ctx := progress.WithNotices(context.Background(), func(line string) { t.Errorf("told of pictures that are refused: %s", line) })
			_, err := Lesson.Run(ctx, lessontest.PureGo(t), c)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, test.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestLoadDrawsHeadsOfTheFirstSeed(t *testing.T) {
	c := Smoke()
	pictures, err := Load(c)
	require.NoError(t, err)
	require.Equal(t, heads(t, c.Data.Train, c.Train.Seeds[0]), pictures.Train)
	require.NotEqual(t, pictures.Train.Hash(), pictures.Validation.Hash())
	require.Len(t, pictures.Lesions, c.Data.Validation)
	c.Leak.Fraction = 2
	_, err = Load(c)
	require.ErrorIs(t, err, badinput.Err)
}

func TestLeftOutFilesAreCountedByReasonInAFewLines(t *testing.T) {
	var skipped []imagefolder.Skipped
	for i := range 10 {
		for n := range i + 1 {
			skipped = append(skipped, imagefolder.Skipped{Path: fmt.Sprintf("a/%d-%d.png", i, n), Reason: fmt.Sprintf("reason %d", i)})
		}
	}
	lines := leftOut(skipped)
	require.Len(t, lines, 7)
	require.Equal(t, "left out: 10, as a/9-0.png: reason 9", lines[0])
	require.Equal(t, "left out for other reasons: 10; the report lists the first", lines[6])
}

func TestTwinsAcrossAGivenSplitAreToldAndInTheTable(t *testing.T) {
	folder := ownFolder(t, 24, "train/healthy", "train/lesion", "test/healthy", "test/lesion")
	set := heads(t, 1, 77)
	writePNG(t, filepath.Join(folder, "train", "healthy", "a.png"), set.Picture(0))
	writePNG(t, filepath.Join(folder, "test", "healthy", "b.png"), set.Picture(0))
	pictures, err := Load(onFolder(folder))
	require.NoError(t, err)
	require.Equal(t, []int{49, 49}, []int{pictures.Train.Len(), pictures.Validation.Len()})
	require.Equal(t, []string{
		"pictures in scans, read in grey, 24×24: 50 of class healthy (25 to train on, 25 to validate with), 48 of class lesion (24 to train on, 24 to validate with)",
		"split as the folder has it: train to train on, test to validate with",
		"found twice: 1 exactly, 0 nearly, as in [train/healthy/a.png test/healthy/b.png]",
		"1 of the pictures to validate with has a twin to train on, so every score is too good",
	}, pictures.notices())
	require.Contains(t, pictures.Table().Rows, []string{"validation pictures with an exact twin among the training pictures", "1", ""})
}

func TestFormatsThatAreNotReadAreOneLine(t *testing.T) {
	var skipped []imagefolder.Skipped
	for i, format := range []string{".heic", ".avif", ".heic", ".svg", ".raw", ".psd", ".ppm", ".nef"} {
		skipped = append(skipped, imagefolder.Skipped{Path: fmt.Sprintf("a/%d%s", i, format), Reason: format + " files are not read", Format: format})
	}
	skipped = append(skipped, imagefolder.Skipped{Path: "a/cut.png", Reason: "not a whole picture"})
	require.Equal(t, []string{
		"left out: 8, as a/0.heic: formats that are not read (2 .heic, 1 .avif, 1 .nef, 1 .ppm, 1 .psd, 1 .raw, 1 .svg): convert them to JPEG or PNG",
		"left out: 1, as a/cut.png: not a whole picture",
	}, leftOut(skipped))
	require.Equal(t, "left out: 1, as a/0.heic: .heic files are not read", leftOut(skipped[:1])[0])
}

// An experiment by itself tells of the folder too, and once, though the
// experiments that it asks read it as well.
func TestExperimentTellsOfTheFolderOnce(t *testing.T) {
	var told []string
	ctx := progress.WithNotices(context.Background(), func(line string) { told = append(told, line) })
	_, err := LeakedPictures.Measured(ctx, lessontest.PureGo(t), onFolder(ownFolder(t, 45, "a", "b")).LeakKnobs())
	require.NoError(t, err)
	require.Len(t, told, 2, "what was read, and that it is little: %q", told)
}

func TestHalvedPicturesAreMeansOfFourPixels(t *testing.T) {
	tests := map[string]struct{ set, want datasets.Images }{
		"grey":     {datasets.Images{Height: 2, Width: 4, Channels: 1, Pixels: []uint8{0, 1, 10, 20, 2, 3, 30, 40}}, datasets.Images{Height: 1, Width: 2, Channels: 1, Pixels: []uint8{2, 25}}},
		"odd":      {datasets.Images{Height: 3, Width: 3, Channels: 1, Pixels: []uint8{255, 255, 9, 255, 255, 9, 9, 9, 9}}, datasets.Images{Height: 1, Width: 1, Channels: 1, Pixels: []uint8{255}}},
		"colour":   {datasets.Images{Height: 2, Width: 2, Channels: 3, Pixels: []uint8{0, 10, 20, 4, 14, 24, 0, 10, 20, 4, 14, 24}}, datasets.Images{Height: 1, Width: 1, Channels: 3, Pixels: []uint8{2, 12, 22}}},
		"two sets": {datasets.Images{Height: 2, Width: 2, Channels: 1, Pixels: []uint8{8, 8, 8, 8, 4, 4, 4, 4}}, datasets.Images{Height: 1, Width: 1, Channels: 1, Pixels: []uint8{8, 4}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			before := slices.Clone(test.set.Pixels)
			require.Equal(t, test.want.Pixels, halved(test.set).Pixels)
			require.Equal(t, []int{test.want.Height, test.want.Width}, []int{halved(test.set).Height, halved(test.set).Width})
			require.Equal(t, before, test.set.Pixels)
		})
	}
}
