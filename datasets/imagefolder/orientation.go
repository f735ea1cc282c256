package imagefolder

import (
	"image"
	"io"

	"github.com/bep/imagemeta"
)

// orientation is how a camera was held, as EXIF's tag 274 has it, from 1 to 8: 1
// is upright. Viewers turn a picture by it, and so must whoever trains on it.
type orientation int

// metadataFormats are those whose files can hold EXIF, and in which form.
var metadataFormats = map[string]imagemeta.ImageFormat{
	"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "tiff": imagemeta.TIFF, "webp": imagemeta.TIFF,
}

// orientationOf reads the tag. A picture is upright that has none, or has EXIF
// that cannot be read: that is no reason to lose the picture.
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

// onItsSide tells whether the stored picture has the height of the upright one
// for its width.
func (o orientation) onItsSide() bool { return o >= 5 }

// upright turns a stored picture.
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

// stored is where the stored picture has a pixel of the upright one, which has
// the size.
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
