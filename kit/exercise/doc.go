// Package exercise judges students' answers to questions, and recognises common
// mistakes. Use [Set.Answer] or [Several] where the answers may be known to the
// reader. Use [Sheet.Answer] where the student must not find them: a sealed sheet
// tells a right answer from a wrong one and names the mistake, but does not contain
// the answer.
//
// A sheet stores each answer as a slow hash (PBKDF2, RFC 8018) of its canonical
// form, salted with the sheet's code and the question. A sheet lets you test
// guesses; it does not reveal answers.
package exercise
