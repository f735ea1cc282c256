package bench

import (
	"fmt"
	"testing"

	"evident/lessons/inception"
)

// BenchmarkDevices is a training step of the net of question 7 on 1, 2 and 4
// devices that share the batch, taking turns. The CPU client's devices are
// virtual: they share the processors.
func BenchmarkDevices(b *testing.B) {
	steppers := map[int]*stepper{}
	for _, devices := range []int{1, 2, 4} {
		if devices > backend(b).NumDevices() {
			b.Skipf("%d devices are not there", devices)
		}
		steppers[devices] = newStepperOn(b, backend(b), devices, inception.Full().Train.Net.Network(), settled)
	}
	for b.Loop() {
		for _, devices := range []int{1, 2, 4} {
			steppers[devices].round(b)
		}
	}
	for devices, s := range steppers {
		b.ReportMetric(1e3*Median(s.seconds), fmt.Sprintf("ms/step-%d", devices))
		b.ReportMetric(Median(s.seconds)/Median(steppers[1].seconds), fmt.Sprintf("%d/1", devices))
	}
}
