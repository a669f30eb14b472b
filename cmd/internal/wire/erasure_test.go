package wire

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"doorstep/domain/calendar"
	"doorstep/domain/codec"
	"doorstep/domain/decide"
	"doorstep/domain/mediation"
	"doorstep/projections/casefile"
	"doorstep/projections/statistics"
)

// secret is what the person who is erased is known by, and kept what must stay.
var (
	secret = []string{"欧阳冠玉", "130108199903031234", "13900001234", "槐底街道九十九号", "欧阳冠玉说邻居李不凡"}
	kept   = []string{"李不凡"}
)

func erasureCourt(t *testing.T, data, keys string, today time.Time) *Court {
	t.Helper()
	court, err := Open(t.Context(), Config{Data: data, Keys: keys, Create: true, SealPersons: true, CourtCode: "冀0108", Views: true,
		Now: func() time.Time { return today }, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	return court
}

// fileAndEnd files the dispute of the secret person and ends it.
func fileAndEnd(t *testing.T, court *Court, id string, on calendar.Date) {
	t.Helper()
	now := mediation.Occasion{At: calendar.On(on), Today: on}
	for i, cmd := range []mediation.Command{
		mediation.FileDispute{Occasion: now, Court: "冀0108", Station: "130108001", Cause: "相邻关系纠纷", Amount: 5, Informed: true, Facts: secret[4], Parties: []mediation.Party{
			{Role: mediation.Applicant, Name: secret[0], IDNumber: secret[1], Phone: secret[2], Address: secret[3]},
			{Role: mediation.Respondent, Name: kept[0]},
		}},
		mediation.Terminate{Occasion: now, Ground: mediation.Unreachable, Note: "三次致电" + secret[0]},
	} {
		deed := decide.Deed{ID: id + "-" + string(rune('a'+i)), At: court.Now(), Actor: "u-1"}
		if _, err := court.Disputes.Do(t.Context(), mediation.Stream(id), deed, cmd); err != nil {
			t.Fatal(err)
		}
	}
	if err := court.Follower.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// holding lists the files under the folders that hold one of the texts.
func holding(t *testing.T, texts []string, folders ...string) (found []string, bytesRead int) {
	t.Helper()
	for _, dir := range folders {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			b, err := os.ReadFile(path)
			bytesRead += len(b)
			for _, text := range texts {
				if bytes.Contains(b, []byte(text)) {
					found = append(found, filepath.Base(path)+": "+text)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found, bytesRead
}

// TestAPersonErasedIsNowhere is row 24 of the fault table: one person's keys are
// destroyed, the views are made anew, and yesterday's copy of the log is opened
// with today's keys.
func TestAPersonErasedIsNowhere(t *testing.T) {
	data, keys := filepath.Join(t.TempDir(), "court"), filepath.Join(t.TempDir(), "keys")
	filed, today := time.Date(2024, 3, 1, 9, 0, 0, 0, time.Local), time.Date(2024, 8, 1, 9, 0, 0, 0, time.Local)
	court := erasureCourt(t, data, keys, filed)
	fileAndEnd(t, court, "d1", 20240301)
	fileAndEnd(t, court, "d2", 20240301)
	if err := court.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, data, "retention.json", `{"days": 100}`)
	yesterday := copied(t, filepath.Join(data, "eventlog"))
	if found, _ := holding(t, append(secret, kept...), filepath.Join(data, "eventlog"), keys); len(found) > 0 {
		t.Fatalf("before any deletion the log or the keys hold plaintext: %v", found)
	}
	if found, _ := holding(t, secret, data); len(found) == 0 {
		t.Fatal("the views hold no name: this test looks in the wrong place")
	}
	oldKeys := copied(t, keys)

	court = erasureCourt(t, data, keys, today)
	query := statistics.Query{}
	before, err := court.Figures(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	proof, err := court.Prove(t.Context(), "d1")
	if err != nil {
		t.Fatal(err)
	}
	if done, err := court.Hold(t.Context(), Holding{Case: "d2"}); err != nil || done.Refused != nil {
		t.Fatalf("hold: %+v %v", done, err)
	}
	done, err := court.Erase(t.Context(), Erasure{Number: strings.ToLower(" " + secret[1]), Basis: mediation.PeriodExpired})
	if err != nil || len(done) != 2 || done[0].Refused != nil || !errors.Is(done[1].Refused, mediation.ErrHeld) {
		t.Fatalf("erased %+v, %v", done, err)
	}
	if done, err := court.Hold(t.Context(), Holding{Case: "d2", Release: true}); err != nil || done.Refused != nil {
		t.Fatalf("release: %+v %v", done, err)
	}
	if done, err = court.Erase(t.Context(), Erasure{Case: "d2", Party: "A1", Basis: mediation.PeriodExpired}); err != nil || done[0].Refused != nil {
		t.Fatalf("erased %+v, %v", done, err)
	}
	if _, err = court.Erase(t.Context(), Erasure{Number: secret[1], Basis: mediation.PeriodExpired}); !errors.Is(err, ErrNoCase) {
		t.Errorf("the number of an erased person still finds something: %v", err)
	}
	isErased(t, court, "d1", "before the restart")
	if err := court.Close(); err != nil {
		t.Fatal(err)
	}
	found, read := holding(t, secret, data, keys)
	t.Logf("searched %d bytes for %d texts after 2 erasures and a restart, views not rebuilt", read, len(secret))
	if len(found) > 0 {
		t.Errorf("after the deletion, before views are made anew: %v", found)
	}

	if err := os.RemoveAll(filepath.Join(data, "views")); err != nil {
		t.Fatal(err)
	}
	court = erasureCourt(t, data, keys, today)
	isErased(t, court, "d1", "after views were made anew")
	after, err := court.Figures(t.Context(), query)
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("figures before %+v and after %+v, %v", before, after, err)
	}
	v, err := court.Verify(t.Context(), Since{Note: []byte(proof.Checkpoint)})
	if err != nil || len(v.Faults) > 0 {
		t.Errorf("verify: %v %v", v.Faults, err)
	}
	if _, _, err := proof.Check(court.keys.verifiers); err != nil {
		t.Errorf("the proof of before: %v", err)
	}
	if err := court.Close(); err != nil {
		t.Fatal(err)
	}
	if found, read = holding(t, secret, data, keys); len(found) > 0 || read == 0 {
		t.Errorf("of %d bytes: %v", read, found)
	}

	t.Run("yesterday's log with today's keys", func(t *testing.T) {
		restored := filepath.Join(t.TempDir(), "court")
		if err := os.MkdirAll(restored, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(filepath.Join(restored, "eventlog"), os.DirFS(yesterday)); err != nil {
			t.Fatal(err)
		}
		with := copied(t, keys)
		remove(t, with, "checkpoint.json")
		court := erasureCourt(t, restored, with, today)
		isErased(t, court, "d1", "in yesterday's log")
		isErased(t, court, "d2", "in yesterday's log")
		if err := court.Close(); err != nil {
			t.Fatal(err)
		}
		if found, _ := holding(t, secret, restored, with); len(found) > 0 {
			t.Errorf("%v", found)
		}
	})
	t.Run("today's log with yesterday's keys destroys them again", func(t *testing.T) {
		court := erasureCourt(t, data, oldKeys, today)
		if err := court.Follower.CatchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		isErased(t, court, "d1", "with yesterday's keys")
		if err := court.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func isErased(t *testing.T, court *Court, id, when string) {
	t.Helper()
	c, err := court.Files.Read(t.Context(), id, casefile.AsOf{})
	if err != nil {
		t.Fatal(err)
	}
	a, b := c.Dispute.Parties[0], c.Dispute.Parties[1]
	if a.Name != codec.Erased || a.IDNumber != codec.Erased || a.Phone != codec.Erased || a.Address != codec.Erased || c.Dispute.Facts != codec.Erased || b.Name != kept[0] {
		t.Errorf("%s, %s: %+v %+v %q", when, id, a, b, c.Dispute.Facts)
	}
}
