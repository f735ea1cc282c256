package fit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"evident/kit/backend"
	"evident/kit/progress"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/internal/files"
)

// Checkpoint says where a training leaves what it needs to go on after it was
// cut off: by an interrupt, or by the end of its process. The next training that
// is the same goes on from there, and comes to the weights and the [History], the
// seconds aside, of one that was never cut off.
//
// Two trainings are the same when their data, seed, backend and graph are: the
// checkpoint holds checksums of them. Nothing is used unseen: what a training
// finds, and what it makes of it, is told to the listener of [progress.WithNotices].
type Checkpoint struct {
	// File is written whole or not at all, and removed when the training is
	// done; "" keeps no checkpoint. A file of another training is replaced.
	File string
	// Every is how many epochs lie between two savings; 0 means 1.
	Every int
}

func (p Checkpoint) check(t Training) error {
	switch {
	case p.Every < 0:
		return badinput.Errorf("a checkpoint every %d epochs: save it every 1 or more", p.Every)
	case p.File != "" && t.AfterEpoch != nil:
		return badinput.Errorf("the training with the checkpoint %s has an AfterEpoch, whose findings no checkpoint holds: leave one of them out", p.File)
	}
	return nil
}

// keeper saves the checkpoint of one training and reads it.
type keeper struct {
	Checkpoint
	store  *model.Store
	task   string
	epochs int
	traits []trait
	failed bool // to write, which is told once
}

// trait is one of the things that the course of a training depends on.
type trait struct{ Name, Value string }

// snapshot is what a checkpoint holds: gob, after its SHA-256.
type snapshot struct {
	Traits  []trait
	History History
	Values  map[string][]byte // of all variables, by their paths
	Best    map[string][]byte // the same after the best epoch, for early stopping
}

// keeper returns nil, which keeps nothing, for a training without a checkpoint.
func (m *Model) keeper(data Data, t Training) (*keeper, error) {
	if t.Checkpoint.File == "" {
		return nil, nil
	}
	traits, err := m.traits(data, t)
	return &keeper{Checkpoint: t.Checkpoint, store: m.store, task: t.Task, epochs: t.Epochs, traits: traits}, err
}

// traits tell two trainings apart.
func (m *Model) traits(data Data, t Training) ([]trait, error) {
	step, err := m.stepSum(data, t.Seed)
	if err != nil {
		return nil, err
	}
	examples, err := data.sum()
	if err != nil {
		return nil, err
	}
	validation, err := t.validation()
	if err != nil {
		return nil, err
	}
	return []trait{
		{"format", "1"},
		{"seed", fmt.Sprint(t.Seed)},
		{"number of epochs", fmt.Sprint(t.Epochs)},
		{"network or optimizer", step},
		{"backend", backend.Description(m.backend)},
		{"data", examples},
		{"validation", validation},
		{"learning rates", t.ratesSum(t.Epochs * (data.Len() / m.batchSize))},
		{earlyStopping, t.EarlyStopping.text()},
	}, nil
}

const earlyStopping = "early stopping" // as a trait

// ratesSum is the checksum of a schedule; "" for none.
func (t Training) ratesSum(steps int) string {
	if t.LearningRate == nil {
		return ""
	}
	hash := sha256.New()
	for step := range steps {
		_, _ = fmt.Fprintln(hash, t.LearningRate(step, steps))
	}
	return fmt.Sprintf("%x", hash.Sum(nil))
}

// stepSum is the checksum of a training step: of its graph, which holds the
// network, the loss and the optimizer, whatever code and knobs they come from,
// and of what the optimizer starts with, as its rate.
func (m *Model) stepSum(data Data, seed int64) (string, error) {
	step, err := m.step.Compile(m.shards.shapes(data.batch(make([]int, m.batchSize)))...)
	if err != nil {
		return "", fmt.Errorf("building the network: %s", badinput.FirstLine(err))
	}
	_, nodes, _ := strings.Cut(step.String(), "\n") // the first line has a number that counts up
	hash := sha256.New()
	_, _ = io.WriteString(hash, nodes)
	for _, v := range sorted(m.store) {
		if initial := m.initial[v.Path()]; initial != nil && v.Name() != model.RNGStateVariableName {
			_, _ = fmt.Fprintln(hash, v.Path(), initial.Value())
		}
	}
	// The values of a large constant are not in the graph, but in what comes of it.
	isLarge := func(n *graph.Node) bool { return n.Type() == graph.NodeTypeConstant && n.ConstantValue() == nil }
	if slices.ContainsFunc(step.Nodes(), isLarge) {
		err = m.sumFirstStep(hash, data, seed)
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), err
}

// sumFirstStep adds what a step on the first examples makes of the weights that
// a training from the seed starts with, and takes the step back.
func (m *Model) sumFirstStep(hash io.Writer, data Data, seed int64) error {
	loss, right, err := m.trainStep(data, inOrder(m.batchSize, m.batchSize)[0])
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(hash, loss, right)
	for _, v := range sorted(m.store) {
		value, err := v.Value()
		if err != nil {
			return err
		}
		if err := value.ConstBytes(func(data []byte) { _, _ = hash.Write(data) }); err != nil {
			return err
		}
	}
	return m.Reset(seed)
}

// validation says on which data and after which epochs a training is scored.
func (t Training) validation() (string, error) {
	if t.Validation == nil {
		return "none", nil
	}
	var epochs []int
	for done := 1; done <= t.Epochs; done++ {
		if t.validates(done) {
			epochs = append(epochs, done)
		}
	}
	examples, err := t.Validation.sum()
	return fmt.Sprint(examples, epochs), err
}

// resume gives the variables the values of the checkpoint and fills in the
// history up to it. It leaves both as they are when there is none to go on from.
func (k *keeper) resume(ctx context.Context, t Training, stopper *stopper, history *History) error {
	if k == nil {
		return nil
	}
	s, err := k.read()
	if err == nil {
		err = stopper.resume(t, s)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		progress.Notify(ctx, "%s: the checkpoint %s %s: training starts again", k.task, k.File, err)
		return nil
	}
	progress.Notify(ctx, "%s: goes on after epoch %d of %d, from the checkpoint %s", k.task, len(s.History.Epochs), k.epochs, k.File)
	*history = s.History
	return setValues(k.store, s.Values)
}

// read returns the snapshot, or why it cannot be used.
func (k *keeper) read() (s snapshot, err error) {
	content, err := os.ReadFile(k.File)
	if err != nil {
		return s, fmt.Errorf("cannot be read (%w)", datasets.WithoutPath(err))
	}
	head, body := content[:min(len(content), sha256.Size)], content[min(len(content), sha256.Size):]
	if wanted := sha256.Sum256(body); !bytes.Equal(head, wanted[:]) {
		return s, errors.New("is cut short or damaged")
	}
	if err := gob.NewDecoder(bytes.NewReader(body)).Decode(&s); err != nil {
		return s, fmt.Errorf("cannot be decoded (%w)", err)
	}
	if others := differences(k.traits, s.Traits); len(others) > 0 {
		return s, fmt.Errorf("is of another training (different: %s)", strings.Join(others, ", "))
	}
	for v := range k.store.IterVariables() {
		if len(s.Values[v.Path()]) != int(v.Shape().ByteSize()) {
			return s, fmt.Errorf("lacks the variable %s", v.Path())
		}
	}
	return s, nil
}

// differences names the traits that are not equal.
func differences(wanted, found []trait) []string {
	values := map[string]string{}
	for _, t := range found {
		values[t.Name] = t.Value
	}
	var names []string
	for _, t := range wanted {
		if values[t.Name] != t.Value {
			names = append(names, t.Name)
		}
	}
	return names
}

// keep saves the training after an epoch, where it is time for it. A checkpoint
// that cannot be written is told, and the training goes on: it is worth more.
func (k *keeper) keep(ctx context.Context, history History, best map[string][]byte) {
	if done := len(history.Epochs); k == nil || done == k.epochs || done%max(1, k.Every) != 0 {
		return
	}
	if err := k.write(history, best); err != nil && !k.failed {
		k.failed = true
		progress.Notify(ctx, "%s: the checkpoint %s cannot be written (%s): training goes on, and would start again if it were cut off",
			k.task, k.File, datasets.WithoutPath(err))
	}
}

func (k *keeper) write(history History, best map[string][]byte) error {
	values, err := valuesOf(k.store)
	if err != nil {
		return err
	}
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(snapshot{k.traits, history, values, best}); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(k.File), 0o755); err != nil {
		return err
	}
	defer lockFolder(filepath.Dir(k.File))()
	head := sha256.Sum256(body.Bytes())
	return files.Replace(k.File, 0o644, head[:], body.Bytes())
}

// remove takes the checkpoint away when the training is done.
func (k *keeper) remove() {
	if k == nil {
		return
	}
	defer lockFolder(filepath.Dir(k.File))()
	_ = os.Remove(k.File)
	for _, left := range files.Leftovers(k.File) { // of a process that was killed while it wrote
		_ = os.Remove(left)
	}
}
