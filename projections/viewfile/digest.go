package viewfile

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"strings"
)

// Digest is a digest of all that the view holds at one moment, checkpoint and
// all, the same for the same content whatever order it was written in.
func (f *File) Digest(ctx context.Context) (string, error) {
	tx, err := f.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return "", err
	}
	defer tx.Rollback()
	tables, err := column(ctx, tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, table := range tables {
		if err := digestTable(ctx, tx, table, h); err != nil {
			return "", fmt.Errorf("table %s: %w", table, err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func digestTable(ctx context.Context, tx *sql.Tx, table string, h io.Writer) error {
	columns, err := column(ctx, tx, `SELECT name FROM pragma_table_info('`+table+`') ORDER BY cid`)
	if err != nil {
		return err
	}
	list := `"` + strings.Join(columns, `", "`) + `"`
	rows, err := tx.QueryContext(ctx, `SELECT `+list+` FROM "`+table+`" ORDER BY `+list)
	if err != nil {
		return err
	}
	defer rows.Close()
	cells, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	var line []byte
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		line = appendText(line[:0], 'r', table)
		for _, cell := range cells {
			if line, err = appendCell(line, cell); err != nil {
				return err
			}
		}
		h.Write(line)
	}
	return rows.Err()
}

// appendCell writes a value with its type and length, so that no two rows of
// different content are written alike.
func appendCell(b []byte, cell any) ([]byte, error) {
	switch v := cell.(type) {
	case nil:
		return append(b, 'n'), nil
	case int64:
		return binary.BigEndian.AppendUint64(append(b, 'i'), uint64(v)), nil
	case float64:
		return binary.BigEndian.AppendUint64(append(b, 'f'), math.Float64bits(v)), nil
	case string:
		return appendText(b, 's', v), nil
	case []byte:
		return appendText(b, 'b', string(v)), nil
	case bool: // a column declared so
		return fmt.Appendf(append(b, 'o'), "%t", v), nil
	}
	return b, fmt.Errorf("the driver gives a %T", cell)
}

func appendText(b []byte, kind byte, s string) []byte {
	return append(binary.AppendUvarint(append(b, kind), uint64(len(s))), s...)
}

func column(ctx context.Context, tx *sql.Tx, query string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}
