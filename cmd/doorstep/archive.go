package main

import (
	"errors"

	"doorstep/cmd/internal/wire"
	"doorstep/domain/eventlog/archive"
	"doorstep/domain/eventlog/jetstream"
)

// sayArchive tells of a backup or a second copy that is not taken, and what to
// do.
func (d *door) sayArchive(err error) (int, string) {
	say := func(code int, zh, en string) (int, string) { return code, d.say(zh, en) + err.Error() }
	switch {
	case errors.Is(err, archive.ErrAhead), errors.Is(err, archive.ErrParted):
		return say(codeConflict, "第二副本与记录不符：副本里有记录没有的。记录很可能被换回了早先的副本，因此不启动。先把两边都另存一份，再决定：从副本恢复（doorstep restore 副本目录 新目录），或者让记录继续，并给副本另选一个空目录：",
			"the second copy does not follow the record: it has what the record has not. The record was most likely set back; so nothing is started. Copy both away first, then decide: restore from the copy (doorstep restore COPY NEWFOLDER), or go on with the record and give the copy another, empty folder: ")
	case errors.Is(err, archive.ErrOtherLog):
		return say(codeConflict, "这个目录里是另一份记录的副本，请另选目录：", "the folder holds another record's copy; choose another folder: ")
	case errors.Is(err, archive.ErrKey):
		return say(codeForbidden, "打不开：请用 --identity 给出相配的 age 私钥，或者用 --passphrase-file 给出口令：", "it cannot be opened: give the age secret key it was made for with --identity, or the passphrase with --passphrase-file: ")
	case errors.Is(err, archive.ErrForeign), errors.Is(err, archive.ErrForm):
		return say(codeUsage, "这不是本版本能读的备份或者第二副本：", "this is not a backup or a second copy that this version reads: ")
	case errors.Is(err, archive.ErrTruncated), errors.Is(err, archive.ErrDamaged), errors.Is(err, archive.ErrNotSigned):
		return say(codeFailure, "备份或者第二副本不完整，不能用；请另用一份：", "the backup or second copy is not whole and is not used; take another: ")
	case errors.Is(err, archive.ErrNoLabel):
		return say(codeFailure, "没有标签可核对字节；请给出 --identity 打开核对：", "there is no label to compare bytes with; give --identity to open and check it: ")
	case errors.Is(err, archive.ErrTaken):
		return say(codeUnavailable, "另一个进程正在往这个目录里写：", "another process is writing into that folder: ")
	case errors.Is(err, archive.ErrNoRecipient), errors.Is(err, archive.ErrNoIdentity), errors.Is(err, archive.ErrPassphrase):
		return say(codeUsage, "密钥或者口令不能用：", "the key or passphrase cannot be used: ")
	case errors.Is(err, wire.ErrTooFew):
		return say(codeUsage, "来源里没有那么多：", "the source does not hold so much: ")
	case errors.Is(err, jetstream.ErrHalfRestored):
		return say(codeConflict, "这个目录里有一次没做完的恢复；再运行一次同样的 doorstep restore：", "a restore was cut short in this folder; run the same doorstep restore again: ")
	case errors.Is(err, jetstream.ErrExists):
		return say(codeConflict, "目录里已有记录；只能恢复到空目录：", "the folder holds a record already; restore into an empty one: ")
	}
	return codeOK, ""
}
