// Package experiment joins the parts of an experiment (knobs, measurement, rules, figures) and the
// experiments of a lesson.
//
// The knobs of a lesson are one struct, Config, with a group for each experiment. The type of a group ends in
// Config, as in FlatnessConfig, and most experiments take just their group. An experiment that needs knobs of
// other groups too, because they share data or it judges another one's measurement, takes a struct that holds
// all of them: its type ends in Knobs, as in FlatnessKnobs, and [Of] builds it from the lesson's Config. So
// each knob is set in one place, and an experiment sees those it depends on alone.
package experiment
