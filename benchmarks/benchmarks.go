// Package benchmarks runs the grid of methods × parameters × seeds against
// attacks and planning tasks, and scores both. It holds what no attack may
// see: the links from released tokens to SIMs, the split of persons into
// members and controls, and the truth. docs/results.md describes the rows.
package benchmarks
