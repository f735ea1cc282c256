package imagefolder

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// headSize is the number of bytes from which the kind of a file is recognised.
const headSize = 3072

// hasReadEnding reports whether a file has the ending of a readable picture.
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
