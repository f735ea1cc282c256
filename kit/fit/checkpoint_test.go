package fit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"evident/kit/backend"
	"evident/kit/progress"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/layers"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/train/optimizer"
	"github.com/google/renameio/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evident/internal/badinput"
	"evident/kit/nn"
)

// noisyMLP drops units out, so that the state of the random numbers counts too.
func noisyMLP(scope *model.Scope, x *Node) *Node {
	hidden := layers.DropoutStatic(scope, nn.ReLU(nn.Dense(scope.In("hidden"), x, 16)), 0.2)
	return nn.Dense(scope.In("out"), hidden, 2)
}

// training is one that a test cuts off: 16 steps an epoch.
type training struct {
	network    Network
	rate       float64
	batch      int
	data       Data
	validation Data
	Training
}

func cutOff(file string) training {
	t := training{network: noisyMLP, rate: 0.02, batch: 32, data: xor(512, 1), validation: xor(64, 2)}
	t.Training = Training{Task: "xor", Seed: 7, Epochs: 6, Checkpoint: Checkpoint{File: file}}
	return t
}

// outcome is what a training comes to, times aside.
type outcome struct {
	History History
	Values  map[string]any // of all variables
	Notices []string
}

// come trains to the end, or to the end of the context.
func (tr training) come(ctx context.Context, t testing.TB) (outcome, error) {
	t.Helper()
	selected, err := backend.Select(ctx)
	require.NoError(t, err)
	c, err := NewClassifier(selected.Backend, tr.network, tr.data, tr.batch, optimizer.Adam().LearningRate(tr.rate).Done())
	require.NoError(t, err)
	defer c.Finalize()
	tr.Validation = &tr.validation
	var o outcome
	history, err := c.Train(progress.WithNotices(ctx, func(line string) { o.Notices = append(o.Notices, line) }), tr.data, tr.Training)
	o.History = history
	o.History.Epochs = slices.Clone(history.Epochs)
	for i := range o.History.Epochs {
		o.History.Epochs[i].Seconds = 0
	}
	o.Values = map[string]any{}
	for v := range c.store.IterVariables() {
		o.Values[v.Path()] = v.MustValue().Value()
	}
	return o, err
}

func (tr training) finish(t testing.TB) outcome {
	t.Helper()
	o, err := tr.come(t.Context(), t)
	require.NoError(t, err)
	return o
}

// stopAt ends the training in this process within the step.
func (tr training) stopAt(t testing.TB, step int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := tr.come(progress.With(ctx, func(p progress.Update) {
		if p.Step == step {
			cancel()
		}
	}), t)
	require.ErrorIs(t, err, context.Canceled)
}

// requireSame says that a training came to exactly what one without any
// checkpoint comes to.
func requireSame(t *testing.T, want, got outcome) {
	t.Helper()
	require.Equal(t, want.History, got.History)
	require.Equal(t, want.Values, got.Values)
}

// The variables with which a test starts itself as another process.
const (
	childFile = "FIT_TEST_CHECKPOINT" // where its checkpoint is
	childStep = "FIT_TEST_STEP"       // after which it waits to be killed; 0: it trains to the end and prints what came of it
)

// startChild trains in another process.
func startChild(t *testing.T, file string, step int) (*exec.Cmd, io.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestInAnotherProcess$", "-test.v=false")
	cmd.Env = append(os.Environ(), childFile+"="+file, fmt.Sprintf("%s=%d", childStep, step))
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	return cmd, output
}

// TestInAnotherProcess is the other process.
func TestInAnotherProcess(t *testing.T) {
	file := os.Getenv(childFile)
	if file == "" {
		t.Skip("the tests that follow start it")
	}
	training := cutOff(file)
	if step := os.Getenv(childStep); step != "0" {
		_, _ = training.come(progress.With(t.Context(), func(p progress.Update) {
			if fmt.Sprint(p.Step) == step {
				fmt.Println("here")
				select {} // until it is killed
			}
		}), t)
		return
	}
	require.NoError(t, json.NewEncoder(os.Stdout).Encode(training.finish(t)))
}

// killAt starts the training in another process and kills it, as kill -9 does,
// within the step.
func killAt(t *testing.T, file string, step int) {
	t.Helper()
	cmd, output := startChild(t, file, step)
	line, err := bufio.NewReader(output).ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "here\n", line)
	require.NoError(t, cmd.Process.Kill())
	require.ErrorContains(t, cmd.Wait(), "killed")
}

func TestKilledTrainingGoesOnAndComesToTheSame(t *testing.T) {
	file := filepath.Join(t.TempDir(), "models", "xor.training")
	killAt(t, file, 3*16+5)
	got := cutOff(file).finish(t)
	requireSame(t, cutOff("").finish(t), got)
	require.Equal(t, []string{"xor: goes on after epoch 3 of 6, from the checkpoint " + file}, got.Notices)
	requireNothingLeft(t, file)
}

// inPureGo has nothing to compile.
func inPureGo(t *testing.T) { t.Setenv(compute.ConfigEnvVar, gobackend.BackendName) }

func TestTrainingMayBeKilledAnywhere(t *testing.T) {
	inPureGo(t)
	want := cutOff("").finish(t)
	for name, c := range map[string]struct {
		steps []int // of the kills, one after the other
		tells string
	}{
		"in the first epoch, before there is a checkpoint": {[]int{9}, ""},
		"in the last epoch":                  {[]int{5*16 + 15}, "xor: goes on after epoch 5 of 6, from the checkpoint "},
		"and again, after it went on before": {[]int{2*16 + 1, 4*16 + 1}, "xor: goes on after epoch 4 of 6, from the checkpoint "},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "models", "xor.training")
			for _, step := range c.steps {
				killAt(t, file, step)
			}
			got := cutOff(file).finish(t)
			requireSame(t, want, got)
			if c.tells == "" {
				require.Empty(t, got.Notices)
			} else {
				require.Equal(t, []string{c.tells + file}, got.Notices)
			}
			requireNothingLeft(t, file)
		})
	}
}

func requireNothingLeft(t *testing.T, file string) {
	t.Helper()
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestInterruptedTrainingGoesOnFromWhereItWasSaved(t *testing.T) {
	inPureGo(t)
	want := cutOff("").finish(t)
	every2 := cutOff(filepath.Join(t.TempDir(), "xor.training"))
	every2.Checkpoint.Every = 2
	every2.stopAt(t, 3*16+5)
	got := every2.finish(t)
	requireSame(t, want, got)
	require.Len(t, got.Notices, 1)
	require.Contains(t, got.Notices[0], "goes on after epoch 2 of 6")
}

// What a training that was killed while it wrote has left does not matter, and goes.
func TestHalfWrittenCheckpointIsNotUsed(t *testing.T) {
	inPureGo(t)
	file := filepath.Join(t.TempDir(), "xor.training")
	pending, err := renameio.NewPendingFile(file, renameio.WithTempDir(filepath.Dir(file)))
	require.NoError(t, err)
	_, err = pending.WriteString("half")
	require.NoError(t, err)
	require.NoError(t, pending.File.Close()) // it is neither cleaned up nor renamed
	half, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, half, 1)
	got := cutOff(file).finish(t)
	requireSame(t, cutOff("").finish(t), got)
	require.Empty(t, got.Notices)
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestDamagedCheckpointIsNamedAndTrainingStartsAgain(t *testing.T) {
	inPureGo(t)
	want := cutOff("").finish(t)
	for name, spoil := range map[string]func(content []byte) []byte{
		"empty":             func([]byte) []byte { return nil },
		"cut in the sum":    func(b []byte) []byte { return b[:20] },
		"cut after the sum": func(b []byte) []byte { return b[:32] },
		"cut in the middle": func(b []byte) []byte { return b[:len(b)/2] },
		"cut at the end":    func(b []byte) []byte { return b[:len(b)-1] },
		"too long":          func(b []byte) []byte { return append(b, 0) },
		"one bit":           func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"something else":    func([]byte) []byte { return []byte(strings.Repeat("thesis ", 1000)) },
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "xor.training")
			cutOff(file).stopAt(t, 3*16+5)
			change(t, filepath.Dir(file), "xor.training", spoil)
			got := cutOff(file).finish(t)
			requireSame(t, want, got)
			require.Equal(t, []string{"xor: the checkpoint " + file + " is cut short or damaged: training starts again"}, got.Notices)
			requireNothingLeft(t, file)
		})
	}
}

func TestCheckpointOfAnotherTrainingIsNotUsed(t *testing.T) {
	inPureGo(t)
	for name, other := range map[string]func(*training){
		"network or optimizer": func(tr *training) { tr.network = mlp },
		"seed":                 func(tr *training) { tr.Seed = 8 },
		"number of epochs":     func(tr *training) { tr.Epochs = 5 },
		"data":                 func(tr *training) { tr.data = xor(512, 3) },
		"validation":           func(tr *training) { tr.validation = xor(64, 3) },
	} {
		t.Run(name, func(t *testing.T) { requireNotUsed(t, name, other) })
	}
	for name, other := range map[string]func(*training){
		"another rate":    func(tr *training) { tr.rate = 0.01 },
		"another batch":   func(tr *training) { tr.batch = 16 },
		"another dropout": func(tr *training) { tr.network = droppingMore },
	} {
		t.Run(name, func(t *testing.T) { requireNotUsed(t, "network or optimizer", other) })
	}
	t.Run("scored less often", func(t *testing.T) {
		requireNotUsed(t, "validation", func(tr *training) { tr.Validate = func(done int) bool { return done > 2 } })
	})
}

// scaled multiplies the hidden units with a constant that is too large for the
// graph to keep.
func scaled(last float32) Network {
	return func(scope *model.Scope, x *Node) *Node {
		scales := make([]float32, 64)
		for i := range scales {
			scales[i] = 1
		}
		scales[63] = last
		hidden := nn.ReLU(nn.Dense(scope.In("hidden"), x, 64))
		return nn.Dense(scope.In("out"), Mul(hidden, ExpandAxes(Const(x.Graph(), scales), 0)), 2)
	}
}

func TestLargeConstantsTellTrainingsApart(t *testing.T) {
	inPureGo(t)
	file := filepath.Join(t.TempDir(), "xor.training")
	of := func(file string, last float32) training {
		tr := cutOff(file)
		tr.network = scaled(last)
		return tr
	}
	of(file, 1).stopAt(t, 3*16+5)
	other := of(file, 2)
	other.stopAt(t, 3*16+5)
	got := other.finish(t)
	requireSame(t, of("", 2).finish(t), got)
	require.Len(t, got.Notices, 1)
	require.Contains(t, got.Notices[0], "goes on after epoch 3 of 6", "the one in between replaced the checkpoint")

	of(file, 1).stopAt(t, 3*16+5)
	got = other.finish(t)
	requireSame(t, of("", 2).finish(t), got)
	require.Len(t, got.Notices, 1)
	require.Contains(t, got.Notices[0], "is of another training (different: network or optimizer)")
}

// droppingMore has the variables of noisyMLP.
func droppingMore(scope *model.Scope, x *Node) *Node {
	hidden := layers.DropoutStatic(scope, nn.ReLU(nn.Dense(scope.In("hidden"), x, 16)), 0.3)
	return nn.Dense(scope.In("out"), hidden, 2)
}

func requireNotUsed(t *testing.T, different string, other func(*training)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "xor.training")
	cutOff(file).stopAt(t, 3*16+5)
	fresh, changed := cutOff(""), cutOff(file)
	other(&fresh)
	other(&changed)
	got := changed.finish(t)
	requireSame(t, fresh.finish(t), got)
	require.Len(t, got.Notices, 1)
	require.Contains(t, got.Notices[0], file+" is of another training (different: ")
	require.Contains(t, got.Notices[0], different)
	require.NotContains(t, got.Notices[0], "\n")
}

func TestUnreadableCheckpointIsNamed(t *testing.T) {
	inPureGo(t)
	file := filepath.Join(t.TempDir(), "xor.training")
	require.NoError(t, os.Mkdir(file, 0o755))
	got := cutOff(file).finish(t)
	requireSame(t, cutOff("").finish(t), got)
	require.Len(t, got.Notices, 2, "the writing is told once")
	require.Equal(t, "xor: the checkpoint "+file+" cannot be read (is a directory): training starts again", got.Notices[0])
	require.Contains(t, got.Notices[1], file+" cannot be written (file exists): training goes on, and would start again if it were cut off")
}

func TestBadCheckpoints(t *testing.T) {
	inPureGo(t)
	bad := cutOff("somewhere")
	bad.Checkpoint.Every = -1
	_, err := bad.come(t.Context(), t)
	require.ErrorIs(t, err, badinput.Err)
	bad = cutOff("somewhere")
	bad.AfterEpoch = func(History) error { return nil }
	_, err = bad.come(t.Context(), t)
	require.ErrorIs(t, err, badinput.Err)
	require.ErrorContains(t, err, "somewhere")
}

func TestDivergedTrainingLeavesNoCheckpoint(t *testing.T) {
	inPureGo(t)
	file := filepath.Join(t.TempDir(), "xor.training")
	diverging := cutOff(file)
	diverging.rate = 1e30
	got := diverging.finish(t)
	require.NotNil(t, got.History.DivergedAt)
	requireNothingLeft(t, file)
}

// Two processes that train the same, with one checkpoint, come to the same.
func TestTwoTrainingsWithOneCheckpoint(t *testing.T) {
	inPureGo(t)
	file := filepath.Join(t.TempDir(), "xor.training")
	want, err := json.Marshal(cutOff("").finish(t).History)
	require.NoError(t, err)
	var group sync.WaitGroup
	for range 2 {
		cmd, output := startChild(t, file, 0)
		group.Go(func() {
			var got outcome
			decoder := json.NewDecoder(output)
			assert.NoError(t, decoder.Decode(&got))
			_, _ = io.Copy(io.Discard, io.MultiReader(decoder.Buffered(), output))
			assert.NoError(t, cmd.Wait())
			history, err := json.Marshal(got.History)
			assert.NoError(t, err)
			assert.Equal(t, string(want), string(history))
			assert.Empty(t, slices.DeleteFunc(got.Notices, func(line string) bool { return strings.Contains(line, "goes on") }))
		})
	}
	group.Wait()
	requireNothingLeft(t, file)
}

// Two savings at once into one folder, and a reader all the while: each finds a
// whole model.
func TestTwoSavingsAtOnce(t *testing.T) {
	inPureGo(t)
	folder := filepath.Join(t.TempDir(), "models", "xor")
	c, data := newXOR(t, 0.02)
	require.NoError(t, c.Save(folder, about{[]string{"first"}}))
	selected, err := backend.Select(t.Context())
	require.NoError(t, err)
	done := make(chan struct{})
	var savers, readers sync.WaitGroup
	for i := range 2 {
		other, _ := newXOR(t, 0.02)
		savers.Go(func() {
			for range 20 {
				assert.NoError(t, other.Save(folder, about{[]string{fmt.Sprint(i)}}))
			}
		})
	}
	readers.Go(func() {
		for range 20 {
			select {
			case <-done:
				return
			default:
			}
			assert.NoError(t, ReadAbout(folder, &about{}))
			restored, err := Restore(selected.Backend, folder, mlp, data)
			if assert.NoError(t, err) {
				restored.Finalize()
			}
		}
	})
	savers.Wait()
	close(done)
	readers.Wait()
	left, err := os.ReadDir(filepath.Dir(folder))
	require.NoError(t, err)
	require.Len(t, left, 1)
}

func TestChecksumSeesEveryValue(t *testing.T) {
	values, labels := make([]float32, 3000), make([]int32, 1500)
	sum := func() string {
		s, err := NewData(values, []int{2}, labels).sum()
		require.NoError(t, err)
		return s
	}
	first := sum()
	require.Equal(t, first, sum())
	values[2999] = 1
	second := sum()
	require.NotEqual(t, first, second)
	labels[1499] = 1
	require.NotEqual(t, second, sum())
}
