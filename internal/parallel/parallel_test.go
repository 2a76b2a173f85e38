package parallel

import (
	"context"
	"errors"
	"testing"
)

func TestForCoversEveryIndexOnce(t *testing.T) {
	for _, workers := range []int{0, 1, 2, 7} {
		for _, n := range []int{0, 1, 10, 1001} {
			seen := make([]int, n)
			err := For(t.Context(), workers, n, 16, func(w, lo, hi int) error {
				if w < 0 || w >= max(1, workers) {
					t.Errorf("worker %d of %d", w, workers)
				}
				for i := lo; i < hi; i++ {
					seen[i]++
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			for i, k := range seen {
				if k != 1 {
					t.Fatalf("%d workers, n = %d: index %d ran %d times", workers, n, i, k)
				}
			}
		}
	}
}

func TestForStops(t *testing.T) {
	boom := errors.New("boom")
	calls := 0
	err := For(t.Context(), 1, 100, 1, func(_, lo, _ int) error {
		calls++
		if lo == 3 {
			return boom
		}
		return nil
	})
	if !errors.Is(err, boom) || calls != 4 {
		t.Fatalf("err = %v after %d calls, want boom after 4", err, calls)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err = For(ctx, 2, 100, 1, func(_, _, _ int) error { t.Error("ran after cancel"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("err = %v, want canceled", err)
	}
}
