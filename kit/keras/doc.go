// Package keras reads the architecture of a Keras model, without Python and
// without its weights. It reads the JSON of model.to_json() and .keras files, from
// Keras 3 and in the older forms of Keras 2. The result is an [arch.Model], which
// counts the parameters of every layer.
//
// A layer or model with several calls counts once. If a layer occurs both in a
// model and in a nested model, the file describes it twice. A .keras file says
// that both are the same layer, which then counts once. The output of
// model.to_json() does not say so; the layer then counts twice, with a note.
//
// The package rejects classes that do not belong to Keras, and names them, because
// the file does not describe their weights. Trainable parameters are those that
// Keras 3 trains: it respects the flags of every layer and of the whole model, but
// not those of nested models and wrappers.
package keras
