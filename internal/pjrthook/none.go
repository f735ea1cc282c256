//go:build !linux || !cgo

package pjrthook

import "errors"

// errLinux is the error on systems that load plugins differently.
var errLinux = errors.New("only plugins on Linux can be configured")

// KeepPrograms returns an error on this system.
func KeepPrograms(plugin, folder, settings string) error { return errLinux }

// SetSize returns an error on this system.
func SetSize(plugin string, size Size) error { return errLinux }
