package sheets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/google/uuid"

	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
	"doorstep/domain/roster"
	"doorstep/domain/supervision"
)

// Importer carries a book into the log through the desks. One Importer may run
// one book after the other, not two at once.
type Importer struct {
	Disputes      *mediation.Desk
	Confirmations *confirmation.Desk
	Roster        *roster.Desk
	Governance    *supervision.Desk
	Now           func() time.Time // for the moment of recording, and for what lies in the future
	Court         string           // code of the court whose book it is
	Actor         string           // account that imports
	Workers       int              // rows on their way at once; 0: 128, so that the log can commit them in groups
}

// Progress is how far an import has come.
type Progress struct {
	File        string // the sheet being read
	Rows        int64  // settled so far, in all sheets
	Read, Total int64  // bytes read of the book's bytes
	Tally
}

// DisputeID is the id of the dispute that a court's source calls by the given
// id (平台编号): always the same, so that a row that comes again finds it, and a
// digest, since it stands in the names of streams.
func DisputeID(court, source string) string { return digest("dispute", court, source) }

// digest is 32 hexadecimal digits of the parts.
func digest(parts ...string) string {
	h := sha256.New()
	h.Write([]byte("doorstep/sheets"))
	for _, p := range parts {
		h.Write([]byte{0})
		h.Write([]byte(p))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Run imports the book. Rows that cannot be taken are in the report and do not
// stop the others. Errors: those of the context, the log and the files; the
// report then tells how far it came, and running again goes on from there.
// progress may be nil; it is called from one goroutine. The report must be
// closed.
func (im *Importer) Run(ctx context.Context, b *Book, progress func(Progress)) (*Report, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	r := &run{Importer: im, id: id.String(), stations: newLookup(), organisations: newLookup(), territories: newLookup()}
	report, err := newReport(r.id, b)
	if err != nil {
		return nil, err
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	total, before := b.Size(), int64(0)
	for _, s := range schemas {
		for _, sh := range b.of(s) {
			p := &pass{run: r, sheet: sh, report: report, settle: r.settler(s), tell: func(read int64) {
				progress(Progress{File: sh.file, Rows: report.rows(), Read: before + min(read, sh.size), Total: total, Tally: report.Tally})
			}}
			if err := p.do(ctx); err != nil {
				return report, errors.Join(err, report.spool.flush())
			}
			before += sh.size
		}
	}
	return report, report.spool.flush()
}

// run is one import under way.
type run struct {
	*Importer
	id                                   string
	stations, organisations, territories *lookup
}

// settler is how rows of a sheet are settled. Settlers are called from many
// goroutines, but in order for rows of one key.
func (r *run) settler(s *schema) func(context.Context, *row) verdict {
	switch s {
	case stations:
		return once(r.listStation)
	case organisations:
		return once(r.listOrganisation)
	case territories:
		return once(r.listTerritory)
	case population:
		return once(r.publishPopulation)
	case suits:
		return once(r.countSuits)
	case governance:
		return r.holdGovernance
	case transfers:
		return r.transfer
	default:
		return r.dispute
	}
}

func (r *run) today() calendar.Date { return calendar.DateOf(r.Now()) }

// deed is a deed of this import; the same parts make the same deed.
func (r *run) deed(parts ...string) decide.Deed {
	return decide.Deed{ID: "import-" + digest(parts...), At: r.Now(), Actor: r.Actor, Correlation: r.id}
}

// rowDeed is the deed of one row of this import. Its id says nothing of what the
// row holds: a digest of names could be guessed at for ever. That another import
// brings the same row the rules find out.
func (r *run) rowDeed(what, id string, row *row) decide.Deed {
	return r.deed(what, id, r.id, row.sheet.file, strconv.Itoa(row.line))
}

// outcome is how one row ended.
type outcome int8

const (
	accepted outcome = iota
	unchanged
	conflicting
	rejected
	postponed // a transfer that may fit after the others
	failed    // the import must stop
)

type verdict struct {
	outcome outcome
	fault   *fault
	columns []string // of a conflict: those that differ, as far as can be told
	err     error
}

func refused(f *fault) verdict { return verdict{outcome: rejected, fault: f} }

func kept(yes bool) verdict {
	if yes {
		return verdict{outcome: accepted}
	}
	return verdict{outcome: unchanged}
}

// tries is how often a deed is sent again when the log cannot tell whether it
// kept it.
const tries = 5

// carry sends the command until the log has answered: a deed that was kept the
// first time finds itself.
func carry[S any, C any](ctx context.Context, do func(context.Context, string, decide.Deed, C) (decide.Outcome[S], error), stream string, deed decide.Deed, cmd C) (decide.Outcome[S], error) {
	var out decide.Outcome[S]
	var err error
	for range tries {
		out, err = do(ctx, stream, deed, cmd)
		again := errors.Is(err, eventlog.ErrUnknown) || errors.Is(err, eventlog.ErrReused) || errors.Is(err, decide.ErrBusy)
		if !again || ctx.Err() != nil {
			break
		}
	}
	return out, err
}

// wrong turns what a desk said into a verdict: a refusal is the row's fault, a
// row too large is too, anything else stops the import.
func wrong(err error) verdict {
	var refusal *decide.Refusal
	switch {
	case errors.Is(err, mediation.ErrImportConflict) || errors.Is(err, confirmation.ErrImportConflict):
		return verdict{outcome: conflicting}
	case errors.As(err, &refusal):
		return refused(&fault{"", refusal})
	case errors.Is(err, eventlog.ErrTooLarge):
		return refused(&fault{"", isHuge})
	}
	return verdict{outcome: failed, err: err}
}
