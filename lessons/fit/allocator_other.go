//go:build !linux

package fit

// TuneAllocator does nothing on this system: only glibc has these settings.
func TuneAllocator() error { return nil }
