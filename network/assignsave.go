package network

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/sigcity/sigcity/internal/parallel"
)

// AppendBinary appends the traffic for LoadTraffic: of each hour whether its ways
// differ from those of light traffic, then the volume of each link. Speeds
// follow from volumes.
func (t *Traffic) AppendBinary(b []byte, free *Hierarchy) []byte {
	for hour := range t.ways {
		busy := byte(0)
		if t.ways[hour] != free {
			busy = 1
		}
		b = append(b, busy)
		for _, v := range t.volume[hour] {
			b = binary.AppendUvarint(b, uint64(v))
		}
	}
	return b
}

// LoadTraffic is the traffic that AppendBinary wrote, on the graph of free, and
// the bytes after it. It makes the ways of busy hours anew: they take more room
// than time.
func LoadTraffic(ctx context.Context, b []byte, free *Hierarchy, workers int) (*Traffic, []byte, error) {
	t := &Traffic{Congestion: &Congestion{g: free.g}}
	volume := make([]float64, free.g.Links())
	var busy []int
	for hour := range t.ways {
		if len(b) == 0 || b[0] > 1 {
			return nil, nil, fmt.Errorf("traffic of hour %d: want 0 or 1, the ways of light traffic or others", hour)
		}
		t.ways[hour] = free
		if b[0] == 1 {
			busy = append(busy, hour)
		}
		b = b[1:]
		for l := range volume {
			v, n := binary.Uvarint(b)
			if n <= 0 || v > math.MaxInt32 {
				return nil, nil, fmt.Errorf("traffic of hour %d: want the volumes of %d links, link %d has none", hour, len(volume), l)
			}
			volume[l], b = float64(v), b[n:]
		}
		t.set(hour, volume)
	}
	err := parallel.For(ctx, workers, len(busy), 1, func(_, i, _ int) error {
		hour := busy[i]
		t.ways[hour] = NewHierarchy(t.g, t.Times(nil, hour), free)
		return nil
	})
	return t, b, err
}
