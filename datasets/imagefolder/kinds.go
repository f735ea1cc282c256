package imagefolder

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/bep/imagemeta"
	"github.com/gabriel-vasile/mimetype"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"
)

// headSize is the number of bytes from which the kind of a file is recognised.
const headSize = 3072

// format is a kind of picture that is read. Package image keeps a registry of such
// kinds too, but any package of the program may put its own decoder there, before
// these: one of animated PNG takes memory for frames that nothing here measures.
type format struct {
	name   string
	begins []string // a file of it begins with one of them; "?" is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.ReadSeeker) (image.Image, error) // of an animation, the first picture
}

func formats() []format {
	return []format{
		{"jpeg", []string{"\xff\xd8"}, jpeg.DecodeConfig, buffered(jpeg.Decode)},
		{"png", []string{"\x89PNG\r\n\x1a\n"}, png.DecodeConfig, buffered(png.Decode)},
		{"gif", []string{"GIF8?a"}, gif.DecodeConfig, buffered(gif.Decode)},
		{"bmp", []string{"BM????\x00\x00\x00\x00"}, bmp.DecodeConfig, buffered(bmp.Decode)},
		{"tiff", []string{"II*\x00", "MM\x00*"}, tiff.DecodeConfig, buffered(tiff.Decode)},
		{"webp", []string{"RIFF????WEBPVP8"}, webp.DecodeConfig, decodeWebP},
	}
}

func buffered(decode func(io.Reader) (image.Image, error)) func(io.ReadSeeker) (image.Image, error) {
	return func(r io.ReadSeeker) (image.Image, error) { return decode(bufio.NewReader(r)) }
}

// formatOf is the format of a file that begins so; not found for any other.
func formatOf(head []byte) (f format, found bool) {
	for _, f := range formats() {
		if slices.ContainsFunc(f.begins, func(begin string) bool { return beginsWith(head, begin) }) {
			return f, true
		}
	}
	return f, false
}

func beginsWith(head []byte, begin string) bool {
	if len(head) < len(begin) {
		return false
	}
	for i := range len(begin) {
		if begin[i] != '?' && begin[i] != head[i] {
			return false
		}
	}
	return true
}

// hasReadEnding tells whether a file is called like a picture that can be read.
func hasReadEnding(name string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp"}, ending(name))
}

// unreadEndings are the endings of pictures that are not read. Raw pictures
// begin like TIFF, but hold a small preview in place of the picture, so the
// content alone would mislead.
var unreadEndings = strings.Fields(`
	.heic .heics .heif .hif .avif .avifs .jxl .jp2 .j2k .j2c .jpc .jpf .jpx .jpm .jxr .wdp .hdp .bpg .qoi .flif .mng .jng
	.ppm .pgm .pbm .pnm .pam .pfm .xbm .xpm .ico .cur .icns .tga .pcx .dds .exr .hdr .ras .sgi .djvu
	.svg .svgz .eps .ai .cdr .emf .wmf .psd .psb .xcf .kra .ora .afphoto
	.dcm .dicom .nii .mha .mhd .nrrd .fits .fit .fts
	.raw .dng .cr2 .cr3 .crw .nef .nrw .arw .sr2 .srf .orf .rw2 .rwl .raf .pef .srw .3fr .fff .iiq .mos .mef .mrw .erf .kdc .dcr .x3f .gpr`)

func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// unreadEnding returns the reason for leaving out a file with such an ending.
func unreadEnding(name string) error {
	if slices.Contains(unreadEndings, ending(name)) {
		return unreadFormat(ending(name))
	}
	return nil
}

// unreadFormat is the ending of an unsupported picture format.
type unreadFormat string

func (f unreadFormat) Error() string {
	return string(f) + " files are not read: convert them to JPEG or PNG"
}

// notPicture is the reason for leaving out a file that is not a picture.
type notPicture struct{ why string }

func (n notPicture) Error() string { return "not a picture: " + n.why }

// unread returns the reason for leaving out a file with this beginning. It
// ignores the verdict BMP of mimetype, which relies on only two letters.
func unread(head []byte) error {
	kind := mimetype.Detect(head)
	switch {
	case kind.Is("image/bmp"):
	case hasReadEnding(kind.Extension()):
		return fmt.Errorf("a kind of %s file that is not read: convert it to JPEG or PNG", kind.Extension())
	case strings.HasPrefix(kind.String(), "image/"), kind.Is("application/dicom"):
		return unreadFormat(kind.Extension())
	}
	return notPicture{"unknown format"}
}

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
