// Package lint holds the rules of the house as tests: who may import whom,
// what documentation must keep true, and how long a file may be.
package lint
