// Package report holds what one run of a lesson found out, as plain data: judged claims, tables, charts,
// diagrams, pictures and derivations, with their provenance. A [Report] survives a round trip through JSON.
package report
