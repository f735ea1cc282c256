package show

import (
	"strings"

	"github.com/janpfeifer/must"

	"evident/internal/render"
	"evident/kit/knob"
)

// Sliders shows a slider for each of the named knobs, which hold one number, as in "Rate" or "Net.Units". In
// JupyterLab, moving one writes its number into the cell, and runs the cell. For that, the cell sets the knob to a
// number:
//
//	cfg := config().Plane
//	cfg.Rate = 0.05
//	show.Sliders(cfg, "Rate")
//	show.Run(saddle.SaddleInThePlane, cfg)
//
// Of a list, a slider moves one number: "Strides[0]" moves that of cfg.Strides[0] = 2.
//
// How far a slider reaches follows from the knob's range. Elsewhere, one line names the numbers to change.
func Sliders(config any, knobs ...string) {
	sliders := must.M1(knob.Sliders(config, knobs...))
	line := "In JupyterLab, sliders move " + strings.Join(knobs, ", ") + ". Elsewhere, change the numbers in the cell."
	if len(sliders) == 0 {
		return
	}
	bundle := render.NoticeCell(line)
	bundle.Data[slidersMIME] = sliders
	put(func() ([]render.Bundle, error) { return one(bundle, nil) }, func() error { return nil })
}

// slidersMIME marks sliders for kernel/launcher/static/sliders.js.
const slidersMIME = "application/vnd.evident.sliders+json"
