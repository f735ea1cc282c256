package convdims

import (
	"bytes"
	"image/color"
	"image/png"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/report"
)

// A strip of 5 frames in which a white pixel moves along the first row.
func TestStripShowsFramesSideBySide(t *testing.T) {
	moving := panel{"ab", 6, func(frame, row, column int) color.NRGBA {
		return grey(map[bool]float32{true: 1.5, false: -0.5}[row == 0 && column == frame])
	}}
	file, err := strip("frame", 5, moving, moving)
	require.NoError(t, err)
	drawn, err := png.Decode(bytes.NewReader(file))
	require.NoError(t, err)
	const margin, zoom = 3 * letter, screen / 6
	require.Equal(t, margin+5*(screen+between)-between, drawn.Bounds().Dx())
	require.Equal(t, heading+2*screen+between, drawn.Bounds().Dy())
	for row := range 2 {
		for frame := range 5 {
			for column := range 6 {
				r, _, _, _ := drawn.At(margin+frame*(screen+between)+column*zoom+1, heading+row*(screen+between)+1).RGBA()
				require.Equal(t, column == frame, r > 0, "frame %d, column %d", frame, column)
			}
		}
	}
	dark := 0
	for x := range margin {
		for y := range screen {
			if r, _, _, _ := drawn.At(x, heading+y).RGBA(); r < 0x8000 {
				dark++
			}
		}
	}
	require.Greater(t, dark, 10, "the name")
}

func TestPicturesAreDrawn(t *testing.T) {
	m := whole(t)
	for _, draw := range []func() (report.Picture, error){
		func() (report.Picture, error) { return ClipsPicture(Default().Motion) },
		func() (report.Picture, error) { return TubesPicture(Default().Tubes) },
		m.Vessels.picture, m.Motion.kernelsPicture,
	} {
		picture, err := draw()
		require.NoError(t, err)
		_, err = png.Decode(bytes.NewReader(picture.PNG))
		require.NoError(t, err, picture.ID)
		require.NotEmpty(t, picture.Alt)
	}
}

func TestColours(t *testing.T) {
	require.Equal(t, color.NRGBA{0, 0, 0, 255}, grey(-9))
	require.Equal(t, color.NRGBA{255, 255, 255, 255}, grey(9))
	require.Equal(t, spotTone, signed(1))
	require.Equal(t, color.NRGBA{240, 240, 240, 255}, signed(0))
	require.Equal(t, color.NRGBA{0x00, 0x72, 0xB2, 255}, signed(-1))
}
