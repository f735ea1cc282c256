package keras

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"evident/datasets/recognise"
	"evident/kit/arch"
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

func notFinite(data []byte) string { return string(notFiniteStart.Find(data)) }

var notFiniteStart = regexp.MustCompile(`^(NaN|-?Infinity)`)

// syntaxError says where the JSON ends early or is wrong: the line, the column,
// and the layer that is described there. quoted lists the places where [finite]
// inserted quotes, which do not count.
func syntaxError(data []byte, quoted []int, syntax *json.SyntaxError) error {
	before := data[:min(max(int(syntax.Offset), 0), len(data))]
	line := 1 + bytes.Count(before, []byte("\n"))
	begin := bytes.LastIndexByte(before, '\n')
	column := len(before) - begin - 1
	for _, at := range quoted {
		if at > begin && at < len(before) {
			column -= len(`""`)
		}
	}
	err := error(syntax)
	switch text := syntax.Error(); {
	case strings.HasPrefix(text, "unexpected end"):
		err = errors.New("the JSON breaks off: is the file truncated?")
	case strings.HasSuffix(text, "after top-level value"):
		err = fmt.Errorf("%w: something stands behind the model: leave the model alone in the file", syntax)
	case strings.HasSuffix(text, "exceeded max depth"):
		err = errors.New("more than 10,000 lists and objects lie in one another: write the model with model.to_json()")
	}
	err = fmt.Errorf("line %d, column %d: %w", line, column, err)
	if open := openLayer(before); open != nil {
		open.Err = err
		return open
	}
	return err
}

// frame is an open JSON object or array.
type frame struct {
	key         string // key in the enclosing object
	object      bool
	wantsKey    bool   // the next token of the object is a key
	last        string // the latest key of the object
	items       int    // number of items in the array
	index       int    // index in the enclosing array
	name, class string
}

// openLayer returns the layer in or before whose description the text ends, or
// nil outside of all layers.
func openLayer(text []byte) *arch.LayerError {
	stack := walkOpen(text)
	var found *arch.LayerError
	place := ""
	for i, f := range stack {
		switch {
		case i == 0:
		case f.key != "":
			place += "." + f.key
		default:
			place += fmt.Sprintf("[%d]", f.index)
		}
		if i > 0 && stack[i-1].key == "layers" && f.object {
			found = &arch.LayerError{Name: f.name, Class: f.class, Place: strings.TrimPrefix(place, ".")}
		}
	}
	if last := len(stack) - 1; last >= 0 && stack[last].key == "layers" && !stack[last].object {
		return &arch.LayerError{Place: fmt.Sprintf("%s[%d]", strings.TrimPrefix(place, "."), stack[last].items)}
	}
	return found
}

// walkOpen returns the objects and arrays that are open at the end of the text.
func walkOpen(text []byte) []*frame {
	decoder := json.NewDecoder(bytes.NewReader(text))
	var stack []*frame
	for {
		token, err := decoder.Token()
		if err != nil {
			return stack
		}
		stack = step(stack, token)
	}
}

func step(stack []*frame, token json.Token) []*frame {
	var top *frame
	if len(stack) > 0 {
		top = stack[len(stack)-1]
	}
	switch delim, _ := token.(json.Delim); {
	case delim == '}' || delim == ']':
		return stack[:len(stack)-1]
	case top != nil && top.object && top.wantsKey:
		top.last, _ = token.(string)
		top.wantsKey = false
		return stack
	case delim == '{' || delim == '[':
		next := &frame{object: delim == '{', wantsKey: true}
		if top != nil && top.object {
			next.key, top.wantsKey = top.last, true
		} else if top != nil {
			next.index = top.items
			top.items++
		}
		return append(stack, next)
	}
	if top != nil {
		note(stack, top, token)
	}
	return stack
}

// note records the name and the class of an object.
func note(stack []*frame, top *frame, token json.Token) {
	if !top.object {
		top.items++
		return
	}
	top.wantsKey = true
	text, _ := token.(string)
	switch top.last {
	case "class_name":
		top.class = text
	case "name":
		top.name = text
		if around := len(stack) - 2; top.key == "config" && around >= 0 && stack[around].name == "" {
			stack[around].name = text
		}
	}
}
