// Package sweep trains many replicas of a small model as one program. Every
// parameter has a leading axis [replicas, …] for all learning rates and seeds, so
// a whole grid costs little more than one training.
//
// Make a [Program] with [New] and train with [Program.Run], or use a [Study] to
// score the replicas along the way. All replicas share their data, or each seed
// draws its own ([Config.Draw]). They share nothing else: divergence in one
// replica cannot affect the others. The step θ ← θ − η·d is written out in
// the graph. The direction d comes from an [nn.Optimizer], and η holds one rate
// per replica.
//
// The package also measures curvature: [Curvature] computes Hessian-vector
// products by automatic differentiation, and the largest eigenvalue by power
// iteration.
package sweep
