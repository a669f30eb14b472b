//go:build unix

package wire

import (
	"os"
	"syscall"
)

// sameDisk tells whether both lie on one file system.
func sameDisk(a, b string) bool {
	one, errOne := os.Stat(a)
	other, errOther := os.Stat(b)
	if errOne != nil || errOther != nil {
		return false
	}
	x, isX := one.Sys().(*syscall.Stat_t)
	y, isY := other.Sys().(*syscall.Stat_t)
	return isX && isY && x.Dev == y.Dev
}
