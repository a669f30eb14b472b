package main

import (
	"errors"
	"fmt"
	"os"

	"doorstep/cmd/internal/wire"
	"doorstep/domain/codec"
	"doorstep/domain/eventlog"
	"doorstep/domain/eventlog/tlog"
	"doorstep/projections/follow"
)

// The exit codes; scripts rely on them.
const (
	codeOK          = 0
	codeFailure     = 1
	codeUsage       = 2
	codeConfig      = 3
	codeNotFound    = 4
	codeConflict    = 5
	codeForbidden   = 6
	codeUnavailable = 7
	codePartial     = 8   // an import with rejected rows or conflicts
	codeInterrupted = 130 // by the person
)

// exitError is an error with the exit code that it ends the program with. Its
// text is for the person, in the person's language.
type exitError struct {
	code int
	text string
}

func (e *exitError) Error() string { return e.text }

func failWith(code int, text string) error { return &exitError{code, text} }

// explain is the exit code of an error and what to tell the person about it.
func (d *door) explain(err error) (int, string) {
	var exit *exitError
	if errors.As(err, &exit) {
		return exit.code, exit.text
	}
	if text, refused := d.sayRefusal(err); refused {
		return codeUsage, text
	}
	if text, is := d.sayUnsound(err); is {
		return codeFailure, text
	}
	if code, text := d.sayPlace(err); code != codeOK {
		return code, text
	}
	if code, text := d.sayArchive(err); code != codeOK {
		return code, text
	}
	switch {
	case errors.Is(err, codec.ErrUnknownForm):
		return codeFailure, d.say("这条记录由更新版本的程序写入，请升级本程序；没有丢失任何内容：", "this record was written by a newer version: update this program; nothing is lost: ") + err.Error()
	case errors.Is(err, follow.ErrOtherLog):
		return codeFailure, d.say("这个视图是从另一份记录生成的，不接着用；确认记录无误后运行 doorstep views rebuild NAME：", "this view was made from another log and is not carried on; when the record is the right one, run doorstep views rebuild NAME: ") + err.Error()
	case errors.Is(err, wire.ErrNotThere), errors.Is(err, wire.ErrWhole), errors.Is(err, follow.ErrNoView), errors.Is(err, follow.ErrFollows):
		return codeUsage, d.say("不能这样做，请看 doorstep views：", "that cannot be done, see doorstep views: ") + err.Error()
	case errors.Is(err, os.ErrPermission):
		return codeForbidden, d.say("没有权限：", "permission denied: ") + err.Error()
	case errors.Is(err, os.ErrNotExist):
		return codeNotFound, d.say("找不到：", "not found: ") + err.Error()
	case errors.Is(err, wire.ErrNoCase):
		return codeNotFound, d.say("记录中没有这个案件；请核对案号或者编号", "the record holds no such case; check the case number or id")
	case errors.Is(err, eventlog.ErrUnavailable), errors.Is(err, eventlog.ErrUnknown):
		return codeUnavailable, d.say("日志暂时不能写入，请稍后再试：", "the log cannot take anything now, try again later: ") + err.Error()
	case errors.Is(err, eventlog.ErrCorrupt):
		return codeFailure, d.say("日志损坏，已停止以免损失扩大；请看 docs/runbooks：", "the log is damaged; stopped before it gets worse, see docs/runbooks: ") + err.Error()
	}
	return codeFailure, fmt.Sprint(err)
}

// sayPlace tells of a record that is not where it was looked for, and what to
// do.
func (d *door) sayPlace(err error) (int, string) {
	switch {
	case errors.Is(err, wire.ErrAddress):
		return codeConfig, d.say("记录的地址不能用；写作 nats://主机:4222,主机:4222,主机:4222、tls://… 或 esdb://…：", "the record's address cannot be used; write it nats://host:4222,host:4222,host:4222, tls://… or esdb://…: ") + err.Error()
	case errors.Is(err, wire.ErrSettings):
		return codeConfig, d.say("目录里的 doorstep.toml 读不懂；改好它，或者移开它再用 --log、--keys 说一次：", "the folder's doorstep.toml cannot be read; correct it, or move it away and say --log and --keys again: ") + err.Error()
	case errors.Is(err, wire.ErrOtherLog):
		return codeConflict, d.say("这个目录是为另一份记录建的，因此不打开；核对 --data 和 --log，或者为这份记录另用一个目录：", "this folder was made for another record, so it is not opened; check --data and --log, or use another folder for this record: ") + err.Error()
	case errors.Is(err, wire.ErrOtherPast):
		return codeConflict, d.say("两处的记录不是同一份的前后两段，因此没有复制；目标应为空，或者是上次没有复制完的同一份记录：", "the two places do not hold one record, so it was not copied; the second is empty, or holds the beginning of the same record: ") + err.Error()
	case errors.Is(err, wire.ErrMoving):
		return codeConflict, d.say("复制时还有人在原处登记。先停下所有使用它的 doorstep serve，再运行一次，会接着复制：", "somebody recorded something in the old place meanwhile. Stop every doorstep serve that uses it and run this again; it goes on: ") + err.Error()
	case errors.Is(err, wire.ErrRetired):
		return codeConflict, d.say("这份记录已经搬走，在别处继续，因此不打开；用 --log 给出新地址。确实要回到这里时，先确认别处再没有新的登记，再删去 eventlog/retired：",
			"this record was moved and goes on elsewhere, so it is not opened; say where with --log. To come back to it, make sure first that nothing more was recorded there, then remove eventlog/retired: ") + err.Error()
	case errors.Is(err, wire.ErrNoRecord):
		return codeNotFound, d.say("这里没有法院的记录；在服务器上新建用 doorstep log create，在目录里新建用 doorstep serve 或 import：", "there is no court's record; doorstep log create makes one in a server, doorstep serve or import in a folder: ") + err.Error()
	}
	return codeOK, ""
}

// sayUnsound tells of a record that is not opened though its log is sound by
// itself, and what to do.
func (d *door) sayUnsound(err error) (string, bool) {
	switch {
	case errors.Is(err, wire.ErrFound):
		return d.say("巡检发现记录损坏，因此不提供服务，以免在损坏的记录上继续登记。请先把整个目录另存一份并检查磁盘，再从副本恢复；若 doorstep verify 证明全部一致，即可再启动：",
			"a scrub found the record damaged, so it is not served: nothing more is to be recorded on top of it. Copy the whole folder first, look at the disk, and put the record back from a copy; where doorstep verify finds all well, start again: ") + err.Error(), true
	case errors.Is(err, wire.ErrRolledBack):
		return d.say("记录比已签名的检查点短，像是被换回了早先的副本，因此不打开。请先把整个目录另存一份，再放回最新的副本；若法院决定从较早的副本继续，把 keys/checkpoint.json 移出保存（它是丢失了什么的证据）并删除 views，再启动：",
			"the record is shorter than its signed checkpoint, as if an earlier copy had been put in its place; it is not opened. Copy the whole folder first, then put the newest copy back; where the court decides to go on from the older one, move keys/checkpoint.json away and keep it (it is the evidence of what is missing), remove views, and start again: ") + err.Error(), true
	case errors.Is(err, wire.ErrDiffers):
		return d.say("记录与已签名的检查点不符，因此不打开。请先把整个目录另存一份，删除 views 再启动；若仍不符，说明已登记的内容被改动，请从副本恢复：",
			"the record is not the one that its signed checkpoint speaks of; it is not opened. Copy the whole folder first, remove views and start again; if it still differs, something recorded was changed: put the record back from a copy: ") + err.Error(), true
	case errors.Is(err, tlog.ErrForm):
		return d.say("这不是检查点文件：", "this is not the file of a checkpoint: ") + err.Error(), true
	case errors.Is(err, tlog.ErrNotProven):
		return d.say("这个检查点不是这份记录签发的：", "this record never signed that checkpoint: ") + err.Error(), true
	case errors.Is(err, wire.ErrNoKey):
		return d.say("签名私钥不见了。请从副本放回 keys/log.key；确实找不回时，运行 doorstep checkpoint --new-key 另造一把，并把新公钥告知持有检查点的人：",
			"the signing key is missing. Put keys/log.key back from a copy; where it is lost for good, doorstep checkpoint --new-key makes another, whose public half goes to everybody who holds checkpoints: ") + err.Error(), true
	case errors.Is(err, wire.ErrLate):
		return d.say("记录中已有内容，不能再改为按人加密；请在新建记录时使用 --seal-persons", "something is recorded already, and persons can be sealed from the first record on only: use --seal-persons when the record is made"), true
	case errors.Is(err, wire.ErrUnsealed):
		return d.say("这份记录没有按人加密，不能删除个人信息；新建记录时使用 --seal-persons", "this record does not seal persons, so nothing can be deleted; a record is made so with --seal-persons"), true
	case errors.Is(err, wire.ErrNoMaster):
		return d.say("个人信息的主密钥不见了，没有它读不出任何当事人信息，因此不打开。请从保管处放回 keys/persons/master.key：",
			"the master key of the personal data is missing; without it no party's data can be read, so the record is not opened. Put keys/persons/master.key back from where it is kept: ") + err.Error(), true
	case errors.Is(err, wire.ErrOtherMaster), errors.Is(err, wire.ErrExposed):
		return d.say("主密钥不是这份密钥库的，或者他人可以读取。请放回原来的 keys/persons/master.key，并执行 chmod 600：",
			"the master key is not that of these keys, or others can read it. Put the former keys/persons/master.key back, and chmod 600 it: ") + err.Error(), true
	case errors.Is(err, wire.ErrNoKeys), errors.Is(err, wire.ErrOtherKeys), errors.Is(err, wire.ErrKeyMissing):
		return d.say("当事人的密钥库不见了，或者不是这份记录的、不是最新的。请放回最新的 keys/persons/keys.db：",
			"the persons' keys are missing, or not this record's, or not the newest. Put the newest keys/persons/keys.db back: ") + err.Error(), true
	case errors.Is(err, wire.ErrOtherKey):
		return d.say("签名私钥不是这份记录的。请放回原来的 keys/log.key 和 eventlog/verifiers；确实找不回时，运行 doorstep checkpoint --new-key：",
			"the signing key is not this record's. Put the former keys/log.key and eventlog/verifiers back; where they are lost for good, run doorstep checkpoint --new-key: ") + err.Error(), true
	}
	return "", false
}
