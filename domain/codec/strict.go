package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// errNoObject is given for bytes that hold something else than one JSON object.
var errNoObject = errors.New("not one JSON object")

// strictly decodes one whole object: what we would drop, be it a field or what
// stands behind the object, makes it a form that we do not know.
func strictly(b []byte, into any) error {
	if !bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) {
		return errNoObject
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errNoObject
	}
	return nil
}

// whatIsWrong says what strictly found without a word of the bytes: errors of
// the JSON decoder and of our own types quote values, which may be names.
func whatIsWrong(err error) string {
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.Is(err, errNoObject):
		return errNoObject.Error()
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it breaks off"
	case errors.As(err, &syntax):
		return fmt.Sprintf("not JSON at byte %d", syntax.Offset)
	case errors.As(err, &typed):
		return fmt.Sprintf("field %q holds a value of another type", typed.Field)
	case strings.HasPrefix(err.Error(), "json: unknown field"):
		return "it has a field that this version does not know"
	}
	return "it holds a value that cannot be read"
}
