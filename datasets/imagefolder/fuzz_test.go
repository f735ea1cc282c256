package imagefolder

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"testing"

	_ "github.com/kettek/apng" // puts itself before image/png in the registry of package image, as in the program
	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
	"golang.org/x/sync/semaphore"

	"evident/internal/readertest"
)

// small sets limits that a picture of a few bytes can exceed. fuzzMemory allows
// for the decoders' other memory, such as the tables of WebP.
var small = limits{pixels: 1 << 16, side: 1 << 10}

const fuzzMemory = 256 * readertest.MiB

// FuzzDecode reads arbitrary bytes as a picture. Either it decodes to the right
// size, the same each time, or the reason for rejecting it takes one line. The
// size that was read before allocating memory must be the real size. The corpus
// has one picture for each compression method.
func FuzzDecode(f *testing.F) {
	for _, content := range pictures(f) {
		f.Add(content)
	}
	for _, name := range []string{"o6.jpg", "o6.png", "o6.tif", "o6.lossy.webp", "animated-alpha.webp", "planes.tif"} {
		content, err := os.ReadFile(filepath.Join("testdata", "pictures", name))
		require.NoError(f, err)
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		o := Options{Height: 5, Width: 4, Colour: true}
		var pixels []uint8
		var reason error
		readertest.Within(t, fuzzMemory, func() { pixels, reason = small.read(content, o) })
		if reason != nil {
			readertest.Line(t, reason.Error())
			return
		}
		require.Len(t, pixels, 5*4*3)
		again, err := small.read(content, o)
		require.NoError(t, err)
		require.Equal(t, pixels, again)

		said, err := small.measure(bytes.NewReader(content))
		require.NoError(t, err)
		picture, err := said.format.decode(bytes.NewReader(content))
		require.NoError(t, err)
		size := picture.Bounds().Size()
		require.LessOrEqual(t, int64(size.X)*int64(size.Y), said.pixels(), "it said less than it has")
	})
}

func (l limits) read(content []byte, o Options) ([]uint8, error) {
	r := bytes.NewReader(content)
	about, err := l.measure(r)
	if err != nil {
		return nil, err
	}
	return decode(r, about, o)
}

// pictures returns one picture of each format.
func pictures(t testing.TB) [][]byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 7, 6))
	for i := range picture.Pix {
		picture.Pix[i] = uint8(i * 53)
	}
	encoded := make([]bytes.Buffer, 5)
	require.NoError(t, png.Encode(&encoded[0], picture))
	require.NoError(t, jpeg.Encode(&encoded[1], picture, nil))
	require.NoError(t, gif.Encode(&encoded[2], picture, nil))
	require.NoError(t, bmp.Encode(&encoded[3], picture))
	require.NoError(t, tiff.Encode(&encoded[4], picture, nil))
	var all [][]byte
	for i := range encoded {
		all = append(all, encoded[i].Bytes())
	}
	return all
}

// pngHeader returns the part of a PNG that precedes the pixels.
func pngHeader(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = append(binary.BigEndian.AppendUint32(header, height), 8, 0, 0, 0, 0)
	content := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), header...)
	return binary.BigEndian.AppendUint32(content, crc32.ChecksumIEEE(header))
}

// A picture of 1 × 64 million pixels takes a few kB as a file but would take
// gigabytes to scale, because scaling keeps a row of the result for every row of
// the picture.
func TestLongThinPicturesAreRefusedBeforeTheyTakeMemory(t *testing.T) {
	for name, content := range map[string][]byte{
		"high": pngHeader(1, 64_000_000),
		"wide": pngHeader(64_000_000, 1),
		"both": pngHeader(30_000, 30_000),
	} {
		t.Run(name, func(t *testing.T) {
			readertest.Within(t, readertest.MiB, func() {
				_, err := Decode(bytes.NewReader(content), Options{Height: 48, Width: 48})
				require.ErrorContains(t, err, "the most")
				readertest.Line(t, err.Error())
			})
		})
	}
}

// The canvas of the file has one pixel, but its frame has 16,384 × 16,384, which
// take 1 GB.
func TestFrameOfWebPThatHidesBehindASmallCanvasIsRefused(t *testing.T) {
	frame := []byte{0x2f, 0xff, 0xff, 0xff, 0x0f, 0x00} // the magic number, twice 14 bits of size, no alpha
	content := webpFile(chunk("VP8X", make([]byte, 10)), chunk("VP8L", frame))
	readertest.Within(t, readertest.MiB, func() {
		_, err := Decode(bytes.NewReader(content), Options{Height: 48, Width: 48})
		require.ErrorContains(t, err, "16384×16384 pixels on a canvas of 1×1")
	})
}

// The picture has 40×40 pixels. The frame of its animation, which a decoder of
// animated PNG takes memory for, has 14,000 × 14,000.
func TestFrameOfAnimatedPNGIsNotWhatIsRead(t *testing.T) {
	const large = 14_000
	var still bytes.Buffer
	require.NoError(t, png.Encode(&still, image.NewGray(image.Rect(0, 0, 40, 40))))
	signature, header, rest := still.Bytes()[:8], still.Bytes()[8:33], still.Bytes()[33:]
	control := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(make([]byte, 4), large), large)
	control = append(control, make([]byte, 14)...)
	data := rest[8 : 8+binary.BigEndian.Uint32(rest)] // of the first chunk, IDAT
	end := rest[len(rest)-12:]
	content := slices.Concat(signature, header, pngChunk("acTL", []byte{0, 0, 0, 1, 0, 0, 0, 0}), rest[:len(rest)-len(end)],
		pngChunk("fcTL", control), pngChunk("fdAT", append([]byte{0, 0, 0, 1}, data...)), end)
	var pixels []uint8
	var err error
	readertest.Within(t, readertest.MiB, func() { pixels, err = Decode(bytes.NewReader(content), Options{Height: 4, Width: 4}) })
	require.NoError(t, err)
	require.Equal(t, make([]uint8, 16), pixels)
}

func pngChunk(id string, data []byte) []byte {
	content := append([]byte(id), data...)
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), content...)
	return binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(content))
}

// webpFile is a file of chunks.
func webpFile(chunks ...[]byte) []byte {
	body := append([]byte("WEBP"), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func chunk(id string, data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32([]byte(id), uint32(len(data))), data...)
}

// Two pictures that together have too many pixels are decoded one after the
// other.
func TestPicturesTakeTheirTurnsWhenTheyAreLarge(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.png"), pictures(t)[0], 0o644))
	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	room := semaphore.NewWeighted(7*6 + 1)
	require.True(t, room.TryAcquire(7*6), "another picture is being decoded")
	done := make(chan error)
	go func() {
		_, err := readPicture(root.FS(), "a.png", Options{Height: 4, Width: 4}, room)
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	default:
	}
	room.Release(7 * 6)
	require.NoError(t, <-done)
	require.True(t, room.TryAcquire(7*6+1), "the room is given back")
}
