package socket

import (
	"encoding/json"
	"iter"
	"net/http"

	"doorstep/domain/eventlog"
)

// appending is an append as it travels.
type appending struct {
	At     head            `json:"at"`
	Commit eventlog.Commit `json:"commit"`
}

// reading is a read of one stream as it travels.
type reading struct {
	Stream string `json:"stream"`
	After  head   `json:"after"`
}

const appendPath = "/log/append"

// Serve is the holder's side. Who may open the socket may do all that a log
// lets one do, so the socket's file belongs to the holder alone.
func Serve(log eventlog.Log) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+appendPath, func(w http.ResponseWriter, r *http.Request) {
		var a appending
		if !decode(w, r, &a) {
			return
		}
		record, err := log.Append(r.Context(), a.At.open(), a.Commit)
		reply(w, record, err)
	})
	mux.HandleFunc("POST /log/read", func(w http.ResponseWriter, r *http.Request) {
		var q reading
		if !decode(w, r, &q) {
			return
		}
		stream(w, log.Read(r.Context(), q.Stream, q.After.open()))
	})
	mux.HandleFunc("GET /log/follow", func(w http.ResponseWriter, r *http.Request) {
		after, err := eventlog.ParsePosition(r.URL.Query().Get("after"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		stream(w, log.Follow(r.Context(), after))
	})
	mux.HandleFunc("GET /log/end", func(w http.ResponseWriter, r *http.Request) {
		end, err := log.End(r.Context())
		if err != nil {
			reply(w, eventlog.Record{}, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(line{Position: end.Token()})
	})
	return mux
}

func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	// A commit is sealed as JSON in JSON: leave room for what the log will refuse.
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8*eventlog.MaxCommit)).Decode(into); err != nil {
		_ = json.NewEncoder(w).Encode(line{Failed: &failure{Code: "invalid", Text: eventlog.ErrInvalid.Error()}})
		return false
	}
	return true
}

func reply(w http.ResponseWriter, r eventlog.Record, err error) {
	l := packRecord(r)
	if err != nil {
		l = line{Failed: packError(err)}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(l)
}

// stream sends one line per record, each at once, and says how it ended: a
// reader that sees no last line knows that the way broke.
func stream(w http.ResponseWriter, records iter.Seq2[eventlog.Record, error]) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	enc, out := json.NewEncoder(w), http.NewResponseController(w)
	_ = out.Flush()
	for r, err := range records {
		if err != nil {
			_ = enc.Encode(line{Failed: packError(err)})
			return
		}
		if enc.Encode(packRecord(r)) != nil || out.Flush() != nil {
			return
		}
	}
	_ = enc.Encode(line{Failed: &failure{Code: ended}})
}

// ended is the code of a sequence that came to its end without an error.
const ended = "end"
