// Package imagefolder reads the user's own pictures: a folder with one folder
// for each class, as in
//
//	scans/healthy/a.png  scans/healthy/2023/b.jpg  scans/lesion/c.tif
//
// Pictures are JPEG, PNG, GIF (its first frame), BMP, TIFF or WebP, grey or in
// colour, of any size up to 64 million pixels and 30,000 a side; other files, and
// those whose name begins with a dot, are passed over. All are scaled to one size, without regard
// to their sides' ratio, as Keras does; what is transparent becomes white.
//
// A picture that cannot be read is left out, counted and named. Links that lead
// out of the folder are not followed. Pictures that are the same, exactly or
// nearly, stay on one side of the split.
package imagefolder
