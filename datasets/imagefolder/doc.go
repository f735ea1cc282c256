// Package imagefolder reads the user's own pictures: a folder with one folder
// for each class, as in
//
//	scans/healthy/a.png  scans/healthy/2023/b.jpg  scans/lesion/c.tif
//
// Where folders like train and test (training_set, valid, val2017) hold the
// classes, or stand in each of them, they are the split; otherwise chance is.
//
// Pictures are JPEG, PNG, GIF, BMP, TIFF or WebP, whatever their names end in,
// grey or in colour, of any size up to 64 million pixels and 30,000 a side. Of an
// animation the first frame is read. All are turned upright by their EXIF and
// scaled to one size, without regard to their sides' ratio, as Keras does; what
// is transparent becomes white. They are read in colour when any of them has some,
// and otherwise in grey.
//
// What is left out is counted and named: pictures of other kinds (HEIC, AVIF,
// raw), broken ones, and links to folders or out of the folder. What systems
// leave behind (__MACOSX, @eaDir, ._x) and files that are no pictures are
// counted. Pictures that are the same, exactly or nearly, stay on one side of the
// split, unless the folder has put them on both: then they are counted.
package imagefolder
