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
	.heic .heics .heif .hif .avif .avifs .jxl .jp2 .j2k .j2c .jpc .jpf .jpx .jpm .jxr .wdp .hdp .bpg .qoi .flif .mng .jng
	.ppm .pgm .pbm .pnm .pam .pfm .xbm .xpm .ico .cur .icns .tga .pcx .dds .exr .hdr .ras .sgi .djvu
	.svg .svgz .eps .ai .cdr .emf .wmf .psd .psb .xcf .kra .ora .afphoto
	.dcm .dicom .nii .mha .mhd .nrrd .fits .fit .fts
	.raw .dng .cr2 .cr3 .crw .nef .nrw .arw .sr2 .srf .orf .rw2 .rwl .raf .pef .srw .3fr .fff .iiq .mos .mef .mrw .erf .kdc .dcr .x3f .gpr`)

func ending(name string) string { return strings.ToLower(path.Ext(name)) }

// unreadEnding is the reason why a file with such an ending is left out.
func unreadEnding(name string) error {
	if slices.Contains(unreadEndings, ending(name)) {
		return unreadFormat(ending(name))
	}
	return nil
}

// unreadFormat is the ending of pictures in a format that is not read.
type unreadFormat string

func (f unreadFormat) Error() string {
	return string(f) + " files are not read: convert them to JPEG or PNG"
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
		return unreadFormat(kind.Extension())
	}
	return notPicture{"unknown format"}
}
