package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// output is a buffer that closes first when it holds the text it waits for.
type output struct {
	awaited string
	first   chan struct{}
	once    sync.Once

	mu   sync.Mutex
	text bytes.Buffer
}

func newOutput(awaited string) *output {
	return &output{awaited: awaited, first: make(chan struct{})}
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text.Write(p)
	if strings.Contains(o.text.String(), o.awaited) {
		o.end()
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// end says that nothing will be written any more.
func (o *output) end() { o.once.Do(func() { close(o.first) }) }

// url waits for the announcement and reads the URL in it.
func (o *output) url(t *testing.T) string {
	t.Helper()
	<-o.first
	_, rest, found := strings.Cut(o.String(), "listens on ")
	require.True(t, found, o.String())
	url, _, _ := strings.Cut(rest, "\n")
	return url
}

func call(t *testing.T, method, url, token, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(answer)
}

// running starts serve in this process and returns its URL and a function that
// ends it.
func running(t *testing.T, stderr io.Writer, args ...string) (string, func() int) {
	t.Helper()
	stdout, stop := start(t, stderr, args...)
	return stdout.url(t), stop
}

func start(t *testing.T, stderr io.Writer, args ...string) (*output, func() int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	stdout := newOutput("workspace ")
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), stdout, stderr)
		stdout.end()
	}()
	return stdout, func() int {
		stop()
		return <-status
	}
}

func TestServeAnswersWithTheTestWorkspace(t *testing.T) {
	t.Parallel()
	stderr := newOutput("problem: ")
	url, stop := running(t, stderr)
	status, body := call(t, http.MethodGet, url+"/management/v1/workspaces/ws_test/applications", "nhm_test", "")
	require.Equal(t, 200, status)
	require.Equal(t, "[]", body)
	status, body = call(t, http.MethodGet, url+"/management/v1/workspaces/ws_test/endpoints/ep_test", "nhm_test", "")
	require.Equal(t, 200, status)
	require.Contains(t, body, `"url":"https://example.test/webhooks"`)
	status, _ = call(t, http.MethodGet, url+"/management/v1/workspaces/ws_test/applications", "nhk_us_test_disabled", "")
	require.Equal(t, 401, status, "an API key opens ingestion alone")
	status, _ = call(t, http.MethodPost, url+"/management/v1/workspaces/ws_test/applications", "nhm_test", `{"name":"Acme","colour":"red"}`)
	require.Equal(t, 201, status)
	require.Equal(t, 0, stop())
	require.Contains(t, stderr.String(), "operation=applications.list")
	require.Contains(t, stderr.String(), `problem: applications.create: the request has the unknown field "colour"`)
}

func TestServeFlagsReachTheServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fixtures, ready := filepath.Join(dir, "f.json"), filepath.Join(dir, "ready.json")
	require.NoError(t, os.WriteFile(fixtures, []byte(`{"workspaces":[{"id":"ws_demo","name":"Demo","managementTokens":[{"token":"nhm_demo"}],
		"apiKeys":[{"key":"nhk_us_demo"}],"sessionTokens":[{"token":"nhs_demo"}],"applications":[{"id":"app_demo","name":"Acme"}]}]}`), 0o600))
	stderr := newOutput("problem: ")
	url, stop := running(t, stderr, "--fixtures", fixtures, "--clock", "manual", "--start", "2026-01-15T10:30:00Z", "--seed", "7",
		"--public-url", "https://proxy.test/", "--ready-file", ready, "--log-level", "error")

	data, err := os.ReadFile(ready)
	require.NoError(t, err)
	require.JSONEq(t, `{"url":"`+url+`","workspaces":[{"id":"ws_demo","name":"Demo","managementToken":"nhm_demo","apiKey":"nhk_us_demo","sessionToken":"nhs_demo"}]}`, string(data))
	info, err := os.Stat(ready)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	base := url + "/management/v1/workspaces/ws_demo/applications"
	_, created := call(t, http.MethodPost, base, "nhm_demo", `{"name":"Acme"}`)
	require.Contains(t, created, `"createdAt":"2026-01-15T10:30:00.000Z"`)
	_, session := call(t, http.MethodPost, base+"/app_demo/portal", "nhm_demo", `{}`)
	require.Contains(t, session, `"url":"https://proxy.test/portal/s/`)
	require.Equal(t, 0, stop())
	require.NoFileExists(t, ready, "a script must not find the file of a server that has ended")
	require.Empty(t, stderr.String())

	again, stop := running(t, io.Discard, "--fixtures", fixtures, "--clock", "manual", "--start", "2026-01-15T10:30:00Z", "--seed", "7")
	_, repeated := call(t, http.MethodPost, again+"/management/v1/workspaces/ws_demo/applications", "nhm_demo", `{"name":"Acme"}`)
	require.Equal(t, created, repeated)
	require.Equal(t, 0, stop())
}

// The default endpoint takes everything; others are reached as the flags say.
func TestServeDelivers(t *testing.T) {
	t.Parallel()
	stderr := newOutput("problem: ")
	url, stop := running(t, stderr, "--clock", "manual", "--accept-hosts", "a.test,b.test:8080", "--accept-hosts", "c.test")
	manage := url + "/management/v1/workspaces/ws_test"
	delivered := func(endpoint string) string {
		status, sent := call(t, http.MethodPost, url+"/api/ingest/"+endpoint, "nhk_us_test", `{"payload":{}}`)
		require.Equal(t, 202, status, sent)
		var ids struct{ DeliveryID string }
		require.NoError(t, json.Unmarshal([]byte(sent), &ids))
		_, attempts := call(t, http.MethodGet, manage+"/deliveries/"+ids.DeliveryID+"/attempts", "nhm_test", "")
		return attempts
	}
	require.Contains(t, delivered("ep_test"), `"status":"success"`)
	for host, want := range map[string]string{
		"a.test": `"status":"success"`, "b.test:8080": `"status":"success"`, "c.test": `"status":"success"`,
		"b.test": "WithAllowedHosts or --allow-hosts lets attempts reach it",
	} {
		_, created := call(t, http.MethodPost, manage+"/endpoints", "nhm_test", `{"url":"http://`+host+`/hooks"}`)
		var endpoint struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(created), &endpoint))
		require.Contains(t, delivered(endpoint.ID), want, host)
	}
	require.Equal(t, 0, stop())
	require.Contains(t, stderr.String(), "problem: delivery.attempt: the endpoint ep_")
}

func TestServeReachesPublicAddressesAlone(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"--egress public":                         `"errorMessage":"destination address is not allowed"`,
		"--egress public --allow-hosts 127.0.0.1": `"responseStatusCode":404`,
	} {
		url, stop := running(t, io.Discard, append(strings.Fields(args), "--clock", "manual")...)
		manage := url + "/management/v1/workspaces/ws_test"
		_, created := call(t, http.MethodPost, manage+"/endpoints", "nhm_test", `{"url":"`+url+`"}`)
		var endpoint struct{ ID string }
		require.NoError(t, json.Unmarshal([]byte(created), &endpoint))
		_, sent := call(t, http.MethodPost, url+"/api/ingest/"+endpoint.ID, "nhk_us_test", `{"payload":{}}`)
		var ids struct{ DeliveryID string }
		require.NoError(t, json.Unmarshal([]byte(sent), &ids))
		_, attempts := call(t, http.MethodGet, manage+"/deliveries/"+ids.DeliveryID+"/attempts", "nhm_test", "")
		require.Contains(t, attempts, want)
		require.Equal(t, 0, stop())
	}
}

func TestServeApprovesDeviceGrantsByItself(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string]int{"--auto-approve": 200, "--auto-approve=false": 202} {
		url, stop := running(t, io.Discard, flag)
		_, started := call(t, http.MethodPost, url+"/api/cli/device-grant/start", "none", "")
		var grant struct {
			DeviceCode string `json:"device_code"`
		}
		require.NoError(t, json.Unmarshal([]byte(started), &grant))
		status, _ := call(t, http.MethodPost, url+"/api/cli/device-grant/poll", "none", `{"device_code":"`+grant.DeviceCode+`"}`)
		require.Equal(t, want, status)
		require.Equal(t, 0, stop())
	}
}

func TestManualClockStandsNowWithoutStart(t *testing.T) {
	t.Parallel()
	url, stop := running(t, io.Discard, "--clock", "manual")
	base := url + "/management/v1/workspaces/ws_test/applications"
	created := func() string {
		_, body := call(t, http.MethodPost, base, "nhm_test", `{"name":"Acme"}`)
		var app struct{ CreatedAt string }
		require.NoError(t, json.Unmarshal([]byte(body), &app))
		return app.CreatedAt
	}
	require.Equal(t, created(), created())
	require.Equal(t, 0, stop())
}

func TestBadUseIsOneLineAndStatus2(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	bad := filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(bad, []byte(`{"workspaces":[{"plans":"pro"}]}`), 0o600))

	for want, args := range map[string]string{
		"no command given; use nahook-mock serve, or nahook-mock help":                      "",
		`unknown command "server"; use nahook-mock serve, or nahook-mock help`:              "server",
		"serve: flag provided but not defined: -port":                                       "serve --port 1",
		`serve: unexpected argument "3001"; flags start with --`:                            "serve 3001",
		`serve: invalid value "12x" for flag -seed: want a whole number of 0 or more`:       "serve --seed 12x",
		"--fixtures: open : no such file or directory":                                      "serve --fixtures=",
		`--clock: "fast" is neither real nor manual`:                                        "serve --clock fast",
		"--start needs --clock manual: a real clock starts now":                             "serve --start 2026-01-15T10:30:00Z",
		`--start: "today" is not an instant like 2026-01-15T10:30:00Z`:                      "serve --clock manual --start today",
		"--fixtures: open /nowhere/f.json: no such file or directory":                       "serve --fixtures /nowhere/f.json",
		"--fixtures " + bad + `: workspaces[0]: unknown key "plans"; there are `:            "serve --fixtures " + bad,
		`serve: mockserver: WithPublicURL: "proxy.test" is not an http or https URL`:        "serve --public-url proxy.test",
		`--egress: "all" is neither local nor public`:                                       "serve --egress all",
		`serve: mockserver: WithAllowedHosts: `:                                             "serve --allow-hosts http://a.test",
		`serve: mockserver: WithAcceptedHosts: `:                                            "serve --accept-hosts a.test,*",
		"--addr: listen tcp " + taken.Addr().String() + ": bind: address already in use":    "serve --addr " + taken.Addr().String(),
		"--addr: the address is empty; leave the flag out for the default one":              "serve --addr=",
		"--ready-file: open /nowhere/":                                                      "serve --addr 127.0.0.1:0 --ready-file /nowhere/r.json",
		"--control: listen tcp " + taken.Addr().String() + ": bind: address already in use": "serve --addr 127.0.0.1:0 --control " + taken.Addr().String(),
		"--control: address 4000: missing port in address":                                  "serve --addr 127.0.0.1:0 --control 4000",
		"--control-insecure needs --control":                                                "serve --control-insecure",
		"exec: no command given; use nahook-mock exec [flags] -- command":                   "exec --clock manual --",
		"exec: flag provided but not defined: -ready-file":                                  "exec --ready-file r.json -- true",
		`--clock: "fast" is neither real nor manual `:                                       "exec --clock fast -- true",
		"--fixtures: open /nowhere/g.json: no such file or directory":                       "exec --fixtures /nowhere/g.json -- true",
		"--addr: listen tcp " + taken.Addr().String() + ": bind: address already in use ":   "exec --addr " + taken.Addr().String() + " -- true",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			require.Equal(t, 2, run(t.Context(), strings.Fields(args), io.Discard, &stderr))
			require.Contains(t, stderr.String(), "nahook-mock: "+strings.TrimSuffix(want, " "))
			require.Equal(t, 1, strings.Count(stderr.String(), "\n"), stderr.String())
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"help":     "nahook-mock serve [flags]",
		"--help":   "nahook-mock serve [flags]",
		"serve -h": "--ready-file file ",
		"exec -h":  "NAHOOK_MOCK_CONTROL_URL",
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, 0, run(t.Context(), strings.Fields(args), &stdout, &stderr))
		require.Contains(t, stdout.String(), want)
		require.Empty(t, stderr.String())
	}
}

// The real binary, as an init system, a script or a person at a terminal ends
// it: a request that has begun gets its answer.
func TestSignalsEndTheProcessWithStatus0(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(signal.String(), func(t *testing.T) {
			t.Parallel()
			command, url := process(t)
			answer, finish := stalledCreate(t, url)
			require.NoError(t, command.Process.Signal(signal))
			finish()
			require.Equal(t, 201, <-answer)
			require.NoError(t, command.Wait(), "exit status 0")
		})
	}
}

// A second signal does not wait for a request that never ends.
func TestTheSecondSignalEndsTheProcessAtOnce(t *testing.T) {
	t.Parallel()
	command, url := process(t)
	stalledCreate(t, url)
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	<-command.Stderr.(*output).first
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	require.EqualError(t, command.Wait(), "signal: terminated")
}

// build makes the command and gives its path.
func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "nahook-mock")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

// process builds and starts the command, and waits until it listens.
func process(t *testing.T) (*exec.Cmd, string) {
	t.Helper()
	binary := build(t)
	stdout, stderr := newOutput("workspace "), newOutput("finishing ")
	command := exec.CommandContext(t.Context(), binary, "serve", "--addr", "127.0.0.1:0")
	command.Stdout, command.Stderr = stdout, stderr
	require.NoError(t, command.Start())
	return command, stdout.url(t)
}

// stalledCreate begins to create an application and leaves the server waiting
// for the rest of the body until finish is called. The channel gives the answer's
// status, 0 if there is none.
func stalledCreate(t *testing.T, url string) (answer <-chan int, finish func()) {
	t.Helper()
	body, write := io.Pipe()
	t.Cleanup(func() { write.CloseWithError(io.ErrUnexpectedEOF) })
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/management/v1/workspaces/ws_test/applications", body)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer nhm_test")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Expect", "100-continue") // net/http asks for the body when the handler reads it
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, ExpectContinueTimeout: time.Hour}}
	status := make(chan int, 1)
	go func() {
		response, err := client.Do(request)
		if err != nil {
			status <- 0
			return
		}
		response.Body.Close()
		status <- response.StatusCode
	}()
	io.WriteString(write, `{"name":`)
	return status, func() {
		io.WriteString(write, `"Acme"}`)
		write.Close()
	}
}

func TestServersOnEveryAddressAreAnnouncedAsOneThatCanBeDialled(t *testing.T) {
	t.Parallel()
	for addr, want := range map[string]string{
		"[::]:3001": "http://127.0.0.1:3001", "0.0.0.0:80": "http://127.0.0.1:80", "[::1]:1": "http://[::1]:1",
	} {
		tcp, err := net.ResolveTCPAddr("tcp", addr)
		require.NoError(t, err)
		require.Equal(t, want, clientURL(tcp))
	}
}

// A script that has read the ready file may have removed it.
func TestAMissingReadyFileIsNoFailure(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready.json")
	_, stop := running(t, io.Discard, "--ready-file", ready)
	require.NoError(t, os.Remove(ready))
	require.Equal(t, 0, stop())
}

// The file belongs to the server that has put it in place last.
func TestAReadyFileOfAnotherServerStays(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(t.TempDir(), "ready.json")
	_, stopFirst := running(t, io.Discard, "--ready-file", ready)
	url, stopSecond := running(t, io.Discard, "--ready-file", ready)
	require.Equal(t, 0, stopFirst())
	text, err := os.ReadFile(ready)
	require.NoError(t, err)
	require.Contains(t, string(text), url)
	require.Equal(t, 0, stopSecond())
	require.NoFileExists(t, ready)
}
