package imagefolder_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/datasets/imagefolder"
)

// pictures is the folder of the pictures that testdata/pictures/make.py made with
// Pillow.
const pictures = "testdata/pictures"

// inColour reads a file at the size of the wanted picture.
func inColour(t *testing.T, name string, want image.Image) []uint8 {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(pictures, name))
	require.NoError(t, err)
	pixels, err := imagefolder.Decode(bytes.NewReader(content), atSizeOf(want))
	require.NoError(t, err, name)
	return pixels
}

func atSizeOf(p image.Image) imagefolder.Options {
	return imagefolder.Options{Height: p.Bounds().Dy(), Width: p.Bounds().Dx(), Colour: true}
}

func readPNG(t *testing.T, name string) image.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(pictures, name))
	require.NoError(t, err)
	defer f.Close()
	picture, err := png.Decode(f)
	require.NoError(t, err)
	return picture
}

// requireClose compares pixels within a tolerance.
func requireClose(t *testing.T, want image.Image, got []uint8, tolerance float64, name string) {
	t.Helper()
	bounds, i := want.Bounds(), 0
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			c := color.NRGBAModel.Convert(want.At(x, y)).(color.NRGBA)
			for _, v := range []uint8{c.R, c.G, c.B} {
				require.InDelta(t, v, got[i], tolerance, "%s at %d, %d", name, x, y)
				i++
			}
		}
	}
	require.Len(t, got, i)
}

func TestPicturesAreTurnedAsTheCameraWasHeld(t *testing.T) {
	upright := readPNG(t, "upright.png")
	for _, format := range []struct {
		ending    string
		tolerance float64 // loss by compression
	}{{"png", 0}, {"tif", 0}, {"webp", 0}, {"jpg", 12}} {
		for tag := 1; tag <= 8; tag++ {
			name := fmt.Sprintf("o%d.%s", tag, format.ending)
			requireClose(t, upright, inColour(t, name, upright), format.tolerance, name)
		}
	}
	requireClose(t, upright, inColour(t, "o6-xmp-first.jpg", upright), 12, "XMP before EXIF")
	requireClose(t, upright, inColour(t, "o6-prefix.webp", upright), 0, "EXIF as in JPEG")
}

// Rotating before scaling gives the same as rotating after it.
func TestTurningAndScalingAreOne(t *testing.T) {
	upright := readPNG(t, "upright.png")
	o := imagefolder.Options{Height: 7, Width: 5, Colour: true}
	want := imagefolder.Scale(upright, o)
	for tag := 1; tag <= 8; tag++ {
		content, err := os.ReadFile(filepath.Join(pictures, fmt.Sprintf("o%d.png", tag)))
		require.NoError(t, err)
		got, err := imagefolder.Decode(bytes.NewReader(content), o)
		require.NoError(t, err)
		require.InDeltaSlice(t, want, got, 1, "tag %d", tag)
	}
}

// The test spoils each byte of the EXIF in turn, in two ways.
func TestBrokenEXIFCostsNoPicture(t *testing.T) {
	for _, name := range []string{"o6.jpg", "o6.webp", "o6-prefix.webp"} {
		whole, err := os.ReadFile(filepath.Join(pictures, name))
		require.NoError(t, err)
		exif := bytes.Index(whole, []byte("MM\x00*"))
		require.Positive(t, exif)
		for at := exif; at < min(exif+26, len(whole)); at++ {
			for _, spoilt := range []byte{0xFF, 0x7F} {
				content := bytes.Clone(whole)
				content[at] = spoilt
				_, err := imagefolder.Decode(bytes.NewReader(content), imagefolder.Options{Height: 4, Width: 4})
				require.NoError(t, err, "%s, byte %d", name, at)
			}
		}
	}
}

func TestKindsOfPicturesAreWhatPillowReads(t *testing.T) {
	wanted, err := filepath.Glob(filepath.Join(pictures, "*.want.png"))
	require.NoError(t, err)
	require.Len(t, wanted, 25)
	for _, path := range wanted {
		name := strings.TrimSuffix(filepath.Base(path), ".want.png")
		want := readPNG(t, filepath.Base(path))
		requireClose(t, want, inColour(t, name, want), 2, name)
	}
}

func TestLossyWebPIsNotInVideoRange(t *testing.T) {
	white := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	draw.Draw(white, white.Bounds(), image.White, image.Point{}, draw.Src)
	requireClose(t, white, inColour(t, "w_white.webp", white), 0, "white")
}

func TestKindsOfTIFFThatWouldBeReadWrongAreRefused(t *testing.T) {
	for name, want := range map[string]string{
		"planes.tif": "plane for each colour", "fax.tif": "fax compression", "jpeg.tif": "unsupported", "cmyk.tif": "unsupported",
	} {
		content, err := os.ReadFile(filepath.Join(pictures, name))
		require.NoError(t, err)
		_, err = imagefolder.Decode(bytes.NewReader(content), options())
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, "convert it to JPEG or PNG")
	}
}

func TestFirstFrameStaysAtItsPlaceOnTheScreen(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(pictures, "gif-first-frame-smaller-than-screen.gif"))
	require.NoError(t, err)
	requireSquare(t, content, 32, image.Rect(20, 20, 28, 28), [3]uint8{255, 0, 0})

	// An animated WebP of 4×4 pixels, whose first frame is one black pixel at 2, 2.
	frame := []byte{1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 100, 0, 0, 0}
	black := chunk("VP8L", []byte("/\x00\x00\x00\x00\x07\x10\x11\xfd\x0fDD\xff\x03"))
	webp := webpFile(chunk("VP8X", []byte{2, 0, 0, 0, 3, 0, 0, 3, 0, 0}), chunk("ANIM", make([]byte, 6)), chunk("ANMF", append(frame, black...)))
	requireSquare(t, webp, 4, image.Rect(2, 2, 3, 3), [3]uint8{0, 0, 0})
}

// requireSquare requires a colour in one place of an otherwise white picture.
func requireSquare(t *testing.T, content []byte, side int, place image.Rectangle, want [3]uint8) {
	t.Helper()
	pixels, err := imagefolder.Decode(bytes.NewReader(content), imagefolder.Options{Height: side, Width: side, Colour: true})
	require.NoError(t, err)
	for y := range side {
		for x := range side {
			expected := [3]uint8{255, 255, 255}
			if (image.Point{X: x, Y: y}).In(place) {
				expected = want
			}
			require.Equal(t, expected[:], pixels[3*(y*side+x):][:3], "at %d, %d", x, y)
		}
	}
}

// webpFile joins chunks into a file.
func webpFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func chunk(id string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data))), data...)
}
