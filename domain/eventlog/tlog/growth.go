package tlog

import "doorstep/domain/eventlog"

// GrowthForm is the form of growth files that this version writes.
const GrowthForm = "doorstep-growth/1"

// Growth shows whoever holds an earlier checkpoint that a newer one goes on from
// it: everything recorded then stands unchanged in front (RFC 6962, 2.1.2). It
// holds no personal data.
type Growth struct {
	Form  string   `json:"form"`
	Older string   `json:"older"` // the signed notes
	Newer string   `json:"newer"`
	Path  []string `json:"path"` // hashes in base64
}

// NewGrowth makes it from two signed notes and what Consistency gave.
func NewGrowth(older, newer string, path []eventlog.Hash) Growth {
	return Growth{GrowthForm, older, newer, texts(path)}
}

// Encode is the file; see Proof.Encode.
func (g Growth) Encode() ([]byte, error) { return encode(g) }

// ParseGrowth reads a growth file; the error is ErrForm. It proves nothing yet.
func ParseGrowth(file []byte) (Growth, error) {
	return parse(file, func(g Growth) string { return g.Form }, GrowthForm)
}

// Check proves the file with the record's keys and gives both checkpoints.
// Errors: ErrForm; ErrNotProven.
func (g Growth) Check(keys *Verifiers) (older, newer Checkpoint, err error) {
	if older, err = keys.Open([]byte(g.Older)); err != nil {
		return older, newer, err
	}
	if newer, err = keys.Open([]byte(g.Newer)); err != nil {
		return older, newer, err
	}
	path, err := hashes(g.Path)
	if err != nil {
		return older, newer, err
	}
	return older, newer, CheckConsistency(path, newer, older)
}
