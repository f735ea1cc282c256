package show

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"reflect"
	"runtime"

	"github.com/gomlx/gomlx/ml/model"
	"github.com/janpfeifer/must"

	"evident/datasets"
	"evident/internal/badinput"
	"evident/internal/render"
	"evident/kit/backend"
	"evident/kit/fit"
	"evident/kit/keep"
)

// Net has weights that [Keep] can keep: a [fit.Model], a [fit.Classifier], or a store or scope of GoMLX.
type Net interface{ Store() *model.Store }

// Keep makes a value once, and reads it in other cells and after a restart of the kernel. The weights of the nets that
// stand behind the function are kept with it. Declare a function above %% that calls Keep, and call it where you
// need the value:
//
//	func trained() (*fit.Classifier, fit.History) {
//		net := must.M1(fit.NewClassifier(show.Backend(), network, data, 32, optimizer.Adam().Done()))
//		history := show.Keep("my-net", func() fit.History {
//			return show.Train(net, data, fit.Training{Epochs: 20})
//		}, net)
//		return net, history
//	}
//
// A value is known by its name and its code: the arguments of the call, what stands above it in its function and has
// to do with them, all declarations of the notebook that these use, and the packages. A change of any of them makes the value
// anew; a comment, or another cell, does not. What a parameter or a loop gives has to be in the name, as in
// fmt.Sprint("my-net ", rate). What the function reads besides, such as files or the time, is not seen: see [Forget].
//
// A value that cannot be stored whole, such as a function, a channel or a struct with unexported fields, is refused.
// A net is such a value: build it before, and name it behind the function. One line says whether the value was made or kept.
//
// Outside a notebook, and with EVIDENT_KEEP=off, the value is made every time. A value that was interrupted while it was
// made is not kept.
func Keep[V any](name string, produce func() V, nets ...Net) V {
	must.M(keepable(name, reflect.TypeFor[V]()))
	_, file, line, _ := runtime.Caller(1)
	store, key, unkept := keptAt(name, reflect.TypeFor[V](), filepath.Base(file), line)
	waiting, stop := signal.NotifyContext(context.Background(), os.Interrupt) // while another process makes the value
	defer stop()
	produced := false
	for {
		found, origin, err := keep.Value(waiting, store, key, "", func() (made[V], error) {
			produced = true
			stop() // an interrupt is for the function
			return whole(produce, nets)
		})
		switch {
		case err != nil && !produced:
			must.M(err)
		case origin.WasKept && restore(found.Nets, nets) != nil:
			store = store.Again() // the data that the net is built for have changed
			continue
		}
		notice(keptLine(name, origin, cmp.Or(unkept, err)))
		return found.Value
	}
}

// Forget deletes what [Keep] has kept under a name, so that it is made anew.
func Forget(name string) {
	n := must.M1(keep.Open(false).Group(name).Forget())
	notice(fmt.Sprintf("forgotten: %s, %s", name, datasets.Counted(n, "value")))
}

// made is what is stored.
type made[V any] struct {
	Value V
	Nets  []fit.Weights
}

var errInterrupted = errors.New("it was interrupted")

// whole makes a value. Beside an error it returns the value, which is not to be kept.
func whole[V any](produce func() V, nets []Net) (m made[V], err error) {
	before := contexts.interrupted()
	m.Value = produce()
	if contexts.interrupted() > before {
		return m, errInterrupted
	}
	for _, net := range nets {
		weights, err := fit.WeightsOf(net.Store())
		if err != nil {
			return m, err
		}
		m.Nets = append(m.Nets, weights)
	}
	return m, nil
}

func restore(weights []fit.Weights, nets []Net) error {
	for i, net := range nets {
		if err := weights[i].Restore(net.Store()); err != nil {
			return err
		}
	}
	return nil
}

// keepable refuses what cannot be stored before it is made.
func keepable(name string, t reflect.Type) error {
	if name == "" {
		return badinput.Errorf(`show.Keep has no name to keep the value under: give it one, as in "my-net"`)
	}
	err := keep.Storable(t)
	switch {
	case err == nil:
		return nil
	case t.Implements(reflect.TypeFor[Net]()):
		return badinput.Errorf("show.Keep cannot store %q, a %s: build the net before, return its history, and name the net behind the function: its weights are kept", name, t)
	}
	return badinput.Errorf("show.Keep cannot store %q: %w: return numbers, texts, lists, maps, and structs with exported fields; name nets behind the function", name, err)
}

// keptAt is the store and the key of a value that is kept by the call at this place. The error says why there is none.
func keptAt(name string, t reflect.Type, file string, line int) (*keep.Store, string, error) {
	store := keep.Open(false).Group(name)
	if store == nil {
		return nil, "", fmt.Errorf("%s is off, or there is no cache folder", keep.Variable)
	}
	call, found := keep.CallAt(file, line)
	if !found {
		return nil, "", errors.New("only a notebook keeps it, where show.Keep is called by its name")
	}
	code, err := call.Code(backend.ProjectRoot())
	if err != nil {
		return nil, "", err
	}
	key, err := keep.Key("show.Keep 1", name, t.String(), code, backend.Chosen(), runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH)
	return store, key, err
}

// keptLine says whether a value was made or kept, and why it is not kept where that is so.
func keptLine(name string, origin keep.Origin, unkept error) string {
	why := origin.Refused
	if unkept != nil {
		why = badinput.FirstLine(unkept)
	}
	switch {
	case origin.WasKept:
		return fmt.Sprintf("kept: %s, made %s", name, origin.When())
	case why != "":
		return fmt.Sprintf("made: %s, and not kept: %s", name, why)
	}
	return fmt.Sprintf("made: %s, in %s", name, render.Duration(origin.Took))
}
