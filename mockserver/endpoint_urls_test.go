package mockserver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const longest = 2048

func longURL(length int) string {
	const start = "https://a.test/"
	return start + strings.Repeat("é", length-len(start))
}

// The same rules hold wherever a request names a destination.
func TestEndpointURLs(t *testing.T) {
	t.Parallel()
	places := []struct{ field, method, path, format string }{
		{"url", "POST", "/endpoints", `{"url":%}`},
		{"url", "POST", "/applications/app_b/endpoints", `{"url":%}`},
		{"url", "PATCH", "/endpoints/ep_b", `{"url":%}`},
		{"config.webhookUrl", "POST", "/endpoints", `{"type":"slack","config":{"webhookUrl":%}}`},
		{"config.webhookUrl", "POST", "/endpoints", `{"url":"https://a.test","config":{"webhookUrl":%}}`},
		{"config.webhookUrl", "PATCH", "/endpoints/ep_slack", `{"config":{"webhookUrl":%}}`},
		{"config.webhookUrl", "PATCH", "/endpoints/ep_b", `{"config":{"webhookUrl":%}}`},
	}
	a := serve(t)
	do := func(t *testing.T, i int, url string) response {
		t.Helper()
		quoted, err := json.Marshal(url)
		require.NoError(t, err)
		return a.in(t).do(places[i].method, inA+places[i].path, strings.Replace(places[i].format, "%", string(quoted), 1))
	}
	for _, accepted := range []string{
		"https://acme.test", "http://acme.test", "HTTPS://ACME.test/Hooks", "https://acme.test:1/", "https://acme.test:65535/", "https://acme.test:443",
		"https://acme.test/a%20b?c=d&e=%23", "https://127.0.0.1:3001/hooks", "https://127.1/", "http://2130706433/", "http://localhost/",
		"https://[::1]/", "https://[::1]:8443/x", "https://10.0.0.1/", "https://nobody.invalid/hooks", "https://münchen.test/ü", "https://a.test?x=@:/",
		longURL(longest),
	} {
		t.Run("accepted: "+shown(accepted), func(t *testing.T) {
			t.Parallel()
			for i := range places {
				res := do(t, i, accepted)
				require.Less(t, res.status, 300, res.body)
			}
		})
	}
	for url, problem := range map[string]string{
		"javascript:alert(1)":            "must start with http:// or https://",
		"JavaScript://a.test/%0aalert":   "must start with http:// or https://",
		"data:text/html,hello":           "must start with http:// or https://",
		"file:///etc/passwd":             "must start with http:// or https://",
		"ftp://h":                        "must start with http:// or https://",
		"gopher://h:70/":                 "must start with http:// or https://",
		"ws://h/":                        "must start with http:// or https://",
		"httpss://h/":                    "must start with http:// or https://",
		"//h/x":                          "must start with http:// or https://",
		"/hooks":                         "must start with http:// or https://",
		"acme.test/hooks":                "must start with http:// or https://",
		"acme.test":                      "must start with http:// or https://",
		"https:///x":                     "must name a host",
		"https://":                       "must name a host",
		"https:":                         "must name a host",
		"https:acme.test":                "must name a host",
		"https:/acme.test":               "must name a host",
		"https://:80/":                   "must name a host",
		"https://?x":                     "must name a host",
		"https://u:p@h/":                 "must not contain a user name or password",
		"https://u@h/":                   "must not contain a user name or password",
		"https://:p@h/":                  "must not contain a user name or password",
		"https://@h/":                    "must not contain a user name or password",
		"https://h/#top":                 "must not contain a fragment",
		"https://h/#":                    "must not contain a fragment",
		"https://h?x#y":                  "must not contain a fragment",
		"https://h:0/":                   "must have a port between 1 and 65535",
		"https://h:00/":                  "must have a port between 1 and 65535",
		"https://h:65536/":               "must have a port between 1 and 65535",
		"https://h:99999/":               "must have a port between 1 and 65535",
		"https://h:4294967376/":          "must have a port between 1 and 65535",
		"https://h:99999999999999999999": "must have a port between 1 and 65535",
		"https://h:/":                    "must have a port between 1 and 65535",
		"https://[::1]:/":                "must have a port between 1 and 65535",
		"https://h:-1/":                  "must be a valid URL",
		"https://h:80x/":                 "must be a valid URL",
		"https://h:1:2/":                 "must be a valid URL",
		"https://[::1/":                  "must be a valid URL",
		"https://a b/":                   "must be a valid URL",
		"https://h/a b":                  "must be a valid URL",
		" https://h/":                    "must be a valid URL",
		"https://h/ ":                    "must be a valid URL",
		"https://h/\n":                   "must be a valid URL",
		"https://h/\r\nX-Injected: 1":    "must be a valid URL",
		"https://h\r\n/":                 "must be a valid URL",
		"https://h/\t":                   "must be a valid URL",
		"https://h/\x00":                 "must be a valid URL",
		"https://h/\x7f":                 "must be a valid URL",
		"https://h/\u0085":               "must be a valid URL",
		"https://h/\u2028":               "must be a valid URL",
		"https://h/\u00a0":               "must be a valid URL",
		"https://h%0d%0a/":               "must be a valid URL",
		"https://h/%":                    "must be a valid URL",
		"https://h/%zz":                  "must be a valid URL",
		"https://h\\@evil.test/":         "must be a valid URL",
		"https://1:2:3:4/":               "must be a valid URL",
		"https://h:80:443/":              "must be a valid URL",
		"https://<h>/":                   "must be a valid URL",
		"http\n://h/":                    "must be a valid URL",
		"https://\"h\"/":                 "must be a valid URL",
		"%68ttps://h/":                   "must be a valid URL",
		"://h/":                          "must be a valid URL",
		longURL(longest + 1):             "must be at most 2048 characters",
		strings.Repeat("x", 100_000):     "must be at most 2048 characters",
	} {
		t.Run("refused: "+shown(url), func(t *testing.T) {
			t.Parallel()
			for i, place := range places {
				do(t, i, url).invalid(place.field + " " + problem)
			}
		})
	}
}

func shown(url string) string { return url[:min(len(url), 40)] }
