package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
)

// growth is the other file: that a newer checkpoint goes on from an older one.
type growth struct {
	Form  string   `json:"form"`
	Older string   `json:"older"`
	Newer string   `json:"newer"`
	Path  []string `json:"path"`
}

// checkGrowth proves the file with the public keys.
func checkGrowth(file []byte, keys string) (older, newer checkpoint, err error) {
	var g growth
	if !read(file, &g) || g.Form != growthForm {
		return older, newer, errForm
	}
	if older, err = openNote(g.Older, keys); err != nil {
		return older, newer, err
	}
	if newer, err = openNote(g.Newer, keys); err != nil {
		return older, newer, err
	}
	if older.origin != newer.origin {
		return older, newer, errors.New("the checkpoints are of two records")
	}
	path := make([][]byte, len(g.Path))
	for i, text := range g.Path {
		if path[i], err = base64.StdEncoding.Strict().DecodeString(text); err != nil || len(path[i]) != sha256.Size {
			return older, newer, errors.New("the path is not made of hashes")
		}
	}
	if !grown(older, newer, path) {
		return older, newer, errors.New("the newer checkpoint does not go on from the older one")
	}
	return older, newer, nil
}

// grown checks a consistency proof (RFC 9162, 2.1.4.2): with the same hashes it
// computes both roots.
func grown(older, newer checkpoint, path [][]byte) bool {
	switch {
	case older.size == 0:
		return len(path) == 0 && older.root == sha256.Sum256(nil)
	case older.size > newer.size:
		return false
	case older.size == newer.size:
		return len(path) == 0 && older.root == newer.root
	case older.size&(older.size-1) == 0: // the older tree is whole, and its root the first hash
		path = append([][]byte{older.root[:]}, path...)
	}
	if len(path) == 0 {
		return false
	}
	at, last := older.size-1, newer.size-1
	for at&1 == 1 {
		at, last = at>>1, last>>1
	}
	was, is := [sha256.Size]byte(path[0]), [sha256.Size]byte(path[0])
	for _, beside := range path[1:] {
		if last == 0 {
			return false
		}
		if at&1 == 1 || at == last {
			was, is = node(beside, was[:]), node(beside, is[:])
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		} else {
			is = node(is[:], beside)
		}
		at, last = at>>1, last>>1
	}
	return last == 0 && was == older.root && is == newer.root
}
