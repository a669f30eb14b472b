//go:build !linux

package archive

import "os"

// forgetCached does nothing where the kernel takes no such advice.
func forgetCached(*os.File) {}
