package vault

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"doorstep/domain/eventlog/sealed"
)

// Master wraps the one key under which all persons' keys lie. It is asked when
// the keys' store is made and when it is opened; a key-management service or a
// card with the same two answers can stand in for the file.
type Master interface {
	Wrap(ctx context.Context, name string, key []byte) ([]byte, error)
	Unwrap(ctx context.Context, name string, wrapped []byte) ([]byte, error)
}

// masterFile is a master key in a file for its owner alone.
type masterFile struct{ key []byte }

const masterForm = "doorstep-master-1 "

// NewMasterFile makes a master key and is on the disk when it returns. It never
// replaces one.
func NewMasterFile(path string) (Master, error) {
	key := make([]byte, sealed.KeySize)
	rand.Read(key)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.WriteString(masterForm + base64.StdEncoding.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close(), syncFolder(filepath.Dir(path))); err != nil {
		return nil, err
	}
	return masterFile{key}, nil
}

// OpenMasterFile reads the master key. Errors: ErrNoMaster; ErrExposed;
// ErrOtherMaster where the file holds something else.
func OpenMasterFile(path string) (Master, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoMaster, path)
	}
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s has mode %v", ErrExposed, path, info.Mode().Perm())
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text, ok := strings.CutPrefix(strings.TrimSpace(string(b)), masterForm)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) != sealed.KeySize {
		return nil, fmt.Errorf("%w: %s", ErrOtherMaster, path)
	}
	return masterFile{key}, nil
}

func (m masterFile) Wrap(_ context.Context, name string, key []byte) ([]byte, error) {
	return wrap(m.key, name, key), nil
}

func (m masterFile) Unwrap(_ context.Context, name string, wrapped []byte) ([]byte, error) {
	return unwrap(m.key, name, wrapped)
}

// syncFolder makes the names in a folder durable, where the system can.
func syncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
