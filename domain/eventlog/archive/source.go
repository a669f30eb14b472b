package archive

import (
	"io"
	"iter"
	"os"

	"doorstep/domain/eventlog"
)

// Source is what a log can be restored from: a backup or a second copy.
type Source interface {
	io.Closer

	// Genesis says which log it is.
	Genesis() eventlog.Genesis

	// Records gives the commits in the log's order, once; it ends without an
	// error only where all of it is sound. See Reader.Records.
	Records() iter.Seq2[eventlog.Record, error]

	// Signed gives the log's public keys and the newest checkpoint of what
	// Records has given so far.
	Signed() (verifiers, checkpoint string)

	// SigningKey is the log's secret signing key; empty where it is not there.
	SigningKey() string
}

// OpenSource opens a backup, or the folder of a second copy. Errors: those of
// Open and OpenSecond.
func OpenSource(path string, with Identities) (Source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return OpenSecond(path, with)
	}
	return Open(path, with)
}
