package shapes

// point is a place relative to the centre of a figure, along its own axes, in
// units in which the radius of the figure is r.
type point struct{ x, y, r int64 }

// figure is a class: the set of points that belong to it.
type figure struct {
	name   string
	inside func(p point, bands int64) bool // bands is the number of stripes across, including gaps; it is odd
}

// figures are the classes in the order of their labels. The fractions of the
// radius are chosen so that all figures cover about the same area.
var figures = []figure{
	{"disc", func(p point, _ int64) bool { return disc(p, 90) }},
	{"ring", func(p point, _ int64) bool { return disc(p, 100) && !disc(p, 60) }},
	{"square", func(p point, _ int64) bool { return square(p, 80) }},
	{"frame", func(p point, _ int64) bool { return square(p, 88) && !square(p, 52) }},
	{"triangle", func(p point, _ int64) bool { return triangle(p) }},
	{"plus", func(p point, _ int64) bool { return plus(p) }},
	{"cross", func(p point, _ int64) bool { return plus(diagonal(p)) }},
	{"rows", func(p point, bands int64) bool { return square(p, 90) && band(p.y, p.r, bands)%2 == 0 }},
	{"columns", func(p point, bands int64) bool { return square(p, 90) && band(p.x, p.r, bands)%2 == 0 }},
	{"checkers", func(p point, bands int64) bool {
		return square(p, 90) && (band(p.x, p.r, bands)+band(p.y, p.r, bands))%2 == 0
	}},
}

// disc contains the points within a percentage of the radius.
func disc(p point, percent int64) bool {
	return 10_000*(p.x*p.x+p.y*p.y) <= percent*percent*p.r*p.r
}

// square contains the points within a half side of a percentage of the radius.
func square(p point, percent int64) bool {
	return 100*max(abs(p.x), abs(p.y)) <= percent*p.r
}

// triangle is equilateral with its top on the circle; the sides fall by √3 ≈
// 173/100.
func triangle(p point) bool {
	return 2*p.y <= p.r && 100*(p.y+p.r) >= 173*abs(p.x)
}

// plus has arms of 27 % of the radius to each side.
func plus(p point) bool {
	short, long := min(abs(p.x), abs(p.y)), max(abs(p.x), abs(p.y))
	return 100*short <= 27*p.r && long <= p.r
}

// diagonal rotates by 45°. The rotated axes are longer by √2 ≈ 1414/1000.
func diagonal(p point) point {
	return point{1000 * (p.x + p.y), 1000 * (p.x - p.y), 1414 * p.r}
}

// band returns the number of a stripe across the square of 90 %, from 0. A point
// outside of the square by rounding belongs to the stripe at the edge.
func band(x, r, bands int64) int64 {
	half := 90 * r
	return min(max(bands*(100*x+half)/(2*half), 0), bands-1)
}

func abs(x int64) int64 { return max(x, -x) }
