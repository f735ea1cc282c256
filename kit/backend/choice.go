//go:build !js

package backend

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/go-xla/compute/xla"
	"github.com/gomlx/gomlx/support/exceptions"

	"evident/internal/badinput"
	"evident/internal/pjrthook"
)

// Select chooses where graphs run, in this order:
//
//  1. $GOMLX_BACKEND, if it is set;
//  2. XLA with the CUDA plugin of the project's .venv, if there is an NVIDIA GPU;
//  3. XLA with the CPU plugin of the project's .venv;
//  4. XLA with a plugin installed for go-xla;
//  5. GoMLX's backend in pure Go, which needs no plugin but is slower.
//
// If `ulimit -v` leaves too little memory for XLA, Select chooses pure Go unless the environment asks for
// another backend.
//
// A CPU has one device for each processor. Select never downloads anything. The error is [badinput.Err] if the
// backend that the environment asks for cannot start.
func Select(ctx context.Context) (Selected, error) {
	if err := ctx.Err(); err != nil {
		return Selected{}, err
	}
	// Otherwise go-xla would try to download a plugin.
	xla.EnableAutoInstall(false)
	return choose(here()).start()
}

// Chosen says what [Select] would start, as in "xla:/path/of/plugin.so", and starts nothing.
func Chosen() string { return choose(here()).config }

// Open starts the backend that [Select] chooses, with the given number of devices if its kind allows a choice.
// Devices on a CPU are virtual and may outnumber the processors.
func Open(devices int) (compute.Backend, error) {
	xla.EnableAutoInstall(false)
	b, _, err := choose(here()).open(pjrthook.Size{Devices: devices})
	return b, err
}

// surroundings is the part of the machine's state that the choice depends on.
type surroundings struct {
	variable  string          // $GOMLX_BACKEND
	venv      string          // folder of the project's .venv, or ""
	gpu       string          // device file that exists when there is an NVIDIA GPU
	installed func() []string // plugins installed for go-xla
	addresses uint64          // bytes that this process may map
}

func here() surroundings {
	return surroundings{
		variable:  os.Getenv(compute.ConfigEnvVar),
		venv:      projectVenv(),
		gpu:       "/dev/nvidia0",
		installed: xla.GetAvailablePlugins,
		addresses: addressLimit(),
	}
}

// choice is a backend to try: a GoMLX configuration, as in "xla:/path/of/plugin.so", and the reason for it.
type choice struct {
	config, why string
	remedy      string // what to do if it does not start
	slow        bool
}

// The places of plugins from PyPI's wheels below a virtual environment.
const (
	cpuPlugin  = "lib/python3.*/site-packages/xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so"
	cudaPlugin = "lib/python3.*/site-packages/*_plugins/xla_cuda*/*.so"
)

// xlaAddresses is the least address space that XLA needs, in bytes. Its library, its threads and its compiled
// programs do not fit into 2 GiB; 3 GiB suffice for small lessons.
const xlaAddresses = 4 << 30

// checkRoom returns an error if the limit leaves too little memory for XLA, which would then abort the process.
func checkRoom(addresses uint64) error {
	if addresses >= xlaAddresses {
		return nil
	}
	return fmt.Errorf("XLA takes %d GiB of address space, and this process may have %.1f GiB (ulimit -v)",
		xlaAddresses>>30, float64(addresses)/(1<<30))
}

// Remedies for a backend that does not start.
const (
	otherVariable = "unset " + compute.ConfigEnvVar + ", or set it to go, which is slower"
	setUpAgain    = "remove .venv and run `make lab`, or set " + compute.ConfigEnvVar + "=go, which is slower"
	installAgain  = "install the plugin again, or set " + compute.ConfigEnvVar + "=go, which is slower"
)

func choose(s surroundings) choice {
	if s.variable != "" {
		return choice{config: s.variable, why: compute.ConfigEnvVar + " asks for it", remedy: otherVariable}
	}
	if err := checkRoom(s.addresses); err != nil {
		return choice{config: gobackend.BackendName, why: err.Error() + "; this one is slower", slow: true}
	}
	if plugin := pluginIn(s.venv, cudaPlugin); plugin != "" && exists(s.gpu) {
		return choice{config: xla.BackendName + ":" + plugin, why: "a GPU and the CUDA plugin in .venv", remedy: setUpAgain}
	}
	if plugin := pluginIn(s.venv, cpuPlugin); plugin != "" {
		return choice{config: xla.BackendName + ":" + plugin, why: "the CPU plugin in .venv", remedy: setUpAgain}
	}
	if plugins := s.installed(); len(plugins) > 0 {
		return choice{config: xla.BackendName + ":" + plugins[0], why: "a plugin installed for go-xla", remedy: installAgain}
	}
	return choice{
		config: gobackend.BackendName,
		why:    "no XLA plugin was found (`make lab` installs one); this one is slower",
		slow:   true,
	}
}

func (c choice) start() (Selected, error) {
	backend, sized, err := c.checkAndOpen()
	if err != nil {
		return Selected{}, badinput.Errorf("backend %q, chosen because of %s, does not start: %s: %s", c.config, c.why, badinput.FirstLine(err), c.remedy)
	}
	if sized {
		pools.Store(backend, &pool{like: c})
	}
	return Selected{Backend: backend, Slow: c.slow, Why: fmt.Sprintf("Backend %s: %s.", backend, c.why)}, nil
}

// checkAndOpen first checks for conditions that would abort the process, then opens the backend. A CPU gets one
// device for each processor.
func (c choice) checkAndOpen() (backend compute.Backend, sized bool, err error) {
	name, plugin, _ := strings.Cut(c.config, ":")
	if name == xla.BackendName {
		err = checkRoom(addressLimit())
	}
	if err == nil && filepath.IsAbs(plugin) {
		err = CheckPlugin(plugin)
	}
	if err != nil {
		return nil, false, err
	}
	return c.open(pjrthook.Size{Devices: runtime.NumCPU()})
}

// opening is locked while a backend starts, because the size is a global setting of the plugin.
var opening sync.Mutex

// open starts the backend. On a CPU it sets the size, if the plugin supports that.
func (c choice) open(cpu pjrthook.Size) (backend compute.Backend, sized bool, err error) {
	if c.config == gobackend.BackendName {
		backend, err = PureGo()
		return backend, false, err
	}
	opening.Lock()
	defer opening.Unlock()
	sized = c.hook(cpu)
	// GoMLX panics at an unknown backend.
	if thrown := exceptions.TryCatch[error](func() { backend, err = compute.NewWithConfig(c.config) }); thrown != nil {
		err = thrown
	}
	return backend, sized && err == nil, err
}

func pluginIn(venv, pattern string) string {
	if venv == "" {
		return ""
	}
	found, err := filepath.Glob(filepath.Join(venv, pattern))
	if err != nil || len(found) == 0 {
		return ""
	}
	return found[0]
}

// projectVenv returns the project's .venv, or "" if there is none.
func projectVenv() string {
	venv := filepath.Join(ProjectRoot(), ".venv")
	if ProjectRoot() == "" || !exists(venv) {
		return ""
	}
	return venv
}
