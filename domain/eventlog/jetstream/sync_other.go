//go:build !linux

package jetstream

import (
	"errors"
	"os"
)

// syncStore is never asked: syncsWhole says no.
func syncStore(*os.File) error { return errors.ErrUnsupported }

// syncsWhole tells that no file system can be synced whole here, so that each
// record is synced by itself.
func syncsWhole(*os.File) bool { return false }

// free says a terabyte: the server's own limit is then what counts.
func free(string) (int64, error) { return 1 << 40, nil }
