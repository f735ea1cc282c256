package textfolder

import (
	"bytes"
	"unicode/utf8"
)

// The encodings that are told apart.
const (
	utf16Little = "UTF-16 (little endian)"
	utf16Big    = "UTF-16 (big endian)"
	utf32       = "UTF-32"
	windows1252 = "Windows-1252, it seems"
	latin1      = "Latin-1 (ISO 8859-1) or another with one byte a letter, it seems"
	notText     = "binary data"
)

// iconvName is how the program iconv calls an encoding.
var iconvName = map[string]string{
	utf16Little: "UTF-16LE", utf16Big: "UTF-16BE", utf32: "UTF-32", windows1252: "WINDOWS-1252", latin1: "ISO-8859-1",
}

// otherThanUTF8 says which encoding a text seems to be in; "" for UTF-8.
func otherThanUTF8(content []byte) string {
	switch {
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE, 0, 0}), bytes.HasPrefix(content, []byte{0, 0, 0xFE, 0xFF}):
		return utf32
	case bytes.HasPrefix(content, []byte{0xFF, 0xFE}):
		return utf16Little
	case bytes.HasPrefix(content, []byte{0xFE, 0xFF}):
		return utf16Big
	}
	if even, odd := zeros(content); even+odd > 0 {
		switch half := len(content) / 2; {
		case odd > half/2 && even == 0:
			return utf16Little // Latin letters have their zero behind
		case even > half/2 && odd == 0:
			return utf16Big
		}
		return notText
	}
	switch {
	case utf8.Valid(content):
		return ""
	case hasControls(content):
		return windows1252
	}
	return latin1
}

// zeros counts the zero bytes at even and at odd places.
func zeros(content []byte) (even, odd int) {
	for i, b := range content {
		switch {
		case b != 0:
		case i%2 == 0:
			even++
		default:
			odd++
		}
	}
	return even, odd
}

// hasControls reports whether there are bytes from 0x80 to 0x9F, where Latin-1
// has control signs, and Windows-1252 quotation marks and dashes.
func hasControls(content []byte) bool {
	for _, b := range content {
		if b >= 0x80 && b <= 0x9F {
			return true
		}
	}
	return false
}
