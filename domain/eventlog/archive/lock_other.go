//go:build !unix

package archive

import (
	"errors"
	"os"
)

var errLocked = errors.New("locked")

// lockFile refuses: without a lock two processes could spoil one folder.
func lockFile(*os.File) error {
	return errors.New("this system has no file locks that Doorstep knows")
}
