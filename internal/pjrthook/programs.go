//go:build linux && cgo

package pjrthook

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "pjrt.h"

void evident_hook_compile(void);
void *evident_compile_itself(pjrt_compile *args);
void *evident_load(void *client, const char *bytes, size_t size);
char *evident_serialize(void *loaded, size_t *size);
*/
import "C"

import (
	"crypto/sha256"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"
)

// most limits the size of a folder of programs. All lessons at all presets need a
// tenth of it.
const most = 1 << 30

// enabled is the cache that the function in the plugin's table uses. A process has
// only one plugin.
var enabled atomic.Pointer[cache]

type cache struct {
	store
	about     string   // the plugin and the machine that the programs belong to
	compiling sync.Map // *sync.Mutex by the name of a program
}

// KeepPrograms caches what the plugin, a PJRT library, compiles in this process
// from now on. It creates the folder on demand. Other compiler settings give other
// programs. The error says why programs cannot be cached; the plugin then works as
// without the cache.
func KeepPrograms(plugin, folder, settings string) error {
	about, err := describe(plugin, settings)
	if err != nil {
		return err
	}
	if err := find(plugin); err != nil {
		return fmt.Errorf("programs cannot be kept: %w", err)
	}
	enabled.Store(&cache{store: store{folder, most}, about: about})
	C.evident_hook_compile()
	return nil
}

// describe returns everything that a compiled program depends on besides the
// program and its options.
func describe(plugin, settings string) (string, error) {
	info, err := os.Stat(plugin)
	if err != nil {
		return "", err
	}
	return fmt.Sprintln(info.Size(), info.ModTime().UnixNano(), runtime.GOARCH, processor(), settings), nil
}

// processor names the processor and its features, as the kernel lists them.
func processor() string {
	list, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	var lines []string
	for line := range strings.Lines(string(list)) {
		key, _, _ := strings.Cut(line, "\t")
		switch key {
		case "processor":
			if len(lines) > 0 { // all processors are the same
				return fmt.Sprint(runtime.NumCPU(), lines)
			}
		case "model name", "flags", "Features", "CPU part":
			lines = append(lines, line)
		}
	}
	return fmt.Sprint(runtime.NumCPU(), lines)
}

// evidentCompile replaces PJRT_Client_Compile. It returns an error of PJRT, or
// nil.
//
//export evidentCompile
func evidentCompile(args *C.pjrt_compile) unsafe.Pointer {
	c := enabled.Load()
	name := c.name(args)
	// Clients of equal size that want the same program at once wait for the first
	// one, and then load it.
	one, _ := c.compiling.LoadOrStore(name, &sync.Mutex{})
	one.(*sync.Mutex).Lock()
	defer one.(*sync.Mutex).Unlock()
	if args.executable = c.load(args, name); args.executable != nil {
		return nil
	}
	if err := C.evident_compile_itself(args); err != nil {
		return err
	}
	var size C.size_t
	if serialized := C.evident_serialize(args.executable, &size); serialized != nil {
		defer C.free(unsafe.Pointer(serialized))
		c.write(name, unsafe.Slice((*byte)(unsafe.Pointer(serialized)), size))
	}
	return nil
}

// load returns the cached program with a name, or nil.
func (c *cache) load(args *C.pjrt_compile, name string) unsafe.Pointer {
	blob := c.read(name)
	if len(blob) == 0 {
		return nil
	}
	return C.evident_load(args.client, (*C.char)(unsafe.Pointer(unsafe.SliceData(blob))), C.size_t(len(blob)))
}

// name returns the digest of everything that a compiled program depends on.
func (c *cache) name(args *C.pjrt_compile) string {
	digest := sha256.New()
	for _, part := range [][]byte{
		[]byte(c.about),
		fmt.Append(nil, sizeOf(args.client)), // XLA divides the work at compile time
		unsafe.Slice((*byte)(unsafe.Pointer(args.compile_options)), args.compile_options_size),
		unsafe.Slice((*byte)(unsafe.Pointer(args.program.code)), args.program.code_size),
	} {
		fmt.Fprintln(digest, len(part))
		digest.Write(part)
	}
	return fmt.Sprintf("%x", digest.Sum(nil))
}
