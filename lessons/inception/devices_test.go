package inception

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"evident/kit/experiment"
	"evident/kit/lessontest"
)

func TestTwoDevicesTrainTheNetAsOneDoes(t *testing.T) {
	backend := lessontest.Backend(t)
	if backend.NumDevices() < 2 {
		t.Skipf("%s has one device", backend.Name())
	}
	losses := func(devices int) []float64 {
		trained, err := Train(context.Background(), backend, For(experiment.Options{Preset: experiment.Smoke, Devices: devices}))
		require.NoError(t, err)
		return trained.History.Losses
	}
	require.InDeltaSlice(t, losses(1), losses(2), 1e-4)
}
