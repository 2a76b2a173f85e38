package planning

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

// listFold keeps an item a view, of any length, which rows of fixed size do not hold.
// Items are not changed once they are made: answers share their memory, so that one of
// many users costs no more than their number.
type listFold[T any] struct {
	env    *Env
	tag    string
	take   func(v *View) (T, bool)         // false = nothing to keep
	owner  func(*T) (user, from uint32)    // whose item it is, in which period: the order
	write  func(b []byte, x *T) []byte     // binary form
	read   func(d *decoder) T              // what write wrote
	answer func(items []T) (Answer, error) // gets them in order; it may not change what they refer to
	items  []T
}

func (f *listFold[T]) Add(v *View) error {
	if x, ok := f.take(v); ok {
		f.items = append(f.items, x)
	}
	return nil
}

func (f *listFold[T]) Merge(other Fold) error {
	o, ok := other.(*listFold[T])
	if !ok || o.tag != f.tag {
		return mergeable(f, other)
	}
	f.items = append(f.items, o.items...)
	return nil
}

func (f *listFold[T]) Next() (bool, error) { return false, nil }

// sorted is the items in order, which does not depend on the order of merging.
func (f *listFold[T]) sorted() []T {
	out := slices.Clone(f.items)
	slices.SortFunc(out, func(a, b T) int {
		userA, fromA := f.owner(&a)
		userB, fromB := f.owner(&b)
		return byUser(userA, userB, fromA, fromB)
	})
	return out
}

func (f *listFold[T]) Answer() (Answer, error) { return f.answer(f.sorted()) }

func (f *listFold[T]) AppendBinary(b []byte) ([]byte, error) {
	b = binary.AppendUvarint(appendHeader(b, f.tag), uint64(len(f.items)))
	for i := range f.items {
		b = f.write(b, &f.items[i])
	}
	return b, nil
}

func (f *listFold[T]) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, f.tag)
	var items []T
	for n := d.length(1); n > 0 && d.err == nil; n-- {
		items = append(items, f.read(d))
	}
	if err := d.done(); err != nil {
		return err
	}
	f.items = items
	return nil
}

// soleUser is the only one whom a token stands for all the time, if there is one.
func soleUser(shares []Share) (uint32, bool) {
	if len(shares) == 1 && shares[0].Weight == 1 {
		return shares[0].User, true
	}
	return 0, false
}

func appendFloat(b []byte, f float64) []byte {
	return binary.LittleEndian.AppendUint64(b, math.Float64bits(f))
}

func (d *decoder) uint32() uint32 {
	v := d.uint()
	if v > math.MaxUint32 {
		d.fail("%d does not fit in 32 bits", v)
	}
	return uint32(v)
}

func (d *decoder) float() float64 {
	if d.err == nil && len(d.b) < 8 {
		d.fail("a number is cut off")
	}
	if d.err != nil {
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(d.b))
	d.b = d.b[8:]
	if err := checkNumber(f); err != nil {
		d.fail("%v", err)
	}
	return f
}

// area reads the id of one of the environment's areas.
func (d *decoder) area(env *Env) sigcity.AreaID {
	v := d.uint32()
	if err := env.checkArea(v); d.err == nil && err != nil {
		d.fail("%v", err)
	}
	return sigcity.AreaID(v)
}
