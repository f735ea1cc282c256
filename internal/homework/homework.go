// Package homework draws the exercises of every lesson. A seed and a student's name
// decide the numbers, and the lessons' own code computes the answers. The text of
// the questions is Markdown in the folder questions; LESSON.go draws the numbers
// and computes the answers.
//
// The package is internal so that no notebook can import it. A student's notebook
// has a sealed sheet instead (see package exercise).
package homework

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"evident/internal/badinput"
	"evident/kit/exercise"
)

// entry is a question that can be drawn. The id of an exercise is the lesson, a dot
// and the name.
type entry struct {
	name     string
	question func(draw) question
}

// course holds the questions of one lesson.
type course struct {
	lesson  string
	entries []entry
}

// attempts limits how often numbers are drawn again.
const attempts = 100

// drawn draws the question. It draws again as long as two answers, right or wrong,
// could be confused. The sheet's numbers are fixed.
func (e entry) drawn(d draw) question {
	q := e.question(d)
	for range attempts {
		if d.random == nil || q.distinct() {
			break
		}
		q = e.question(d)
	}
	return q
}

// courses returns the courses of all lessons with their questions, in the order of
// the sheet.
func courses() []course {
	return []course{
		{"learningrate", []entry{
			{"path", learningratePath}, {"edge", learningrateEdge}, {"steps", learningrateSteps},
			{"curve", learningrateCurve}, {"floor", learningrateFloor}, {"descend", learningrateFunction},
		}},
		{"saddle", []entry{
			{"kind", saddleKind}, {"escape", saddleEscape}, {"growth", saddleGrowth},
			{"adam", saddleAdam}, {"first", saddleFirst}, {"step", saddleFunction},
		}},
		{"minibatch", []entry{
			{"steps", minibatchSteps}, {"move", minibatchMove}, {"noise", minibatchNoise},
			{"picture", minibatchPicture}, {"gain", minibatchGain}, {"epoch", minibatchFunction},
		}},
		{"byhand", []entry{
			{"forward", byhandForward}, {"backward", byhandBackward}, {"convolution", byhandConvolution},
			{"pooling", byhandPooling}, {"kernel", byhandKernel}, {"gradient", byhandFunction},
		}},
		{"params", []entry{
			{"conv1", paramsConvolution}, {"conv2", paramsSecond}, {"flat", paramsFlat}, {"dense", paramsDense},
			{"total", paramsTotal}, {"change", paramsChange}, {"count", paramsFunction},
		}},
		{"convdims", []entry{
			{"shape", convdimsShape}, {"weights", convdimsWeights}, {"work", convdimsWork},
			{"net", convdimsNet}, {"time", convdimsTime}, {"conv3d", convdimsFunction},
		}},
		{"imageclass", []entry{
			{"measure", imageclassMeasure}, {"area", imageclassArea}, {"params", imageclassParams},
			{"steps", imageclassSteps}, {"threshold", imageclassThreshold}, {"auc", imageclassFunction},
		}},
		{"textcnn", []entry{
			{"params", textcnnParams}, {"maps", textcnnMaps}, {"peak", textcnnPeak},
			{"work", textcnnWork}, {"order", textcnnOrder}, {"maxOverTime", textcnnFunction},
		}},
		{"pointwise", []entry{
			{"count", pointwiseCount}, {"saving", pointwiseSaving}, {"fire", pointwiseFire},
			{"printed", pointwisePrinted}, {"touch", pointwiseTouch}, {"pixels", pointwiseFunction},
		}},
		{"inception", []entry{
			{"shape", inceptionShape}, {"params", inceptionParams}, {"size", inceptionSize},
			{"field", inceptionField}, {"gaps", inceptionGaps}, {"module", inceptionFunction},
		}},
	}
}

// of draws the exercises of a lesson for a student. An empty name stands for the
// whole class. The same arguments give the same exercises. The error is a
// [badinput.Err] if there is no such lesson.
func of(name string, seed int64, student string) (exercise.Set, error) {
	about := purpose(name, seed, student)
	return set(name, codeOf(about), func(id string) draw { return draw{random: exercise.Random(about, id)} })
}

// Sheet returns the exercises with the numbers of the original homework sheet, or
// those that the lesson shows. The error is a [badinput.Err] if there is no such
// lesson.
func Sheet(name string) (exercise.Set, error) {
	return set(name, "sheet", func(string) draw { return draw{} })
}

// codeOf identifies a draw without revealing its seed.
func codeOf(about string) string {
	sum := sha256.Sum256([]byte("evident homework\x00" + about))
	return hex.EncodeToString(sum[:8])
}

func set(name, code string, drawFor func(id string) draw) (exercise.Set, error) {
	var known []string
	for _, c := range courses() {
		if c.lesson == name {
			return c.set(code, drawFor)
		}
		known = append(known, c.lesson)
	}
	return exercise.Set{}, badinput.Errorf("no exercises for lesson %q: there are some for %s", name, strings.Join(known, ", "))
}

func (c course) set(code string, drawFor func(id string) draw) (exercise.Set, error) {
	s := exercise.Set{Lesson: c.lesson, Code: code}
	words, err := wordsOf(c.lesson)
	if err != nil {
		return s, err
	}
	for _, e := range c.entries {
		id := c.lesson + "." + e.name
		q, err := words[e.name].exercise(id, e.drawn(drawFor(id)))
		if err != nil {
			return s, err
		}
		s.Questions = append(s.Questions, q)
	}
	return s, nil
}
