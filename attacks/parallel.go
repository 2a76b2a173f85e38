package attacks

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/sigcity/sigcity"
)

// tokenChunk is how many tokens, targetChunk how many targets a worker takes at
// a time.
const (
	tokenChunk  = 512
	targetChunk = 64
)

// parallel cuts 0 … n−1 into chunks and hands them to workers; start makes one
// worker's function and is called once per worker, in the caller's goroutine.
// What a chunk does must not depend on who does it.
func parallel(ctx context.Context, n, chunk, workers int, start func() func(ctx context.Context, lo, hi int) error) error {
	workers = max(1, min(workers, (n+chunk-1)/chunk))
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for range workers {
		work := start()
		group.Go(func() error {
			for {
				lo := int(next.Add(int64(chunk))) - chunk
				if lo >= n {
					return ctx.Err()
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := work(ctx, lo, min(lo+chunk, n)); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

// sweep reads every trajectory of the release once.
func sweep(ctx context.Context, data sigcity.Dataset, workers int, start func() func(sigcity.Trajectory)) error {
	return parallel(ctx, data.Meta().Users, tokenChunk, workers, func() func(context.Context, int, int) error {
		visit := start()
		return func(ctx context.Context, lo, hi int) error {
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
	return parallel(ctx, len(k.Targets), targetChunk, k.Workers, func() func(context.Context, int, int) error {
		visit := start()
		return func(ctx context.Context, lo, hi int) error {
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
