package planning

import (
	"encoding/binary"
	"fmt"
)

// The binary form of a fold: a tag that names the fold and its version, then
// numbers. It holds what was gathered, not the parameters.

func appendHeader(b []byte, tag string) []byte {
	b = binary.AppendUvarint(b, uint64(len(tag)))
	return append(b, tag...)
}

// decoder reads what the append functions wrote; the first error sticks.
type decoder struct {
	b   []byte
	tag string
	err error
}

// newDecoder checks the header.
func newDecoder(b []byte, tag string) *decoder {
	d := &decoder{b: b, tag: tag}
	n := d.length(1)
	if d.err == nil && string(d.b[:n]) != tag {
		d.fail("it begins with %q", d.b[:n])
	}
	if d.err == nil {
		d.b = d.b[n:]
	}
	return d
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("state of %s: %s", d.tag, fmt.Sprintf(format, args...))
	}
}

func (d *decoder) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail("a number is cut off")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	if d.err != nil {
		return 0
	}
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("a number is cut off")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// length reads the number of items that follow, each of at least size bytes,
// so that a corrupt length cannot ask for more memory than the state has.
func (d *decoder) length(size int) int {
	n := d.uint()
	if d.err == nil && n > uint64(len(d.b)/size) {
		d.fail("%d items in %d bytes", n, len(d.b))
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

// done is the error of the whole reading.
func (d *decoder) done() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail("%d bytes too many", len(d.b))
	}
	return d.err
}

// mergeable says that other is no fold of the same kind.
func mergeable(f, other Fold) error {
	return fmt.Errorf("merge: a %T into a %T", other, f)
}
