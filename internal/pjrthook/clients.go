//go:build linux && cgo

package pjrthook

/*
#include <stdlib.h>
#include "pjrt.h"

const char *evident_find(const char *plugin);
void evident_hook_create(void);
void *evident_create_itself(pjrt_create *args, int devices, int threads);
*/
import "C"

import (
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"
)

// next is the size of clients created from now on; sizes holds the size of each
// existing client.
var (
	next  atomic.Pointer[Size]
	sizes sync.Map // Size by the address of a client
)

// SetSize sets the size of the clients that the plugin, a PJRT library for CPUs,
// creates in this process from now on. The error says why that is impossible;
// clients then have the plugin's default size.
func SetSize(plugin string, size Size) error {
	if err := find(plugin); err != nil {
		return fmt.Errorf("devices and threads cannot be set: %w", err)
	}
	next.Store(&size)
	C.evident_hook_create()
	return nil
}

// find looks up the plugin's table of functions for the hooks.
func find(plugin string) error {
	name := C.CString(plugin)
	defer C.free(unsafe.Pointer(name))
	if missing := C.evident_find(name); missing != nil {
		return fmt.Errorf("%s: %s", plugin, C.GoString(missing))
	}
	return nil
}

// evidentCreate replaces PJRT_Client_Create. It returns an error of PJRT, or nil.
//
//export evidentCreate
func evidentCreate(args *C.pjrt_create) unsafe.Pointer {
	size := next.Load()
	if err := C.evident_create_itself(args, C.int(size.Devices), C.int(size.Threads)); err != nil {
		return err
	}
	sizes.Store(args.client, *size)
	return nil
}

// sizeOf returns the size of a client, or zero if the plugin chose it.
func sizeOf(client unsafe.Pointer) Size {
	size, _ := sizes.Load(client)
	known, _ := size.(Size)
	return known
}
