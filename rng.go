package sigcity

import "math/rand/v2"

// Rand names one independent random stream: the same seed, scope and keys give
// the same numbers, on any machine and in any order of asking.
func Rand(seed uint64, scope string, keys ...uint64) *rand.Rand {
	var s Stream
	return s.Seed(Hash(seed, scope, keys...))
}

// Hash mixes seed, scope and keys into 64 well-spread bits.
func Hash(seed uint64, scope string, keys ...uint64) uint64 {
	h := Scope(seed, scope)
	for _, k := range keys {
		h = Mix(h, k)
	}
	return h
}

// Scope is the part of Hash that hot loops compute once; Mix adds one key.
func Scope(seed uint64, scope string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a over the name
	for i := range len(scope) {
		h = (h ^ uint64(scope[i])) * 1099511628211
	}
	return Mix(Mix(seed, h), uint64(len(scope)))
}

// Mix folds one key into a hash (the finaliser of SplitMix64).
func Mix(h, key uint64) uint64 {
	return finish(h ^ (key+0x9e3779b97f4a7c15)*0xd1342543de82ef95)
}

// finish is the finaliser of SplitMix64.
func finish(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// SplitMix64 is the generator of Steele, Lea and Flood (2014) for the hottest
// loops: its draws inline, and its state is one number, so that a copy draws the
// same numbers again. Begin it at a Hash; it is a source for rand.New too.
type SplitMix64 uint64

// Uint64 draws 64 bits.
func (s *SplitMix64) Uint64() uint64 {
	*s += 0x9e3779b97f4a7c15
	return finish(uint64(*s))
}

// Unit maps a hash to [0, 1): a single uniform draw without a stream.
func Unit(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// Stream is a reusable generator: re-seeding costs a few nanoseconds and no
// allocation, so one worker keeps one Stream for all users. The zero value is
// ready to be seeded; a Stream must not be copied after that.
type Stream struct {
	pcg rand.PCG
	rng *rand.Rand
}

// Seed restarts the stream at the hash h and returns its generator.
func (s *Stream) Seed(h uint64) *rand.Rand {
	s.pcg.Seed(h, h^0x5851f42d4c957f2d)
	if s.rng == nil {
		s.rng = rand.New(&s.pcg)
	}
	return s.rng
}

// Permutation is a keyed bijection of 0 … n−1 that needs no table: four
// Feistel rounds over the next power of four, walked until inside the range.
type Permutation struct {
	n    uint32
	half uint
	key  uint64
}

// NewPermutation makes the permutation of n elements that key names.
func NewPermutation(n uint32, key uint64) Permutation {
	half := uint(1)
	for uint64(1)<<(2*half) < uint64(n) {
		half++
	}
	return Permutation{n: n, half: half, key: key}
}

// At is the image of i; i must be below n.
func (p Permutation) At(i uint32) uint32 {
	mask := uint32(1)<<p.half - 1
	for {
		l, r := i>>p.half, i&mask
		for round := range uint64(4) {
			l, r = r, l^uint32(Mix(p.key^round, uint64(r)))&mask
		}
		i = l<<p.half | r
		if i < p.n {
			return i
		}
	}
}
