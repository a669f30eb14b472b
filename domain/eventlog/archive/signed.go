package archive

// seals remembers, while commits are read, the newest checkpoint of what was
// read already: whoever restores up to an earlier point needs that one.
type seals struct{ now, next note }

// note is a checkpoint with the keys that verify it.
type note struct {
	verifiers, checkpoint string
	size                  int64
}

// heard takes in a header, whose checkpoint is of so many commits.
func (s *seals) heard(h Header, size int64) {
	if h.Checkpoint != "" {
		s.next = note{h.Verifiers, h.Checkpoint, size}
	}
	if s.now.verifiers == "" {
		s.now.verifiers = h.Verifiers
	}
}

// reached says that so many commits were read.
func (s *seals) reached(commits int64) {
	if s.next.checkpoint != "" && s.next.size <= commits {
		s.now, s.next = s.next, note{}
	}
}

func (s *seals) passed() (verifiers, checkpoint string) { return s.now.verifiers, s.now.checkpoint }
