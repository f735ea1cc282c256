package arch

import (
	"bytes"
	"encoding/gob"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/keep"
)

// A new layer has to be in the list, and to hold nothing that cannot be written.
func TestAllLayersCanBeWritten(t *testing.T) {
	registered := map[string]bool{"Opaque": true}
	for _, layer := range layers {
		registered[reflect.TypeOf(layer).Name()] = true
		require.NoError(t, keep.Storable(reflect.TypeOf(layer)))
	}
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range file.Decls {
			f, is := d.(*ast.FuncDecl)
			if is && f.Recv != nil && f.Name.Name == "Infer" {
				receiver := f.Recv.List[0].Type.(*ast.Ident).Name
				require.True(t, registered[receiver], "%s is not in layers", receiver)
			}
		}
	}
}

func TestANetComesBackFromGob(t *testing.T) {
	inner := Sequential("inner", Input{Shape: Shape{4, 4, 2}}, Flatten{}, Dense{Units: 3})
	outer := Model{Name: "outer"}
	x := outer.Add("", Input{Shape: Shape{8, 8, 2}})
	pooled := outer.Add("", Pool{Pooling: Max, Size: []int{2, 2}}, x)
	outer.Add("", inner, pooled)
	outer.Nodes[1].Variants = map[int]Layer{0: Pool{Pooling: Average, Size: []int{2, 2}}}
	summary, err := outer.Summarize()
	require.NoError(t, err)
	unknown := Summary{Rows: []Row{{Whole: []Shape{nil, {}, {Unknown, 3}}, Field: Field{Whole: true}}}}
	for _, want := range []struct {
		Model   Model
		Summary Summary
	}{{outer, summary}, {Summary: unknown}} {
		var written bytes.Buffer
		require.NoError(t, gob.NewEncoder(&written).Encode(want))
		got := want
		got.Model, got.Summary = Model{}, Summary{}
		require.NoError(t, gob.NewDecoder(&written).Decode(&got))
		require.Equal(t, want, got)
	}
}
