package mockserver_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenAPIIsServedWithoutAToken(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, caller := range []api{a, a.overSocket()} {
		res := caller.visit("/openapi.json")
		require.Equal(t, 200, res.status)
		require.Equal(t, []string{"application/json; charset=utf-8"}, res.header["Content-Type"])
		require.Equal(t, []string{"no-store"}, res.header["Cache-Control"])
		var document struct {
			OpenAPI string `json:"openapi"`
		}
		require.NoError(t, json.Unmarshal([]byte(res.body), &document))
		require.Equal(t, "3.1.0", document.OpenAPI)
	}
	require.Empty(t, a.as("").do(http.MethodHead, "/openapi.json", "").body)
	a.do(http.MethodPost, "/openapi.json", "").refuses(405, "method_not_allowed", "Method not allowed")
	a.get("/openapi.yaml").refuses(404, "not_found", "Route not found")
	require.Contains(t, a.srv.Operations(), "openapi")
}
