// Package pjrthook asks XLA's plugins for two things that go-xla v0.4.1 has no
// way to ask for. PJRT, the C interface of the plugins, has both; a plugin shares
// one table of functions with all who load it, and this package puts functions of
// its own there in the place of two.
//
// [KeepPrograms] keeps the programs that XLA compiles, so that a graph is
// compiled once on a machine and not once in every process: every cell of a
// notebook is a process. PJRT can serialize a compiled program and load it again
// (PJRT_Executable_Serialize, PJRT_Executable_DeserializeAndLoad); the function
// in the place of the compiler looks the program up first. A program is looked up
// by a digest of its text and options, of the plugin and of the processor, so
// that an edited graph, another version of XLA or another machine compiles anew.
// Files are checked before they are used; one that is broken, or that the plugin
// refuses, is compiled again and replaced.
//
// [SetSize] sets how many devices and threads a client of a CPU plugin has
// (cpu_device_count among the options of PJRT_Client_Create, and PJRT_NPROC in
// the environment). By itself it has four devices and a thread for each of them,
// where the processors are fewer: every operation is then cut into four parts
// that wait for each other.
package pjrthook

// Size is that of a client for CPUs.
type Size struct {
	Devices int
	// Threads do the work; 0 means one for each processor. They are never fewer
	// than the devices.
	Threads int
}
