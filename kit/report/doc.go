// Package report holds the results of one run of a lesson as plain data: judged claims, tables, charts,
// diagrams, pictures and derivations, with their provenance. A [Report] survives a round trip through JSON.
package report
