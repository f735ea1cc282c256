// Package arch describes the architecture of a net as plain data: a graph of
// layers with the vocabulary of Keras. From the description it derives each
// layer's output shape, parameters, multiply-adds and receptive field, prints
// the summary, and draws the net. It can also build the net in GoMLX, so that
// tests compare the derived numbers with the real net.
//
// A shape describes one example, without the batch. The channels come last.
package arch
