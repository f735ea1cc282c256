// Package exercise holds questions with their answers and usual mistakes, and
// judges what a student answers to them: in plain where the answers are at hand
// anyway ([Set.Answer], [Several]), and from a sealed sheet where the student must
// not find them ([Sheet.Answer]). A sheet tells a right answer from a wrong one and
// names the mistake, but does not hold the answer.
//
// An answer is sealed as a slow hash (PBKDF2, RFC 8018) of its one way of being
// written, salted with the sheet's code and the question. Who has a sheet can
// try answers, and nothing else.
package exercise
