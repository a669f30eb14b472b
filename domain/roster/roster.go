// Package roster is who and where: judge workstations (法官工作站), mediation
// organisations (调解组织) and territories with the figures that are published of
// them. Each has a stream of its own; what was listed stays in its history, so
// that any past day can be asked for. It is pure.
package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
)

// Entry is what one stream of the roster says: of its three parts one is used.
type Entry struct {
	Station      StationListed
	Organisation OrganisationListed
	Territory    TerritoryListed
	Populations  map[populationKey]PopulationPublished
	Suits        map[suitsKey]int
}

// Event is something that happened to an entry; the set is closed.
type Event interface {
	codec.Event
	evolve(*Entry)
}

// Command asks for a change of an entry; the set is closed.
type Command interface {
	decide(Entry) ([]Event, error)
}

// Decider is the rules of the roster.
var Decider = decide.Decider[Entry, Command, Event]{
	Initial: func() Entry { return Entry{} },
	Decide:  func(e Entry, c Command) ([]Event, error) { return c.decide(e) },
	Evolve:  func(s Entry, e Event) Entry { e.evolve(&s); return s },
}

// Desk carries out commands on the roster.
type Desk = decide.Desk[Entry, Command, Event]

// Codec holds every form in which an event of the roster was ever stored. From
// the first release on no line is ever removed.
var Codec = codec.New(
	codec.NewForm("station-listed", 1, same[StationListed]),
	codec.NewForm("organisation-listed", 1, same[OrganisationListed]),
	codec.NewForm("territory-listed", 1, same[TerritoryListed]),
	codec.NewForm("population-published", 1, same[PopulationPublished]),
	codec.NewForm("suits-counted", 1, same[SuitsCounted]),
)

func same[T Event](e T) Event { return e }

// The streams of the roster, by code.
func StationStream(code string) string      { return "station-" + streamID(code) }
func OrganisationStream(code string) string { return "organisation-" + streamID(code) }
func TerritoryStream(code string) string    { return "territory-" + streamID(code) }

// Streams are what the names of the roster's streams begin with.
var Streams = []string{"station-", "organisation-", "territory-"}

// IsStream tells whether the stream is one of the roster.
func IsStream(stream string) bool {
	for _, begins := range Streams {
		if strings.HasPrefix(stream, begins) {
			return true
		}
	}
	return false
}

var plain = regexp.MustCompile(`^[A-Za-z0-9_-]{1,60}$`)

// streamID is the code itself where it may stand in a stream's name, or else a
// digest of it, for courts whose codes are words.
func streamID(code string) string {
	if plain.MatchString(code) && !strings.HasPrefix(code, "x-") {
		return code
	}
	sum := sha256.Sum256([]byte(code))
	return "x-" + hex.EncodeToString(sum[:12])
}

// Refusals of the roster.
var (
	ErrNoCode   = decide.Refuse("no-code", "代码和名称不能为空。", "Code and name must not be empty.", "")
	ErrOwnChild = decide.Refuse("own-parent", "地区不能以自己为上级。", "A territory cannot be its own parent.", "")
	ErrBasis    = decide.Refuse("unknown-basis", "口径应当是：常住、户籍或者常住+登记流动。", "The basis is one of: 常住 (resident), 户籍 (registered), 常住+登记流动 (resident and floating).", "")
	ErrDay      = decide.Refuse("no-day", "请填写数据所属的日期。", "State the day to which the figure belongs.", "")
	ErrMonth    = decide.Refuse("bad-month", "月份写作 2021-03。", "A month is written 2021-03.", "")
	ErrSuits    = decide.Refuse("unknown-kind", "类型应当是：民事或者行政。", "The kind is 民事 (civil) or 行政 (administrative).", "")
	ErrNumber   = decide.Refuse("bad-number", "数目不能是负数。", "The number cannot be negative.", "")
)

// When is the business time of an event.
type When struct {
	At calendar.Moment `json:"at"`
}

// Happened is 业务发生, as RFC 3339.
func (w When) Happened() string { return w.At.String() }
