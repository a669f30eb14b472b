package archive

import (
	"errors"
	"fmt"
	"strings"

	"filippo.io/age"
)

// Recipients are those who can open what is encrypted for them: the holders of
// age keys, or of one passphrase. The zero Recipients are nobody.
type Recipients struct {
	to   []age.Recipient
	word *age.ScryptIdentity // of the passphrase
}

// Identities open what was encrypted for one of them.
type Identities struct{ all []age.Identity }

// Why a key is not taken. The errors carry nothing of it.
var (
	ErrNoRecipient = errors.New("this is not a list of age public keys")
	ErrNoIdentity  = errors.New("this is not a list of age secret keys")
	ErrPassphrase  = errors.New("the passphrase is shorter than twelve characters")
)

// ParseRecipients reads age public keys (age1…), one a line; empty lines and
// lines that begin with # are none. The error is ErrNoRecipient.
func ParseRecipients(text string) (Recipients, error) {
	to, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil {
		return Recipients{}, ErrNoRecipient
	}
	return Recipients{to: to}, nil
}

// ParseIdentities reads age secret keys, as age-keygen writes them. The error
// is ErrNoIdentity.
func ParseIdentities(text string) (Identities, error) {
	all, err := age.ParseIdentities(strings.NewReader(text))
	if err != nil {
		return Identities{}, ErrNoIdentity
	}
	return Identities{all}, nil
}

// scryptWork is the work factor of passphrases, two to that power: about a
// second. It is a variable for tests, which have no second to lose.
var scryptWork = 18

// shortest is how many bytes a passphrase must have.
const shortest = 12

// FromPassphrase gives both sides of a passphrase; white space around it does
// not count. The error is ErrPassphrase.
func FromPassphrase(word string) (Recipients, Identities, error) {
	if word = strings.TrimSpace(word); len(word) < shortest {
		return Recipients{}, Identities{}, ErrPassphrase
	}
	to, err := age.NewScryptRecipient(word)
	if err != nil {
		return Recipients{}, Identities{}, ErrPassphrase
	}
	to.SetWorkFactor(scryptWork)
	with, err := age.NewScryptIdentity(word)
	if err != nil {
		return Recipients{}, Identities{}, ErrPassphrase
	}
	return Recipients{[]age.Recipient{to}, with}, Identities{[]age.Identity{with}}, nil
}

// NewIdentity makes a key: the secret one, to be kept away from the machine
// that makes backups, and the public one.
func NewIdentity() (secret, public string, err error) {
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return "", "", err
	}
	return i.String(), i.Recipient().String(), nil
}

// None tells whether nobody could open it.
func (r Recipients) None() bool { return len(r.to) == 0 }

// None tells whether there is no key.
func (i Identities) None() bool { return len(i.all) == 0 }

// And adds recipients. A passphrase stands alone: age mixes it with nobody.
func (r Recipients) And(more Recipients) (Recipients, error) {
	switch {
	case r.None():
		return more, nil
	case more.None():
		return r, nil
	case r.word != nil || more.word != nil:
		return r, errors.New("a passphrase cannot be mixed with other recipients")
	}
	return Recipients{to: append(append([]age.Recipient{}, r.to...), more.to...)}, nil
}

// witness adds a recipient whose secret key is in this process's memory only,
// so that what is written can be read back once.
func (r Recipients) witness() (Recipients, Identities, error) {
	if r.word != nil {
		return r, Identities{[]age.Identity{r.word}}, nil
	}
	var with age.Identity
	var to age.Recipient
	if _, hybrid := r.to[0].(*age.HybridRecipient); hybrid { // mixes with its like only
		i, err := age.GenerateHybridIdentity()
		if err != nil {
			return r, Identities{}, err
		}
		with, to = i, i.Recipient()
	} else {
		i, err := age.GenerateX25519Identity()
		if err != nil {
			return r, Identities{}, err
		}
		with, to = i, i.Recipient()
	}
	both, err := r.And(Recipients{to: []age.Recipient{to}})
	if err == nil {
		_, err = age.Encrypt(discard{}, both.to...) // keys that cannot be mixed show here
	}
	if err != nil {
		return r, Identities{}, fmt.Errorf("%w: %v", ErrNoRecipient, err)
	}
	return both, Identities{[]age.Identity{with}}, nil
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }
