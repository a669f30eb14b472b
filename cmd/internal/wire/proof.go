package wire

import (
	"context"
	"errors"

	"doorstep/api/local"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
	"doorstep/projections/ledger"
)

// Checkpoint is the newest signed checkpoint, over all that the log holds now,
// and the public key that verifies it.
type Checkpoint struct {
	Note string `json:"checkpoint"`
	Key  string `json:"key"`
}

// ErrNoCase is given for a dispute that the record does not hold.
var ErrNoCase = casefile.ErrNoCase

// Checkpoint signs where the record stands now.
func (court *Court) Checkpoint(ctx context.Context) (Checkpoint, error) {
	if court.Remote != nil {
		return local.Ask[struct{}, Checkpoint](ctx, court.Remote, askCheckpoint, struct{}{})
	}
	_, anchor, err := court.sign(ctx)
	return Checkpoint{anchor.Checkpoint, court.keys.public}, err
}

func (court *Court) sign(ctx context.Context) (ledger.Stand, ledger.Anchor, error) {
	if err := court.Follower.CatchUp(ctx); err != nil {
		return ledger.Stand{}, ledger.Anchor{}, err
	}
	stand := court.Ledger.Stand()
	anchor, err := court.notary.Sign(stand)
	return stand, anchor, err
}

// personal is written into every proof file.
const personal = "含当事人个人信息，按案卷保管。Holds personal data of the parties: handle it as the case file."

// Prove gives one dispute's whole history with the proof that it is in the
// record: its own stream and that of its confirmation. Errors: ErrNoCase.
func (court *Court) Prove(ctx context.Context, id string) (tlog.Proof, error) {
	if court.Remote != nil {
		found, err := local.Ask[string, foundProof](ctx, court.Remote, askProof, id)
		if err == nil && !found.Is {
			err = ErrNoCase
		}
		return found.Proof, err
	}
	records, err := court.historyOf(ctx, id)
	if err != nil {
		return tlog.Proof{}, err
	}
	stand, anchor, err := court.sign(ctx) // after reading, so that all of it is signed
	if err != nil {
		return tlog.Proof{}, err
	}
	p := tlog.Proof{Form: tlog.ProofForm, Warning: personal, Case: id, Checkpoint: anchor.Checkpoint}
	for _, r := range records {
		index, err := court.Ledger.Index(ctx, r.Position)
		if err != nil {
			return p, err
		}
		path, err := court.Ledger.Inclusion(ctx, stand.Size, index)
		if err != nil {
			return p, err
		}
		in, err := tlog.Include(index, r.Sealed, path)
		if err != nil {
			return p, err
		}
		p.Commits = append(p.Commits, in)
	}
	return p, nil
}

// foundProof is a proof on its way through the local door, which tells of
// errors in words only.
type foundProof struct {
	Is    bool
	Proof tlog.Proof
}

// historyOf is all that is recorded of a dispute, in the record's order.
func (court *Court) historyOf(ctx context.Context, id string) ([]eventlog.Record, error) {
	if _, err := court.Files.Read(ctx, id, casefile.AsOf{}); err != nil {
		return nil, err
	}
	var streams [2][]eventlog.Record
	for i, stream := range []string{mediation.Stream(id), confirmation.Stream(id)} {
		for r, err := range court.Log.Read(ctx, stream, eventlog.Head{}) {
			if err != nil {
				return nil, err
			}
			streams[i] = append(streams[i], r)
		}
	}
	var all []eventlog.Record
	for a, b := streams[0], streams[1]; len(a)+len(b) > 0; {
		if len(b) == 0 || len(a) > 0 && a[0].Position.Before(b[0].Position) {
			all, a = append(all, a[0]), a[1:]
		} else {
			all, b = append(all, b[0]), b[1:]
		}
	}
	return all, nil
}

func (court *Court) answerProof(ctx context.Context, id string) (foundProof, error) {
	p, err := court.Prove(ctx, id)
	if errors.Is(err, ErrNoCase) {
		return foundProof{}, nil
	}
	return foundProof{true, p}, err
}

// OpenCheckpoint reads a checkpoint that was given away earlier. Errors:
// tlog.ErrForm where it is none; tlog.ErrNotProven where none of this record's
// keys signed it.
func (court *Court) OpenCheckpoint(note []byte) (tlog.Checkpoint, error) {
	verifiers := court.keys.verifiers
	if court.Remote != nil {
		text, err := readIfThere(verifiersFile(court.Data))
		if err != nil {
			return tlog.Checkpoint{}, err
		}
		if verifiers, err = tlog.ParseVerifiers(text); err != nil {
			return tlog.Checkpoint{}, err
		}
	}
	return verifiers.Open(note)
}
