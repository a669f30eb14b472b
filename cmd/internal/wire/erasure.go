package wire

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"doorstep/api/local"
	"doorstep/domain/calendar"
	"doorstep/domain/confirmation"
	"doorstep/domain/decide"
	"doorstep/domain/eventlog"
	"doorstep/domain/mediation"
)

// defaultRetention is for how many days a case file is kept after the case is
// over where the court has set nothing: twenty years, on the side of keeping.
const defaultRetention = 7305

// retention is the court's own rule, in the file retention.json of its folder.
type retention struct {
	Days int `json:"days"`
}

// ErrRetention is given for a retention.json that does not say a number of days.
var ErrRetention = errors.New("retention.json does not say for how many days files are kept")

func (court *Court) retention() (int, error) {
	b, err := os.ReadFile(filepath.Join(court.Data, "retention.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return defaultRetention, nil
	}
	if err != nil {
		return 0, err
	}
	var r retention
	if err := json.Unmarshal(b, &r); err != nil || r.Days < 1 {
		return 0, fmt.Errorf(`%w: write {"days": 7305}`, ErrRetention)
	}
	return r.Days, nil
}

// Erasure asks for the deletion of a party's data in one case, or of a person's in
// every case that the person's identity number stands in.
type Erasure struct {
	Case   string // id, case number or the platform's id; empty: every case of Number
	Party  string // key in the case
	Number string // identity number
	Basis  mediation.EraseBasis
}

// Erased is what came of it in one case.
type Erased struct {
	Case    string          `json:"case"`
	Party   string          `json:"party"`
	Refused *decide.Refusal `json:"refused,omitempty"` // why nothing was deleted
	Again   bool            `json:"again,omitempty"`   // it was deleted before
}

// foundErased is the answer on its way through the local door.
type foundErased struct {
	Is   bool
	List []Erased
}

// Erase deletes: the deed is recorded, and the keys are destroyed when it returns.
// Errors: ErrNoCase, also where no case has the number.
func (court *Court) Erase(ctx context.Context, e Erasure) ([]Erased, error) {
	if court.Remote != nil {
		found, err := local.Ask[Erasure, foundErased](ctx, court.Remote, askErase, e)
		if err == nil && !found.Is {
			err = ErrNoCase
		}
		return found.List, err
	}
	if court.safe.keys == nil {
		return nil, ErrUnsealed
	}
	keep, err := court.retention()
	if err != nil {
		return nil, err
	}
	stands, err := court.standing(ctx, e)
	if err != nil {
		return nil, err
	}
	var list []Erased
	for _, s := range stands {
		done, err := court.eraseParty(ctx, s, e.Basis, keep)
		if err != nil {
			return list, err
		}
		list = append(list, done)
	}
	if err := court.Follower.CatchUp(ctx); err != nil {
		return list, err
	}
	for _, done := range list {
		if done.Refused == nil && !court.safe.keys.Erased(ctx, done.Case, done.Party) {
			return list, errors.New("the deletion is recorded, but the keys are not destroyed yet")
		}
	}
	return list, nil
}

// standing is in which cases, and as whom, the person stands.
func (court *Court) standing(ctx context.Context, e Erasure) ([]Erased, error) {
	if e.Number == "" {
		id, err := court.caseOf(ctx, e.Case)
		return []Erased{{Case: id, Party: e.Party}}, err
	}
	found, err := court.safe.keys.Find(ctx, e.Number)
	if err == nil && len(found) == 0 {
		err = ErrNoCase
	}
	var list []Erased
	for _, f := range found {
		list = append(list, Erased{Case: f.Case, Party: f.Person})
	}
	return list, err
}

func (court *Court) eraseParty(ctx context.Context, s Erased, basis mediation.EraseBasis, keep int) (Erased, error) {
	followed, _, err := court.Confirmations.Load(ctx, confirmation.Stream(s.Case))
	if err != nil {
		return s, err
	}
	cmd := mediation.EraseParty{
		Occasion: court.now(), Party: s.Party, Basis: basis, Keep: keep,
		Followed: followed.Ended, Pending: followed.Stage != confirmation.None && !followed.Stage.Ended(),
	}
	out, err := court.Disputes.Do(ctx, mediation.Stream(s.Case), court.deed("erase-"+s.Party+"-"+s.Case), cmd)
	if errors.As(err, &s.Refused) {
		return s, nil
	}
	s.Again = err == nil && !out.Kept
	return s, err
}

// Hold freezes a case file, or releases it. Errors: ErrNoCase; a *decide.Refusal.
func (court *Court) Hold(ctx context.Context, h Holding) (Erased, error) {
	if court.Remote != nil {
		found, err := local.Ask[Holding, foundErased](ctx, court.Remote, askHold, h)
		if err == nil && !found.Is {
			return Erased{}, ErrNoCase
		}
		if err != nil {
			return Erased{}, err
		}
		return found.List[0], nil
	}
	id, err := court.caseOf(ctx, h.Case)
	if err != nil {
		return Erased{}, err
	}
	var cmd mediation.Command = mediation.PlaceHold{Occasion: court.now()}
	if h.Release {
		cmd = mediation.ReleaseHold{Occasion: court.now()}
	}
	_, head, err := court.Disputes.Load(ctx, mediation.Stream(id))
	if err != nil {
		return Erased{}, err
	}
	done := Erased{Case: id}
	out, err := court.Disputes.Do(ctx, mediation.Stream(id), court.deed(holdID(id, head)), cmd)
	if errors.As(err, &done.Refused) {
		return done, nil
	}
	done.Again = err == nil && !out.Kept
	return done, err
}

// Holding asks for a hold.
type Holding struct {
	Case    string
	Release bool
}

func holdID(id string, head eventlog.Head) string { return fmt.Sprintf("hold-%d-%s", head.Length, id) }

// operator is the account of whoever works at the machine itself.
const operator = "operator"

func (court *Court) deed(id string) decide.Deed {
	return decide.Deed{ID: id[:min(len(id), 64)], At: court.Now(), Actor: operator}
}

func (court *Court) now() mediation.Occasion {
	return mediation.Occasion{At: calendar.At(court.Now()), Today: calendar.DateOf(court.Now())}
}

func (court *Court) answerErase(ctx context.Context, e Erasure) (foundErased, error) {
	list, err := court.Erase(ctx, e)
	if errors.Is(err, ErrNoCase) {
		return foundErased{}, nil
	}
	return foundErased{true, list}, err
}

func (court *Court) answerHold(ctx context.Context, h Holding) (foundErased, error) {
	done, err := court.Hold(ctx, h)
	if errors.Is(err, ErrNoCase) {
		return foundErased{}, nil
	}
	return foundErased{true, []Erased{done}}, err
}
