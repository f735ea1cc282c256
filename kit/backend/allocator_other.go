//go:build !linux

package backend

import "math"

// TuneAllocator does nothing on this system, because only glibc has these
// settings.
func TuneAllocator() error { return nil }

// addressLimit reports no limit, because other systems do not enforce one.
func addressLimit() uint64 { return math.MaxUint64 }
