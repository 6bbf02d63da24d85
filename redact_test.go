package nahook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go"
)

// printed is v under every verb and in both of slog's handlers.
func printed(v any) map[string]string {
	texts := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%10.2f", "%T"} {
		texts[verb] = fmt.Sprintf(verb, v)
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("m", "v", v)
	texts["slog text"], texts["slog JSON"] = text.String(), structured.String()
	return texts
}

// hides fails if secret shows in any print of v, in hexadecimal or bytes too.
func hides(t *testing.T, v any, secret string, except ...string) {
	t.Helper()
	digits := strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]")
	for form, text := range printed(v) {
		if slices.Contains(except, form) {
			continue
		}
		for _, shown := range []string{secret, fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret), digits} {
			assert.NotContains(t, text, shown, "%T under %s", v, form)
		}
	}
}

// holder is a user's struct: fmt asks no method of what it holds unexported.
type holder struct {
	client  nahook.Management
	pointer *nahook.Management
	apps    nahook.Applications
}

func TestTokenIsNeverPrinted(t *testing.T) {
	t.Parallel()
	mgmt, _ := mocked(t)
	for _, v := range []any{
		mgmt, *mgmt, mgmt.Applications, *mgmt.Applications, mgmt.Endpoints, mgmt.PortalSessions, mgmt.Deliveries, mgmt.AuditLogs, []any{mgmt, *mgmt},
		holder{*mgmt, mgmt, *mgmt.Applications}, &holder{*mgmt, mgmt, *mgmt.Applications}, map[string]*nahook.Management{"m": mgmt},
	} {
		hides(t, v, secretToken)
		assert.NotContains(t, fmt.Sprintf("%p %p", v, []any{v}), secretToken, "where fmt asks no method")
	}
	encoded, err := json.Marshal(mgmt)
	require.NoError(t, err)
	assert.NotContains(t, string(encoded), secretToken)
	assert.Equal(t, "nahook.Management{https://api.nahook.com/management/v1 [redacted]}", fmt.Sprintf("%+v", *mgmt))
	assert.Equal(t, "nahook.Management{}", fmt.Sprint(nahook.Management{}))
}

func TestTokenIsNeverInErrors(t *testing.T) {
	t.Parallel()
	foreign := fmt.Errorf("proxy refused %q", "Bearer "+secretToken)
	for _, transport := range []roundTrip{
		roundTrip(failing(foreign)),
		roundTrip(reply(400, envelope("code_"+secretToken, "message "+secretToken), "X-Request-Id", "req_"+secretToken)),
		roundTrip(reply(502, "<html>"+secretToken+"</html>")),
		roundTrip(reply(200, "<html>"+secretToken+"</html>")),
	} {
		var response nahook.Response
		_, err := through(t, transport).Applications.Get(t.Context(), "ws", secretToken, nahook.WithoutRetry(), nahook.WithResponse(&response))
		require.Error(t, err)
		hides(t, err, secretToken)
		hides(t, &response, secretToken)
		assert.Contains(t, err.Error(), "GET /workspaces/ws/applications/[redacted]: ")
		assert.Equal(t, response.StatusCode == 200, strings.Contains(string(response.Body), secretToken), "whole on success")
		var refused *nahook.APIError
		if errors.As(err, &refused) {
			assert.NotContains(t, string(refused.Body), secretToken)
			hides(t, *refused, secretToken)
		}
	}
}

// What a payload's own encoding says of it is within reach, and in no print.
func TestPayloadsAreNeverInErrors(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-v4lu3"
	client := sending(t, newMock(t))
	own := errors.New(secret)
	for _, payload := range []any{
		order{"o", secret}, custom{err: own}, custom{json: `{"` + secret}, map[string]any{secret: func() {}}, secret, []string{secret},
		json.RawMessage(`{"` + secret + `": x}`), json.RawMessage("{\"" + secret + "\": \"\xff\"}"),
	} {
		for name, err := range each(t.Context(), client, payload, "") {
			require.ErrorIs(t, err, nahook.ErrInvalidArgument, name)
			hides(t, err, secret)
			hides(t, []error{err}, secret)
			hides(t, struct{ err error }{err}, secret)
		}
	}
	for _, err := range each(t.Context(), client, custom{err: own}, "") {
		require.ErrorIs(t, err, own)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t-v4lu3"
	hook := "https://hooks.slack.com/services/" + secret
	endpoint := nahook.Endpoint{ID: "ep_1", Secret: secret, Config: nahook.EndpointConfig{WebhookURL: hook}}
	create := nahook.CreateEndpointOptions{URL: "https://a.test", AuthPassword: secret, Config: &endpoint.Config}
	update := nahook.UpdateEndpointOptions{AuthPassword: nahook.Ptr(secret), Config: &endpoint.Config}
	session := nahook.PortalSession{URL: "https://portal.nahook.com/s?c=" + secret + "#code=" + secret, Code: secret}
	response := nahook.Response{StatusCode: 201, RequestID: "req_1", Body: []byte(secret)}
	for _, v := range []any{
		nahook.Secret(secret), nahook.Ptr(nahook.Secret(secret)), endpoint, &endpoint, endpoint.Config, &endpoint.Config,
		create, &create, update, &update, session, &session, response, &response,
	} {
		hides(t, v, secret)
	}
	type fields struct {
		Secret   nahook.Secret
		Endpoint nahook.Endpoint
		Create   *nahook.CreateEndpointOptions
		Update   nahook.UpdateEndpointOptions
		Session  nahook.PortalSession
		Response *nahook.Response
	}
	mine := fields{secret, endpoint, &create, update, session, &response}
	for _, v := range []any{
		mine, &mine, []fields{mine}, map[string]fields{"k": mine}, []nahook.Secret{secret}, map[string]nahook.Secret{"k": secret},
		[]nahook.Endpoint{endpoint}, []*nahook.PortalSession{&session}, [1]nahook.CreateEndpointOptions{create},
		[]nahook.UpdateEndpointOptions{update},
	} {
		hides(t, v, secret, "slog JSON") // which shows what lies in a container as JSON does
	}
	list := nahook.List[nahook.Endpoint]{Data: []nahook.Endpoint{endpoint}}
	for _, v := range []any{list, &list, []nahook.Response{response}, map[string]any{"r": &response}} {
		hides(t, v, secret)
	}
	assert.Contains(t, printed(list)["slog JSON"], `"v":{"count":1}`)
	assert.Contains(t, printed([]any{response})["slog JSON"], `[{"StatusCode":201,"RequestID":"req_1","Attempts":0,"Duration":0}]`)
	for want, v := range map[string]any{
		"[redacted]":              nahook.Secret(secret),
		"":                        nahook.Secret(""),
		"{WebhookURL:[redacted]}": endpoint.Config,
		"{WebhookURL:}":           nahook.EndpointConfig{},
		"{URL:https://portal.nahook.com/s?c=[redacted] Code:[redacted] ExpiresAt:0001-01-01 00:00:00 +0000 UTC}": session,
		"{StatusCode:201 RequestID:req_1 Attempts:0 Duration:0s}":                                                response,
	} {
		assert.Equal(t, want, fmt.Sprintf("%+v", v))
	}
	assert.Contains(t, fmt.Sprintf("%+v", create), "URL:https://a.test")
	assert.Contains(t, printed(&update)["slog JSON"], `"config":{"webhookUrl":"[redacted]"},"authPassword":"[redacted]"`)
	assert.Contains(t, printed(create)["slog JSON"], `"url":"https://a.test","authPassword":"[redacted]","config":{"webhookUrl":"[redacted]"}`)
	assert.Contains(t, printed(endpoint.Config)["slog JSON"], `"v":{"webhookUrl":"[redacted]"}`)
	assert.Contains(t, printed(nahook.CreateEndpointOptions{})["slog JSON"], `"v":{}`)
	assert.Contains(t, printed(endpoint)["slog JSON"], `"id":"ep_1"`)
	assert.Contains(t, printed(endpoint.Secret)["slog JSON"], `"v":"[redacted]"`)
	assert.Contains(t, printed(session)["slog JSON"], `"url":"https://portal.nahook.com/s?c=[redacted]","code":"[redacted]"`)
	assert.Contains(t, printed(response)["slog JSON"], `"v":{"StatusCode":201,"RequestID":"req_1"`)
	assert.Equal(t, secret, string(endpoint.Secret), "the value is a conversion away")
	assert.Equal(t, secret, create.AuthPassword, "printing changes nothing")
	assert.Equal(t, secret, *update.AuthPassword, "logging changes nothing")
	assert.Equal(t, hook, update.Config.WebhookURL, "logging changes nothing")
	encoded, err := json.Marshal(endpoint)
	require.NoError(t, err)
	assert.Contains(t, string(encoded), secret)
}
