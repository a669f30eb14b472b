package sheets

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// scanner reads the XML of a worksheet tag by tag. A worksheet of a million
// rows is a gigabyte of tags; this reads it more than ten times as fast as
// encoding/xml does, and takes exactly as much of XML as worksheets use: no
// document types, no encodings but UTF-8, names without their prefix.
type scanner struct {
	in    *bufio.Reader
	keep  bool   // whether text is wanted
	text  []byte // before the tag, where it was wanted
	name  []byte // of the tag, without its prefix
	attrs []byte // of a start tag, as they stand
	end   bool   // an end tag
	empty bool   // <tag/>
	buf   []byte
}

var (
	errXML     = errors.New("the worksheet's XML is damaged")
	errTooLong = errors.New("a cell of the worksheet is too long")
)

// textLimit is the most text one cell may have; spreadsheets keep 32,767
// characters.
const textLimit = 1 << 20

// tag goes on to the next tag. io.EOF ends.
func (s *scanner) tag() error {
	s.text = s.text[:0]
	for {
		if err := s.upTo('<'); err != nil {
			return err
		}
		head, err := s.in.Peek(2)
		switch {
		case len(head) < 1:
			return damaged(err)
		case head[0] == '?':
			err = s.skip("?", "?>", false)
		case head[0] == '!' && len(head) > 1 && head[1] == '-':
			err = s.skip("!--", "-->", false)
		case head[0] == '!' && len(head) > 1 && head[1] == '[':
			err = s.skip("![CDATA[", "]]>", s.keep)
		case head[0] == '!':
			return errXML
		default:
			return s.readTag()
		}
		if err != nil {
			return damaged(err)
		}
	}
}

func damaged(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return errXML
	}
	return err
}

// upTo passes the text before c, and c.
func (s *scanner) upTo(c byte) error {
	from := len(s.text) // what stands before came out of CDATA, or is unescaped
	for {
		seg, err := s.in.ReadSlice(c)
		if s.keep {
			s.text = append(s.text, bytes.TrimSuffix(seg, []byte{c})...)
			if len(s.text) > textLimit {
				return errTooLong
			}
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if s.keep && bytes.IndexByte(s.text[from:], '&') >= 0 {
				s.text = s.text[:from+len(unescape(s.text[from:]))]
			}
			return err
		}
	}
}

// skip passes what opens with open, up to and with mark; what is between goes
// into text where it is wanted.
func (s *scanner) skip(open, mark string, keep bool) error {
	if head, err := s.in.Peek(len(open)); string(head) != open {
		return damaged(err)
	}
	if _, err := s.in.Discard(len(open)); err != nil {
		return err
	}
	last := mark[len(mark)-1]
	s.buf = s.buf[:0]
	for {
		seg, err := s.in.ReadSlice(last)
		s.buf = append(s.buf, seg...)
		if len(s.buf) > textLimit {
			return errTooLong
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		if bytes.HasSuffix(s.buf, []byte(mark)) {
			if keep {
				s.text = append(s.text, s.buf[:len(s.buf)-len(mark)]...)
			}
			return nil
		}
	}
}

// readTag reads from behind < to >; a > within quotation marks is part of a
// value.
func (s *scanner) readTag() error {
	raw, err := s.in.ReadSlice('>')
	if err != nil || quotes(raw)%2 == 1 {
		s.buf = append(s.buf[:0], raw...)
		for err != nil || quotes(s.buf)%2 == 1 {
			if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
				return damaged(err)
			}
			if len(s.buf) > textLimit {
				return errTooLong
			}
			raw, err = s.in.ReadSlice('>')
			s.buf = append(s.buf, raw...)
		}
		raw = s.buf
	}
	raw = raw[:len(raw)-1]
	s.end, s.empty = false, false
	if n := len(raw); n > 0 && raw[0] == '/' {
		s.end, raw = true, raw[1:]
	} else if n > 0 && raw[n-1] == '/' {
		s.empty, raw = true, raw[:n-1]
	}
	name, attrs := raw, []byte(nil)
	if i := bytes.IndexAny(raw, " \t\r\n"); i >= 0 {
		name, attrs = raw[:i], raw[i+1:]
	}
	if i := bytes.IndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	if len(name) == 0 {
		return errXML
	}
	s.name, s.attrs = name, attrs
	return nil
}

// quotes counts the quotation marks that open or close a value.
func quotes(tag []byte) int {
	n, in := 0, byte(0)
	for _, c := range tag {
		switch {
		case in == 0 && (c == '"' || c == '\''):
			in = c
			n++
		case in != 0 && c == in:
			in = 0
			n++
		}
	}
	return n
}

// starts and ends tell whether the tag starts or ends an element of the name.
func (s *scanner) starts(name string) bool { return !s.end && string(s.name) == name }
func (s *scanner) ends(name string) bool   { return s.end && string(s.name) == name }

// attr gives an attribute without a prefix; the value is good until the next tag.
func (s *scanner) attr(name string) []byte {
	rest := s.attrs
	for {
		rest = bytes.TrimLeft(rest, " \t\r\n")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimRight(rest[:eq], " \t\r\n")
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return nil
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return nil
		}
		value := rest[1 : 1+end]
		rest = rest[end+2:]
		if string(key) == name {
			if bytes.IndexByte(value, '&') >= 0 {
				value = unescape(bytes.Clone(value))
			}
			return value
		}
	}
}

// unescape replaces the five entities of XML and character references, in
// place: none is shorter than what it stands for.
func unescape(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); {
		if b[i] != '&' {
			out = append(out, b[i])
			i++
			continue
		}
		end := bytes.IndexByte(b[i:min(i+12, len(b))], ';')
		if end < 0 {
			out = append(out, '&')
			i++
			continue
		}
		entity := string(b[i+1 : i+end])
		i += end + 1
		out = append(out, entityText(entity)...)
	}
	return out
}

func entityText(entity string) string {
	switch entity {
	case "amp":
		return "&"
	case "lt":
		return "<"
	case "gt":
		return ">"
	case "quot":
		return `"`
	case "apos":
		return "'"
	}
	base, digits := 10, ""
	if len(entity) > 1 && entity[0] == '#' {
		digits = entity[1:]
		if digits[0] == 'x' || digits[0] == 'X' {
			base, digits = 16, digits[1:]
		}
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return "\uFFFD"
	}
	return string(rune(n))
}
