// Package inception is the lesson on question 7: what an Inception module is
// made of, what its parts are good for, what a stride does, and how far a net
// of two modules gets on CIFAR-10.
package inception
