//go:build linux

// Package powercut is a disk for tests whose power can be cut: an ext4 of its
// own in a file. It needs root, mkfs.ext4 and a free loop device.
package powercut

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Disk is mounted at Mount, unless it is off.
type Disk struct {
	image string
	Mount string
}

// NewDisk makes a disk of so many MiB, which goes with the test. It fails the
// test where something that it needs is missing.
func NewDisk(t *testing.T, mib int) *Disk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Fatal("cutting a disk's power needs root")
	}
	dir := t.TempDir()
	d := &Disk{filepath.Join(dir, "image"), filepath.Join(dir, "mount")}
	must(t, os.Mkdir(d.Mount, 0o700))
	must(t, os.WriteFile(d.image, nil, 0o600))
	must(t, os.Truncate(d.image, int64(mib)<<20))
	run(t, "mkfs.ext4", "-q", "-F", d.image)
	d.On(t)
	t.Cleanup(func() { d.Off(t) })
	return d
}

// On mounts the disk, Off takes it away.
func (d *Disk) On(t *testing.T) { t.Helper(); run(t, "mount", "-o", "loop", d.image, d.Mount) }

// Off takes the disk away; nobody may have a file of it open.
func (d *Disk) Off(t *testing.T) { t.Helper(); run(t, "umount", d.Mount) }

// Cut makes the file system forget whatever is not on the disk, as when the
// power fails: nothing more is written, not even what is under way.
func (d *Disk) Cut(t *testing.T) {
	t.Helper()
	const shutdown, withoutFlushing = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_NOLOGFLUSH
	f, err := os.Open(d.Mount)
	must(t, err)
	defer f.Close()
	must(t, unix.IoctlSetPointerInt(int(f.Fd()), shutdown, withoutFlushing))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}
