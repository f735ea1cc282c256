//go:build !linux || !cgo

package pjrthook

import "errors"

// errLinux is the answer where plugins are loaded in another way.
var errLinux = errors.New("plugins are hooked on Linux alone")

// KeepPrograms keeps nothing here.
func KeepPrograms(plugin, folder, settings string) error { return errLinux }

// SetSize sets nothing here.
func SetSize(plugin string, size Size) error { return errLinux }
