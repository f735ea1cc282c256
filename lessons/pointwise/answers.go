package pointwise

import (
	"fmt"

	"github.com/gomlx/compute"

	"evident/internal/badinput"
	"evident/kit/nn"
	"evident/kit/report"
)

// Answers shows what layers with ReLU between them say to the four colours of
// two channels, beside XOR and the best linear map. The error is
// [badinput.Err] when the layers do not fit together.
func Answers(backend compute.Backend, layers []Layer) (report.Table, error) {
	table := report.Table{
		ID: "xor", Title: "XOR in every pixel", Columns: []string{"two channels", "XOR", "best linear map", "your layers", ""},
	}
	if err := checkLayers(layers); err != nil {
		return table, err
	}
	var x []float32
	for _, colour := range xorColours {
		x = append(x, float32(colour[0]), float32(colour[1]))
	}
	said, err := run(backend, stackOf(layers, nn.ReLU), x, 1, 2)
	if err != nil {
		return table, err
	}
	best, _ := bestLinear()
	for i, colour := range xorColours {
		mark := "right"
		if float64(said[i]) != xorAnswers[i] {
			mark = "wrong"
		}
		table.Rows = append(table.Rows, []string{
			fmt.Sprintf("%g, %g", colour[0], colour[1]), fmt.Sprint(xorAnswers[i]), fmt.Sprintf("%.2f", best[i]), fmt.Sprint(said[i]), mark,
		})
	}
	return table, nil
}

// checkLayers refuses layers that do not lead from two channels to one.
func checkLayers(layers []Layer) error {
	channels := 2
	for i, l := range layers {
		if len(l.Weights) != channels || len(l.Biases) == 0 {
			return badinput.Errorf("layer %d has weights for %d channels and %d biases: it reads %d channels", i+1, len(l.Weights), len(l.Biases), channels)
		}
		for _, row := range l.Weights {
			if len(row) != len(l.Biases) {
				return badinput.Errorf("layer %d has a row of %d weights and %d biases: give as many as the layer has filters", i+1, len(row), len(l.Biases))
			}
		}
		channels = len(l.Biases)
	}
	if channels != 1 {
		return badinput.Errorf("%d layers give %d channels: the last needs one filter", len(layers), channels)
	}
	return nil
}

// Table shows what acts on what in the built convolutions.
func (f MixingFacts) Table() report.Table {
	table := report.Table{
		ID: "mixing", Title: "What acts on what",
		Columns: []string{"built net", "input", "output", "pairs of channels that act, in every pixel", "pairs of values that act across pixels"},
	}
	for _, s := range []Support{f.Sheet, f.Pointwise, f.Depthwise, f.Stack} {
		acting, all := s.Pairs()
		across, others := s.Across()
		table.Rows = append(table.Rows, []string{
			s.Name, s.Input.Times(), s.Output.Times(), fmt.Sprintf("%s of %s", comma(acting), comma(all)), fmt.Sprintf("%s of %s", comma(across), comma(others)),
		})
	}
	return table
}
