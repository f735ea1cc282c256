// Package compilecache keeps the programs that XLA compiles, so that a graph is
// compiled once on a machine and not once in every process: every cell of a
// notebook is a process.
//
// PJRT, the C interface of XLA's plugins, can serialize a compiled program and
// load it again (PJRT_Executable_Serialize, PJRT_Executable_DeserializeAndLoad);
// go-xla v0.4.1 has no way to ask for it. [Enable] therefore puts a function of
// its own in the place of the plugin's compiler, in the table of functions that
// a plugin shares with all who load it: it looks the program up first.
//
// A program is looked up by a digest of its text and options, of the plugin and
// of the processor, so that an edited graph, another version of XLA or another
// machine compiles anew. Files are checked before they are used; one that is
// broken, or that the plugin refuses, is compiled again and replaced.
package compilecache
