package attacks

import (
	"context"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/internal/parallel"
)

// tokenChunk is how many tokens, targetChunk how many targets a worker takes at
// a time.
const (
	tokenChunk  = 512
	targetChunk = 64
)

// perWorker hands chunks of 0 … n−1 to workers; start makes one worker's
// function and is called once per worker, in the caller's goroutine. What a
// chunk does must not depend on who does it.
func perWorker(ctx context.Context, n, chunk, workers int, start func() func(lo, hi int) error) error {
	work := make([]func(lo, hi int) error, max(1, min(workers, (n+chunk-1)/chunk)))
	for w := range work {
		work[w] = start()
	}
	return parallel.For(ctx, len(work), n, chunk, func(w, lo, hi int) error { return work[w](lo, hi) })
}

// sweep reads every trajectory of the release once.
func sweep(ctx context.Context, data sigcity.Dataset, workers int, start func() func(sigcity.Trajectory)) error {
	return perWorker(ctx, data.Meta().Users, tokenChunk, workers, func() func(int, int) error {
		visit := start()
		return func(lo, hi int) error {
			for t, err := range data.Users(ctx, sigcity.Range{First: sigcity.UserID(lo), Limit: sigcity.UserID(hi)}) {
				if err != nil {
					return err
				}
				visit(t)
			}
			return nil
		}
	})
}

// eachTarget calls the worker's function for the position of every target.
func eachTarget(ctx context.Context, k Knowledge, start func() func(i int)) error {
	return perWorker(ctx, len(k.Targets), targetChunk, k.Workers, func() func(int, int) error {
		visit := start()
		return func(lo, hi int) error {
			for i := lo; i < hi; i++ {
				if i%8 == 0 && ctx.Err() != nil {
					return ctx.Err()
				}
				visit(i)
			}
			return nil
		}
	})
}
