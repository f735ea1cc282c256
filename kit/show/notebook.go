package show

import (
	"encoding/gob"
	"encoding/json"
	"fmt"
	"os"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/janpfeifer/must"

	"evident/internal/render"
)

// put displays the bundles in a notebook, or calls text outside of one.
func put(bundles func() ([]render.Bundle, error), text func() error) {
	if !gonbui.IsNotebook {
		must.M(text())
		return
	}
	for _, b := range must.M1(bundles()) {
		gonbui.SendData(must.M1(message(b)))
	}
	gonbui.Sync()
}

// one returns a list with one bundle.
func one(b render.Bundle, err error) ([]render.Bundle, error) { return []render.Bundle{b}, err }

// notice shows one line to the reader.
func notice(line string) {
	put(func() ([]render.Bundle, error) { return one(render.NoticeCell(line), nil) }, func() error {
		_, err := fmt.Fprintln(os.Stdout, line)
		return err
	})
}

// message converts a bundle for the kernel.
func message(b render.Bundle) (*protocol.DisplayData, error) {
	// gob must know the types inside values of type any. Registering them again is
	// harmless.
	gob.Register(map[string]any{})
	gob.Register([]any{})
	sent := protocol.DisplayData{Data: map[protocol.MIMEType]any{}, Metadata: b.Metadata}
	for mime, form := range b.Data {
		switch form.(type) {
		case string, []byte:
		default:
			var err error
			if form, err = plain(form); err != nil {
				return nil, err
			}
		}
		sent.Data[protocol.MIMEType(mime)] = form
	}
	return &sent, nil
}

// plain converts a value into the maps, slices, texts and numbers of its JSON, which
// the kernel passes on unchanged. It omits nulls, because gob cannot encode them.
func plain(value any) (any, error) {
	encoded, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("encode for the notebook: %w", err)
	}
	var decoded any
	if err := json.Unmarshal(encoded, &decoded); err != nil {
		return nil, fmt.Errorf("encode for the notebook: %w", err)
	}
	return withoutNulls(decoded), nil
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			if inner == nil {
				delete(value, key)
				continue
			}
			value[key] = withoutNulls(inner)
		}
		return value
	case []any:
		kept := make([]any, 0, len(value))
		for _, inner := range value {
			if inner != nil {
				kept = append(kept, withoutNulls(inner))
			}
		}
		return kept
	}
	return value
}
