package dataset

import "slices"

// A dictionary numbers the distinct values of a column chunk in the order in
// which they first appear.

// words is a dictionary of numbers.
type words[V int32 | int64] struct {
	values []V
	slots  []int32 // hash table: number + 1, 0 = free; its length is a power of two
}

// mostSlots bounds the table that is kept for the next column chunk.
const mostSlots = 1 << 17

func (d *words[V]) reset() {
	d.values = d.values[:0]
	if len(d.slots) == 0 || len(d.slots) > mostSlots {
		d.slots = make([]int32, 256)
		return
	}
	clear(d.slots)
}

// index sets dst to the number of each value.
func (d *words[V]) index(dst []int32, values []V) []int32 {
	dst = slices.Grow(dst[:0], len(values))[:len(values)]
	known, slots := d.values, d.slots
	for k, v := range values {
		// Nearly all are known, and in their first slot. No look at the value
		// before: the probes of several values then run side by side.
		i := slots[spread(v)&uint64(len(slots)-1)] - 1
		if uint(i) >= uint(len(known)) || known[i] != v {
			i = d.number(v)
			known, slots = d.values, d.slots
		}
		dst[k] = i
	}
	return dst
}

// number is the number of a value, of a new one the next.
func (d *words[V]) number(v V) int32 {
	at := d.slot(v)
	if i := d.slots[at]; i > 0 {
		return i - 1
	}
	d.values = append(d.values, v)
	d.slots[at] = int32(len(d.values))
	if 2*len(d.values) > len(d.slots) {
		d.slots = make([]int32, 2*len(d.slots))
		for i, v := range d.values {
			d.slots[d.slot(v)] = int32(i) + 1
		}
	}
	return int32(len(d.values)) - 1
}

// slot is the place of a value in the table: its own or a free one.
func (d *words[V]) slot(v V) uint64 {
	mask := uint64(len(d.slots) - 1)
	at := spread(v) & mask
	for d.slots[at] > 0 && d.values[d.slots[at]-1] != v {
		at = (at + 1) & mask
	}
	return at
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
	for i := range min(len(d.values), 8) {
		if d.values[i] == v {
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
