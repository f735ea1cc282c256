package imagefolder

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// headSize is how much of a file its kind is told from.
const headSize = 3072

// hasReadEnding tells whether a file is called like a picture that can be read.
func hasReadEnding(name string) bool {
	return slices.Contains([]string{".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".webp"}, ending(name))
}

// unreadEndings are those of other pictures. The files of raw ones begin as TIFF
// does, and hold a small preview where TIFF has the picture: their content alone
// would deceive.
var unreadEndings = strings.Fields(`
	.heic .heif .hif .avif .jxl .jp2 .j2k .jpf .jpx .jxr .ppm .pgm .pbm .pnm .pam .svg .psd .xcf .ico .tga .pcx .exr .hdr .dcm .dicom .nii .fits
	.dng .cr2 .cr3 .nef .arw .orf .rw2 .raf .pef .srw`)

func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// unreadEnding is the reason why a file with such an ending is left out.
func unreadEnding(name string) error {
	if slices.Contains(unreadEndings, ending(name)) {
		return unreadKind(ending(name))
	}
	return nil
}

func unreadKind(ending string) error {
	return fmt.Errorf("%s files are not read: convert them to JPEG or PNG", ending)
}

// notPicture is the reason for a file that is nothing like a picture.
type notPicture struct{ why string }

func (n notPicture) Error() string { return "not a picture: " + n.why }

// unread is the reason why a file that begins so is left out. Two letters make a
// BMP for mimetype, which is too few to believe.
func unread(head []byte) error {
	kind := mimetype.Detect(head)
	switch {
	case kind.Is("image/bmp"):
	case hasReadEnding(kind.Extension()):
		return fmt.Errorf("a kind of %s file that is not read: convert it to JPEG or PNG", kind.Extension())
	case strings.HasPrefix(kind.String(), "image/"), kind.Is("application/dicom"):
		return unreadKind(kind.Extension())
	}
	return notPicture{"unknown format"}
}
