package mockserver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver"
)

const (
	grantStart = "/api/cli/device-grant/start"
	grantPoll  = "/api/cli/device-grant/poll"
)

// grant is a device grant that was started on a server of the tenants.
type grant struct {
	api
	device, user string
}

func startGrant(t *testing.T, opts ...mockserver.Option) grant {
	t.Helper()
	a := serve(t, opts...).as("")
	res := a.post(grantStart, "")
	require.Equal(t, 200, res.status, res.body)
	return grant{a, res.text("device_code"), res.text("user_code")}
}

func (g grant) poll() response {
	g.t.Helper()
	return g.post(grantPoll, `{"device_code":"`+g.device+`","machine_name":"laptop"}`)
}

const waiting = `{"status": "authorization_pending"}`

func TestStartOfADeviceGrant(t *testing.T) {
	t.Parallel()
	a := serve(t).as("")
	seen := map[string]bool{}
	for _, body := range []string{"", "{}"} {
		for range 20 {
			res := a.post(grantStart, body)
			res.is(200, `{"device_code": "$device_code", "user_code": "$user_code", "verification_uri": "https://api.nahook.com/device", "expires_in": 600, "interval": 5}`)
			require.Regexp(t, `^[A-Z]{4}-[A-Z]{4}$`, res.text("user_code"))
			require.GreaterOrEqual(t, len(res.text("device_code")), 22, "128 random bits")
			require.Len(t, res.header["X-Request-Id"], 1)
			seen[res.text("user_code")], seen[res.text("device_code")] = true, true
		}
	}
	require.Len(t, seen, 80)
	a.as("nhm_unknown").post(grantStart, "").is(200, `{"device_code": "$device_code", "user_code": "$user_code",
		"verification_uri": "https://api.nahook.com/device", "expires_in": 600, "interval": 5}`) // no token is looked at
	a.post(grantStart, "[]").invalid("Request body must be a JSON object")
	a.post(grantStart, "{").invalid("Request body must be valid JSON")
	a.post(grantStart, "{}", header("Content-Type", "text/plain")).refuses(415, "unsupported_media_type", "Content-Type must be application/json")
	a.post(grantStart, "", header("Content-Type", "text/plain")).text("device_code")
}

func TestDeviceGrantFromStartToEnd(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	g.poll().is(202, waiting)
	g.srv.Advance(5 * time.Second)
	g.poll().is(202, waiting)
	g.srv.ApproveDeviceGrant(g.user)
	res := g.poll()
	res.is(200, `{"access_token": "$access_token", "token_type": "Bearer", "token_id": "$token_id", "workspace_id": "ws_a", "expires_at": "2026-04-15T10:30:05.000Z"}`)
	require.Regexp(t, `^nhc_us_\w+$`, res.text("access_token"))
	require.NotContains(t, res.text("token_id"), res.text("access_token"))
	g.poll().refuses(400, "expired_token", "The device code has expired") // it is used up

	cli := g.as(res.text("access_token"))
	cli.get(dashA+"/applications/app_a").is(200, appA)
	cli.get(inA+"/applications/app_a").refuses(401, "unauthorized", "Invalid token")
	cli.get(dashB+"/applications").refuses(404, "not_found", "Workspace not found")
	g.srv.Advance(90*24*time.Hour - time.Millisecond)
	cli.get(dashA+"/applications/app_a").is(200, appA)
	g.srv.Advance(time.Millisecond)
	cli.get(dashA+"/applications/app_a").refuses(401, "token_expired", "CLI token has expired")
}

func TestDeniedDeviceGrants(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	g.srv.DenyDeviceGrant(g.user)
	for range 2 {
		g.poll().refuses(400, "access_denied", "The request was denied")
	}
}

func TestDeviceGrantsExpireAfterTenMinutes(t *testing.T) {
	t.Parallel()
	for name, decide := range map[string]func(grant){"undecided": func(grant) {}, "approved": func(g grant) { g.srv.ApproveDeviceGrant(g.user) }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := startGrant(t)
			g.srv.Advance(10*time.Minute - time.Millisecond)
			if name == "undecided" {
				g.poll().is(202, waiting)
			}
			decide(g)
			g.srv.Advance(time.Millisecond)
			for range 2 {
				g.poll().refuses(400, "expired_token", "The device code has expired")
			}
			g.post(grantStart, "")
			g.poll().refuses(400, "expired_token", "The device code has expired")
		})
	}
	t.Run("approved at the last moment", func(t *testing.T) {
		t.Parallel()
		g := startGrant(t)
		g.srv.Advance(10*time.Minute - time.Millisecond)
		g.srv.ApproveDeviceGrant(g.user)
		require.Equal(t, 200, g.poll().status)
	})
}

func TestAnExpiredGrantCannotBeDecidedOn(t *testing.T) {
	t.Parallel()
	a := serveTolerant(t).as("")
	user := a.post(grantStart, "").text("user_code")
	a.srv.Advance(10 * time.Minute)
	for verb, decide := range map[string]func(string){"Approve": a.srv.ApproveDeviceGrant, "Deny": a.srv.DenyDeviceGrant} {
		want := fmt.Sprintf("mockserver: %sDeviceGrant: no device grant with the user code %q waits for a decision", verb, user)
		require.PanicsWithValue(t, want, func() { decide(user) })
	}
}

func TestPollsForNothing(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	for _, code := range []string{"", "unknown", g.user, strings.ToUpper(g.device), g.device + " ", g.device[1:], `\u0000`, strings.Repeat("x", 100_000)} {
		g.post(grantPoll, `{"device_code":"`+code+`"}`).refuses(400, "expired_token", "The device code has expired")
	}
	g.post(grantPoll, `{}`).invalid("device_code is required")
	for _, wrong := range []string{"null", "3", "[]", "{}"} {
		g.post(grantPoll, `{"device_code":`+wrong+`}`).invalid("device_code must be a string")
	}
	g.post(grantPoll, `{"device_code":"`+g.device+`","machine_name":3}`).invalid("machine_name must be a string")
	g.post(grantPoll, "").invalid("Request body must be valid JSON")
	g.post(grantPoll, `{"device_code":"`+g.device+`"}`, header("Content-Type", "application/x-www-form-urlencoded")).
		refuses(415, "unsupported_media_type", "Content-Type must be application/json")
	g.get(grantPoll+"?device_code="+g.device).refuses(405, "method_not_allowed", "Method not allowed")
	g.post(grantPoll, `{"device_code":"`+g.device+`"}`).is(202, waiting) // the name of the machine is optional
}

// Of many polls at once, one gets the token.
func TestADeviceGrantGivesOneToken(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	g.srv.ApproveDeviceGrant(g.user)
	answers := make([]int, 50)
	var group sync.WaitGroup
	for i := range answers {
		group.Go(func() {
			res, err := g.send(t.Context(), http.MethodPost, grantPoll, `{"device_code":"`+g.device+`"}`)
			if err == nil {
				answers[i] = res.status
			}
		})
	}
	group.Wait()
	slices.Sort(answers)
	require.Equal(t, append([]int{200}, slices.Repeat([]int{400}, 49)...), answers)
}

func TestGrantsAreDistinct(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	res := g.post(grantStart, "")
	other := grant{g.api, res.text("device_code"), res.text("user_code")}
	g.srv.ApproveDeviceGrant(other.user)
	g.poll().is(202, waiting)
	require.Equal(t, 200, other.poll().status)
	g.srv.DenyDeviceGrant(g.user)
	g.poll().refuses(400, "access_denied", "The request was denied")
}

// A grant leads into the workspace of whoever approves it.
func TestAGrantBelongsToWhoeverApprovesIt(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	other := g.srv.NewWorkspace()
	other.ApproveDeviceGrant(g.user)
	res := g.poll()
	require.Equal(t, other.ID(), res.text("workspace_id"))
	cli := g.as(res.text("access_token"))
	require.Equal(t, "[]", cli.get("/api/workspaces/"+other.ID()+"/endpoints").body)
	cli.get(dashA+"/endpoints").refuses(404, "not_found", "Workspace not found")
}

func TestAutoApproval(t *testing.T) {
	t.Parallel()
	g := startGrant(t, mockserver.WithAutoApprove())
	res := g.poll()
	res.is(200, `{"access_token": "$access_token", "token_type": "Bearer", "token_id": "$token_id", "workspace_id": "ws_a", "expires_at": "2026-04-15T10:30:00.000Z"}`)
	g.as(res.text("access_token")).get(dashA+"/applications/app_a").is(200, appA)
	g.poll().refuses(400, "expired_token", "The device code has expired")
}

func TestDeleteACLIToken(t *testing.T) {
	t.Parallel()
	g := startGrant(t, mockserver.WithAutoApprove())
	res := g.poll()
	cli, path := g.as(res.text("access_token")), cliToken+"/"+res.text("token_id")
	cli.delete(path).isDeleted()
	cli.get(dashA+"/applications").refuses(401, "token_revoked", "CLI token has been revoked")
	cli.delete(path).refuses(401, "token_revoked", "CLI token has been revoked")
	g.as("nhs_a").delete(path).refuses(404, "not_found", "CLI token not found")
	require.Equal(t, 200, g.as("nhc_us_a").get(dashA+"/applications").status, "the others go on")

	g.as("nhs_a").delete(cliToken + "/clitok_a").isDeleted() // signed in, for another machine
	g.as("nhc_us_a").get(dashA+"/applications").refuses(401, "token_revoked", "CLI token has been revoked")
	for _, id := range []string{"user_a", "tok_a", "clitok_b", "clitok_0000", "nhc_us_b"} {
		g.as("nhs_a").delete(cliToken+"/"+id).refuses(404, "not_found", "CLI token not found")
	}
	require.Equal(t, 200, g.as("nhm_a").get(inA+"/applications").status)
	require.Equal(t, 200, g.as("nhc_us_b").get(dashB+"/applications").status)
	require.Equal(t, 405, g.as("nhs_a").get(cliToken+"/clitok_a").status)
}

func TestCLITokensInTheAuditLog(t *testing.T) {
	t.Parallel()
	g := startGrant(t)
	g.srv.ApproveDeviceGrant(g.user)
	res := g.poll()
	id := res.text("token_id")
	require.Equal(t, 201, g.as(res.text("access_token")).post(dashA+"/event-types", `{"name":"a.b"}`).status)
	g.as(res.text("access_token")).delete(cliToken + "/" + id).isDeleted()
	log := g.as("nhm_a").audit()
	require.Len(t, log, 3)
	require.Equal(t, []string{
		fmt.Sprintf("cli_token %s laptop: cli_token.deleted cli_token %s {}", id, id),
		fmt.Sprintf("cli_token %s laptop: event_type.created event_type %s {}", id, g.as("nhm_a").get(inA + "/event-types").ids()[0]),
	}, log[:2])
	require.Regexp(t, `^user \S+ \S+: cli_token.created cli_token `+id+` \{\}$`, log[2])
}
