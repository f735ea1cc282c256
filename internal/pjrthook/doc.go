// Package pjrthook configures two things in XLA's plugins that go-xla v0.4.1 does
// not support. PJRT, the C interface of the plugins, supports both. A plugin
// shares one table of functions with everyone who loads it, and this package
// replaces two functions in that table.
//
// [KeepPrograms] caches the programs that XLA compiles, so that a graph is
// compiled once per machine instead of once per process. This matters because
// every cell of a notebook is a process. PJRT can serialize a compiled program
// and load it again (PJRT_Executable_Serialize,
// PJRT_Executable_DeserializeAndLoad). The function that replaces the compiler
// first looks for the program in the cache. The key is a digest of the program's
// text and options, of the plugin and of the processor, so an edited graph,
// another version of XLA or another machine compiles anew. Files are checked
// before use; a file that is damaged, or that the plugin rejects, is compiled
// again and replaced.
//
// [SetSize] sets how many devices and threads a client of a CPU plugin has
// (cpu_device_count among the options of PJRT_Client_Create, and PJRT_NPROC in
// the environment). On machines with fewer processors the default is four devices
// with one thread each, which cuts every operation into four parts that wait for
// each other.
package pjrthook

// Size is the size of a client for CPUs.
type Size struct {
	Devices int
	// Threads do the work; 0 means one for each processor. There are never fewer
	// threads than devices.
	Threads int
}
