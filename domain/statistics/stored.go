package statistics

import (
	"encoding/binary"
	"errors"
	"time"

	"doorstep/domain/calendar"
)

// form is the version of the stored form below.
const form = 1

// errForm is given for bytes that MarshalBinary did not write.
var errForm = errors.New("statistics: not the stored form of a history")

// MarshalBinary writes the history compactly: a view keeps one for each dispute.
func (h History) MarshalBinary() ([]byte, error) {
	b := make([]byte, 0, 16+24*len(h.entries))
	b = append(b, form)
	b = binary.AppendVarint(b, h.known.UnixMicro())
	for _, e := range h.entries {
		b = append(b, byte(e.kind))
		b = binary.AppendVarint(b, int64(e.day))
		b = appendText(b, e.place)
		b = appendText(b, e.cause)
		b = binary.AppendVarint(b, int64(e.ground))
		b = append(b, flag(e.audioVideo))
	}
	return b, nil
}

func flag(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (h *History) UnmarshalBinary(b []byte) error {
	if len(b) == 0 || b[0] != form {
		return errForm
	}
	r := reader{rest: b[1:]}
	out := History{known: time.UnixMicro(r.number()).UTC()}
	for len(r.rest) > 0 && !r.bad {
		e := entry{kind: kind(r.byte(filed, last)), day: calendar.Date(r.number()), place: r.text(), cause: r.text(), ground: int(r.number())}
		e.audioVideo = r.byte(0, 1) == 1
		out.entries = append(out.entries, e)
	}
	if r.bad {
		return errForm
	}
	*h = out
	return nil
}

// reader takes bytes apart; once bad it stays so.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) byte(least, most kind) byte {
	if len(r.rest) == 0 || r.rest[0] < byte(least) || r.rest[0] > byte(most) {
		r.bad, r.rest = true, nil
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *reader) number() int64 {
	n, size := binary.Varint(r.rest)
	if size <= 0 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *reader) text() string {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > uint64(len(r.rest)-size) {
		r.bad, r.rest = true, nil
		return ""
	}
	s := string(r.rest[size : size+int(n)])
	r.rest = r.rest[size+int(n):]
	return s
}
