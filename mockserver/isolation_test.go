package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// same compares two whole answers, apart from what differs between any two.
func same(t *testing.T, want, got response) {
	t.Helper()
	for _, r := range []response{want, got} {
		r.header.Del("X-Request-Id")
		r.header.Del("Date")
	}
	require.Equal(t, want.status, got.status)
	require.Equal(t, want.header, got.header)
	require.Equal(t, want.body, got.body)
}

// An object of another workspace is answered like one that never existed, byte
// by byte, on every operation that names it.
func TestForeignIDsAreUnknownIDs(t *testing.T) {
	t.Parallel()
	foreign := strings.NewReplacer("app_a", "app_c", "ep_a", "ep_c")
	unknown := strings.NewReplacer("app_a", "app_0000", "ep_a", "ep_0000")
	a := serve(t)
	before := []string{a.as("nhm_b").get(inB + "/applications").body, a.as("nhm_b").get(inB + "/endpoints").body}
	for _, op := range management {
		if foreign.Replace(op.path) == op.path {
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			a := a.in(t)
			noun := "Application"
			if strings.HasPrefix(op.path, "/endpoints") {
				noun = "Endpoint"
			}
			missing := a.do(op.method, inA+unknown.Replace(op.path), op.body)
			missing.refuses(404, "not_found", noun+" not found")
			same(t, missing, a.do(op.method, inA+foreign.Replace(op.path), op.body))
			if op.body != "" { // nor does a bad body tell them apart
				same(t, a.do(op.method, inA+unknown.Replace(op.path), "{"), a.do(op.method, inA+foreign.Replace(op.path), "{"))
			}
		})
	}
	t.Run("and stay as they are", func(t *testing.T) {
		a := a.in(t).as("nhm_b")
		a.get(inB+"/applications").is(200, before[0])
		a.get(inB+"/endpoints").is(200, before[1])
	})
}

func TestForeignWorkspacesAreUnknownWorkspaces(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, op := range management {
		missing := a.do(op.method, "/management/v1/workspaces/ws_0000"+op.path, op.body)
		missing.refuses(404, "not_found", "Workspace not found")
		for _, workspace := range []string{inB, inHobby} {
			same(t, missing, a.do(op.method, workspace+op.path, op.body))
		}
	}
	a.as("nhm_b").get(inA+"/applications").refuses(404, "not_found", "Workspace not found")
	for _, id := range []string{"WS_A", "ws_a%20", "%20ws_a", "ws_a%00", "ws_a%2F", "*"} {
		a.get("/management/v1/workspaces/"+id+"/applications").refuses(404, "not_found", "Workspace not found")
	}
}

func TestForeignEnvironmentsAreUnknownEnvironments(t *testing.T) {
	t.Parallel()
	a := serve(t)
	missing := a.post(inA+"/endpoints", `{"url":"https://a.test","environmentId":"env_0000"}`)
	missing.refuses(404, "not_found", "Environment not found")
	same(t, missing, a.post(inA+"/endpoints", `{"url":"https://a.test","environmentId":"env_b"}`))
}

// Ids of one kind are no ids of another, and ids are compared as they are.
func TestIDsAreExact(t *testing.T) {
	t.Parallel()
	a := serve(t)
	for _, id := range []string{"ep_a", "APP_A", "app_a%20", "app_", "app_a%00", "cust_a", "ws_a", "%2A", strings.Repeat("a", 10_000)} {
		a.get(inA+"/applications/"+id).refuses(404, "not_found", "Application not found")
		a.delete(inA+"/applications/"+id).refuses(404, "not_found", "Application not found")
	}
	for _, id := range []string{"app_a", "EP_A", "ep_a%20", "ep_a%0A"} {
		a.do(http.MethodGet, inA+"/endpoints/"+id, "").refuses(404, "not_found", "Endpoint not found")
		a.do(http.MethodDelete, inA+"/endpoints/"+id, "").refuses(404, "not_found", "Endpoint not found")
	}
	a.get(inA+"/applications").is(200, "["+appB+","+appA+"]")
	a.get(inA+"/endpoints").is(200, "["+epSlack+","+epWS+","+epB+","+epA+"]")
}

func TestWorkspacesHaveTheirOwnRows(t *testing.T) {
	t.Parallel()
	a := serve(t)
	b := a.as("nhm_b")
	require.Equal(t, []string{"app_c"}, b.get(inB+"/applications").ids())
	require.Equal(t, []string{"ep_c"}, b.get(inB+"/endpoints").ids())
	id := b.post(inB+"/applications", `{"name":"B's own"}`).text("id")
	require.Equal(t, []string{"app_b", "app_a"}, a.get(inA+"/applications").ids())
	a.get(inA+"/applications/"+id).refuses(404, "not_found", "Application not found")
	a.delete(inA + "/applications/app_a").isDeleted()
	require.Equal(t, []string{id, "app_c"}, b.get(inB+"/applications").ids())
}
