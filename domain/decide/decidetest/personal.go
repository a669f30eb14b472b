package decidetest

import "testing"

// DeclaresPersonal checks that every text of every stored form says whether it is
// personal: what is forgotten here would stand in the log for ever.
func (r Room[S, C, E]) DeclaresPersonal(t *testing.T) {
	t.Helper()
	for _, text := range r.Codec.Undeclared() {
		t.Errorf(`%s: is this personal? Say so in the field's tag: personal:"identity,by=key", personal:"text", … or personal:"no"; see codec.Personal`, text)
	}
}
