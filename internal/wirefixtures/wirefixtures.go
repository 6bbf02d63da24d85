// Package wirefixtures holds the API's documented JSON, file by file. Client
// and server have structs of their own; the tests of both compare with these.
package wirefixtures

import "embed"

// FS has records and lists in <name>.json, with every nullable field present;
// request bodies in <verb>_<name>.json; and error bodies in error_<code>.json,
// with error_framework.json as a web framework sends it by itself.
//
//go:embed *.json
var FS embed.FS
