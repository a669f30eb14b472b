//go:build faults

package eventstoredb_test

// rounds is how often the storm goes through everything that goes wrong.
const rounds = 25
