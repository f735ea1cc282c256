package toy

import (
	"gonum.org/v1/gonum/mat"

	"evident/datasets"
)

// Regression returns n examples. The target is the sum of the features, which
// are normally distributed, plus noise with the given standard deviation.
func Regression(n, features int, seed int64, noise float64) datasets.Rows {
	random := random(seed)
	var rows datasets.Rows
	for range n {
		x := make([]float64, features)
		target := noise * random.NormFloat64()
		for j := range x {
			x[j] = random.NormFloat64()
			target += x[j]
		}
		rows.Add(x, []float64{target})
	}
	return rows
}

// LeastSquares solves a linear regression with a bias by QR. It returns the
// minimum θ* = (weights, bias) of the mean of half the squared errors, and the
// Hessian XᵀX/n, which is constant. The error means that the problem is
// singular.
func LeastSquares(rows datasets.Rows) (minimum []float64, hessian [][]float64, err error) {
	n, width := rows.Len(), len(rows.X[0])+1
	x, y := mat.NewDense(n, width, nil), mat.NewVecDense(n, nil)
	for i := range n {
		x.SetRow(i, append(append([]float64(nil), rows.X[i]...), 1))
		y.SetVec(i, rows.Y[i][0])
	}
	var solution mat.VecDense
	if err := solution.SolveVec(x, y); err != nil {
		return nil, nil, err
	}
	var product mat.Dense
	product.Mul(x.T(), x)
	product.Scale(1/float64(n), &product)
	for i := range width {
		hessian = append(hessian, append([]float64(nil), product.RawRowView(i)...))
	}
	return solution.RawVector().Data, hessian, nil
}
