package fit

import (
	"context"
	"fmt"
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/backend"
)

// several is a backend with four devices: XLA's on a CPU are virtual, and may be
// more than the processors.
func several(t *testing.T) compute.Backend {
	t.Helper()
	const devices = 4
	backend, err := backend.Open(devices)
	require.NoError(t, err)
	if backend.NumDevices() < devices {
		t.Skipf("%s has %d devices", backend.Name(), backend.NumDevices())
	}
	return backend
}

func TestSeveralDevicesTrainAsOneDoes(t *testing.T) {
	backend := several(t)
	data, validation := xor(512, 1), xor(300, 2)
	on := func(devices int) History {
		c, err := NewParallelClassifier(backend, devices, mlp, data, 32, optimizer.Adam().LearningRate(0.02).Done())
		require.NoError(t, err)
		t.Cleanup(c.Finalize)
		var history History
		for range 2 { // the second training starts anew
			history, err = c.Train(context.Background(), data, Training{Seed: 7, Epochs: 10, Validation: &validation})
			require.NoError(t, err)
		}
		return history
	}
	one := on(1)
	for _, devices := range []int{2, 4} {
		t.Run(fmt.Sprint(devices), func(t *testing.T) {
			more := on(devices)
			require.InDeltaSlice(t, one.Losses, more.Losses, 1e-4)
			for i, epoch := range one.Epochs {
				require.InDelta(t, epoch.Accuracy, more.Epochs[i].Accuracy, 1e-9)
				require.InDelta(t, epoch.Validation.Loss, more.Epochs[i].Validation.Loss, 1e-4)
			}
			require.NotEqual(t, one.Losses, more.Losses, "the sums have another order")
		})
	}
}

func TestDevicesMustBeThereAndShareTheBatch(t *testing.T) {
	backend := several(t)
	for _, devices := range []int{-1, 0, backend.NumDevices() + 1} {
		_, err := NewParallelClassifier(backend, devices, mlp, xor(64, 1), 32, optimizer.Adam().Done())
		require.ErrorIs(t, err, badinput.Err)
		require.ErrorContains(t, err, fmt.Sprintf("%d devices: backend xla has 1 to %d", devices, backend.NumDevices()))
	}
	_, err := NewParallelClassifier(backend, 3, mlp, xor(64, 1), 32, optimizer.Adam().Done())
	require.EqualError(t, err, "a batch of 32 cannot be divided among 3 devices: use a multiple")
}
