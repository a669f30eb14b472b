package mediation

import (
	"maps"
	"slices"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

// Refusals of erasure and holds.
var (
	ErrUnended     = decide.Refuse("not-over", "该纠纷尚未办结，不能删除当事人个人信息。", "The case is not over; a party's data cannot be deleted yet.", "个人信息保护法 47")
	ErrKept        = decide.Refuse("retention-runs", "案卷保管期限尚未届满，不能删除；期间只能存储和采取必要的安全保护措施。", "The case file must still be kept, so nothing is deleted. Until then the data may only be stored and protected.", "个人信息保护法 47；人民调解法 27")
	ErrHeld        = decide.Refuse("on-hold", "该案卷已被冻结（例如审计、申诉或者另案需要），解除冻结之后才能删除。", "The case file is on hold (for an audit, an appeal, another case). Release the hold first.", "")
	ErrBasis       = decide.Refuse("no-basis", "请选择删除的法定情形：purpose-achieved（处理目的已实现）、period-over（保存期限已届满）、consent-withdrawn（撤回同意）、unlawful（违法处理）或者 other-law（法律、行政法规规定的其他情形）。", "Choose on what ground: purpose-achieved, period-over, consent-withdrawn, unlawful or other-law.", "个人信息保护法 47")
	ErrPartyErased = decide.Refuse("party-erased", "该案当事人的个人信息已依法删除，案卷不再办理。", "Personal data of this case was deleted by law; nothing more is done in it.", "个人信息保护法 47")
	ErrNoHold      = decide.Refuse("no-hold", "该案卷没有被冻结。", "The case file is not on hold.", "")
)

// EraseBasis is on which ground of 个人信息保护法 47 a party's data is deleted. It
// is a word of this set, so that the record of a deletion holds nothing personal.
type EraseBasis string

// The grounds, in the order of the article.
const (
	PurposeAchieved  EraseBasis = "purpose-achieved"  // 处理目的已实现、无法实现或者不再必要
	PeriodExpired    EraseBasis = "period-over"       // 保存期限已届满
	ConsentWithdrawn EraseBasis = "consent-withdrawn" // 个人撤回同意
	Unlawful         EraseBasis = "unlawful"          // 违反法律、行政法规或者约定处理
	OtherLaw         EraseBasis = "other-law"         // 法律、行政法规规定的其他情形
)

// EraseBases lists them.
var EraseBases = []EraseBasis{PurposeAchieved, PeriodExpired, ConsentWithdrawn, Unlawful, OtherLaw}

// EraseParty has a party's personal data deleted, and with it what people wrote
// at length in the case: that names whom it likes.
type EraseParty struct {
	Occasion
	Party    string // key
	Basis    EraseBasis
	Keep     int           // days for which a file is kept after the case is over
	Followed calendar.Date // the day on which the confirmation that followed was over; zero: none followed
	Pending  bool          // a confirmation is not over yet
}

func (cmd EraseParty) decide(d Dispute) ([]Event, error) {
	_, known := d.Party(cmd.Party)
	over := max(d.Ended, d.Performed.On, cmd.Followed)
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case !known:
		return nil, ErrNoParty
	case slices.Contains(d.Erased, cmd.Party):
		return nil, nil
	case !slices.Contains(EraseBases, cmd.Basis):
		return nil, ErrBasis
	case !d.Stage.Ended() || cmd.Pending:
		return nil, ErrUnended
	case d.Held:
		return nil, ErrHeld
	case !cmd.Today.After(over.AddDays(cmd.Keep)):
		return nil, ErrKept
	}
	if err := between(over, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{PartyErased{When{cmd.At}, cmd.Party, cmd.Basis, cmd.Keep}}, nil
}

// PartyErased: the party's data, and the free text of the case, are deleted.
// Whoever keeps keys destroys theirs.
type PartyErased struct {
	When
	Party string     `json:"party" personal:"no"`
	Basis EraseBasis `json:"basis"`
	Kept  int        `json:"kept_days,omitempty"` // for which the file had to be kept
}

// Kind is the stored name.
func (PartyErased) Kind() string { return "party-erased" }

// evolve puts the mark where the vault shows it from now on, so that a dispute
// folded before the deletion and one folded after it are the same.
func (e PartyErased) evolve(d *Dispute) {
	d.Erased = append(without(d.Erased, e.Party), e.Party)
	d.Parties = slices.Clone(d.Parties)
	for i := range d.Parties {
		if p := &d.Parties[i]; p.Key == e.Party {
			p.Name, p.IDNumber, p.Phone, p.Address = erased(p.Name), erased(p.IDNumber), erased(p.Phone), erased(p.Address)
		}
	}
	d.Facts, d.Agreement.Terms = erased(d.Facts), erased(d.Agreement.Terms)
	d.Sessions = slices.Clone(d.Sessions)
	for i := range d.Sessions {
		d.Sessions[i].Record = erased(d.Sessions[i].Record)
	}
	if d.Source != nil {
		source := *d.Source
		source.Hash, source.Extra = erased(source.Hash), maps.Clone(source.Extra)
		for k, v := range source.Extra {
			source.Extra[k] = erased(v)
		}
		d.Source = &source
	}
}

// erased is the mark in the place of a text; nothing stays nothing.
func erased(text string) string {
	if text == "" {
		return ""
	}
	return codec.Erased
}

// PlaceHold freezes the case file: nothing of it is deleted until the hold is
// released (案卷冻结).
type PlaceHold struct{ Occasion }

func (cmd PlaceHold) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case d.Held:
		return nil, nil
	}
	if err := between(d.FiledOn, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{HoldPlaced{When{cmd.At}}}, nil
}

// HoldPlaced: nothing of the case file may be deleted.
type HoldPlaced struct{ When }

// Kind is the stored name.
func (HoldPlaced) Kind() string { return "hold-placed" }

func (e HoldPlaced) evolve(d *Dispute) { d.Held = true }

// ReleaseHold ends the hold.
type ReleaseHold struct{ Occasion }

func (cmd ReleaseHold) decide(d Dispute) ([]Event, error) {
	switch {
	case d.Stage == Unfiled:
		return nil, ErrNotFiled
	case !d.Held:
		return nil, ErrNoHold
	}
	if err := between(d.FiledOn, cmd.At.Date, cmd.Today); err != nil {
		return nil, err
	}
	return []Event{HoldReleased{When{cmd.At}}}, nil
}

// HoldReleased: the case file is kept as any other.
type HoldReleased struct{ When }

// Kind is the stored name.
func (HoldReleased) Kind() string { return "hold-released" }

func (e HoldReleased) evolve(d *Dispute) { d.Held = false }
