package run

import (
	"bytes"
	"path/filepath"

	"evident/internal/files"
	"evident/kit/report"
	"evident/kit/show"
)

// SaveReports writes verdicts.json, report.html and
// pictures/LESSON/ID.png into the folder.
func SaveReports(dir string, reports []report.Report) error {
	var verdicts, page bytes.Buffer
	if err := files.WriteJSON(&verdicts, reports); err != nil {
		return err
	}
	if err := show.HTML(&page, reports); err != nil {
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

func savePictures(dir string, reports []report.Report) error {
	for _, r := range reports {
		pictures, err := pictures(r)
		if err != nil {
			return err
		}
		for _, picture := range pictures {
			if err := files.Save(filepath.Join(dir, r.Lesson, picture.ID+".png"), picture.PNG); err != nil {
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
