// Package exercise holds exercises as plain data: questions with their answers
// and usual mistakes, and sealed sheets, which can tell a right answer from a
// wrong one and name the mistake, but do not hold the answer.
//
// An answer is sealed as a slow hash (PBKDF2, RFC 8018) of its one way of being
// written, salted with the sheet's code and the question. Who has a sheet can
// try answers, and nothing else.
package exercise
