package imagefolder_test

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/imagefolder"
	"evident/datasets/phantom"
	"evident/internal/badinput"
)

// laidOut writes the given number of different drawn heads into each folder.
func laidOut(t *testing.T, folders map[string]int) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "scans")
	total := 0
	for _, n := range folders {
		total += n
	}
	set, err := phantom.Generate(max(total, 1), 3)
	require.NoError(t, err)
	next := 0
	for folder, n := range folders {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, folder), 0o755))
		for range n {
			write(t, filepath.Join(dir, folder, fmt.Sprintf("%d.png", next)), encoded(t, set.Picture(next), png.Encode))
			next++
		}
	}
	return dir
}

func TestFoldersOfTrainingAndTestAreTheSplit(t *testing.T) {
	for name, folders := range map[string]map[string]int{
		"train, test":         {"train/cat": 6, "train/dog": 5, "test/cat": 2, "test/dog": 3},
		"capitals":            {"Train/cat": 6, "Train/dog": 5, "TEST/cat": 2, "TEST/dog": 3},
		"training, val":       {"training/cat": 6, "training/dog": 5, "validation/cat": 2, "validation/dog": 3},
		"numbers":             {"train2017/cat": 6, "train2017/dog": 5, "val2017/cat": 2, "val2017/dog": 3},
		"sets in sets":        {"training_set/training_set/cat": 6, "training_set/training_set/dog": 5, "test_set/test_set/cat": 2, "test_set/test_set/dog": 3},
		"three":               {"train/cat": 6, "train/dog": 5, "valid/cat": 1, "valid/dog": 1, "test/cat": 1, "test/dog": 2},
		"in the classes":      {"cat/train": 6, "dog/train": 5, "cat/test": 2, "dog/test": 3},
		"of systems":          {"train/cat": 6, "train/dog": 5, "test/cat": 2, "test/dog": 3, "__MACOSX/train": 1, "train/@eaDir": 1},
		"something beside":    {"train/cat": 6, "train/dog": 5, "test/cat": 2, "test/dog": 3, "pred": 1},
		"folder in a folder":  {"scans/train/cat": 6, "scans/train/dog": 5, "scans/test/cat": 2, "scans/test/dog": 3},
		"test without labels": {"train/cat": 6, "train/dog": 5, "valid/cat": 2, "valid/dog": 3, "test": 4},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := imagefolder.Load(laidOut(t, folders), options())
			require.NoError(t, err)
			require.Equal(t, []string{"cat", "dog"}, set.Train.Classes)
			require.True(t, set.Report.Given)
			require.Contains(t, set.Report.Layout, "split as the folder")
			require.Equal(t, 11, set.Train.Len())
			require.Equal(t, 5, set.Validation.Len())
			require.Equal(t, []int{8, 8}, set.Report.Read)
			require.Zero(t, set.Report.Crossing)
			if name == "something beside" {
				require.Equal(t, "pred", set.Report.Skipped[0].Path)
			}
			if name == "test without labels" {
				require.Equal(t, "split as the folder has it: train to train on, valid to validate with", set.Report.Layout)
				require.Len(t, set.Report.Skipped, 4)
				require.Contains(t, set.Report.Skipped[0].Reason, "no folder of a class")
			}
		})
	}
}

func TestTrainingWithoutALabelledTestIsSplitByChance(t *testing.T) {
	for name, c := range map[string]struct {
		folders map[string]int
		want    string
		left    int
	}{
		"alone":      {map[string]int{"train/cat": 8, "train/dog": 8}, "train stands alone", 0},
		"unlabelled": {map[string]int{"train/cat": 8, "train/dog": 8, "test": 3}, "test holds no folders of classes", 3},
		"no layout":  {map[string]int{"train": 8, "car": 8}, "", 0},
		"inner":      {map[string]int{"scans/cat": 8, "scans/dog": 8}, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			set, err := imagefolder.Load(laidOut(t, c.folders), options())
			require.NoError(t, err)
			require.False(t, set.Report.Given)
			require.Contains(t, set.Report.Layout, c.want)
			require.Len(t, set.Report.Skipped, c.left)
			require.Equal(t, 12, set.Train.Len())
		})
	}
}

func TestLayoutsThatSayTwoThingsAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		folders map[string]int
		want    string
	}{
		"other classes":     {map[string]int{"train/cat": 3, "train/dog": 3, "test/cat": 2, "test/cow": 2}, `scans: class "dog" stands in train alone, class "cow" stands in test alone: each class needs a folder of the same name both in train and in test; move what is no class elsewhere`},
		"a class less":      {map[string]int{"train/cat": 3, "train/dog": 3, "test/cat": 2}, `scans: class "dog" stands in train alone: each`},
		"unlabelled, three": {map[string]int{"train/cat": 3, "train/dog": 3, "valid/cat": 2, "valid/dog": 2, "test/unknown": 2}, `scans: class "unknown" stands in test alone: each class needs a folder of the same name both in train and in test or valid;`},
		"of two parts":      {map[string]int{"train/cat": 3, "valid/cat": 2, "valid/dog": 2, "test/dog": 2}, `class "dog" stands in test and valid alone: `},
		"inside, no test":   {map[string]int{"cat/train": 3, "cat/test": 3, "dog/train": 3}, `scans: class "dog" has the folder dog/train, and none to validate with, as other classes have: give it one`},
		"inside, no train":  {map[string]int{"cat/train/deep": 3, "cat/test": 3, "dog/test": 3}, `class "dog" has the folder dog/test, and none to train on`},
		"capitals":          {map[string]int{"train/cat": 3, "train/dog": 3, "test/Cat": 2, "test/dog": 2}, `class "cat" stands in train alone, class "Cat" stands in test alone`},
		"no classes":        {map[string]int{"train": 3, "test": 3}, "train holds no folders of classes"},
		"equal names":       {map[string]int{"cat": 3, "Cat": 3}, `the classes "Cat" and "cat"`},
		"spaces":            {map[string]int{"cat": 3, "cat ": 3}, `the classes "cat" and "cat "`},
		"composed letters":  {map[string]int{"\u00e9": 3, "e\u0301": 3}, "give them names that differ"},
		"one class":         {map[string]int{"train/cat": 3, "test/cat": 3}, `scans holds 1 class ("cat" with 6 files), and 2 are needed: make a folder of pictures for each, as healthy/ and lesion/`},
		"three classes":     {map[string]int{"cat": 3, "cow": 1, "dog": 0}, `scans holds 3 classes ("cat" with 3 files, "cow" with 1 file, "dog" with 0 files), and 2 are needed: move the other folders elsewhere`},
		"many classes":      {map[string]int{"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 1}, `"e" with 1 file, …), and 2 are needed`},
		"no folders":        {map[string]int{"": 3}, "scans holds no folder of a class, and 2 are needed: make a folder of pictures for each, as healthy/ and lesion/; in no such folder: 3 pictures, as "},
		"split of a split":  {map[string]int{"archive/train/cat": 3, "archive/train/dog": 3, "archive/test/cat": 3, "archive/test/dog": 3}, `if ["test", "train"] are meant, name the folder`},
		"other wrapper":     {map[string]int{"archive/cat": 3, "archive/dog": 3}, `if ["cat", "dog"] are meant, name the folder`},
		"nothing to test":   {map[string]int{"train/cat": 3, "train/dog": 3, "test/cat": 2, "test/dog": 0}, `class "dog" in`},
		"nothing but a bin": {map[string]int{"cat": 3, "$RECYCLE.BIN": 3}, "holds 1 class"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := imagefolder.Load(laidOut(t, c.folders), options())
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestTwinsAcrossAGivenSplitAreCounted(t *testing.T) {
	dir := laidOut(t, map[string]int{"train/cat": 5, "train/dog": 5, "test/cat": 3, "test/dog": 3})
	for i, class := range []string{"cat", "dog", "dog"} {
		names, err := filepath.Glob(filepath.Join(dir, "train", class, "*.png"))
		require.NoError(t, err)
		content, err := os.ReadFile(names[i])
		require.NoError(t, err)
		write(t, filepath.Join(dir, "test", class, fmt.Sprintf("again%d.png", i)), content)
	}
	set, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Equal(t, 3, set.Report.Crossing)
	require.Equal(t, 9, set.Validation.Len(), "what is given is not changed")
}

func TestFoldersOfSystemsAreNoClasses(t *testing.T) {
	folders := map[string]int{"cat": 8, "dog/deep": 8}
	junk := strings.Fields("__MACOSX @eaDir $RECYCLE.BIN .ipynb_checkpoints .git .thumbnails lost+found #recycle .AppleDouble .Trash-1000 cat/@eaDir dog/.thumbnails")
	for _, name := range append(junk, "System Volume Information") {
		folders[name] = 1
	}
	dir := laidOut(t, folders)
	for _, name := range []string{"Thumbs.db", ".DS_Store", "desktop.ini", "._x.png"} {
		write(t, filepath.Join(dir, "cat", name), []byte("?"))
	}
	set, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, set.Train.Classes)
	require.Equal(t, []int{8, 8}, set.Report.Read)
	require.Len(t, set.Report.System, len(junk)+1+4)
	require.Empty(t, set.Report.Skipped)
	require.Empty(t, set.Report.Others)
}

func TestContentTellsAPictureAndWhatIsNotReadIsNamed(t *testing.T) {
	dir := laidOut(t, map[string]int{"cat": 8, "dog": 8})
	picture := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(pictures, name))
		require.NoError(t, err)
		return content
	}
	read := map[string][]byte{
		"a.jfif": picture("o1.jpg"), "b.jpe": picture("o2.jpg"), "without": picture("o3.png"), "wrong.jpg": picture("o4.png"), "odd.dat": picture("o5.webp"),
	}
	heic := []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")
	avif := []byte("\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif")
	packed := []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00")
	left := map[string][]byte{
		"a.heic": heic, "b.HEIC": []byte("?"), "c.jpg": heic, "without2": avif, "d.avif": avif, "e.jxl": []byte("\xff\x0a"), "f.ppm": []byte("P6\n1 1\n255\n..."),
		"g.nef": picture("o1.tif"), "h.svg": []byte("<svg/>"), "i.png": nil, "j.bmp": []byte("BM?"),
		"k.PSD": []byte("8BPS"), "l.raw": picture("o1.tif"), "m.pgm": []byte("P5\n1 1\n255\n."), "n.pbm": []byte("P4\n8 1\n."), "without3": []byte("P6\n1 1\n255\n..."), "o.svgz": packed, "p.nrw": picture("o1.tif"),
	}
	others := map[string][]byte{"readme.txt": []byte("BMW and other cars"), "labels.csv": []byte("a,b\n"), "nothing": nil, "clip.mp4": []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom")}
	for _, files := range []map[string][]byte{read, left, others} {
		for name, content := range files {
			write(t, filepath.Join(dir, "cat", name), content)
		}
	}
	write(t, filepath.Join(dir, "loose.jpg"), picture("o1.jpg"))
	write(t, filepath.Join(dir, "classes.json"), []byte("{}"))
	set, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Equal(t, 8+len(read), set.Report.Read[0])
	require.Len(t, set.Report.Others, len(others)+1, "%v", set.Report.Others)
	reasons, formats := map[string]string{}, map[string]string{}
	for _, s := range set.Report.Skipped {
		reasons[s.Path], formats[s.Path] = s.Reason, s.Format
	}
	require.Len(t, reasons, len(left)+1)
	for name := range left {
		require.Contains(t, reasons, "cat/"+name)
	}
	for _, name := range []string{"a.heic", "b.HEIC", "c.jpg"} {
		require.Equal(t, ".heic files are not read: convert them to JPEG or PNG", reasons["cat/"+name])
	}
	require.Contains(t, reasons["cat/without2"], ".avif")
	require.Contains(t, reasons["cat/g.nef"], ".nef")
	for name, format := range map[string]string{"c.jpg": ".heic", "f.ppm": ".ppm", "k.PSD": ".psd", "l.raw": ".raw", "without3": ".ppm", "i.png": "", "j.bmp": ""} {
		require.Equal(t, format, formats["cat/"+name], name)
	}
	require.Contains(t, reasons["loose.jpg"], "no folder of a class")

	// The error for a class without readable pictures says why.
	for name := range map[string]bool{"x.heic": true, "y.heic": true} {
		write(t, filepath.Join(dir, "phone", name), heic)
	}
	o := options()
	o.Classes = 3
	_, err = imagefolder.Load(dir, o)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, `class "phone"`)
	require.ErrorContains(t, err, "2 of 2 files left out, as phone/x.heic: .heic files are not read: convert them")
}

func TestLinksToFoldersAreNamed(t *testing.T) {
	dir := laidOut(t, map[string]int{"cat": 8, "dog": 8, "more/inside": 1})
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "more")))
	require.NoError(t, os.Symlink("dog", filepath.Join(dir, "inside")))
	require.NoError(t, os.Symlink(t.TempDir(), filepath.Join(dir, "outside")))
	require.NoError(t, os.Symlink("nowhere", filepath.Join(dir, "broken")))
	require.NoError(t, os.Symlink("..", filepath.Join(dir, "cat", "loop")))
	require.NoError(t, os.Symlink("nowhere.png", filepath.Join(dir, "cat", "broken.png")))
	one, err := filepath.Glob(filepath.Join(dir, "dog", "*.png"))
	require.NoError(t, err)
	require.NoError(t, os.Symlink("../dog/"+filepath.Base(one[0]), filepath.Join(dir, "cat", "within.png")))
	set, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Equal(t, []string{"cat", "dog"}, set.Train.Classes)
	require.Equal(t, []int{9, 8}, set.Report.Read, "a link to a file inside is read")
	reasons := map[string]string{}
	for _, s := range set.Report.Skipped {
		reasons[s.Path] = s.Reason
	}
	const named = "a link that is not followed: put the folder or file itself in its place"
	require.Equal(t, map[string]string{
		"inside": named, "outside": named, "broken": "a link to nothing", "cat/loop": named, "cat/broken.png": "a link to nothing",
	}, reasons)

	require.NoError(t, os.RemoveAll(filepath.Join(dir, "dog")))
	_, err = imagefolder.Load(dir, options())
	require.ErrorContains(t, err, "is a link")
}

func TestFolderThatCannotBeOpenedIsNamed(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may open everything")
	}
	dir := laidOut(t, map[string]int{"cat": 8, "dog": 8, "cat/locked": 1})
	require.NoError(t, os.Chmod(filepath.Join(dir, "cat", "locked"), 0))
	set, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Len(t, set.Report.Skipped, 1)
	require.Contains(t, set.Report.Skipped[0].Reason, "permission denied")
}

func TestFirstPictureOfAFolder(t *testing.T) {
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"loose":       {[]string{"notes.txt", "x.JPG"}, "x.JPG"},
		"of classes":  {[]string{"cat/1.png", "dog/1.png"}, "cat/1.png"},
		"split":       {[]string{"archive/train/cat/1.webp"}, "archive/train/cat/1.webp"},
		"not read":    {[]string{"train/cat/1.heic"}, "train/cat/1.heic"},
		"too deep":    {[]string{"a/b/c/d/e.png"}, ""},
		"of a system": {[]string{"__MACOSX/1.png", "._x.png"}, ""},
		"none":        {[]string{"a.txt", "b/c.bin"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for _, file := range c.files {
				write(t, filepath.Join(dir, filepath.FromSlash(file)), nil)
			}
			require.Equal(t, c.want, imagefolder.FirstPicture(dir))
		})
	}
	require.Empty(t, imagefolder.FirstPicture(filepath.Join(t.TempDir(), "none")))
}
