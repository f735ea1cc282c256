package experiment

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"
	"strings"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"evident/kit/backend"
	"evident/kit/keep"
	"evident/kit/progress"
)

// Keeping is a context under which an experiment that was measured before is read from the store instead of measured
// again. Without it everything is measured.
func Keeping(ctx context.Context, s *keep.Store) context.Context {
	return context.WithValue(ctx, storeKey{}, s)
}

type storeKey struct{}

// Results is the [keep.Store.Group] of the results. The measurements that they come from belong to no group.
const Results = "results"

// from is a measurement with its origin.
type from[M any] struct {
	m      M
	origin keep.Origin
}

// measure measures, or reads what was kept.
func (e Experiment[C, M]) measure(ctx context.Context, b compute.Backend, c C) (from[M], error) {
	if e.PureGo {
		own, err := backend.PureGo()
		if err != nil {
			return from[M]{}, err
		}
		defer own.Finalize()
		b = own
	}
	store, key := e.store(ctx, b, c)
	m, origin, err := keep.Value(ctx, store, key, Commit(), func() (M, error) { return e.Measure(progress.Begin(ctx, e.Name), b, c) })
	return from[M]{m, origin}, err
}

// result judges and illustrates what find returns. The result is kept beside the measurement, which is larger and has its
// figures still to be drawn.
func (e Experiment[C, M]) result(ctx context.Context, b compute.Backend, c C, find func() (from[M], error)) (Result, error) {
	store, key := e.store(ctx, b, c)
	result, origin, err := keep.Value(ctx, store.Group(Results), key, Commit(), func() (Result, error) {
		found, err := find()
		if err != nil {
			return Result{}, err
		}
		return e.judge(c, found)
	})
	result.Origin.WasKept = result.Origin.WasKept || origin.WasKept
	return result, err
}

// store is where the measurement is kept, and its key. The store is nil where nothing is kept: what the measurement
// depends on may not be known.
func (e Experiment[C, M]) store(ctx context.Context, b compute.Backend, c C) (*keep.Store, string) {
	s, _ := ctx.Value(storeKey{}).(*keep.Store)
	if s == nil {
		return nil, ""
	}
	key, err := e.key(ctx, b, c)
	if err != nil {
		return nil, ""
	}
	return s, key
}

// key is made of all that a measurement depends on: the experiment, its knobs, the graphs that functions among them
// build, the data that they name, the code, the backend, and for what is timed, the machine.
func (e Experiment[C, M]) key(ctx context.Context, b compute.Backend, c C) (string, error) {
	pkg := packageOf(e.Measure)
	code, err := keep.Code(backend.ProjectRoot(), pkg)
	if err != nil {
		return "", err
	}
	var texts []string
	if err := (beyond{ctx: ctx, backend: b, texts: &texts}).collect(reflect.ValueOf(c)); err != nil {
		return "", err
	}
	machine := ""
	if e.Timed {
		if machine, err = Machine(); err != nil {
			return "", err
		}
	}
	knobs, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	return keep.Key("1", pkg, e.Name, string(knobs), texts, code, backend.Kind(b), runtime.Version(), machine)
}

// packageOf is the path of the package in which a function stands.
func packageOf(function any) string {
	name := runtime.FuncForPC(reflect.ValueOf(function).Pointer()).Name()
	slash := strings.LastIndex(name, "/") + 1
	dot := strings.Index(name[slash:], ".")
	return name[:slash+max(dot, 0)]
}

// programmed is a knob with functions, which can say what they compute.
type programmed interface {
	Program(compute.Backend) (string, error)
}

// net is a knob with a function whose program depends on the shape of what goes in, such as fit.Own.
type net interface {
	Program(compute.Backend, shapes.Shape) (string, error)
}

// fed is a group of knobs that says what goes into the nets in it.
type fed interface{ Input() shapes.Shape }

// hashed is a group of knobs that names data. The hash is that of the data, or "" where they are generated; the
// error says that they cannot be told.
type hashed interface {
	DataHash(context.Context) (string, error)
}

// beyond collects what knobs stand for besides what they are in JSON: the texts of functions, and the checksums of
// data.
type beyond struct {
	ctx     context.Context
	backend compute.Backend
	input   shapes.Shape // of the nets; invalid where no group says it
	texts   *[]string
}

// collect collects from a value. The error says that there is something that cannot be told, such as a folder of the
// reader's own.
func (b beyond) collect(v reflect.Value) error {
	if v.IsValid() && v.CanInterface() {
		knob := v.Interface()
		if group, is := knob.(fed); is {
			b.input = group.Input()
		}
		switch knob := knob.(type) {
		case programmed:
			return b.add(v, func() (string, error) { return knob.Program(b.backend) })
		case net:
			return b.add(v, func() (string, error) {
				if !b.input.Ok() {
					return "", fmt.Errorf("no group of knobs says what goes into a %s", v.Type())
				}
				return knob.Program(b.backend, b.input)
			})
		case hashed:
			hash, err := knob.DataHash(b.ctx)
			*b.texts = append(*b.texts, hash)
			return err
		}
	}
	switch v.Kind() {
	case reflect.Func:
		if !v.IsNil() {
			return fmt.Errorf("a function of the type %s has no text", v.Type())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Type().Field(i); field.Tag.Get("json") == "-" && !v.Field(i).IsZero() {
				return fmt.Errorf("what %s names cannot be told", field.Name)
			}
			if err := b.collect(v.Field(i)); err != nil {
				return err
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if err := b.collect(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return b.collect(v.Elem())
		}
	}
	return nil
}

// add adds the text of a knob that is set.
func (b beyond) add(v reflect.Value, program func() (string, error)) error {
	if v.IsZero() {
		return nil
	}
	text, err := program()
	*b.texts = append(*b.texts, text)
	return err
}
