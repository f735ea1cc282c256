//go:build !linux

package backend

import "math"

// TuneAllocator does nothing on this system: only glibc has these settings.
func TuneAllocator() error { return nil }

// addressLimit is no limit: the systems that have one do not keep to it.
func addressLimit() uint64 { return math.MaxUint64 }
