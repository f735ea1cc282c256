package show

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"testing"

	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/render"
	"evident/internal/render/rendertest"
	"evident/kit/exercise"
	"evident/kit/report"
)

// The kernel gets bundles through gob, which fails on unknown types.
func TestBundlesReachTheKernel(t *testing.T) {
	found := rendertest.Reports(t)[0]
	found.Config = nil // encoded as null, which gob cannot carry
	found.Derivations = []report.Derivation{{ID: "d", Title: "D", Steps: []report.DerivationStep{{Title: "S", Lines: []report.DerivationLine{{Symbol: "x", Formula: "y"}}}}}}
	found.Diagrams = []report.Diagram{{ID: "net", Title: "A net", Boxes: []report.Box{{Label: "input"}}}}
	bundles, err := render.FiguresCell(found.Figures)
	require.NoError(t, err)
	require.Len(t, bundles, 11, "six charts, a picture with its caption, a table, a diagram and a derivation")
	for _, build := range []func() (render.Bundle, error){
		func() (render.Bundle, error) { return render.ReportCell(found, nil) },
		func() (render.Bundle, error) { return render.ClaimsCell(found.Claims, nil) },
		func() (render.Bundle, error) {
			return render.AnswerCell(exercise.Result{Question: "q", Verdict: exercise.Right})
		},
		func() (render.Bundle, error) { return render.NoticeCell("slow"), nil },
	} {
		built, err := build()
		require.NoError(t, err)
		bundles = append(bundles, built)
	}
	for _, b := range bundles {
		sent, err := message(b)
		require.NoError(t, err)
		var pipe bytes.Buffer
		require.NoError(t, gob.NewEncoder(&pipe).Encode(sent))
		var received protocol.DisplayData
		require.NoError(t, gob.NewDecoder(&pipe).Decode(&received))
		assert.Equal(t, sent.Data, received.Data)
		assert.Equal(t, sent.Metadata, received.Metadata)
		assert.Contains(t, received.Data, protocol.MIMETextPlain, "every viewer gets something")
	}
}

func TestReportIsReadBackFromItsBundle(t *testing.T) {
	found := rendertest.Reports(t)[0]
	shown, err := render.ReportCell(found, nil)
	require.NoError(t, err)
	sent, err := message(shown)
	require.NoError(t, err)
	encoded, err := json.Marshal(sent.Data[report.MIMEType])
	require.NoError(t, err)
	var read report.Report
	require.NoError(t, json.Unmarshal(encoded, &read))
	read.Config, found.Config = nil, nil // the order of its keys may differ
	assert.Equal(t, found, read)
}
