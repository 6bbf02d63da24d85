package conformance_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/conformance"
)

var update = flag.Bool("update", false, "write docs/behaviour.md")

// titles are the headings of the families.
var titles = map[string]string{
	"conventions":           "Conventions of every route",
	"bodies":                "Request bodies",
	"auth":                  "Tokens",
	"tenancy":               "Walls between workspaces",
	"plans":                 "Plans",
	"rate-limits":           "Rate limits",
	"applications":          "Applications",
	"application-endpoints": "Endpoints of applications",
	"endpoints":             "Endpoints",
	"endpoint-urls":         "URLs of endpoints",
	"event-types":           "Event types",
	"subscriptions":         "Subscriptions",
	"environments":          "Environments",
	"visibility":            "Visibility of event types",
	"ingest":                "Ingestion",
	"batches":               "Batches",
	"deliveries":            "Deliveries",
	"payloads":              "Payloads",
	"delivering":            "Webhooks",
	"audit-logs":            "Audit log",
	"portal-sessions":       "Portal sessions",
	"portal":                "Developer Portal",
	"dashboard":             "Dashboard API",
	"device-grants":         "Device grants",
}

const introduction = `# Behaviour

What the API does, one sentence each. The reference server keeps every one of them, and each can be checked against any
other server. This page is made from the cases of the package ` + "`mockserver/conformance`" + `; do not edit it.

| label | means |
|---|---|
| documented | the vendor documents it, or the suites of its SDKs assert it against the live service |
| inferred | it follows from what is documented |
| own | nobody documents it: a decision of the reference server. The live service may differ |

` + "```sh" + `
nahook-mock verify # the reference server; -h lists the flags
NAHOOK_TEST_WORKSPACE_ID=ws_… NAHOOK_TEST_MGMT_TOKEN=nhm_… NAHOOK_TEST_API_KEY=nhk_… \
nahook-mock verify --against https://api.nahook.com --provenance documented,inferred
` + "```" + `

` + "`go test ./mockserver/conformance`" + ` does the same as a test; with ` + "`NAHOOK_TEST_API_URL`" + ` it checks that service.
Cases work on objects of their own, and delete them. Those that need what the target has not, such as a session token,
are reported as not applicable. ` + "`go doc ./mockserver/conformance`" + ` tells what can be given.
`

func document() string {
	var b strings.Builder
	b.WriteString(introduction)
	counts := map[conformance.Provenance]int{}
	last := ""
	for _, c := range conformance.Cases() {
		counts[c.Provenance]++
		family, _, _ := strings.Cut(c.ID, ".")
		if family != last {
			fmt.Fprintf(&b, "\n## %s\n\n| behaviour | provenance | id |\n|---|---|---|\n", titles[family])
			last = family
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", strings.ReplaceAll(c.Rule, "|", `\|`), c.Provenance, c.ID)
	}
	fmt.Fprintf(&b, "\n%d behaviours: %d documented, %d inferred, %d own.\n", len(conformance.Cases()),
		counts[conformance.Documented], counts[conformance.Inferred], counts[conformance.Own])
	return b.String()
}

func TestBehaviourIsDocumented(t *testing.T) {
	t.Parallel()
	path := filepath.Join("..", "..", "docs", "behaviour.md")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(document()), 0o644))
	}
	written, err := os.ReadFile(path)
	require.NoError(t, err, "go test ./mockserver/conformance -update makes it")
	require.True(t, string(written) == document(), "docs/behaviour.md is not what the cases say: go test ./mockserver/conformance -update")
}
