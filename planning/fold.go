package planning

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// Most folds keep rows, some of them a user, or count things. rowFold and
// tallyFold are these; a fold that does both is made of rows and tally.

// row is what a fold keeps of a user: a struct of numbers in exported fields, of
// fixed size, in a total order.
type row[R any] interface {
	compare(R) int
	check(env *Env) error // of one that was read back
}

// rows are rows in no particular order until they are sorted.
type rows[R row[R]] []R

// sorted is the rows in order, which does not depend on the order of merging.
func (r rows[R]) sorted() []R {
	out := slices.Clone(r)
	slices.SortFunc(out, R.compare)
	return out
}

func (r rows[R]) append(b []byte) ([]byte, error) {
	b = binary.AppendUvarint(b, uint64(len(r)))
	return binary.Append(b, binary.LittleEndian, []R(r))
}

// readRows reads what append wrote.
func readRows[R row[R]](d *decoder, env *Env) rows[R] {
	var one R
	size := binary.Size(one)
	out := make(rows[R], d.length(size))
	if d.err != nil || len(out) == 0 {
		return nil
	}
	n, err := binary.Decode(d.b, binary.LittleEndian, []R(out))
	if err != nil {
		d.fail("rows: %v", err)
		return nil
	}
	d.b = d.b[n:]
	for i := range out {
		if err := out[i].check(env); err != nil {
			d.fail("row %d: %v", i, err)
			return nil
		}
	}
	return out
}

// tally counts in whole numbers, so that no order of adding changes a sum.
type tally[K key[K]] map[K]int64

// key is what is counted: a struct of numbers in exported fields, of fixed size.
type key[K any] interface {
	comparable
	row[K]
}

// tallied is a key and its count.
type tallied[K any] struct {
	key   K
	count int64
}

// sorted lists the counts in order of their keys.
func (t tally[K]) sorted() []tallied[K] {
	out := make([]tallied[K], 0, len(t))
	for k, n := range t {
		out = append(out, tallied[K]{k, n})
	}
	slices.SortFunc(out, func(a, b tallied[K]) int { return a.key.compare(b.key) })
	return out
}

func (t tally[K]) merge(o tally[K]) {
	for k, n := range o {
		t[k] += n
	}
}

func (t tally[K]) append(b []byte) ([]byte, error) {
	keys := make(rows[K], 0, len(t))
	for k := range t {
		keys = append(keys, k)
	}
	keys = keys.sorted()
	b, err := keys.append(b)
	for _, k := range keys {
		b = binary.AppendVarint(b, t[k])
	}
	return b, err
}

// readTally reads what append wrote.
func readTally[K key[K]](d *decoder, env *Env) tally[K] {
	keys := readRows[K](d, env)
	out := make(tally[K], len(keys))
	for _, k := range keys {
		if _, twice := out[k]; twice {
			d.fail("a key is there twice")
		}
		out[k] = d.int()
	}
	return out
}

// rowFold keeps rows. take appends those of a view; answer gets them sorted.
type rowFold[R row[R]] struct {
	env    *Env
	tag    string // names the fold and its version in the binary form
	take   func(dst []R, v *View) []R
	answer func(rows []R) (Answer, error)
	rows   rows[R]
}

func (f *rowFold[R]) Add(v *View) error {
	f.rows = f.take(f.rows, v)
	return nil
}

func (f *rowFold[R]) Merge(other Fold) error {
	o, ok := other.(*rowFold[R])
	if !ok || o.tag != f.tag {
		return mergeable(f, other)
	}
	f.rows = append(f.rows, o.rows...)
	return nil
}

func (f *rowFold[R]) Next() (bool, error) { return false, nil }

func (f *rowFold[R]) Answer() (Answer, error) { return f.answer(f.rows.sorted()) }

func (f *rowFold[R]) AppendBinary(b []byte) ([]byte, error) {
	return f.rows.append(appendHeader(b, f.tag))
}

func (f *rowFold[R]) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, f.tag)
	got := readRows[R](d, f.env)
	if err := d.done(); err != nil {
		return err
	}
	f.rows = got
	return nil
}

// tallyFold counts. add counts what a view shows; answer gets the counts in order.
type tallyFold[K key[K]] struct {
	env    *Env
	tag    string
	add    func(t tally[K], v *View)
	answer func(counts []tallied[K]) (Answer, error)
	counts tally[K]
}

func newTallyFold[K key[K]](env *Env, tag string, add func(tally[K], *View), answer func([]tallied[K]) (Answer, error)) *tallyFold[K] {
	return &tallyFold[K]{env: env, tag: tag, add: add, answer: answer, counts: tally[K]{}}
}

func (f *tallyFold[K]) Add(v *View) error {
	f.add(f.counts, v)
	return nil
}

func (f *tallyFold[K]) Merge(other Fold) error {
	o, ok := other.(*tallyFold[K])
	if !ok || o.tag != f.tag {
		return mergeable(f, other)
	}
	f.counts.merge(o.counts)
	return nil
}

func (f *tallyFold[K]) Next() (bool, error) { return false, nil }

func (f *tallyFold[K]) Answer() (Answer, error) { return f.answer(f.counts.sorted()) }

func (f *tallyFold[K]) AppendBinary(b []byte) ([]byte, error) {
	return f.counts.append(appendHeader(b, f.tag))
}

func (f *tallyFold[K]) UnmarshalBinary(b []byte) error {
	d := newDecoder(b, f.tag)
	got := readTally[K](d, f.env)
	if err := d.done(); err != nil {
		return err
	}
	f.counts = got
	return nil
}

// byUser orders rows by user, then time: the usual order.
func byUser(userA, userB, timeA, timeB uint32) int {
	return cmp.Or(cmp.Compare(userA, userB), cmp.Compare(timeA, timeB))
}

// checkArea is an error unless the environment has the area.
func (e *Env) checkArea(id uint32) error {
	if id >= uint32(len(e.Areas)) {
		return fmt.Errorf("area %d, there are %d", id, len(e.Areas))
	}
	return nil
}

// checkNumber is an error unless x is finite.
func checkNumber(x float64) error {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return fmt.Errorf("%g is no number", x)
	}
	return nil
}

// compareBool orders false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
