// Package otherlanguages_test runs the scripts of this folder as their reader does.
package otherlanguages_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const story = `the first endpoint: 201
the second endpoint: 403 application_endpoint_limit_reached
sent: scheduled_retry
five seconds later: delivered
under a fault: 503
after it: 200
attempts: 2
`

// Both scripts tell the same story. What runs them has to be there: without it this
// fails, rather than looking as if they worked.
func TestScripts(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "nahook-mock")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/nahook/nahook-go/mockserver/cmd/nahook-mock").CombinedOutput()
	require.NoError(t, err, string(out))
	here, err := os.Getwd()
	require.NoError(t, err)
	const list = `curl -s -H "Authorization: Bearer $NAHOOK_MANAGEMENT_TOKEN" $NAHOOK_API_URL/management/v1/workspaces/$NAHOOK_WORKSPACE_ID/applications`
	for name, c := range map[string]struct {
		needs, advice string
		command       []string
		want          string
	}{
		"demo.sh":           {"curl", "install curl", []string{"sh", filepath.Join(here, "demo.sh")}, story},
		"demo.mjs":          {"node", "install Node.js 18 or later", []string{"node", filepath.Join(here, "demo.mjs")}, story},
		"one line of shell": {"curl", "install curl", []string{"sh", "-c", list}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := exec.LookPath(c.needs)
			require.NoError(t, err, "%s to run the tests of this folder", c.advice)
			command := exec.CommandContext(t.Context(), binary, append([]string{"exec", "--clock", "manual", "--"}, c.command...)...)
			var stdout, stderr bytes.Buffer
			command.Dir, command.Stdout, command.Stderr = t.TempDir(), &stdout, &stderr
			require.NoError(t, command.Run(), "%s", &stderr)
			require.Equal(t, c.want, stdout.String())
			require.Empty(t, stderr.String())
		})
	}
}
