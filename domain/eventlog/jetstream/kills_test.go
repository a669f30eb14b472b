//go:build !faults

package jetstream_test

// kills is how often the ordinary test kills a process.
const kills = 10
