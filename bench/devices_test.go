package bench

import (
	"fmt"
	"slices"
	"testing"

	"evident/lessons/inception"
)

// BenchmarkDevices is a training step of the net of question 7 on 1, 2 and 4
// devices that share the batch, taking turns, as far as the backend has them. A
// CPU's devices are virtual: they share the processors.
func BenchmarkDevices(b *testing.B) {
	steppers := map[int]*stepper{}
	counts := []int{1, 2, 4}
	counts = slices.DeleteFunc(counts, func(devices int) bool { return devices > chosen(b).NumDevices() })
	for _, devices := range counts {
		steppers[devices] = newStepperOn(b, chosen(b), devices, inception.Full().Train.Net.Network(), settled)
	}
	for b.Loop() {
		for _, devices := range counts {
			steppers[devices].round(b)
		}
	}
	for devices, s := range steppers {
		b.ReportMetric(1e3*Median(s.seconds), fmt.Sprintf("ms/step-%d", devices))
		b.ReportMetric(Median(s.seconds)/Median(steppers[1].seconds), fmt.Sprintf("%d/1", devices))
	}
}
