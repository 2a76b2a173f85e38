// Package czlib stands in for github.com/datadog/czlib, which the OSM pbf
// reader imports when cgo is on and which needs pkg-config and the zlib
// headers. It has the one function that reader uses, in pure Go.
package czlib

import (
	"io"

	"github.com/klauspost/compress/zlib"
)

// NewReader reads the zlib stream (RFC 1950) of r; a bad header is an error.
// The reader checks the Adler-32 sum at the end of the stream.
func NewReader(r io.Reader) (io.ReadCloser, error) { return zlib.NewReader(r) }
