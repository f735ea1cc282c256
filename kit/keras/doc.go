// Package keras reads the architecture of a net from the JSON that Keras writes
// with model.to_json(), or from a .keras file: Keras 3, and the older forms of
// Keras 2. It runs no Python and reads no weights. What it read is an
// [arch.Model], which counts the parameters of every layer.
//
// A layer or model that is called several times is counted once. One that lies
// both in a model and in another model inside it is written twice. A .keras file
// says that it is the same, and it is counted once; model.to_json() does not, and
// it is counted twice, with a note.
//
// Classes that are not Keras's own are refused by name: their weights are not in
// the file. What is trained is what Keras 3 trains: the flag of every layer counts
// and that of the whole model, and not that of a model or a wrapper inside it.
package keras
