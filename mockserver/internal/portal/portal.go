// Package portal serves the pages of the Developer Portal: one shell, the same
// for every view, and the scripts and styles that make it one. What the pages
// show they ask of the JSON API.
package portal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

//go:embed shell.html assets
var files embed.FS

var shell = template.Must(template.ParseFS(files, "shell.html"))

// Pages serves the shell and its assets.
type Pages struct {
	base    string
	origins func(sessionID string) []string
}

// page is what the shell's template fills in.
type page struct {
	Base, Session, Nonce string
	Modules              []string
}

type asset struct {
	contentType, tag string
	content          []byte
}

// New makes the pages, which browsers find below the path base; it is empty for
// none. What origins gives for a session may show it in a frame; nil for a session
// that does not exist.
func New(base string, origins func(sessionID string) []string) *Pages { return &Pages{base, origins} }

// library is what the shell needs, the same for all servers.
type library struct {
	assets  map[string]asset
	modules []string // that the first one imports, near and far
}

var assets = sync.OnceValue(func() library {
	all := library{assets: map[string]asset{}}
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		panic(err) // it is embedded
	}
	for _, entry := range entries {
		content, err := files.ReadFile("assets/" + entry.Name())
		if err != nil {
			panic(err)
		}
		sum := sha256.Sum256(content)
		if path.Ext(entry.Name()) == ".js" && entry.Name() != "main.js" {
			all.modules = append(all.modules, entry.Name())
		}
		all.assets[entry.Name()] = asset{contentTypes[path.Ext(entry.Name())], `"` + hex.EncodeToString(sum[:8]) + `"`, content}
	}
	return all
})

var contentTypes = map[string]string{
	".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
}

// Shell answers every page of a session. It is the same whether the session
// exists or not, except for who may frame it.
func (p *Pages) Shell(w http.ResponseWriter, _ *http.Request, sessionID string) {
	nonce := newNonce()
	var html bytes.Buffer
	if err := shell.Execute(&html, page{p.base, sessionID, nonce, assets().modules}); err != nil {
		panic(err) // the template and its values are fixed
	}
	ancestors := "'none'"
	if origins := p.origins(sessionID); len(origins) > 0 {
		ancestors = strings.Join(origins, " ")
	}
	h := w.Header()
	if ancestors == "'none'" {
		h.Set("X-Frame-Options", "DENY")
	}
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'nonce-"+nonce+"'; style-src 'nonce-"+nonce+"'; img-src 'self'; "+
		"connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors "+ancestors+
		"; require-trusted-types-for 'script'; trusted-types 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Permissions-Policy", "clipboard-write=(self), camera=(), microphone=(), geolocation=()")
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(html.Len()))
	_, _ = w.Write(html.Bytes()) // a browser that has left is none of our business
}

// newNonce has 128 random bits, whatever the server's seed.
func newNonce() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: the program ends if the system has no entropy
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Asset answers with a script or a style, and reports false if there is none of
// that name.
func (p *Pages) Asset(w http.ResponseWriter, r *http.Request, name string) bool {
	a, ok := assets().assets[name]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("ETag", a.tag)
	h.Set("Cache-Control", "no-cache") // ask, and be told that it is still the same
	if path.Ext(name) == ".svg" {
		h.Set("Cache-Control", "max-age=86400") // Chromium asks for an icon after each navigation
	}
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.content))
	return true
}
