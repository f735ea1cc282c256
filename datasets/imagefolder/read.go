package imagefolder

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/bep/imagemeta"
	"golang.org/x/image/draw"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"

	"evident/datasets"
)

// limits bound the declared size of a picture, which is checked before memory is allocated.
type limits struct {
	pixels int // per picture
	side   int // longest side: scaling keeps a row of the result for every row of the picture
}

// most returns the limits. Judging by the types that the decoders use, a picture of 64
// million pixels takes 64 MB (grey) to about 1 GB (a progressive JPEG) to decode. Scaling
// takes 32 bytes for each of its rows and each column of the result: 215 MB at 224 columns.
func most() limits { return limits{pixels: 64_000_000, side: 30_000} }

// read reads the files on all processors, in their order. It returns the
// pictures and the files that they come from, and notes those that are left out.
// Only when all are read is it known whether one of them has colour.
func (l *listing) read(asked Options) (all datasets.Images, kept []file) {
	o := asked
	o.Colour = true
	pixels, reasons := make([][]uint8, len(l.files)), make([]error, len(l.files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	// All processors together decode no more pixels than the largest picture may have.
	room := semaphore.NewWeighted(int64(most().pixels))
	for i, f := range l.files {
		group.Go(func() error {
			pixels[i], reasons[i] = readPicture(l.root, f.path, o, room)
			return nil
		})
	}
	_ = group.Wait() // a file's error is kept beside it
	all = datasets.Images{Classes: l.classes, Height: o.Height, Width: o.Width, Channels: 3}
	for i, f := range l.files {
		switch reason := reasons[i]; {
		case reason == nil:
			all.Pixels = append(all.Pixels, pixels[i]...)
			all.Labels = append(all.Labels, uint8(f.class))
			kept = append(kept, f)
		case errors.As(reason, &notPicture{}) && !hasReadEnding(f.path):
			l.others = append(l.others, f.path)
		default:
			var format unreadFormat
			errors.As(reason, &format)
			l.skipped = append(l.skipped, Skipped{f.path, reason.Error(), string(format)})
		}
	}
	if !asked.Colour && !hasColour(all.Pixels) {
		all.Pixels, all.Channels = inGrey(all.Pixels), 1
	}
	return all, kept
}

// hasColour tells whether a pixel of red, green and blue is clearly no grey. What
// compression with loss, or an old scanner, gives a grey picture is less.
func hasColour(pixels []uint8) bool {
	const clearly = 16 // levels between the strongest and the weakest
	for rgb := range slices.Chunk(pixels, 3) {
		if max(rgb[0], rgb[1], rgb[2])-min(rgb[0], rgb[1], rgb[2]) > clearly {
			return true
		}
	}
	return false
}

// inGrey has one channel in place of red, green and blue.
func inGrey(pixels []uint8) []uint8 {
	grey := make([]uint8, 0, len(pixels)/3)
	for rgb := range slices.Chunk(pixels, 3) {
		grey = append(grey, color.GrayModel.Convert(color.RGBA{R: rgb[0], G: rgb[1], B: rgb[2], A: 0xFF}).(color.Gray).Y)
	}
	return grey
}

// readPicture reads and scales one picture: [Height, Width, channels]. The error is the
// reason, without the path.
func readPicture(root fs.FS, name string, o Options, room *semaphore.Weighted) (pixels []uint8, err error) {
	f, err := open(root, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	about, err := most().measure(f)
	if err != nil {
		return nil, err
	}
	if err := room.Acquire(context.Background(), about.pixels()); err != nil {
		return nil, err
	}
	defer room.Release(about.pixels())
	return decode(f, about, o)
}

// open opens a file that may be a picture.
func open(root fs.FS, name string) (io.ReadSeekCloser, error) {
	if err := unreadEnding(name); err != nil {
		return nil, err
	}
	info, err := fs.Stat(root, name)
	if err != nil {
		return nil, datasets.WithoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a file") // reading a pipe could block
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, datasets.WithoutPath(err)
	}
	return f.(io.ReadSeekCloser), nil
}

// ReadFile reads one picture as [Load] does: [Height, Width, channels]. The error is the
// reason, without the path.
func ReadFile(name string, o Options) ([]uint8, error) {
	f, err := open(os.DirFS(filepath.Dir(name)), filepath.Base(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Decode(f, o)
}

// Decode reads one picture of any supported format, turns it upright by its EXIF and scales
// it: [Height, Width, channels].
func Decode(r io.ReadSeeker, o Options) ([]uint8, error) {
	about, err := most().measure(r)
	if err != nil {
		return nil, err
	}
	return decode(r, about, o)
}

// measured is what a file declares before the pixels.
type measured struct {
	format        format
	width, height int // of its screen, where the frames of a GIF lie
}

func (m measured) pixels() int64 { return int64(m.width) * int64(m.height) }

// measure finds the format and the size, reading from the beginning. The error says that the
// picture is too large, or that the file is not a picture.
func (l limits) measure(r io.ReadSeeker) (m measured, err error) {
	defer asError(&err, "not a picture")
	head := make([]byte, headSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return m, err
	}
	if n == 0 {
		return m, notPicture{"it is empty"}
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return m, err
	}
	format, found := formatOf(head[:n])
	if !found {
		return m, unread(head[:n])
	}
	config, err := format.config(bufio.NewReader(r))
	if err != nil {
		return m, because("not a picture", err)
	}
	m = measured{format, config.Width, config.Height}
	if m.width < 1 || m.height < 1 || m.width > l.pixels/m.height {
		return m, fmt.Errorf("it has %d×%d pixels, and %d million are the most", m.width, m.height, l.pixels/1_000_000)
	}
	if max(m.width, m.height) > l.side {
		return m, fmt.Errorf("it has %d×%d pixels, and %d are the most at a side", m.width, m.height, l.side)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return m, err
	}
	switch format.name {
	case "webp":
		if err := checkFrame(r, m.width, m.height); err != nil {
			return m, fmt.Errorf("not a picture: %w", err)
		}
	case "tiff":
		return m, checkTIFF(r)
	}
	return m, nil
}

// because tells an unsupported kind of file from a broken one.
func because(broken string, err error) error {
	if strings.Contains(err.Error(), "unsupported") {
		return fmt.Errorf("not read (%w): convert it to JPEG or PNG", err)
	}
	return fmt.Errorf("%s: %w", broken, err)
}

// decode reads a measured picture from the beginning.
func decode(r io.ReadSeeker, about measured, o Options) (pixels []uint8, err error) {
	defer asError(&err, "not a whole picture")
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	held := orientationOf(r, about.format.name)
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	picture, err := about.format.decode(r)
	if err != nil {
		return nil, because("not a whole picture", err)
	}
	return scaleFrom(onScreen(picture, about), held, o), nil
}

// onScreen puts the first frame of an animation, which may be smaller, where it
// belongs. The rest of the screen is transparent.
func onScreen(picture image.Image, about measured) image.Image {
	screen := image.Rect(0, 0, about.width, about.height)
	if picture.Bounds() == screen {
		return picture
	}
	whole := image.NewNRGBA(screen)
	draw.Draw(whole, picture.Bounds(), picture, picture.Bounds().Min, draw.Src)
	return whole
}

// asError turns a panic into an error, so that a decoder that crashes on a broken file loses
// only that file.
func asError(err *error, what string) {
	if broken := recover(); broken != nil {
		*err = fmt.Errorf("%s: %v", what, broken)
	}
}

// Scale scales a picture to the options' size: [Height, Width, channels], 0–255.
func Scale(picture image.Image, o Options) []uint8 { return scaleFrom(picture, 1, o) }

// scaleFrom scales a picture as it is stored and then turns it upright, because turning the
// smaller result is cheaper.
func scaleFrom(stored image.Image, held orientation, o Options) []uint8 {
	size := image.Rect(0, 0, o.Width, o.Height)
	if held.onItsSide() {
		size = image.Rect(0, 0, o.Height, o.Width)
	}
	scaled := image.NewRGBA(size)
	draw.Draw(scaled, size, image.White, image.Point{}, draw.Src)
	draw.CatmullRom.Scale(scaled, size, stored, stored.Bounds(), draw.Over, nil)
	return o.pixels(held.upright(scaled))
}

// pixels returns the values of an opaque picture in the wanted channels.
func (o Options) pixels(picture *image.RGBA) []uint8 {
	pixels := make([]uint8, 0, 3*o.Height*o.Width)
	for rgba := range slices.Chunk(picture.Pix, 4) {
		pixels = append(pixels, rgba[:3]...)
	}
	if o.Colour {
		return pixels
	}
	return inGrey(pixels)
}

// orientation says how the camera was held, as in EXIF's tag 274, from 1 to 8; 1
// is upright. Viewers rotate a picture accordingly, so training must do the
// same.
type orientation int

// metadataFormats are the formats that can hold EXIF, with the form of their
// metadata.
var metadataFormats = map[string]imagemeta.ImageFormat{
	"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "tiff": imagemeta.TIFF, "webp": imagemeta.TIFF,
}

// orientationOf reads the tag. A picture without EXIF, or with broken EXIF,
// counts as upright, because that is no reason to lose the picture.
func orientationOf(r io.ReadSeeker, format string) orientation {
	found := orientation(1)
	isOrientation := func(tag imagemeta.TagInfo) bool { return tag.Tag == "Orientation" && tag.Namespace == "IFD0" }
	inFile, holdsEXIF := metadataFormats[format]
	if !holdsEXIF {
		return found
	}
	if format == "webp" {
		r = exifIn(r)
	}
	_, _ = imagemeta.Decode(imagemeta.Options{
		R: r, ImageFormat: inFile, Sources: imagemeta.EXIF, ShouldHandleTag: isOrientation,
		HandleTag: func(tag imagemeta.TagInfo) error {
			switch value := tag.Value.(type) {
			case uint16:
				found = orientation(value)
			case uint32:
				found = orientation(value)
			}
			return imagemeta.ErrStopWalking
		},
	})
	if found < 1 || found > 8 {
		return 1
	}
	return found
}

// onItsSide reports whether the stored picture has width and height swapped.
func (o orientation) onItsSide() bool { return o >= 5 }

// upright rotates a stored picture.
func (o orientation) upright(stored *image.RGBA) *image.RGBA {
	if o == 1 {
		return stored
	}
	size := stored.Bounds().Size()
	if o.onItsSide() {
		size.X, size.Y = size.Y, size.X
	}
	upright := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			upright.SetRGBA(x, y, stored.RGBAAt(o.stored(x, y, size)))
		}
	}
	return upright
}

// stored returns the place in the stored picture of a pixel in the upright one.
// size is the size of the upright picture.
func (o orientation) stored(x, y int, size image.Point) (int, int) {
	mirroredX, mirroredY := size.X-1-x, size.Y-1-y
	switch o {
	case 2:
		return mirroredX, y
	case 3:
		return mirroredX, mirroredY
	case 4:
		return x, mirroredY
	case 5:
		return y, x
	case 6:
		return y, mirroredX
	case 7:
		return mirroredY, mirroredX
	case 8:
		return mirroredY, x
	}
	return x, y
}
