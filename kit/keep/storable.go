package keep

import (
	"encoding"
	"encoding/gob"
	"fmt"
	"reflect"
)

// Storable says in one line why values of a type cannot be stored whole: what it holds, and where, as in "History.Log
// is a func()". It is nil for a type that can be. Interfaces count as storable, for what they hold is known only when
// the value is.
func Storable(t reflect.Type) error {
	return storable(t, t.String(), map[reflect.Type]bool{})
}

// encodesItself: gob leaves such a type to its own methods.
func encodesItself(t reflect.Type) bool {
	for _, encoder := range []reflect.Type{reflect.TypeFor[gob.GobEncoder](), reflect.TypeFor[encoding.BinaryMarshaler]()} {
		if t.Implements(encoder) || reflect.PointerTo(t).Implements(encoder) {
			return true
		}
	}
	return false
}

func storable(t reflect.Type, path string, seen map[reflect.Type]bool) error {
	if seen[t] || encodesItself(t) {
		return nil
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Func, reflect.Chan, reflect.UnsafePointer, reflect.Uintptr:
		return fmt.Errorf("%s is a %s, which lives in one program only", path, t.Kind())
	case reflect.Pointer:
		return storable(t.Elem(), path, seen)
	case reflect.Slice, reflect.Array:
		return storable(t.Elem(), path+"[…]", seen)
	case reflect.Map:
		if err := storable(t.Key(), "a key of "+path, seen); err != nil {
			return err
		}
		return storable(t.Elem(), path+"[…]", seen)
	case reflect.Struct:
		for f := range t.Fields() {
			if !f.IsExported() {
				return fmt.Errorf("%s.%s is unexported, so it would be lost", path, f.Name)
			}
			if err := storable(f.Type, path+"."+f.Name, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// deepest is how deep values may be nested. What points to itself has no end.
const deepest = 10_000

// whole says in one line why a value of a storable type cannot be stored whole: gob would make nil of a pointer to
// zero, and has no nil in lists. What interfaces hold is checked as [Storable] does.
func whole(v reflect.Value, path string, depth int) error {
	if !v.IsValid() || plain(v.Type()) || encodesItself(v.Type()) {
		return nil
	}
	if depth > deepest {
		return fmt.Errorf("%s points to itself, or is nested over %d deep", v.Type(), deepest)
	}
	element := func(v reflect.Value, path string) error {
		if k := v.Kind(); (k == reflect.Pointer || k == reflect.Interface) && v.IsNil() {
			return fmt.Errorf("%s is nil, which a list cannot store", path)
		}
		return whole(v, path, depth+1)
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return nil
		}
		if err := storable(v.Elem().Type(), path, map[reflect.Type]bool{}); err != nil {
			return err
		}
		return whole(v.Elem(), path, depth+1)
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		if e := v.Elem(); e.Kind() != reflect.Struct && e.IsZero() {
			return fmt.Errorf("%s points to a zero, which would be read back as nil", path)
		}
		return whole(v.Elem(), path, depth+1)
	case reflect.Slice, reflect.Array:
		if plain(v.Type().Elem()) {
			return nil
		}
		for i := range v.Len() {
			if err := element(v.Index(i), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
	case reflect.Map:
		for i := v.MapRange(); i.Next(); {
			if err := element(i.Value(), fmt.Sprintf("%s[%v]", path, i.Key())); err != nil {
				return err
			}
		}
	case reflect.Struct:
		for f, value := range v.Fields() {
			if err := whole(value, path+"."+f.Name, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// plain types hold no pointers.
func plain(t reflect.Type) bool { return t.Kind() <= reflect.Complex128 || t.Kind() == reflect.String }
