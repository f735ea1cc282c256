package imagefolder

import (
	"image"
	"io"

	"github.com/bep/imagemeta"
)

// orientation says how the camera was held, as in EXIF's tag 274, from 1 to 8; 1
// is upright. Viewers rotate a picture accordingly, so training must do the
// same.
type orientation int

// metadataFormats are the formats that can hold EXIF, with the form of their
// metadata.
var metadataFormats = map[string]imagemeta.ImageFormat{
	"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "tiff": imagemeta.TIFF, "webp": imagemeta.TIFF,
}

// orientationOf reads the tag. A picture without EXIF, or with broken EXIF,
// counts as upright, because that is no reason to lose the picture.
func orientationOf(r io.ReadSeeker, format string) orientation {
	found := orientation(1)
	isOrientation := func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" }
	inFile, holdsEXIF := metadataFormats[format]
	if !holdsEXIF {
		return found
	}
	if format == "webp" {
		r = exifIn(r)
	}
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: inFile, Sources: imagemeta.EXIF, ShouldHandleTag: isOrientation,
		HandleTag: func(tag imagemeta.TagInfo) error {
			switch value := tag.Value.(type) {
			case uint16:
				found = orientation(value)
			case uint32:
				found = orientation(value)
			}
			return imagemeta.ErrStopWalking
		},
	})
	if found < 1 || found > 8 {
		return 1
	}
	return found
}

// onItsSide reports whether the stored picture has width and height swapped.
func (o orientation) onItsSide() bool { return o >= 5 }

// upright rotates a stored picture.
func (o orientation) upright(stored *image.RGBA) *image.RGBA {
	if o == 1 {
		return stored
	}
	size := stored.Bounds().Size()
	if o.onItsSide() {
		size.X, size.Y = size.Y, size.X
	}
	upright := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			upright.SetRGBA(x, y, stored.RGBAAt(o.stored(x, y, size)))
		}
	}
	return upright
}

// stored returns the place in the stored picture of a pixel in the upright one.
// size is the size of the upright picture.
func (o orientation) stored(x, y int, size image.Point) (int, int) {
	mirroredX, mirroredY := size.X-1-x, size.Y-1-y
	switch o {
	case 2:
		return mirroredX, y
	case 3:
		return mirroredX, mirroredY
	case 4:
		return x, mirroredY
	case 5:
		return y, x
	case 6:
		return y, mirroredX
	case 7:
		return mirroredY, mirroredX
	case 8:
		return mirroredY, x
	}
	return x, y
}
