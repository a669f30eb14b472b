package archive

import (
	"os"

	"golang.org/x/sys/unix"
)

// forgetCached asks the kernel to forget what it holds of the file, so that
// reading it back reads the disk. Where it does not, the memory is read.
func forgetCached(f *os.File) { _ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) }
