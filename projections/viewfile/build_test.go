package viewfile

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"testing"
)

// TestQueriesGoOnWhileFilesAreExchanged: each sees the old file or the new one,
// whole, and none fails.
func TestQueriesGoOnWhileFilesAreExchanged(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	f := open(t, dir)
	must(t, f.Take(ctx, at(0), at(1), insert(1, "0")))
	long, err := f.Read().BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	must(t, err)
	var text string
	must(t, long.QueryRow(`SELECT text FROM note`).Scan(&text))
	var asked atomic.Int64
	var end atomic.Bool
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			for !end.Load() {
				var n int
				if err := f.Read().QueryRow(`SELECT count(*) FROM note`).Scan(&n); err != nil || n != 1 {
					t.Errorf("%d notes, %v", n, err)
					return
				}
				asked.Add(1)
			}
		})
	}
	const exchanges = 12
	for i := range exchanges {
		a, err := f.Aside()
		must(t, err)
		must(t, a.Take(ctx, at(0), at(1), insert(1, string(rune('a'+i)))))
		if err := f.Adopt(a, nil); err == nil {
			t.Fatal("a file that is not complete is in use")
		}
		must(t, a.Complete(ctx))
		must(t, f.Adopt(a, nil))
	}
	end.Store(true)
	all.Wait()
	must(t, long.QueryRow(`SELECT text FROM note`).Scan(&text))
	if text != "0" || asked.Load() < exchanges {
		t.Errorf("the old moment has %q; %d queries", text, asked.Load())
	}
	must(t, long.Rollback())
	must(t, f.Take(ctx, at(1), at(2), insert(2, "z")))
	must(t, f.Close())
	f = open(t, dir)
	if mark(t, f) != at(2) || count(t, f) != 2 {
		t.Errorf("after reopening %d notes", count(t, f))
	}
	t.Logf("%d exchanges, %d queries", exchanges, asked.Load())
}

func TestOfAFileThatWasNotCompletedNothingIsLeft(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	f := open(t, dir)
	must(t, f.Take(ctx, at(0), at(1), insert(1, "old")))
	a, err := f.Aside()
	must(t, err)
	must(t, a.Take(ctx, at(0), at(1), insert(1, "new")))
	must(t, a.Complete(ctx)) // and killed before it was put in use: nothing is closed
	again := open(t, dir)
	var text string
	must(t, again.Read().QueryRow(`SELECT text FROM note`).Scan(&text))
	if left := names(t, dir); text != "old" || len(left) > 4 {
		t.Errorf("%q, left are %q", text, left)
	}
	must(t, a.Close())
}
