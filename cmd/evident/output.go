package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"evident/internal/badinput"
	"evident/kit/report"
	"evident/kit/show"
)

// saveReports writes verdicts.json, report.html and
// pictures/LESSON/ID.png into the folder.
func saveReports(dir string, reports []report.Report) error {
	var verdicts, page bytes.Buffer
	if err := writeJSON(&verdicts, reports); err != nil {
		return err
	}
	if err := show.HTML(&page, reports); err != nil {
		return err
	}
	if err := savePictures(filepath.Join(dir, "pictures"), reports); err != nil {
		return err
	}
	if err := saveFile(filepath.Join(dir, "report.html"), page.Bytes()); err != nil {
		return err
	}
	return saveFile(filepath.Join(dir, "verdicts.json"), verdicts.Bytes())
}

func savePictures(dir string, reports []report.Report) error {
	for _, r := range reports {
		pictures, err := pictures(r)
		if err != nil {
			return err
		}
		for _, picture := range pictures {
			if err := saveFile(filepath.Join(dir, r.Lesson, picture.ID+".png"), picture.PNG); err != nil {
				return err
			}
		}
	}
	return nil
}

// pictures are all figures of a report: charts and diagrams as they are drawn,
// and the pictures that it holds.
func pictures(r report.Report) ([]report.Picture, error) {
	var all []report.Picture
	for _, chart := range r.Charts {
		picture, err := show.ChartPNG(chart)
		if err != nil {
			return nil, err
		}
		all = append(all, report.Picture{ID: chart.ID, PNG: picture})
	}
	for _, diagram := range r.Diagrams {
		picture, err := show.DiagramPNG(diagram)
		if err != nil {
			return nil, err
		}
		all = append(all, report.Picture{ID: diagram.ID, PNG: picture})
	}
	return append(all, r.Pictures...), nil
}

// saveFile writes the whole file or leaves what was there: it writes beside it
// and renames.
func saveFile(path string, content []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return unwritable(path, err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".evident-*")
	if err != nil {
		return unwritable(path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temporary.Name()) // the error before it says more
		}
	}()
	_, err = temporary.Write(content)
	if closing := temporary.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Chmod(temporary.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return unwritable(path, err)
	}
	return nil
}

func unwritable(path string, err error) error {
	return badinput.Errorf("cannot write %s: %w: name another folder with --out, or make room", path, err)
}

// wantWritable is [checkWritable] with an error that says what to do.
func wantWritable(dir string) error {
	if err := checkWritable(dir); err != nil {
		return unwritable(dir, err)
	}
	return nil
}

// checkWritable makes the folder and tries a file in it, before hours of work
// that could not be saved.
func checkWritable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	trial, err := os.CreateTemp(dir, ".evident-*")
	if err != nil {
		return err
	}
	return errors.Join(trial.Close(), os.Remove(trial.Name()))
}
