package sheets

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"slices"
	"sync"
	"sync/atomic"

	"doorstep/domain/calendar"
)

// What bounds the memory of an import, however many rows it has.
const (
	defaultWorkers = 128
	window         = 2048  // rows read but not yet reported
	patience       = 50000 // transfers that wait for others of their dispute
	tellEvery      = 256   // rows between two words of progress
)

// pass carries the rows of one sheet: one goroutine reads, many settle, one
// reports. Rows of one key go to the same settler and so keep their order; the
// report is in the order of the lines.
type pass struct {
	*run
	sheet  *sheet
	report *Report
	settle func(context.Context, *row) verdict
	tell   func(read int64)

	read    atomic.Int64
	waiting []*row // postponed
}

// job is a row on its way.
type job struct {
	row     *row
	verdict verdict
	done    chan struct{} // holds a token when verdict is there
}

func (p *pass) do(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := p.Workers
	if workers <= 0 {
		workers = defaultWorkers
	}
	ordered := make(chan *job, window)
	lanes := make([]chan *job, workers)
	var settlers sync.WaitGroup
	for i := range lanes {
		lanes[i] = make(chan *job, max(window/workers, 1))
		settlers.Go(func() {
			for j := range lanes[i] {
				j.verdict = p.settleOne(ctx, j.row)
				j.done <- struct{}{}
			}
		})
	}
	free := make(chan *job, window+workers)
	var reading error
	var reader sync.WaitGroup
	reader.Go(func() {
		reading = p.feed(ctx, ordered, lanes, free)
		close(ordered)
		for _, l := range lanes {
			close(l)
		}
	})
	for j := range ordered {
		<-j.done
		if err := p.settled(j); err != nil {
			cancel(err)
		}
		select {
		case free <- j:
		default:
		}
	}
	reader.Wait()
	settlers.Wait()
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if reading != nil {
		return reading
	}
	if err := p.revisit(ctx); err != nil {
		return err
	}
	p.tell(p.sheet.size)
	return nil
}

func (p *pass) settleOne(ctx context.Context, r *row) verdict {
	if ctx.Err() != nil {
		return verdict{outcome: failed, err: context.Cause(ctx)}
	}
	if f := r.whole(); f != nil {
		return refused(f)
	}
	return p.settle(ctx, r)
}

var seed = maphash.MakeSeed()

// feed reads the sheet behind its headings and hands the rows out.
func (p *pass) feed(ctx context.Context, ordered chan<- *job, lanes []chan *job, free <-chan *job) error {
	if p.sheet.prepare != nil {
		if err := p.sheet.prepare(); err != nil {
			return asDamaged(p.sheet.file, err)
		}
	}
	src, err := p.sheet.open()
	if err != nil {
		return err
	}
	defer src.Close()
	for ctx.Err() == nil {
		line, cells, err := src.next()
		p.read.Store(src.read())
		var bad unreadable
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad) && line > p.sheet.heading:
		case err != nil && bad.why == nil:
			return asDamaged(p.sheet.file, err)
		case line <= p.sheet.heading || blank(cells):
			continue
		}
		var j *job
		select {
		case j = <-free:
		default:
			j = &job{row: &row{}, done: make(chan struct{}, 1)}
		}
		*j.row = row{sheet: p.sheet, line: line, cells: append(j.row.cells[:0], cells...), bad: bad.why}
		select {
		case ordered <- j:
		case <-ctx.Done():
			return nil
		}
		lanes[maphash.String(seed, j.row.key())%uint64(len(lanes))] <- j
	}
	return nil
}

// settled takes a verdict into the report.
func (p *pass) settled(j *job) error {
	v := j.verdict
	switch v.outcome {
	case failed:
		return v.err
	case postponed:
		if len(p.waiting) < patience {
			r := *j.row
			r.cells = slices.Clone(r.cells)
			p.waiting = append(p.waiting, &r)
			return nil
		}
		v.outcome = rejected
	}
	if err := p.report.add(j.row, v); err != nil {
		return err
	}
	if p.report.rows()%tellEvery == 0 {
		p.tell(p.read.Load())
	}
	return nil
}

// revisit settles the transfers that did not fit in the order of the file, in
// the order of their days, as long as any of them fits.
func (p *pass) revisit(ctx context.Context) error {
	dayOf := func(r *row) calendar.Date { d, _ := parseDay(r.cell(transferDay)); return d }
	slices.SortStableFunc(p.waiting, func(a, b *row) int { return int(dayOf(a)) - int(dayOf(b)) })
	for moved := true; moved && len(p.waiting) > 0; {
		moved = false
		var still []*row
		for _, r := range p.waiting {
			v := p.settleOne(ctx, r)
			switch v.outcome {
			case failed:
				return v.err
			case postponed:
				still = append(still, r)
				continue
			}
			moved = true
			if err := p.report.add(r, v); err != nil {
				return err
			}
		}
		p.waiting = still
	}
	slices.SortStableFunc(p.waiting, func(a, b *row) int { return a.line - b.line })
	for _, r := range p.waiting {
		if err := p.report.add(r, refused(at(r, transferFrom, notThere))); err != nil {
			return err
		}
	}
	return nil
}
