package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"doorstep/domain/eventlog/archive"
)

// recipientFlags say who can open what is written.
type recipientFlags struct {
	keys       []string
	file, word string
}

func (f *recipientFlags) flags(d *door, cmd *cobra.Command, prefix string) {
	cmd.Flags().StringArrayVar(&f.keys, prefix+"recipient", nil, d.say("能打开它的 age 公钥（age1…），可写多次", "age public key (age1…) that can open it; may be repeated"))
	cmd.Flags().StringVar(&f.file, prefix+"recipients-file", "", d.say("age 公钥文件，每行一个", "file of age public keys, one a line"))
}

func (f *recipientFlags) passphrase(d *door, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.word, "passphrase-file", "", d.say("口令文件（小法院；口令须另存他处）", "file with a passphrase instead (small courts; keep it elsewhere too)"))
}

// recipients are those that the flags name.
func (f *recipientFlags) recipients() (archive.Recipients, error) {
	var all archive.Recipients
	if len(f.keys) > 0 {
		named, err := archive.ParseRecipients(strings.Join(f.keys, "\n"))
		if err != nil {
			return all, err
		}
		all = named
	}
	if f.file != "" {
		b, err := os.ReadFile(f.file)
		if err != nil {
			return all, err
		}
		listed, err := archive.ParseRecipients(string(b))
		if err != nil {
			return all, fmt.Errorf("%s: %w", f.file, err)
		}
		if all, err = all.And(listed); err != nil {
			return all, err
		}
	}
	if f.word == "" {
		return all, nil
	}
	word, _, err := readPassphrase(f.word)
	if err != nil {
		return all, err
	}
	return all.And(word)
}

func readPassphrase(file string) (archive.Recipients, archive.Identities, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return archive.Recipients{}, archive.Identities{}, err
	}
	to, with, err := archive.FromPassphrase(string(b))
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return to, with, err
}

// identityFlags say with which key a backup is opened.
type identityFlags struct{ file, word string }

func (f *identityFlags) flags(d *door, cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.file, "identity", "", d.say("age 私钥文件", "file with the age secret key"))
	cmd.Flags().StringVar(&f.word, "passphrase-file", "", d.say("口令文件", "file with the passphrase"))
}

func (f *identityFlags) identities() (with archive.Identities, err error) {
	switch {
	case f.file != "":
		b, err := os.ReadFile(f.file)
		if err != nil {
			return with, err
		}
		if with, err = archive.ParseIdentities(string(b)); err != nil {
			return with, fmt.Errorf("%s: %w", f.file, err)
		}
		return with, nil
	case f.word != "":
		_, with, err = readPassphrase(f.word)
	}
	return with, err
}
