package imagefolder

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/image/riff"
	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
)

// checkFrame returns an error when the picture in a WebP file does not have the
// size that the file tells first, which is that of its canvas and what
// image.DecodeConfig gives: a small canvas could hide a picture that fills the
// memory.
func checkFrame(r io.Reader, width, height int) error {
	_, chunks, err := riff.NewReader(r)
	if err != nil {
		return err
	}
	for {
		id, length, chunk, err := chunks.Next()
		if err != nil {
			return err
		}
		var w, h int
		switch id {
		case riff.FourCC{'V', 'P', '8', ' '}:
			w, h, err = lossySize(chunk, int(length))
		case riff.FourCC{'V', 'P', '8', 'L'}:
			w, h, err = losslessSize(chunk)
		default:
			continue
		}
		if err != nil {
			return err
		}
		if w != width || h != height {
			return fmt.Errorf("its frame has %d×%d pixels on a canvas of %d×%d", w, h, width, height)
		}
		return nil
	}
}

func lossySize(chunk io.Reader, length int) (width, height int, err error) {
	if length < 0 {
		return 0, 0, errors.New("it has a chunk without an end")
	}
	d := vp8.NewDecoder()
	d.Init(chunk, length)
	header, err := d.DecodeFrameHeader()
	return header.Width, header.Height, err
}

func losslessSize(chunk io.Reader) (width, height int, err error) {
	config, err := vp8l.DecodeConfig(chunk)
	return config.Width, config.Height, err
}
