package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"
)

//go:embed static
var staticFiles embed.FS

// assets are the styles, scripts and pictures of the pages, under names that
// carry a digest of their content, so that browsers may keep them for ever.
type assets struct {
	named  map[string]string // "app.css" -> "/assets/app.0a1b2c3d.css"
	served map[string]asset  // by the last part of that
}

type asset struct {
	kind        string
	plain, gzip []byte // gzip is nil where it would save nothing
}

// assetKinds are the files we serve; anything else in static/ is for readers of
// the sources.
var assetKinds = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

func loadAssets() (*assets, error) {
	a := &assets{named: map[string]string{}, served: map[string]asset{}}
	entries, err := fs.ReadDir(staticFiles, "static")
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		name, ext := e.Name(), path.Ext(e.Name())
		kind, ok := assetKinds[ext]
		if !ok {
			continue
		}
		content, err := fs.ReadFile(staticFiles, "static/"+name)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(content)
		hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		a.named[name] = "/assets/" + hashed
		a.served[hashed] = asset{kind, content, squeeze(content)}
	}
	return a, nil
}

// squeeze compresses what is served again and again, once.
func squeeze(content []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level exists
	_, _ = w.Write(content)                               // into memory
	_ = w.Close()
	if b.Len() >= len(content) {
		return nil
	}
	return b.Bytes()
}

// assetURL is the address of an asset of static/.
func assetURL(ctx context.Context, name string) string { return here(ctx).site.assets.named[name] }

// showAsset serves one.
func (s *site) showAsset(c echo.Context) error {
	a, ok := s.assets.served[c.Param("name")]
	if !ok {
		return errNotFound
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	if a.gzip != nil && strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, a.kind, a.gzip)
	}
	return c.Blob(http.StatusOK, a.kind, a.plain)
}
