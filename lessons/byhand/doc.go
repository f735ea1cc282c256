// Package byhand is the lesson on question 2, of which only a picture was left
// and that picture is lost: the question itself is unknown. The lesson teaches
// what such a question usually asks for, one step of training by hand: forward,
// loss, backward, update. It does so for a 2-2-1 net and for a 4×4 image that
// goes through a 3×3 convolution, ReLU, max pooling and a dense unit, and
// checks every number against automatic differentiation.
package byhand
