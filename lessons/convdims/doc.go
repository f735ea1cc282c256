// Package convdims is the lesson on question 3 (b): along which axes the kernels
// of Conv2D and of Conv3D move, what a convolution that sees frames one by one
// cannot know about a video or a volume, and what it takes to know it.
package convdims
