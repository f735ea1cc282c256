package imagefolder

import (
	"errors"
	"io"

	"github.com/bep/imagemeta"
)

// checkTIFF returns an error for kinds of TIFF that the decoder would silently
// misread.
func checkTIFF(r io.ReadSeeker) error {
	tags := map[string]uint16{"PlanarConfiguration": 1, "SamplesPerPixel": 1, "Compression": 1, "PhotometricInterpretation": 1, "FillOrder": 1}
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: imagemeta.TIFF, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(tag imagemeta.TagInfo) bool {
			_, wanted := tags[tag.Tag]
			return wanted && tag.Namespace == "IFD0"
		},
		HandleTag: func(tag imagemeta.TagInfo) error {
			if value, ok := tag.Value.(uint16); ok {
				tags[tag.Tag] = value
			}
			return nil
		},
	})
	const group3, group4, blackIsZero, separate, reversed = 3, 4, 1, 2, 2
	fax := tags["Compression"] == group3 || tags["Compression"] == group4
	switch {
	case tags["PlanarConfiguration"] == separate && tags["SamplesPerPixel"] > 1:
		return errors.New("a TIFF file with a plane for each colour is not read: convert it to JPEG or PNG")
	case fax && tags["PhotometricInterpretation"] == blackIsZero:
		return errors.New("a TIFF file with fax compression and black for 0 is not read: convert it to JPEG or PNG")
	case !fax && tags["FillOrder"] == reversed:
		return errors.New("a TIFF file with its bits in reverse is not read: convert it to JPEG or PNG")
	}
	return nil
}
