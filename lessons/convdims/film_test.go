package convdims

import (
	"bytes"
	"encoding/binary"
	"image/color"
	"image/png"
	"testing"

	"github.com/kettek/apng"
	"github.com/stretchr/testify/require"

	"evident/kit/report"
)

// chunks are the names of a PNG's chunks with their first content, by the
// format: length, name, content, checksum.
func chunks(t *testing.T, file []byte) map[string][][]byte {
	t.Helper()
	require.Equal(t, "\x89PNG\r\n\x1a\n", string(file[:8]))
	found := map[string][][]byte{}
	for rest := file[8:]; len(rest) > 0; {
		length := binary.BigEndian.Uint32(rest)
		name := string(rest[4:8])
		found[name] = append(found[name], rest[8:8+length])
		rest = rest[12+length:]
	}
	return found
}

// A film of 5 frames in which a white pixel moves along the first row.
func TestFilmIsAnAnimatedPNG(t *testing.T) {
	moving := panel{6, func(frame, row, column int) color.NRGBA {
		return grey(map[bool]float32{true: 1.5, false: -0.5}[row == 0 && column == frame])
	}}
	file, err := film(5, moving, moving)
	require.NoError(t, err)
	zoom := screen / 6

	first, err := png.Decode(bytes.NewReader(file))
	require.NoError(t, err, "what knows no animation shows the first frame")
	require.Equal(t, 2*screen+between, first.Bounds().Dx())
	require.Equal(t, color.NRGBA{255, 255, 255, 255}, color.NRGBAModel.Convert(first.At(1, 1)))
	require.Equal(t, color.NRGBA{0, 0, 0, 255}, color.NRGBAModel.Convert(first.At(zoom+1, 1)))

	found := chunks(t, file)
	require.Len(t, found["acTL"], 1)
	require.Equal(t, uint32(5), binary.BigEndian.Uint32(found["acTL"][0]), "frames")
	require.Zero(t, binary.BigEndian.Uint32(found["acTL"][0][4:]), "plays for ever")
	require.Len(t, found["fcTL"], 5)

	all, err := apng.DecodeAll(bytes.NewReader(file))
	require.NoError(t, err)
	require.Len(t, all.Frames, 5)
	for frame, f := range all.Frames {
		for column := range 6 {
			r, _, _, _ := f.Image.At(screen+between+column*zoom+1, 1).RGBA()
			require.Equal(t, column == frame, r > 0, "frame %d, column %d", frame, column)
		}
	}
}

func TestPicturesAreDrawn(t *testing.T) {
	m := whole(t)
	for _, draw := range []func() (report.Picture, error){
		func() (report.Picture, error) { return ClipsPicture(Default().Motion) },
		func() (report.Picture, error) { return TubesPicture(Default().Tubes) },
		m.Vessels.picture,
	} {
		picture, err := draw()
		require.NoError(t, err)
		require.Equal(t, uint32(8), binary.BigEndian.Uint32(chunks(t, picture.PNG)["acTL"][0]), picture.ID)
		require.NotEmpty(t, picture.Alt)
	}
	still, err := m.Motion.kernelsPicture()
	require.NoError(t, err)
	require.Empty(t, chunks(t, still.PNG)["acTL"])
}

func TestColours(t *testing.T) {
	require.Equal(t, color.NRGBA{0, 0, 0, 255}, grey(-9))
	require.Equal(t, color.NRGBA{255, 255, 255, 255}, grey(9))
	require.Equal(t, spotTone, signed(1))
	require.Equal(t, color.NRGBA{240, 240, 240, 255}, signed(0))
	require.Equal(t, color.NRGBA{0x00, 0x72, 0xB2, 255}, signed(-1))
}
