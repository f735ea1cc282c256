// Package arch describes the architecture of a net as plain data: layers with
// the vocabulary of Keras, joined to a graph. From the description alone it
// derives each layer's output shape, parameters, multiply-adds and receptive
// field, prints the summary, and draws the net; and it builds the same net in
// GoMLX, so that what was derived can be compared with what is there.
//
// Shapes are those of one example, without the batch, with the channels last.
package arch
