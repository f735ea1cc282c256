package imagefolder_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"

	"evident/datasets"
	"evident/datasets/audit"
	"evident/datasets/imagefolder"
	"evident/datasets/phantom"
	"evident/internal/badinput"
)

func options() imagefolder.Options {
	return imagefolder.Options{Classes: 2, Height: 48, Width: 48, Validation: 0.25, Seed: 1}
}

// folder writes heads as PNG: scans/healthy/0.png and so on.
func folder(t *testing.T, n int) (dir string, set datasets.Images) {
	t.Helper()
	set, err := phantom.Generate(n, 1)
	require.NoError(t, err)
	dir = t.TempDir()
	for i, label := range set.Labels {
		write(t, filepath.Join(dir, set.Classes[label], fmt.Sprintf("%d.png", i)), encoded(t, set.Picture(i), png.Encode))
	}
	return dir, set
}

func encoded(t *testing.T, picture image.Image, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, encode(&out, picture))
	return out.Bytes()
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

func TestEveryPictureIsOnOneSideOfAStratifiedSplit(t *testing.T) {
	dir, _ := folder(t, 80)
	set, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Equal(t, []string{"healthy", "lesion"}, set.Train.Classes)
	require.Equal(t, []int{40, 40}, set.Report.Read)
	require.Equal(t, 60, set.Train.Len())
	require.Equal(t, 20, set.Validation.Len())
	require.Equal(t, 0.5, audit.Majority(set.Validation))
	exact, near := audit.Crossing(set.Train, set.Validation)
	require.Zero(t, exact+near)
	again, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	require.Equal(t, set, again)
	other := options()
	other.Seed = 2
	moved, err := imagefolder.Load(dir, other)
	require.NoError(t, err)
	require.NotEqual(t, set.Validation.Hash(), moved.Validation.Hash())
}

// A picture of the right size is read unchanged.
func TestPixelsSurvive(t *testing.T) {
	_, set := folder(t, 1)
	require.Equal(t, set.Pixels, imagefolder.Scale(set.Picture(0), options()))
}

func TestEveryFormatIsRead(t *testing.T) {
	dir, set := folder(t, 40)
	tiny, err := base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	require.NoError(t, err)
	for name, content := range map[string][]byte{
		"a.jpg":       encoded(t, set.Picture(0), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }),
		"b.GIF":       encoded(t, set.Picture(1), func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }),
		"c.bmp":       encoded(t, set.Picture(2), bmp.Encode),
		"deep/d.tiff": encoded(t, set.Picture(3), func(w io.Writer, m image.Image) error { return tiff.Encode(w, m, nil) }),
		"e.webp":      tiny,
	} {
		write(t, filepath.Join(dir, "other", name), content)
	}
	write(t, filepath.Join(dir, "other", "notes.txt"), []byte("not a picture, and not meant as one"))
	write(t, filepath.Join(dir, "other", ".hidden.png"), []byte("left by a file manager"))
	o := options()
	o.Classes, o.Colour, o.Height, o.Width = 3, true, 20, 30
	loaded, err := imagefolder.Load(dir, o)
	require.NoError(t, err)
	require.Empty(t, loaded.Report.Skipped)
	require.Equal(t, 5, loaded.Report.Read[2])
	require.Len(t, loaded.Train.Pixels, loaded.Train.Len()*20*30*3)
	require.Contains(t, loaded.Report.Disputed, []string{"lesion/2.png", "other/c.bmp"})
	require.Contains(t, loaded.Report.DisputedNear, []string{"lesion/0.png", "other/a.jpg"}, "it lost a little")
}

func TestTwinsDoNotCrossTheSplit(t *testing.T) {
	dir, set := folder(t, 40)
	for i := range 12 {
		class := set.Classes[set.Labels[i]]
		write(t, filepath.Join(dir, class, fmt.Sprintf("again%d.png", i)), encoded(t, set.Picture(i), png.Encode))
		write(t, filepath.Join(dir, class, fmt.Sprintf("lossy%d.jpg", i)), encoded(t, set.Picture(i), func(w io.Writer, m image.Image) error {
			return jpeg.Encode(w, m, &jpeg.Options{Quality: 80})
		}))
	}
	for seed := range int64(5) {
		o := options()
		o.Seed = seed
		loaded, err := imagefolder.Load(dir, o)
		require.NoError(t, err)
		require.Equal(t, 12, loaded.Report.Duplicates.Exact)
		require.Equal(t, 12, loaded.Report.Duplicates.Near)
		require.Empty(t, loaded.Report.Disputed)
		exact, near := audit.Crossing(loaded.Train, loaded.Validation)
		require.Zero(t, exact+near, "seed %d", seed)
	}
}

// Colour among grey pictures is not lost, and what a scanner or compression leaves
// of it in grey ones is none.
func TestColourIsKeptWhereAPictureHasIt(t *testing.T) {
	square := func(c color.NRGBA) []byte {
		picture := image.NewNRGBA(image.Rect(0, 0, 48, 48))
		draw.Draw(picture, image.Rect(10, 10, 30, 30), image.NewUniform(c), image.Point{}, draw.Src)
		return encoded(t, picture, png.Encode)
	}
	for _, c := range []struct {
		name         string
		another      []byte
		asked        bool
		wantChannels int
	}{
		{"grey", square(color.NRGBA{90, 90, 90, 255}), false, 1},
		{"nearly grey", square(color.NRGBA{90, 100, 95, 255}), false, 1},
		{"red", square(color.NRGBA{200, 40, 40, 255}), false, 3},
		{"grey, in three channels", square(color.NRGBA{90, 90, 90, 255}), true, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, heads := folder(t, 40)
			write(t, filepath.Join(dir, "lesion", "another.png"), c.another)
			o := options()
			o.Colour = c.asked
			set, err := imagefolder.Load(dir, o)
			require.NoError(t, err)
			require.Equal(t, c.wantChannels, set.Train.Channels)
			require.Len(t, set.Train.Pixels, set.Train.Len()*48*48*c.wantChannels)
			o.Colour = c.wantChannels == 3
			pixels := string(set.Train.Pixels) + string(set.Validation.Pixels)
			require.Contains(t, pixels, string(imagefolder.Scale(heads.Picture(0), o)))
			want, err := imagefolder.Decode(bytes.NewReader(c.another), o)
			require.NoError(t, err)
			require.Contains(t, pixels, string(want))
		})
	}
}

// huge is the beginning of a PNG that says it has 30,000 × 30,000 pixels.
func huge() []byte {
	header := []byte("IHDR\x00\x00\x75\x30\x00\x00\x75\x30\x08\x06\x00\x00\x00")
	content := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(content, crc32.ChecksumIEEE(header))
}

func TestBrokenPicturesAreNamedAndLeftOut(t *testing.T) {
	dir, set := folder(t, 40)
	whole := encoded(t, set.Picture(0), png.Encode)
	outside := filepath.Join(t.TempDir(), "secret.png")
	write(t, outside, whole)
	write(t, filepath.Join(dir, "lesion", "cut.png"), whole[:len(whole)/2])
	write(t, filepath.Join(dir, "lesion", "empty.jpg"), nil)
	write(t, filepath.Join(dir, "lesion", "huge.png"), huge())
	write(t, filepath.Join(dir, "lesion", "text.webp"), []byte("no picture"))
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "lesion", "link.png")))
	loaded, err := imagefolder.Load(dir, options())
	require.NoError(t, err)
	reasons := map[string]string{}
	for _, skipped := range loaded.Report.Skipped {
		reasons[skipped.Path] = skipped.Reason
		require.NotContains(t, skipped.Reason, "\n")
	}
	require.Len(t, reasons, 5)
	require.Contains(t, reasons["lesion/cut.png"], "not a whole picture")
	require.Contains(t, reasons["lesion/empty.jpg"], "not a picture")
	require.Contains(t, reasons["lesion/huge.png"], "30000×30000 pixels, and 64 million are the most")
	require.Contains(t, reasons["lesion/text.webp"], "not a picture")
	require.Contains(t, reasons["lesion/link.png"], "a link that is not followed")
	require.Equal(t, []int{20, 20}, loaded.Report.Read)
}

func TestFolderThatCannotBeUsedIsNamed(t *testing.T) {
	dir, set := folder(t, 12)
	one, broken, few, copies := t.TempDir(), t.TempDir(), t.TempDir(), t.TempDir()
	whole := encoded(t, set.Picture(0), png.Encode)
	write(t, filepath.Join(one, "healthy", "a.png"), whole)
	write(t, filepath.Join(broken, "healthy", "a.png"), whole)
	write(t, filepath.Join(broken, "lesion", "b.png"), []byte("?"))
	write(t, filepath.Join(few, "healthy", "a.png"), whole)
	write(t, filepath.Join(few, "lesion", "b.png"), encoded(t, set.Picture(1), png.Encode))
	for i := range 5 {
		write(t, filepath.Join(copies, "healthy", fmt.Sprintf("%d.png", i)), encoded(t, set.Picture(i), png.Encode))
		write(t, filepath.Join(copies, "lesion", fmt.Sprintf("%d.png", i)), encoded(t, set.Picture(5), png.Encode))
	}
	packed := filepath.Join(t.TempDir(), "scans.zip")
	write(t, packed, []byte("PK"))
	empty := filepath.Join(dir, "unknown")
	for name, c := range map[string]struct {
		dir, want string
		change    func(*imagefolder.Options)
	}{
		"missing":      {filepath.Join(dir, "none"), "none does not exist: name a folder with one folder of pictures for each class", nil},
		"a file":       {filepath.Join(one, "healthy", "a.png"), "a.png is a file: name the folder", nil},
		"packed":       {packed, "scans.zip is a packed archive: unpack it with `unzip scans.zip`", nil},
		"other data":   {filepath.Dir(packed), "and 2 are needed: make a folder of pictures for each, as healthy/ and lesion/; it holds the packed archive scans.zip: unpack it", nil},
		"copies":       {copies, "holds 5 pictures: add different pictures", nil},
		"classes":      {dir, "257 classes of pictures are wanted: it must be 2 to 256", func(o *imagefolder.Options) { o.Classes = 257 }},
		"one class":    {one, `holds 1 class ("healthy" with 1 file), and 2 are needed`, nil},
		"broken class": {broken, `class "lesion"`, nil},
		"few":          {few, "holds 1 picture: add different pictures, because it needs one for training and one for validation", nil},
		"no size":      {dir, "0×48", func(o *imagefolder.Options) { o.Height = 0 }},
		"no share":     {dir, "validation is 1", func(o *imagefolder.Options) { o.Validation = 1 }},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			if c.change != nil {
				c.change(&o)
			}
			_, err := imagefolder.Load(c.dir, o)
			require.ErrorIs(t, err, badinput.Err)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	require.NoError(t, os.Mkdir(empty, 0o755))
	o := options()
	o.Classes = 3
	_, err := imagefolder.Load(dir, o)
	require.ErrorContains(t, err, `class "unknown"`)
	require.ErrorContains(t, err, "there is none, so put some there")
}

// Every picture is there three times, so a quarter of the pictures is not a
// whole number of groups. Half of two pictures would need one of them.
func TestClassesOfFewGroupsOfCopiesAreSplit(t *testing.T) {
	set, err := phantom.Generate(40, 1)
	require.NoError(t, err)
	for name, c := range map[string]struct {
		groups, copies int
		share          float64
		held           int // in both classes together
	}{
		"a quarter of 12": {4, 3, 0.2, 6},
		"half of 2":       {2, 1, 0.5, 2},
		"most of 2":       {2, 1, 0.9, 2},
		"little of 2":     {2, 1, 0.1, 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for i := range 2 * c.groups {
				for k := range c.copies {
					write(t, filepath.Join(dir, set.Classes[i%2], fmt.Sprintf("%d-%d.png", i, k)), encoded(t, set.Picture(i), png.Encode))
				}
			}
			o := options()
			o.Validation = c.share
			loaded, err := imagefolder.Load(dir, o)
			require.NoError(t, err)
			require.Equal(t, c.held, loaded.Validation.Len())
			exact, near := audit.Crossing(loaded.Train, loaded.Validation)
			require.Zero(t, exact+near)
		})
	}
}
