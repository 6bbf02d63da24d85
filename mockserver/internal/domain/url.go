package domain

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// validateEndpointURL wants a URL for webhooks and none for Slack, whose
// destination is config.webhookUrl.
func validateEndpointURL(t EndpointType, raw string) error {
	if t == Webhook {
		return validateURL("url", raw)
	}
	if raw != "" {
		return Invalid("url is not used by slack endpoints: set config.webhookUrl")
	}
	return nil
}

// validateURL accepts an absolute http or https URL that names a host. It
// never resolves the host: what a delivery may reach is decided when it dials.
func validateURL(field, raw string) error {
	if raw == "" {
		return Invalid("%s is required", field)
	}
	if err := validateLength(field, raw, 0, 2048); err != nil {
		return err
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || strings.ContainsFunc(raw, unicode.IsSpace) || strings.ContainsFunc(raw, unicode.IsControl) || !validHost(u):
		return Invalid("%s must be a valid URL", field)
	case u.Scheme != "http" && u.Scheme != "https":
		return Invalid("%s must start with http:// or https://", field)
	case u.Hostname() == "":
		return Invalid("%s must name a host", field)
	case u.User != nil:
		return Invalid("%s must not contain a user name or password", field)
	case strings.Contains(raw, "#"):
		return Invalid("%s must not contain a fragment", field)
	case !validPort(u):
		return Invalid("%s must have a port between 1 and 65535", field)
	}
	return nil
}

// validHost refuses what url.Parse lets pass: delimiters, and colons outside of
// brackets, where parsers disagree on what is the port. Whether url.Parse does
// so itself depends on the go line of the program's go.mod.
func validHost(u *url.URL) bool {
	if strings.HasPrefix(u.Host, "[") {
		return true
	}
	return !strings.ContainsAny(u.Hostname(), `:<>"`)
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.Atoi(u.Port())
	return err == nil && port >= 1 && port <= 65535
}
