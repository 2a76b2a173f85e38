// Package parallel runs index loops on a fixed number of workers. Which worker
// takes which indices is not determined, so results must be placed by index.
package parallel

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// For calls body(worker, lo, hi) until 0 … n−1 is covered by disjoint runs of
// at most chunk indices. worker counts from 0 and is below max(1, workers): the
// body may keep scratch memory by it. The first error, or the end of ctx, stops
// the loop at the next run.
func For(ctx context.Context, workers, n, chunk int, body func(worker, lo, hi int) error) error {
	chunk = max(chunk, 1)
	var next atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	for w := range max(1, workers) {
		g.Go(func() error {
			for {
				if err := ctx.Err(); err != nil {
					return err
				}
				hi := int(next.Add(int64(chunk)))
				lo := hi - chunk
				if lo >= n {
					return nil
				}
				if err := body(w, lo, min(hi, n)); err != nil {
					return err
				}
			}
		})
	}
	return g.Wait()
}
