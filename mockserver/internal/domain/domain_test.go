package domain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/nahook/nahook-go/mockserver/internal/domain"
)

const now = domain.Time(1_768_473_000_000)

func ptr[T any](v T) *T { return &v }

func refusal(message string) string { return "validation_error: " + message }

func TestEndpointURLs(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"https://acme.test":                      "",
		"http://localhost:8080/hooks?a=b%20c&d":  "",
		"HTTPS://[::1]:65535/":                   "",
		"https://münchen.test/ünï":               "",
		"https://h/" + strings.Repeat("ü", 2038): "",
		"": "url is required",
		"https://h/" + strings.Repeat("ü", 2039): "url must be at most 2048 characters",
		"javascript:alert(1)":                    "url must start with http:// or https://",
		"file:///etc/passwd":                     "url must start with http:// or https://",
		"ftp://h":                                "url must start with http:// or https://",
		"//h/x":                                  "url must start with http:// or https://",
		"acme.test/hooks":                        "url must start with http:// or https://",
		"https:///x":                             "url must name a host",
		"https:acme.test":                        "url must name a host",
		"https://:443/":                          "url must name a host",
		"https://u:p@h/":                         "url must not contain a user name or password",
		"https://@h/":                            "url must not contain a user name or password",
		"https://h/#top":                         "url must not contain a fragment",
		"https://h/#":                            "url must not contain a fragment",
		"https://h:0/":                           "url must have a port between 1 and 65535",
		"https://h:99999/":                       "url must have a port between 1 and 65535",
		"https://h:/":                            "url must have a port between 1 and 65535",
		"https://h:http/":                        "url must be a valid URL",
		"https://h/\r\nX-Evil: 1":                "url must be a valid URL",
		"https://h/a b":                          "url must be a valid URL",
		"https://h/\u2028":                       "url must be a valid URL",
		" https://h/":                            "url must be a valid URL",
		"https://h%zz/":                          "url must be a valid URL",
	} {
		t.Run(url, func(t *testing.T) {
			t.Parallel()
			err := domain.NewEndpoint{Type: domain.Webhook, URL: url}.Validate()
			if want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, refusal(want))
		})
	}
}

// Half of a credential is no use to a delivery, however it comes about.
func TestAuthComesInPairs(t *testing.T) {
	t.Parallel()
	const together = "authUsername and authPassword must be given together"
	none, both := domain.Endpoint{}, domain.Endpoint{AuthUsername: "u", AuthPassword: "p"}
	for name, tt := range map[string]struct {
		stored             domain.Endpoint
		username, password *string
		wantUser, wantPass string
		wantErr            string
	}{
		"both set on none":         {none, ptr("u"), ptr("p"), "u", "p", ""},
		"username alone on none":   {none, ptr("u"), nil, "", "", together},
		"password alone on none":   {none, nil, ptr("p"), "", "", together},
		"username alone on both":   {both, ptr("v"), nil, "v", "p", ""},
		"password alone on both":   {both, nil, ptr("q"), "u", "q", ""},
		"empty username clears":    {both, ptr(""), nil, "", "", ""},
		"empty password clears":    {both, nil, ptr(""), "", "", ""},
		"both empty clear":         {both, ptr(""), ptr(""), "", "", ""},
		"clearing none is fine":    {none, ptr(""), nil, "", "", ""},
		"half cleared, half set":   {both, ptr(""), ptr("q"), "", "", together},
		"colon in the user name":   {both, ptr("a:b"), nil, "", "", "authUsername must not contain a colon"},
		"control characters":       {both, ptr("a\nb"), nil, "", "", "authUsername and authPassword must not contain control characters"},
		"nothing given stays both": {both, nil, nil, "u", "p", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.stored.Type, tt.stored.URL = domain.Webhook, "https://h"
			change := domain.EndpointChange{AuthUsername: tt.username, AuthPassword: tt.password, IsActive: ptr(true)}
			changed, err := change.Apply(&tt.stored, now)
			if tt.wantErr != "" {
				require.EqualError(t, err, refusal(tt.wantErr))
				return
			}
			require.NoError(t, err)
			require.Equal(t, [2]string{tt.wantUser, tt.wantPass}, [2]string{changed.AuthUsername, changed.AuthPassword})
		})
	}
}

func TestSlackEndpointsHaveNoURL(t *testing.T) {
	t.Parallel()
	hook := "https://hooks.slack.test/x"
	require.NoError(t, domain.NewEndpoint{Type: domain.Slack, WebhookURL: hook}.Validate())
	require.EqualError(t, domain.NewEndpoint{Type: domain.Slack}.Validate(), refusal("config.webhookUrl is required"))
	require.EqualError(t, domain.NewEndpoint{Type: domain.Slack, WebhookURL: hook, URL: hook}.Validate(),
		refusal("url is not used by slack endpoints: set config.webhookUrl"))
	require.EqualError(t, domain.NewEndpoint{Type: "email", URL: hook}.Validate(), refusal(`type must be "webhook" or "slack"`))

	stored := domain.Endpoint{Type: domain.Slack, WebhookURL: hook}
	_, err := domain.EndpointChange{WebhookURL: ptr("")}.Apply(&stored, now)
	require.EqualError(t, err, refusal("config.webhookUrl is required"))
	_, err = domain.EndpointChange{URL: ptr("")}.Apply(&stored, now)
	require.NoError(t, err, "what the API shows may be written back")
	_, err = domain.EndpointChange{URL: ptr("")}.Apply(&domain.Endpoint{Type: domain.Webhook, URL: hook}, now)
	require.EqualError(t, err, refusal("url is required"))
	_, err = domain.EndpointChange{URL: &hook}.Apply(&stored, now)
	require.EqualError(t, err, refusal("url is not used by slack endpoints: set config.webhookUrl"))
}

func TestChangesThatAskForNothingChangeNothing(t *testing.T) {
	t.Parallel()
	app, endpoint := &domain.Application{Name: "Acme"}, &domain.Endpoint{URL: "https://h"}
	require.Same(t, app, domain.ApplicationChange{}.Apply(app, now))
	same, err := domain.EndpointChange{}.Apply(endpoint, now)
	require.NoError(t, err)
	require.Same(t, endpoint, same)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	require.False(t, domain.Unlimited.Reached(1<<30))
	require.True(t, domain.Limit(0).Reached(0))
	require.False(t, domain.Limit(2).Reached(1))
	require.True(t, domain.Limit(2).Reached(2))
	require.True(t, domain.Limit(2).Reached(3), "a cap may be lowered below the count")
	n := domain.NewApplication{Name: "Acme", MaxEndpoints: -1}
	require.EqualError(t, n.Validate(), refusal("maxEndpoints must be an integer of 0 or more, or null for no limit"))
}

func TestMetadataIsSortedAndCounted(t *testing.T) {
	t.Parallel()
	six := map[string]string{"f": "6", "e": "5", "d": "4", "c": "3", "b": "2", "a": "1"}
	m := domain.NewMetadata(six)
	require.Equal(t, domain.Pair{Key: "a", Value: "1"}, m[0])
	require.Equal(t, domain.Pair{Key: "f", Value: "6"}, m[5])
	require.Equal(t, six, m.Map())
	require.Equal(t, map[string]string{}, domain.Metadata(nil).Map())
	require.NoError(t, domain.NewApplication{Name: "Acme", Metadata: m[:5]}.Validate())
	require.EqualError(t, domain.NewApplication{Name: "Acme", Metadata: m}.Validate(), refusal("metadata exceeds max keys (5)"))
}

func TestCodesNeverOutliveTheirSession(t *testing.T) {
	t.Parallel()
	for minutes, code := range map[int]time.Duration{1: time.Minute, 4: 4 * time.Minute, 5: 5 * time.Minute, 60: 5 * time.Minute} {
		n := domain.NewPortalSession{Role: domain.RoleViewer, Minutes: minutes}
		require.NoError(t, n.Validate())
		s := n.Build("ps_1", "app_1", "secret", domain.Position{CreatedAt: now})
		require.Equal(t, now.Add(code), s.CodeExpiresAt)
		require.Equal(t, now.Add(time.Duration(minutes)*time.Minute), s.ExpiresAt)
		require.Equal(t, domain.HashOf("secret"), s.CodeHash)
	}
}

func TestPortalSessionsKeepWhatTheyWereAskedFor(t *testing.T) {
	t.Parallel()
	n := domain.NewPortalSession{Role: domain.RoleAdmin, Minutes: 1, Metadata: domain.Metadata{{Key: "a", Value: "b"}}}
	at := domain.Position{CreatedAt: now, Sequence: 7}
	require.Equal(t, &domain.PortalSession{
		ID: "ps_1", Position: at, ApplicationID: "app_1", Role: domain.RoleAdmin, Metadata: n.Metadata,
		CodeHash: domain.HashOf("code"), CodeExpiresAt: now + 60_000, ExpiresAt: now + 60_000,
	}, n.Build("ps_1", "app_1", "code", at))
}

// The first window begins with the first request, also right after the epoch.
func TestRateWindowsBeginWithARequest(t *testing.T) {
	t.Parallel()
	limit := domain.RateLimit{Limit: 3, Window: time.Hour}
	window, verdict := limit.Take(domain.RateWindow{}, 60_000)
	require.Equal(t, domain.RateWindow{Start: 60_000, Used: 1}, window)
	require.Equal(t, domain.RateVerdict{Limit: 3, Remaining: 2, Reset: time.Hour}, verdict)
}

func TestCredentials(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		credential domain.Credential
		want       string
	}{
		"fine":                  {domain.Credential{Kind: domain.ManagementToken, ExpiresAt: domain.Never}, ""},
		"not yet expired":       {domain.Credential{Kind: domain.ManagementToken, ExpiresAt: now + 1}, ""},
		"expires now":           {domain.Credential{Kind: domain.ManagementToken, ExpiresAt: now}, "token_expired: Management token has expired"},
		"expired session":       {domain.Credential{Kind: domain.SessionToken, ExpiresAt: now}, "token_expired: Session token has expired"},
		"revoked":               {domain.Credential{Kind: domain.CLIToken, Revoked: true}, "token_revoked: CLI token has been revoked"},
		"disabled":              {domain.Credential{Kind: domain.APIKey, Disabled: true, ExpiresAt: domain.Never}, "token_disabled: API key is disabled"},
		"expired comes first":   {domain.Credential{Kind: domain.ManagementToken, Disabled: true, ExpiresAt: now}, "token_expired: Management token has expired"},
		"revoked before either": {domain.Credential{Kind: domain.CLIToken, Revoked: true, Disabled: true, ExpiresAt: now}, "token_revoked: CLI token has been revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.credential.Check(now)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.EqualError(t, err, tt.want)
		})
	}
}

func TestEnvironmentNames(t *testing.T) {
	t.Parallel()
	const slug = "Slug must be 2-50 characters, lowercase alphanumeric and hyphens only"
	for _, tt := range []struct{ name, slug, want string }{
		{"Staging", "staging-2", ""},
		{strings.Repeat("é", 50), strings.Repeat("a", 50), ""},
		{"", "staging", "name is required"},
		{"S", "", "slug is required"},
		{strings.Repeat("é", 51), "staging", "name must be between 1 and 50 characters"},
		{"S", "s", slug},
		{"S", strings.Repeat("a", 51), slug},
		{"S", "Staging", slug},
		{"S", "sta_ging", slug},
	} {
		err := domain.NewEnvironment{Name: tt.name, Slug: tt.slug}.Validate()
		if tt.want == "" {
			require.NoError(t, err)
			continue
		}
		require.EqualError(t, err, refusal(tt.want))
	}
}

func TestSecretsBroughtAlong(t *testing.T) {
	t.Parallel()
	for size, ok := range map[int]bool{23: false, 24: true, 32: true, 64: true, 65: false} {
		err := domain.ValidateSecret(domain.EncodeSecret(make([]byte, size)))
		require.Equal(t, ok, err == nil, "%d bytes: %v", size, err)
	}
	require.Error(t, domain.ValidateSecret("whsec_***"))
	require.Error(t, domain.ValidateSecret(strings.TrimPrefix(domain.EncodeSecret(make([]byte, 32)), "whsec_")))
}

func TestEventTypeNames(t *testing.T) {
	t.Parallel()
	const form = "name must be lowercase words of a-z, 0-9, _ and - joined by dots, such as order.created"
	for name, want := range map[string]string{
		"order":                  "",
		"order.created":          "",
		"a_b-9.x.y.z":            "",
		strings.Repeat("a", 100): "",
		strings.Repeat("a", 101): "name must be between 1 and 100 characters",
		"":                       "name is required",
		"Order.created":          form,
		"order created":          form,
		"order..created":         form,
		".order":                 form,
		"order.":                 form,
		"bestellung.ausgelöst":   form,
		"order/created":          form,
		"order.created\n":        form,
	} {
		err := domain.NewEventType{Name: name}.Validate()
		if want == "" {
			require.NoError(t, err, name)
			continue
		}
		require.EqualError(t, err, refusal(want), name)
	}
	long := domain.NewEventType{Name: "a", Description: strings.Repeat("é", 501)}
	require.EqualError(t, long.Validate(), refusal("description must be at most 500 characters"))
	require.EqualError(t, domain.EventTypeChange{Description: &long.Description}.Validate(), refusal("description must be at most 500 characters"))
}
