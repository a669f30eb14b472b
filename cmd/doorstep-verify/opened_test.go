package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"testing"

	"doorstep/domain/eventlog/sealed"
)

// TestATextIsOpenedAsItWasSealedAndNotOtherwise seals with the library and
// opens with this program, and then changes one thing at a time.
func TestATextIsOpenedAsItWasSealedAndNotOtherwise(t *testing.T) {
	key := bytes.Repeat([]byte{9}, sealed.KeySize)
	whose := sealed.Whose{Person: "A1", Purpose: "identity"}
	place := sealed.Place{Commit: "c1", Stream: "dispute-1", Event: 0, Path: "parties/1/na~1me"}
	form := sealed.Seal(key, whose, place, `王\n芳`)
	data, err := json.Marshal(map[string]any{"parties": []any{map[string]any{}, map[string]any{"na/me": form, "other": form}}})
	if err != nil {
		t.Fatal(err)
	}
	c := commit{ID: "c1", Stream: "dispute-1"}
	if err := json.Unmarshal([]byte(`[{"kind":"k","happened":"2024-03-01","data":`+string(data)+`}]`), &c.Events); err != nil {
		t.Fatal(err)
	}
	good := opened{Event: 0, Path: place.Path, Text: `王\n芳`, Key: base64.StdEncoding.EncodeToString(sealed.KeyOf(key, whose, place))}
	if !c.seals(good) || good.plain() != "王\n芳" {
		t.Fatal("the text that was sealed is not opened")
	}
	for name, spoil := range map[string]func(*opened){
		"another text":     func(o *opened) { o.Text = "李强" },
		"another place":    func(o *opened) { o.Path = "parties/1/other" },
		"no place":         func(o *opened) { o.Path = "parties/7/na~1me" },
		"another event":    func(o *opened) { o.Event = 1 },
		"a negative event": func(o *opened) { o.Event = -1 },
		"the person's key": func(o *opened) { o.Key = base64.StdEncoding.EncodeToString(key) },
		"no key":           func(o *opened) { o.Key = "" },
	} {
		o := good
		if spoil(&o); c.seals(o) {
			t.Errorf("%s: still opened", name)
		}
	}
	other := c
	if other.ID = "c2"; other.seals(good) {
		t.Error("another commit seals the text too")
	}
}
