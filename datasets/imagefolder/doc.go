// Package imagefolder reads the user's own pictures from a folder with one folder
// per class, as in
//
//	scans/healthy/a.png  scans/healthy/2023/b.jpg  scans/lesion/c.tif
//
// [Load] reads, checks, scales and splits them. If folders like train and test
// (training_set, valid, val2017) contain the classes, or each class contains such
// folders, they define the split. Otherwise the split is random.
//
// Pictures may be JPEG, PNG, GIF, BMP, TIFF or WebP, whatever the ending of their
// names. They may be grey or in colour, with up to 64 million pixels and 30,000
// on a side. Load uses the first frame of an animation. It turns every picture
// upright by its EXIF, fills transparent parts with white, and scales the picture
// to one size without keeping its ratio of sides, as Keras does.
//
// The [Report] counts and names what was left out: pictures of other formats
// (HEIC, AVIF, raw), broken ones, and links to folders or out of the folder. It
// also counts the files of operating systems (__MACOSX, @eaDir, ._x) and files
// that are not pictures. Exact and near duplicates stay on one side of the split,
// unless the folder's own split separates them. The report counts those.
package imagefolder
