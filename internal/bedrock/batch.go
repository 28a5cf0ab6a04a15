package bedrock

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// inOrder calls ask for each batch of size inputs, at most concurrency at a
// time, and returns all answers in the order of the inputs. ask returns one
// answer for each input that it gets. The first failure ends the other calls
// and says how many inputs had been answered by then.
func inOrder[A any](ctx context.Context, inputs []string, size, concurrency int, ask func(context.Context, []string) ([]A, error)) ([]A, error) {
	answers := make([]A, len(inputs))
	var answered atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for start := 0; start < len(inputs); start += size {
		batch := inputs[start:min(start+size, len(inputs))]
		group.Go(func() error {
			got, err := ask(ctx, batch)
			if err != nil {
				return err
			}
			copy(answers[start:], got)
			answered.Add(int64(len(batch)))
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, withProgress(err, int(answered.Load()), len(inputs))
	}
	return answers, nil
}
