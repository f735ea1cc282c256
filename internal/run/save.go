package run

import (
	"bytes"
	"path/filepath"

	"evident/internal/files"
	"evident/internal/render"
	"evident/kit/report"
)

// SaveReports writes verdicts.json, report.html and pictures/LESSON/ID.png into
// the folder.
func SaveReports(dir string, reports []report.Report) error {
	var verdicts, page bytes.Buffer
	if err := files.WriteJSON(&verdicts, reports); err != nil {
		return err
	}
	if err := render.Page(&page, reports); err != nil {
		return err
	}
	if err := savePictures(filepath.Join(dir, "pictures"), reports); err != nil {
		return err
	}
	if err := files.Save(filepath.Join(dir, "report.html"), page.Bytes()); err != nil {
		return err
	}
	return files.Save(filepath.Join(dir, "verdicts.json"), verdicts.Bytes())
}

// savePictures writes the figures that can be drawn, with one folder per lesson.
func savePictures(dir string, reports []report.Report) error {
	for _, r := range reports {
		for _, figure := range r.Figures.All() {
			picture, err := render.Of(figure).Image()
			if err != nil {
				return err
			}
			if picture == nil {
				continue
			}
			if err := files.Save(filepath.Join(dir, r.Lesson, report.ID(figure)+".png"), picture); err != nil {
				return err
			}
		}
	}
	return nil
}
