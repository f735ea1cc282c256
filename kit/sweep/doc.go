// Package sweep trains many replicas of a small model as one program: rates ×
// seeds are a leading axis [replicas, …] of every parameter, so a whole grid
// costs little more than one training.
//
// The replicas share nothing but the data. One that diverges to Inf or NaN
// stays alone with it. The step, θ ← θ − η·d in the direction d
// of an [nn.Optimizer], is written out in the graph with η a vector of one rate a
// replica. Package sweep also
// measures curvature: Hessian-vector products by automatic differentiation and
// the largest eigenvalue by power iteration.
package sweep
