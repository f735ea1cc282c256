package imagefolder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/riff"
	"golang.org/x/image/vp8"
	"golang.org/x/image/vp8l"
	"golang.org/x/image/webp"
)

// checkFrame returns an error if the picture in a WebP file does not have the
// size of the file's canvas, which image.DecodeConfig returns. Otherwise a
// small canvas could hide a picture that fills the memory.
func checkFrame(r io.Reader, width, height int) error {
	id, length, chunk, err := nextFrame(r)
	if err != nil {
		return err
	}
	var w, h int
	switch id {
	case chunkAnimated:
		first, err := newFrame(chunk, length)
		if err != nil {
			return err
		}
		if !first.bounds.In(image.Rect(0, 0, width, height)) {
			return fmt.Errorf("its first frame %v lies beside its canvas of %d×%d", first.bounds, width, height)
		}
		return checkFrame(bytes.NewReader(first.file), first.bounds.Dx(), first.bounds.Dy())
	case chunkLossy:
		w, h, err = lossySize(chunk, length)
	case chunkLossless:
		w, h, err = losslessSize(chunk)
	}
	if err != nil {
		return err
	}
	if w != width || h != height {
		return fmt.Errorf("its frame has %d×%d pixels on a canvas of %d×%d", w, h, width, height)
	}
	return nil
}

// The chunks of a WebP file that hold a picture.
var (
	chunkLossy    = riff.FourCC{'V', 'P', '8', ' '}
	chunkLossless = riff.FourCC{'V', 'P', '8', 'L'}
	chunkAnimated = riff.FourCC{'A', 'N', 'M', 'F'}
)

// nextFrame returns the first chunk that holds a picture.
func nextFrame(r io.Reader) (id riff.FourCC, length int, chunk io.Reader, err error) {
	_, chunks, err := riff.NewReader(r)
	if err != nil {
		return id, 0, nil, err
	}
	for {
		id, length, chunk, err := chunks.Next()
		switch {
		case errors.Is(err, io.EOF):
			return id, 0, nil, errors.New("it has no frame")
		case err != nil:
			return id, 0, nil, err
		case id == chunkLossy, id == chunkLossless, id == chunkAnimated:
			return id, int(length), chunk, nil
		}
	}
}

func lossySize(chunk io.Reader, length int) (width, height int, err error) {
	if length < 0 {
		return 0, 0, errors.New("it has a chunk without an end")
	}
	d := vp8.NewDecoder()
	d.Init(chunk, length)
	header, err := d.DecodeFrameHeader()
	return header.Width, header.Height, err
}

func losslessSize(chunk io.Reader) (width, height int, err error) {
	config, err := vp8l.DecodeConfig(chunk)
	return config.Width, config.Height, err
}

// exifIn returns the EXIF of a WebP file, which has the form of a TIFF file. It
// skips the prefix that JPEG requires, because some programs write it here too.
func exifIn(r io.Reader) io.ReadSeeker {
	_, chunks, err := riff.NewReader(r)
	for err == nil {
		var id riff.FourCC
		var chunk io.Reader
		if id, _, chunk, err = chunks.Next(); err == nil && id == (riff.FourCC{'E', 'X', 'I', 'F'}) {
			content, _ := io.ReadAll(io.LimitReader(chunk, 1<<20))
			return bytes.NewReader(bytes.TrimPrefix(content, []byte("Exif\x00\x00")))
		}
	}
	return bytes.NewReader(nil)
}

// frame is one picture of an animation.
type frame struct {
	bounds image.Rectangle // on the canvas
	file   []byte          // a WebP file of just this picture
}

// newFrame reads an ANMF chunk (RFC 9649, section 2.7.1.1): 16 bytes of header,
// of which the first twelve hold four numbers, then chunks as in a file.
func newFrame(chunk io.Reader, length int) (f frame, err error) {
	const headerSize = 16
	content, err := io.ReadAll(chunk)
	if err != nil {
		return f, err
	}
	if len(content) < headerSize {
		return f, errors.New("its first frame has no header")
	}
	number := func(i int) int { return int(content[i]) | int(content[i+1])<<8 | int(content[i+2])<<16 }
	at := image.Pt(2*number(0), 2*number(3))
	f.bounds = image.Rectangle{Min: at, Max: at.Add(image.Pt(number(6)+1, number(9)+1))}
	header, chunks := content[6:12], content[headerSize:]
	var flags [4]byte
	if bytes.HasPrefix(chunks, []byte("ALPH")) {
		flags[0] = 1 << 4
	}
	extended := append([]byte("WEBPVP8X\x0a\x00\x00\x00"), flags[:]...)
	body := append(append(extended, header...), chunks...)
	f.file = append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
	return f, nil
}

// decodeWebP reads the picture, or the first frame of an animation at its place
// on the canvas.
func decodeWebP(r io.ReadSeeker) (image.Image, error) {
	id, length, chunk, err := nextFrame(r)
	if err != nil {
		return nil, err
	}
	var still io.Reader = r
	var at image.Point
	if id == chunkAnimated {
		first, err := newFrame(chunk, length)
		if err != nil {
			return nil, err
		}
		still, at = bytes.NewReader(first.file), first.bounds.Min
	} else if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, err := webp.Decode(still)
	if err != nil {
		return nil, err
	}
	switch lossy := picture.(type) {
	case *image.YCbCr:
		return videoRange(lossy, nil, at), nil
	case *image.NYCbCrA:
		return videoRange(&lossy.YCbCr, lossy, at), nil
	}
	return moved(picture, at), nil
}

// moved returns a picture at another place.
func moved(picture image.Image, at image.Point) image.Image {
	if at == (image.Point{}) {
		return picture
	}
	there := image.NewNRGBA(image.Rectangle{Min: at, Max: at.Add(picture.Bounds().Size())})
	draw.Draw(there, there.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return there
}

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
