package fit

import (
	"bytes"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/model"

	"evident/internal/badinput"
)

// EarlyStopping ends a training whose validation score no longer gets better, and
// gives the model the weights of its best epoch. The zero value never does.
type EarlyStopping struct {
	// Patience is how many scorings in a row may bring nothing better.
	Patience int
	// Monitor is what has to fall; nil is the validation loss. For what has to
	// rise, return its negative, as in −accuracy.
	Monitor func(validation Score) float64
	// MinDelta is by how much it has to fall to count as better; 0: by anything.
	MinDelta float64
}

func (e EarlyStopping) check(t Training) error {
	switch {
	case e.Patience < 0:
		return badinput.Errorf("a patience of %d epochs: use 1 or more, or 0 for no early stopping", e.Patience)
	case !(e.MinDelta >= 0):
		return badinput.Errorf("early stopping with MinDelta %g: use 0 or more", e.MinDelta)
	case e.Patience == 0 && (e.Monitor != nil || e.MinDelta != 0):
		return badinput.Errorf("early stopping with a patience of 0 never stops: set Patience to 1 or more")
	case e.Patience > 0 && t.Validation == nil:
		return badinput.Errorf("early stopping watches the validation data, and there are none: set Validation")
	}
	return nil
}

// text tells two early stoppings apart, but for what they monitor; "" is none.
func (e EarlyStopping) text() string {
	if e.Patience == 0 {
		return ""
	}
	return fmt.Sprint(e.Patience, e.MinDelta)
}

// stopper is the early stopping of one training.
type stopper struct {
	EarlyStopping
	store  *model.Store
	lowest float64
	best   int               // the epoch, from 1; 0 before the first
	waited int               // scorings since then
	values map[string][]byte // of all variables after the best epoch
}

// stopper returns nil, which never stops, without a patience.
func (m *Model) stopper(e EarlyStopping) *stopper {
	if e.Patience == 0 {
		return nil
	}
	return &stopper{EarlyStopping: e, store: m.store, lowest: math.Inf(1)}
}

// note takes in the score after an epoch, and says whether it is the best so far.
func (s *stopper) note(epoch int, validation Score) bool {
	now := validation.Loss
	if s.Monitor != nil {
		now = s.Monitor(validation)
	}
	if better := now < s.lowest-s.MinDelta; !better {
		s.waited++
		return false
	}
	s.lowest, s.best, s.waited = now, epoch, 0
	return true
}

// stops takes in an epoch that was scored, keeps the weights of the best, and says
// whether to stop.
func (s *stopper) stops(history *History) (bool, error) {
	if s == nil {
		return false, nil
	}
	done := len(history.Epochs)
	var err error
	if s.note(done, history.Epochs[done-1].Validation) {
		history.BestEpoch = done
		s.values, err = valuesOf(s.store)
	}
	return s.waited >= s.Patience, err
}

// resume takes in the epochs of a checkpoint, or says why it cannot be used.
func (s *stopper) resume(t Training, from snapshot) error {
	if s == nil {
		return nil
	}
	for i, epoch := range from.History.Epochs {
		if t.validates(i + 1) {
			s.note(i+1, epoch.Validation)
		}
	}
	if s.best != from.History.BestEpoch { // another Monitor
		*s = stopper{EarlyStopping: s.EarlyStopping, store: s.store, lowest: math.Inf(1)}
		return fmt.Errorf("is of another training (different: %s)", earlyStopping)
	}
	s.values = from.Best
	return nil
}

// restore gives the model the best weights, where there are any.
func (s *stopper) restore() error {
	if s == nil || s.values == nil {
		return nil
	}
	return setValues(s.store, s.values)
}

// weights are those of the best epoch so far.
func (s *stopper) weights() map[string][]byte {
	if s == nil {
		return nil
	}
	return s.values
}

// valuesOf copies the values of all variables, by their paths.
func valuesOf(store *model.Store) (map[string][]byte, error) {
	values := map[string][]byte{}
	for v := range store.IterVariables() {
		value, err := v.Value()
		if err != nil {
			return nil, err
		}
		if err := value.ConstBytes(func(data []byte) { values[v.Path()] = bytes.Clone(data) }); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func setValues(store *model.Store, values map[string][]byte) error {
	for v := range store.IterVariables() {
		value := tensors.FromShape(v.Shape())
		if err := value.MutableBytes(func(data []byte) { copy(data, values[v.Path()]) }); err != nil {
			return err
		}
		if err := v.SetValue(value); err != nil {
			return err
		}
	}
	return nil
}
