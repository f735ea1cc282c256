// Package keras reads the architecture of a net from the JSON that Keras writes
// with model.to_json(): Keras 3, and the older form of tf.keras 2. It runs no
// Python and reads no weights. What it read is an [arch.Model], which counts
// the parameters of every layer.
//
// A layer or model that is called several times is counted once. One that lies
// both in a model and in another model inside it is written twice, with nothing
// to say that it is the same, and is counted twice.
package keras
