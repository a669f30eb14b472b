package wire

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"

	"doorstep/api/local"
	"doorstep/domain/confirmation"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
	"doorstep/projections/docket"
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

// Growth shows that the record as it is signed now goes on from an earlier
// checkpoint. Errors: as OpenCheckpoint; ErrDiffers where it does not, ErrRolledBack
// where the record is shorter.
func (court *Court) Growth(ctx context.Context, older []byte) (tlog.Growth, error) {
	if court.Remote != nil {
		return local.Ask[[]byte, tlog.Growth](ctx, court.Remote, askGrowth, older)
	}
	earlier, err := court.OpenCheckpoint(older)
	if err != nil {
		return tlog.Growth{}, err
	}
	stand, anchor, err := court.sign(ctx)
	if err != nil {
		return tlog.Growth{}, err
	}
	if err := court.holds(ctx, earlier); err != nil {
		return tlog.Growth{}, err
	}
	path, err := court.Ledger.Consistency(ctx, stand.Size, earlier.Size)
	return tlog.NewGrowth(string(bytes.ReplaceAll(older, []byte("\r\n"), []byte("\n"))), anchor.Checkpoint, path), err
}

// personal is written into every proof file.
const personal = "含当事人个人信息，按案卷保管。Holds personal data of the parties: handle it as the case file."

// Prove gives one dispute's whole history with the proof that it is in the
// record: its own stream and that of its confirmation. The dispute is named by
// its id, its case number (案号) or the platform's id. Errors: ErrNoCase.
func (court *Court) Prove(ctx context.Context, name string) (tlog.Proof, error) {
	if court.Remote != nil {
		found, err := local.Ask[string, foundProof](ctx, court.Remote, askProof, name)
		if err == nil && !found.Is {
			err = ErrNoCase
		}
		return found.Proof, err
	}
	id, err := court.caseOf(ctx, name)
	if err != nil {
		return tlog.Proof{}, err
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
		opened, err := court.safe.openings(ctx, r)
		if err != nil {
			return p, err
		}
		for _, o := range opened {
			in.Opened = append(in.Opened, tlog.Opened{Event: o.Event, Path: o.Path, Text: o.Text, Key: base64.StdEncoding.EncodeToString(o.Key)})
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

// caseOf is the id of the dispute that is called so.
func (court *Court) caseOf(ctx context.Context, name string) (string, error) {
	if err := court.Follower.CatchUp(ctx); err != nil {
		return "", err
	}
	if _, is, err := court.Docket.Entry(ctx, name); err != nil || is {
		return name, err
	}
	page, err := court.Docket.List(ctx, docket.Filter{Text: name})
	if err != nil {
		return "", err
	}
	for _, e := range page.Entries {
		if e.Number == name || e.Source == name {
			return e.ID, nil
		}
	}
	return "", ErrNoCase
}

// historyOf is all that is recorded of a dispute, in the record's order.
func (court *Court) historyOf(ctx context.Context, id string) ([]eventlog.Record, error) {
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
