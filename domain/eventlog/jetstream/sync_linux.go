//go:build linux

package jetstream

import (
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// syncs are the file systems known to write everything back, and to report what
// they could not, when syncfs(2) asks. Others (FUSE, 9p) may do neither.
var syncs = []int64{
	unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC,
	unix.OVERLAYFS_SUPER_MAGIC, unix.TMPFS_MAGIC, 0x2fc12fc1, // ZFS
}

// syncStore is the barrier: everything written to the store's file system
// before the call is durable when it returns nil. The folder must have been
// open since before the first write, or errors in between would go unseen.
func syncStore(store *os.File) error { return unix.Syncfs(int(store.Fd())) }

// syncsWhole tells whether the barrier can be trusted with the folder: a file
// system that is known for it, on Linux 5.8 or later (before that syncfs did
// not report failed writes).
func syncsWhole(store *os.File) bool {
	var s unix.Statfs_t
	var u unix.Utsname
	if unix.Fstatfs(int(store.Fd()), &s) != nil || unix.Uname(&u) != nil {
		return false
	}
	return slices.Contains(syncs, int64(s.Type)) && atLeast(unix.ByteSliceToString(u.Release[:]), 5, 8)
}

// free is the number of bytes that may still be written where the folder is.
func free(dir string) (int64, error) {
	var s unix.Statfs_t
	err := unix.Statfs(dir, &s)
	return int64(s.Bavail) * s.Bsize, err
}

// atLeast compares a release such as "6.1.0-42-amd64" with a version.
func atLeast(release string, major, minor int) bool {
	var a, b int
	if _, err := fmt.Sscanf(release, "%d.%d", &a, &b); err != nil {
		return false
	}
	return a > major || a == major && b >= minor
}
