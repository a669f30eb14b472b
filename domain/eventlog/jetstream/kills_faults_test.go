//go:build faults

package jetstream_test

import (
	"os"
	"strconv"
)

// kills is how often `make faults` kills a process.
var kills = func() int {
	n, err := strconv.Atoi(os.Getenv("DOORSTEP_KILLS"))
	if err != nil || n < 1 {
		return 200
	}
	return n
}()
