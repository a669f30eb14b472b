package eventlogtest

import (
	"fmt"
	"slices"
	"strings"
)

// Case is one thing a log must do, and what shows that it does. The numbers are
// those by which Doorstep's papers speak of them.
type Case struct {
	Number    int
	Says      string
	Checks    []string // of this contract, by their names
	Elsewhere []Test   // what shows it where it is the program's doing and not an engine's
}

// Test is a test outside this package.
type Test struct{ Name, File string }

// Cases are all there are. A check that is named here and does not exist, or
// exists and is named by no case, fails this package's test; so does a test
// elsewhere that is gone.
var Cases = []Case{
	{1, "a new stream takes its first commit", []string{
		"the first commit of a stream has version 0 and no previous hash",
		"the record appended is the record read, to the last byte",
		"the end is the position of the last record",
	}, nil},
	{2, "a new stream that exists already is a conflict that says where it stands", []string{
		"a new stream that exists already is a conflict that says where it stands",
	}, nil},
	{3, "a commit behind the head it names is kept", []string{
		"every commit carries the hash of the one before it",
		"streams do not disturb each other",
		"a log agrees with the plainest log there is",
		"a head from before goes on, and a stale one conflicts",
		"people go on in a filled log where they were",
	}, nil},
	{4, "a stale head is a conflict", []string{
		"a stale head is a conflict that says where the stream stands",
		"a head that is right in one part only is a conflict",
	}, nil},
	{5, "a head ahead of the stream is a conflict", []string{
		"a head ahead of the stream is a conflict",
	}, nil},
	{6, "of writers who race exactly one wins; an order explains all answers (porcupine)", []string{
		"of many writers at one head exactly one wins, and the others learn where it led",
		"each stream is a register that behaves as if one clerk kept it",
		"in bad weather each stream behaves as if one clerk kept it",
	}, nil},
	{7, "a retry at once finds itself", []string{
		"a retry at once finds itself",
		"the same deed sent many times at once is kept once",
		"every command comes three times in any order, and is kept once",
	}, nil},
	{8, "a retry after later commits finds itself, and nothing is appended", []string{
		"a retry at any head finds itself after later commits",
		"a retry finds itself even at a head the stream never had",
	}, nil},
	{9, "a retry finds itself after a restart, however late", []string{
		"a retry after reopening finds itself, and a reused id is refused",
		"a retry finds itself after every upset, whoever asks",
	}, nil},
	{10, "an answer that is lost after the commit was kept is found out", []string{
		"an answer that is lost after the commit was kept is found out",
		"a connection that breaks after any number of bytes loses no commit and doubles none",
	}, []Test{{"TestARetryAfterALostAnswerFindsItself", "domain/eventlog/jetstream/answer_test.go"}}},
	{11, "a command's id used for something else is an error", []string{
		"an id used for something else is refused, at whatever head",
		"the same id may stand in two streams",
		"an id refused for a conflict may be used at the right head",
		"an id refused for its size may be used for something smaller",
	}, nil},
	{12, "a commit of one event and of a hundred keeps their order", []string{
		"one event and a hundred keep their order",
	}, nil},
	{13, "the largest commit is kept, one byte more is refused, and the stream goes on", []string{
		"a commit of the largest size is kept, one byte more is refused, and the stream goes on",
	}, nil},
	{14, "every script, empty payloads, NUL and the longest ids come back as they were", []string{
		"what people write and what machines write comes back as it was",
		"what is not well formed is refused and says so",
		"a time of recording is kept in UTC to the microsecond",
		"what is read cannot be changed by its reader",
	}, nil},
	{15, "reading starts anywhere; a stream that is not there is empty", []string{
		"reading starts anywhere and gives the rest in order",
		"a stream that does not exist is empty",
		"a head of another history is damage and not silence",
		"an empty log is empty after reopening",
	}, nil},
	{16, "where an engine reads in pages, each commit comes once", []string{
		"a long stream is read whole, between others",
		"a sequence can be walked twice",
	}, nil},
	{17, "the log's order is that in which appends ended", []string{
		"following starts anywhere and gives every record after it once, in the log's order",
		"a deed can be read as soon as a follower has shown it",
	}, nil},
	{18, "positions grow, can be written down, and survive a restart", []string{
		"positions grow, and survive being written down",
		"every record, head and position is the same after reopening",
		"everything acknowledged to many writers is there",
	}, nil},
	{19, "a stream read is everything followed, filtered (the log itself has no filter)", []string{
		"reading a stream is following everything and picking that stream",
		"a stream whose name begins another's is not it",
	}, nil},
	{20, "a follower from the start, the midst and the end gets each record once while writers run", []string{
		"followers from the start, the midst and the end see the same order while writers run",
		"a follower that has caught up gets what comes next",
		"a follower of the end waits for the first record of an empty log",
		"a follower may leave in the middle and come back where he was",
	}, nil},
	{21, "a following goes on over restarts, changes of leader and cut connections", []string{
		"followers see every record once over cuts, silence and every upset",
		"a follower comes back where it was and goes on live",
	}, nil},
	{22, "a slow follower loses nothing and holds nobody up", []string{
		"a slow follower does not hold the writers up, and misses nothing",
		"over a slow way everything comes, only later",
	}, nil},
	{23, "who leaves is let go at once, and nothing is left running", []string{
		"a follower who leaves is let go at once and leaves nothing running",
		"a reader may leave in the middle",
		"a reader who has left gets an error and not half a stream",
		"nothing is kept for a caller who has already left",
		"a closed log answers with an error",
	}, nil},
	{24, "a deadline holds though the servers say nothing", []string{
		"a caller is let go at his deadline while the servers are silent",
	}, nil},
	{25, "servers that are down at the start are found when they come up", []string{
		"servers that come up later are found",
	}, nil},
	{26, "a backup that is restored verifies", nil, []Test{
		{"TestABackupWhileWritersAppendIsAPrefixOfTheLog", "domain/eventlog/archive/backup_test.go"},
		{"TestAnArchiveWithAnyBitTurnedIsRefusedOrTheSame", "domain/eventlog/archive/refuse_test.go"},
	}},
	{27, "verifying finds a flipped bit, a cut end, a missing middle and records exchanged", nil, []Test{
		{"TestDamageIsFoundAndNamed", "domain/eventlog/verify_test.go"},
		{"TestABitTurnedInTheMiddleIsReportedByEveryReader", "domain/eventlog/jetstream/refuse_test.go"},
		{"TestWhatIsReadIsWhatWasKeptOrAnError", "domain/eventlog/eventstoredb/read_test.go"},
	}},
	{28, "who did something sees it in every view that he waits for", nil, []Test{
		{"TestWaitReturnsWhenEveryViewHasTakenTheRecordIn", "projections/follow/follow_test.go"},
	}},
	{29, "among ten thousand streams and a hundred readers nobody starves", []string{
		"among many streams a hundred readers and some writers all come on",
	}, nil},
	{30, "a clock that jumps an hour or a day either way moves and loses nothing", []string{
		"a clock that jumps moves no record from its place",
	}, nil},
	{31, "a log moved to another engine and back has the same chains and the same tree", []string{
		"a filled log holds the same bytes in the same order, and the same heads",
		"filling goes on where it broke off",
		"what breaks off the records breaks off the filling, and a prefix stays",
		"a filling that is called off leaves a prefix",
		"whoever appends meanwhile comes before, after, or not at all, and nothing is torn",
	}, []Test{{"TestALogMovedThereAndBackIsTheSame", "domain/eventlog/eventstoredb/fill_test.go"}}},
}

func (c Case) title() string { return fmt.Sprintf("case %d, %s", c.Number, c.Says) }

// Engines are what the cases are run on, in the order of the table.
var Engines = []string{"memory", "embedded", "cluster", "esdb", "socket"}

// exempt says which cases an engine does not run, and why. Where it runs one
// after all, or one that is not here not, its test fails.
var exempt = map[string]map[int]string{
	"memory": {
		9: forgets, 10: noWay, 21: noWay, 24: noWay, 25: noWay,
	},
	"embedded": {
		10: "runs in the same process: no answer can be lost between it and its caller; what its own server fails to answer is tested at home",
		24: noWay, 25: noWay,
	},
	"socket": {
		9: "is another's log", 31: "only its holder fills a log",
		10: sameMachine, 21: sameMachine, 24: sameMachine, 25: sameMachine,
	},
}

const (
	forgets     = "keeps nothing beyond its process"
	noWay       = "is reached over no network"
	sameMachine = "is on the same machine; what breaks is told as unavailable or unknown (its own tests)"
)

// Table is the cases as a table in Markdown: what shows each, and on which
// engines it is not run.
func Table() string {
	var b strings.Builder
	b.WriteString("| # | case | shown by | not run on |\n|---|---|---|---|\n")
	for _, c := range Cases {
		shown := slices.Clone(c.Checks)
		for _, e := range c.Elsewhere {
			shown = append(shown, fmt.Sprintf("`%s` (%s)", e.Name, e.File))
		}
		var not []string
		for _, engine := range Engines {
			if why := exempt[engine][c.Number]; why != "" {
				not = append(not, engine+": "+why)
			}
		}
		fmt.Fprintf(&b, "| %d | %s | %s | %s |\n", c.Number, c.Says, strings.Join(shown, "; "), strings.Join(not, "; "))
	}
	return b.String()
}
