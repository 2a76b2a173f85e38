package dataset

import (
	"slices"
	"unsafe"
)

// A dictionary numbers the distinct values of a column chunk in the order in
// which they first appear.

// words is a dictionary of numbers. Small ones, as most ids and kinds are, have
// a place of their own in a table; the others share one by hash.
type words[V int32 | int64] struct {
	values []V
	small  []int32 // by value: number + 1, 0 = none
	slots  []int32 // likewise, by hash; their number is a power of two
	large  int     // how many values are there
}

const (
	mostSmall = 1 << 16
	mostSlots = 1 << 17 // that are kept for the next column chunk
)

func (d *words[V]) reset() {
	d.values, d.large = d.values[:0], 0
	clear(d.small)
	if len(d.slots) == 0 || len(d.slots) > mostSlots {
		d.slots = make([]int32, 256)
	}
	clear(d.slots)
}

// index sets dst to the number of each value.
func (d *words[V]) index(dst []int32, values []V) []int32 {
	dst = slices.Grow(dst[:0], len(values))[:len(values)]
	small := d.small
	last, number := V(0), int32(-1) // of the large ones, which come in runs
	for k, v := range values {
		var i int32
		switch {
		case uint64(v) < uint64(len(small)) && small[v] > 0:
			i = small[v] - 1
		case v == last && number >= 0:
			i = number
		default:
			i = d.number(v)
			small = d.small
			if uint64(v) >= mostSmall {
				last, number = v, i
			}
		}
		dst[k] = i
	}
	return dst
}

// number is the number of a value, of a new one the next.
func (d *words[V]) number(v V) int32 {
	at := d.place(v)
	if *at > 0 {
		return *at - 1
	}
	d.values = append(d.values, v)
	*at = int32(len(d.values))
	if uint64(v) < mostSmall {
		return *at - 1
	}
	if d.large++; 2*d.large > len(d.slots) {
		d.slots = make([]int32, 2*len(d.slots))
		for i, v := range d.values {
			if uint64(v) >= mostSmall {
				*d.place(v) = int32(i) + 1
			}
		}
	}
	return int32(len(d.values)) - 1
}

// place is where the number of a value is, or is to be.
func (d *words[V]) place(v V) *int32 {
	if uint64(v) < mostSmall {
		if n := int(v) + 1; n > len(d.small) {
			d.small = append(d.small, make([]int32, n-len(d.small))...)
		}
		return &d.small[v]
	}
	mask := uint64(len(d.slots) - 1)
	at := spread(v) & mask
	for d.slots[at] > 0 && d.values[d.slots[at]-1] != v {
		at = (at + 1) & mask
	}
	return &d.slots[at]
}

// spread is the upper half of a product with the golden ratio (Fibonacci hashing,
// Knuth, The Art of Computer Programming 3, 6.4).
func spread[V int32 | int64](v V) uint64 { return uint64(v) * 0x9E3779B97F4A7C15 >> 32 }

// names is a dictionary of strings.
type names struct {
	values  []string
	numbers map[string]int32
}

func (d *names) reset() {
	clear(d.values) // what they name is not kept
	d.values = d.values[:0]
	if d.numbers == nil {
		d.numbers = map[string]int32{}
	}
	clear(d.numbers)
}

// index sets dst to the number of each value.
func (d *names) index(dst []int32, values []string) []int32 {
	dst = dst[:0]
	for _, v := range values {
		dst = append(dst, d.number(v))
	}
	return dst
}

// number is the number of a value, of a new one the next.
func (d *names) number(v string) int32 {
	// Most columns name a few kinds, by strings that are the same memory.
	for i, known := range d.values[:min(len(d.values), 8)] {
		if unsafe.StringData(known) == unsafe.StringData(v) && len(known) == len(v) {
			return int32(i)
		}
	}
	n, ok := d.numbers[v]
	if !ok {
		n = int32(len(d.values))
		d.values, d.numbers[v] = append(d.values, v), n
	}
	return n
}
