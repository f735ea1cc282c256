package keras

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"evident/datasets/recognise"
)

// regular is a file with random access. A .keras file needs it, because its
// weights are never read.
type regular interface {
	io.ReaderAt
	Stat() (fs.FileInfo, error)
}

// textOf returns the JSON of a model, which is either all of the input or
// config.json of a .keras file. saved says that it was a .keras file.
func textOf(r io.Reader) (text []byte, saved bool, err error) {
	if file, ok := r.(regular); ok {
		info, err := file.Stat()
		head := make([]byte, recognise.HeadSize)
		if err == nil && info.Mode().IsRegular() {
			if n, _ := file.ReadAt(head, 0); isZip(head[:n]) {
				text, err = configOf(file, info.Size())
				return text, true, err
			}
		}
	}
	data, err := io.ReadAll(io.LimitReader(r, maxBytes+1))
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("cannot read it: %w", err)
	case isZip(data) && len(data) > maxBytes:
		return nil, false, errors.New("a .keras file of more than 32 MB can only be read from disk: name the file instead of -")
	case isZip(data):
		text, err = configOf(bytes.NewReader(data), int64(len(data)))
		return text, true, err
	case len(data) > maxBytes:
		return nil, false, tooLarge("it")
	}
	return data, false, notText(data)
}

func tooLarge(what string) error {
	return fmt.Errorf("%s has more than 32 MB, and a model without its weights has less: write it with model.to_json()", what)
}

// isZip reports whether the file begins like a ZIP file, which a .keras file is.
func isZip(data []byte) bool { return recognise.Content(headOf(data)) == recognise.Zip }

func headOf(data []byte) []byte { return data[:min(len(data), recognise.HeadSize)] }

// configOf unpacks config.json from a .keras file.
func configOf(file io.ReaderAt, size int64) ([]byte, error) {
	packed, err := zip.NewReader(file, size)
	if err != nil {
		return nil, fmt.Errorf("it is a ZIP file, as .keras is, that breaks off or is damaged (%w): save the model once more", err)
	}
	for _, entry := range packed.File {
		if entry.Name != "config.json" {
			continue
		}
		data, err := unpacked(entry)
		if err == nil && len(data) > maxBytes {
			err = tooLarge("its config.json")
		}
		return data, err
	}
	return nil, errors.New("it is a ZIP file without config.json, which a .keras file has: write it with model.save(\"model.keras\") or model.to_json()")
}

func unpacked(entry *zip.File) ([]byte, error) {
	r, err := entry.Open()
	if err == nil {
		defer r.Close()
		var data []byte
		if data, err = io.ReadAll(io.LimitReader(r, maxBytes+1)); err == nil {
			return data, nil
		}
	}
	return nil, fmt.Errorf("its config.json cannot be unpacked (%w): save the model once more", err)
}

// notText says what a file is if it is not JSON in UTF-8, or returns nil.
func notText(data []byte) error {
	switch kind, wide := recognise.Content(headOf(data)), recognise.Wide(data); {
	case wide != "":
		return fmt.Errorf("it is text in %s, as > of Windows PowerShell writes it: save it as UTF-8", wide)
	case bytes.HasPrefix(data, []byte("backend:")), bytes.HasPrefix(data, []byte("class_name:")):
		return errors.New("it is YAML, as model.to_yaml() of Keras 2 wrote it: write it with model.to_json()")
	case kind == recognise.HDF5:
		return errors.New("it is an HDF5 file (.h5), which evident does not read, and one of weights alone does not say the layers: load the model in Keras and write model.to_json()")
	case strings.HasSuffix(kind, "archive"), kind == recognise.Twice:
		return fmt.Errorf("it is %s: unpack it first", kind)
	case !slices.Contains([]string{recognise.Empty, recognise.JSON, recognise.Text, recognise.Binary}, kind):
		return fmt.Errorf("it is %s and not the JSON of a model: write it with model.to_json()", kind)
	}
	return nil
}

// finite quotes numbers that JSON does not have but Python writes: NaN becomes
// "NaN". It returns where the quoted texts begin.
func finite(data []byte) (text []byte, at []int) {
	quoted, begin := false, 0
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == 'N' || c == 'I' || c == '-'):
			if word := notFinite(data[i:]); word != "" {
				text = append(text, data[begin:i]...)
				at = append(at, len(text))
				text = append(append(append(text, '"'), word...), '"')
				begin = i + len(word)
				i = begin - 1
			}
		}
	}
	return append(text, data[begin:]...), at
}

func notFinite(data []byte) string {
	for _, word := range []string{"NaN", "Infinity", "-Infinity"} {
		if bytes.HasPrefix(data, []byte(word)) {
			return word
		}
	}
	return ""
}
