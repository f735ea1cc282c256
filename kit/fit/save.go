package fit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/gomlx/compute"
	. "github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/ml/model"
	"github.com/gomlx/gomlx/ml/model/checkpoint"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
)

// aboutName is the file beside the weights that holds all else that the model
// needs to be used.
const aboutName = "about.json"

// Save writes the trained weights into a folder, as a checkpoint of GoMLX, and
// about beside them as JSON: what else is needed to use the model, as in its
// sizes, its classes and its vocabulary. Read them with [ReadAbout] and
// [Restore].
//
// The folder comes to be whole or is left as it was. An older model in it is
// replaced; a folder with anything else in it is refused, with a
// [badinput.Err].
func (m *Model) Save(folder string, about any) error {
	folder = filepath.Clean(folder)
	parent := filepath.Dir(folder)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return unsaved(folder, err)
	}
	defer lockFolder(parent)()
	if err := checkReplaceable(folder); err != nil {
		return err
	}
	temporary := filepath.Join(parent, ".saving-"+filepath.Base(folder))
	defer func() { _ = os.RemoveAll(temporary) }()  // gone already when all went well
	if err := os.RemoveAll(temporary); err != nil { // of a process that was killed
		return unsaved(folder, err)
	}
	if err := m.write(filepath.Join(temporary, "new"), about); err != nil {
		return unsaved(folder, err)
	}
	// The old model waits in the temporary folder until the new one is in place.
	old := filepath.Join(temporary, "old")
	if err := os.Rename(folder, old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return unsaved(folder, err)
	}
	if err := os.Rename(filepath.Join(temporary, "new"), folder); err != nil {
		_ = os.Rename(old, folder)
		return unsaved(folder, err)
	}
	return nil
}

func unsaved(folder string, err error) error {
	return badinput.Errorf("the model cannot be saved in %s: %s", folder, badinput.FirstLine(err))
}

// checkReplaceable refuses a folder that holds no model.
func checkReplaceable(folder string) error {
	entries, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return unsaved(folder, err)
	}
	if _, err := os.Stat(filepath.Join(folder, aboutName)); err != nil {
		return badinput.Errorf("the model cannot be saved in %s: it holds other files; name a new folder", folder)
	}
	return nil
}

func (m *Model) write(folder string, about any) error {
	handler, err := checkpoint.Build(m.store).Dir(folder).Keep(1).ExcludeAllParams().Done()
	if err != nil {
		return err
	}
	defer m.store.SetLoader(nil) // the handler's; later savings have one of their own
	for v := range m.store.IterVariables() {
		if !v.Trainable {
			handler.ExcludeVarsFromSaving(v) // the optimizer's
		}
	}
	if err := handler.Save(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(about, "", "\t")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(folder, aboutName), text, 0o644); err != nil {
		return err
	}
	return syncFolder(folder)
}

// ReadAbout fills about with what [Model.Save] wrote beside the weights.
func ReadAbout(folder string, about any) error {
	defer shareFolder(filepath.Dir(filepath.Clean(folder)))()
	text, err := os.ReadFile(filepath.Join(folder, aboutName))
	if err == nil {
		err = json.Unmarshal(text, about)
	}
	if err != nil {
		return unrestored(folder, err)
	}
	return nil
}

func unrestored(folder string, err error) error {
	return badinput.Errorf("no saved model can be read from %s: %s; train and save one", folder, badinput.FirstLine(err))
}

// Restored is a trained network that was saved, for use.
type Restored struct {
	store   *model.Store
	program *Program
}

// Restore reads the weights of a network that [Model.Save] wrote. The
// network has to be the one that was trained; an example of its inputs tells it
// their shape. The error is a [badinput.Err] when the folder holds no whole
// model, or that of another network.
func Restore(backend compute.Backend, folder string, network Network, example Data) (*Restored, error) {
	if err := example.check(); err != nil {
		return nil, err
	}
	store := model.NewStore()
	handler, err := load(store, folder)
	if err != nil {
		return nil, unrestored(folder, err)
	}
	wanted := len(handler.LoadedVariables())
	exec, err := model.NewExec(backend, store, func(scope *model.Scope, x *Node) *Node {
		return flattened(located(network), scope, x)
	})
	if err != nil {
		return nil, unrestored(folder, err)
	}
	r := &Restored{store: store, program: &Program{exec: exec, batchSize: 1}}
	x, _ := example.batch([]int{0})
	if _, err := exec.Compile(x.Shape()); err != nil {
		r.Finalize()
		return nil, unrestored(folder, unbuilt("network", err))
	}
	// A variable that is not in the checkpoint would start at random.
	if left := len(handler.LoadedVariables()); left > 0 || countTrainable(store) != wanted {
		r.Finalize()
		return nil, unrestored(folder, fmt.Errorf("its %d variables are not the %d of this network", wanted, countTrainable(store)))
	}
	return r, nil
}

// load reads the weights; the store takes them where its variables are made.
func load(store *model.Store, folder string) (handler *checkpoint.Handler, err error) {
	defer shareFolder(filepath.Dir(filepath.Clean(folder)))()
	// A damaged checkpoint can panic.
	if thrown := exceptions.TryCatch[error](func() { handler, err = checkpoint.Load(store).Dir(folder).ExcludeAllParams().Done() }); thrown != nil {
		err = thrown
	}
	return handler, err
}

func countTrainable(store *model.Store) int {
	count := 0
	for v := range store.IterVariables() {
		if v.Trainable {
			count++
		}
	}
	return count
}

// Predict is the output of the network for every example, flattened: [n][values].
func (r *Restored) Predict(ctx context.Context, data Data) ([][]float32, error) {
	return r.program.Run(ctx, data)
}

// Finalize frees the compiled program and the variables.
func (r *Restored) Finalize() {
	r.program.Finalize()
	r.store.Finalize()
}

// lockFolder waits until no other process or goroutine writes models into the
// folder, and keeps them from it until unlock is called. The folder itself is
// locked, so no file is left behind. On a disk that cannot lock folders, as on
// some networks, there is no lock: that is no reason to lose a trained model.
func lockFolder(folder string) (unlock func()) {
	lock := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	_ = lock.Lock()
	return func() { _ = lock.Unlock() }
}

// shareFolder waits until nobody writes models into the folder, and keeps
// writers, but not other readers, from it until unlock is called.
func shareFolder(folder string) (unlock func()) {
	lock := flock.New(folder, flock.SetFlag(os.O_RDONLY))
	_ = lock.RLock()
	return func() { _ = lock.Unlock() }
}

// syncFolder puts a folder and the files in it on the disk.
func syncFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := syncPath(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return syncPath(folder)
}

func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	return f.Sync()
}
