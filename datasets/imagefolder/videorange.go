package imagefolder

import "image"

// videoRange returns the colour of a pixel in a lossy WebP picture. WebP stores
// brightness from 16 to 235 and colour from 16 to 240, as television does
// (ITU-R BT.601; RFC 9649, section 2.5), but the decoder's type image.YCbCr
// assumes 0 to 255, as in JPEG. Colour is stored for blocks of 2×2 pixels, and
// is interpolated between them as in libwebp. A nil alpha means opaque.
func videoRange(p *image.YCbCr, alpha *image.NYCbCrA, at image.Point) *image.NRGBA {
	size := p.Bounds().Size()
	out := image.NewNRGBA(image.Rectangle{Min: at, Max: at.Add(size)})
	for y := range size.Y {
		row := out.Pix[y*out.Stride:]
		near, far := between(y, (size.Y+1)/2)
		near, far = near*p.CStride, far*p.CStride
		for x := range size.X {
			left, right := between(x, (size.X+1)/2)
			chroma := func(plane []uint8) int {
				return (9*int(plane[near+left]) + 3*int(plane[near+right]) + 3*int(plane[far+left]) + int(plane[far+right]) + 8) / 16
			}
			pixel := row[4*x : 4*x+4]
			pixel[0], pixel[1], pixel[2] = fromVideo(int(p.Y[y*p.YStride+x]), chroma(p.Cb), chroma(p.Cr))
			pixel[3] = 0xFF
			if alpha != nil {
				pixel[3] = alpha.A[y*alpha.AStride+x]
			}
		}
	}
	return out
}

// between returns the two of blocks blocks whose centres are nearest to a
// pixel, the nearer one first.
func between(pixel, blocks int) (near, far int) {
	near = pixel / 2
	far = near - 1 + 2*(pixel%2)
	return near, min(max(far, 0), blocks-1)
}

// fromVideo applies the inverse of the matrix of BT.601, in 65,536ths. It
// stretches brightness by 255/219 and colours by 255/224 times their weight.
func fromVideo(y, cb, cr int) (r, g, b uint8) {
	const half = 1 << 15
	brightness := 76309*(y-16) + half
	cb, cr = cb-128, cr-128
	return clip(brightness + 104597*cr), clip(brightness - 25675*cb - 53279*cr), clip(brightness + 132201*cb)
}

func clip(v int) uint8 { return uint8(min(max(v>>16, 0), 255)) }
