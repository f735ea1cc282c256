package fit

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"evident/kit/progress"

	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/internal/filelimit"
	"evident/kit/nn"
)

// smallDisk is a folder on a file system of its own with room for 64 KiB.
func smallDisk(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("evident", folder, "tmpfs", 0, "size=64k"); errors.Is(err, syscall.EPERM) {
		t.Skip("only root may mount a small disk; TestWritesBeyondALimit does without")
	} else {
		require.NoError(t, err)
	}
	// A failed saving of GoMLX leaves its files open for a while.
	t.Cleanup(func() { require.NoError(t, syscall.Unmount(folder, syscall.MNT_DETACH)) })
	return folder
}

// fill leaves no room on the disk.
func fill(t *testing.T, folder string) {
	t.Helper()
	f, err := os.Create(filepath.Join(folder, "filler"))
	require.NoError(t, err)
	defer f.Close()
	_, err = io.Copy(f, zeros{})
	require.ErrorIs(t, err, syscall.ENOSPC)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// The disk fills up in the third epoch. The training comes to its end all the
// same, and until then the checkpoint of the second stays whole.
func TestDiskThatFillsUpCostsTheCheckpointAlone(t *testing.T) {
	inPureGo(t)
	folder := smallDisk(t)
	file := filepath.Join(folder, "xor.training")
	full := cutOff(file)
	var second, later []byte
	ctx := progress.With(t.Context(), func(p progress.Update) {
		switch p.Step {
		case 2*16 + 1:
			second = read(t, file)
			fill(t, folder)
		case 6 * 16:
			later = read(t, file)
		}
	})
	got, err := full.come(ctx, t)
	require.NoError(t, err)
	requireSame(t, cutOff("").finish(t), got)
	require.NotEmpty(t, second)
	require.Equal(t, second, later)
	require.Equal(t, []string{"xor: the checkpoint " + file +
		" cannot be written (no space left on device): training goes on, and would start again if it were cut off"}, got.Notices)
	require.NoError(t, os.Remove(filepath.Join(folder, "filler")))
	requireNothingLeft(t, file)
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	return content
}

func TestFullDiskLeavesTheOlderModel(t *testing.T) {
	inPureGo(t)
	disk := smallDisk(t)
	folder := filepath.Join(disk, "xor")
	c, _ := newXOR(t, 0.02)
	require.NoError(t, c.Save(folder, about{[]string{"old"}}))
	fill(t, disk)
	err := c.Save(folder, about{[]string{"new"}})
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, folder)
	require.ErrorContains(t, err, "no space left on device")
	require.NotContains(t, err.Error(), "\n")
	requireOld(t, folder, mlp)
}

// requireOld says that the older model is as it was, and nothing else is there.
func requireOld(t *testing.T, folder string, network Network) {
	t.Helper()
	var found about
	require.NoError(t, ReadAbout(folder, &found))
	require.Equal(t, []string{"old"}, found.Classes)
	restored, err := Restore(pureGo(t), folder, network, xor(1, 1))
	require.NoError(t, err)
	restored.Finalize()
	hidden, err := filepath.Glob(filepath.Join(filepath.Dir(folder), ".*"))
	require.NoError(t, err)
	require.Empty(t, hidden)
}

// A write that fails behind its first bytes fails as on a full disk, and needs
// no root.
func TestWritesBeyondALimit(t *testing.T) {
	filelimit.Test(t, func(limit func(bytes uint64)) {
		inPureGo(t)
		folder := filepath.Join(t.TempDir(), "wide")
		wide := func(file string) training {
			tr := cutOff(file)
			tr.network, tr.data, tr.Epochs = wideMLP, xor(64, 1), 3
			return tr
		}
		file := filepath.Join(t.TempDir(), "wide.training")
		want := wide("").finish(t)
		c, err := NewClassifier(pureGo(t), wideMLP, xor(32, 1), 32, nn.SGD().GoMLX(0.1))
		require.NoError(t, err)
		defer c.Finalize()
		require.NoError(t, c.Save(folder, about{[]string{"old"}}))
		limit(512 << 10)
		require.ErrorContains(t, c.Save(folder, about{[]string{"new"}}), "file too large")
		requireOld(t, folder, wideMLP)
		got := wide(file).finish(t)
		requireSame(t, want, got)
		require.Len(t, got.Notices, 1)
		require.Contains(t, got.Notices[0], file+" cannot be written (file too large): ")
		requireNothingLeft(t, file)
	})
}

// wideMLP has 1.25 MiB of weights and biases.
func wideMLP(scope *model.Scope, x *Node) *Node {
	return nn.Dense(scope.In("out"), nn.ReLU(nn.Dense(scope.In("hidden"), x, 1<<16)), 2)
}
