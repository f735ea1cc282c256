"""Makes the pictures here with Pillow, beside what Pillow reads from them.

Run it in this folder, with Pillow 13 and tifffile. Every o*.* is upright.png,
stored as cameras do that are held in one of eight ways.
"""

import struct

import numpy as np
import tifffile
from PIL import Image, ImageDraw, ImageOps

upright = Image.new("RGB", (24, 16), (255, 255, 255))
draw = ImageDraw.Draw(upright)
draw.rectangle([0, 0, 7, 7], fill=(255, 0, 0))
draw.rectangle([16, 0, 23, 7], fill=(0, 0, 255))
draw.rectangle([0, 8, 7, 15], fill=(0, 0, 0))
draw.rectangle([8, 8, 15, 15], fill=(0, 160, 0))
upright.save("upright.png")

T = Image.Transpose
stored = {
    2: T.FLIP_LEFT_RIGHT, 3: T.ROTATE_180, 4: T.FLIP_TOP_BOTTOM, 5: T.TRANSPOSE,
    6: T.ROTATE_90, 7: T.TRANSVERSE, 8: T.ROTATE_270,
}  # fmt: skip
formats = {
    "jpg": {"quality": 95, "subsampling": 0}, "png": {}, "tif": {},
    "webp": {"lossless": True}, "lossy.webp": {"quality": 95},
}  # fmt: skip
for tag in range(1, 9):
    exif = Image.Exif()
    exif[0x112] = tag
    picture = upright.transpose(stored[tag]) if tag > 1 else upright
    for ending, options in formats.items():
        name = f"o{tag}.{ending}"
        picture.save(name, exif=exif, **options)
        read = ImageOps.exif_transpose(Image.open(name)).convert("RGB")
        error = np.abs(np.asarray(read).astype(int) - np.asarray(upright)).max()
        assert error == 0 or ending in ("jpg", "lossy.webp"), (name, error)
        if ending == "lossy.webp":
            read.save(name + ".want.png")

# XMP before EXIF, both in segments of the same kind.
jpeg = open("o6.jpg", "rb").read()
xmp = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"
segment = b"\xff\xe1" + struct.pack(">H", len(xmp) + 2) + xmp
open("o6-xmp-first.jpg", "wb").write(jpeg[:2] + segment + jpeg[2:])

# As Pillow wrote WebP before version 8.
webp = open("o6.webp", "rb").read()
at = webp.index(b"EXIF")
size = struct.unpack("<I", webp[at + 4 : at + 8])[0]
exif = b"Exif\0\0" + webp[at + 8 : at + 8 + size]
body = webp[8:at] + b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2)
open("o6-prefix.webp", "wb").write(b"RIFF" + struct.pack("<I", len(body)) + body)

w, h = 21, 15
y, x = np.mgrid[0:h, 0:w]
ramps = np.stack([x * 255 // (w - 1), y * 255 // (h - 1), (x + y) * 255 // (w + h - 2)], -1).astype("uint8")
colour = Image.fromarray(ramps)
alpha = colour.convert("RGBA")
alpha.putalpha(Image.fromarray((x * 12).astype("uint8")))
palette = colour.quantize(16)


def kind(name, picture, **options):
    """Writes a picture, and what a viewer with a white page shows of it."""
    picture.save(name, **options)
    read = Image.open(name).convert("RGBA")
    page = Image.new("RGBA", read.size, "white")
    page.alpha_composite(read)
    page.convert("RGB").save(name + ".want.png")


kind("lossy-odd.webp", colour, quality=60)
kind("lossy-alpha.webp", alpha, quality=80, alpha_quality=60)
kind("lossless-alpha.webp", alpha, lossless=True)
kind("animated.webp", colour, save_all=True, append_images=[ImageOps.invert(colour)], quality=80)
kind("animated-alpha.webp", alpha, save_all=True, append_images=[alpha.transpose(T.ROTATE_180)], quality=80)
kind("animated.gif", palette, save_all=True, append_images=[palette.transpose(T.ROTATE_180)])
kind("animated.png", colour, save_all=True, append_images=[ImageOps.invert(colour)])
kind("transparent.gif", palette, transparency=3)
kind("transparent-palette.png", palette, transparency=3)
kind("transparent-colour.png", colour, transparency=(255, 255, 255))
kind("grey-alpha.png", alpha.convert("LA"))
kind("bits.png", colour.convert("1"))
kind("cmyk.jpg", colour.convert("CMYK"), quality=95)
kind("progressive.jpg", colour, progressive=True, quality=95, subsampling=0)
kind("palette.bmp", palette)
kind("lzw-alpha.tif", alpha, compression="tiff_lzw")

Image.open("lossy.webp").convert("RGB").save("lossy.webp.want.png")

# Kinds of TIFF that are refused.
tifffile.imwrite("planes.tif", np.moveaxis(ramps, -1, 0), photometric="rgb", planarconfig="separate")
colour.convert("1").save("fax.tif", compression="group4")
colour.save("jpeg.tif", compression="jpeg")
colour.convert("CMYK").save("cmyk.tif")
