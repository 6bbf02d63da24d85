package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// childRole says what this test binary is to do when exec runs it.
const childRole = "NAHOOK_MOCK_TEST_ROLE"

// children are the commands that the tests give to exec, with their exit statuses.
var children = map[string]func() int{
	"fail": func() int { return 7 },
	"environment": func() int {
		for _, entry := range slices.Sorted(slices.Values(os.Environ())) {
			if strings.HasPrefix(entry, "NAHOOK_") && !strings.HasPrefix(entry, childRole) {
				fmt.Println(entry)
			}
		}
		return 0
	},
	"list":   func() int { return ask(http.MethodGet, "") },
	"create": func() int { return ask(http.MethodPost, `{"name":"Acme","colour":"red"}`) },
	"create and fail": func() int {
		ask(http.MethodPost, `{"name":"Acme","colour":"red"}`)
		return 7
	},
	"fault": func() int {
		return fetch(http.MethodPost, os.Getenv("NAHOOK_MOCK_CONTROL_URL")+"/faults", os.Getenv("NAHOOK_MOCK_CONTROL_TOKEN"), `{"do":{"effect":"reset"}}`)
	},
	"copy": func() int {
		if _, err := io.Copy(os.Stdout, os.Stdin); err != nil {
			return 1
		}
		return 0
	},
	"await": func() int {
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
		fmt.Println("workspace ready")
		fmt.Println("got", <-signals)
		return 9
	},
	"count": func() int {
		signals := make(chan os.Signal, 16)
		signal.Notify(signals, syscall.SIGINT)
		fmt.Println("workspace ready")
		<-signals
		fmt.Println("interrupted")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Println("and", len(signals), "more")
		return 3
	},
	"hang": func() int {
		hangups := make(chan os.Signal, 1)
		signal.Notify(hangups, syscall.SIGHUP)
		fmt.Println("workspace ready")
		<-hangups
		return 0
	},
}

func ask(method, body string) int {
	url := os.Getenv("NAHOOK_API_URL") + "/management/v1/workspaces/" + os.Getenv("NAHOOK_WORKSPACE_ID") + "/applications"
	return fetch(method, url, os.Getenv("NAHOOK_MANAGEMENT_TOKEN"), body)
}

func fetch(method, url, token, body string) int {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 1
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	response, err := new(http.Client).Do(request)
	if err != nil {
		return 1
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode > 299 {
		return 1
	}
	fmt.Println(string(answer))
	return 0
}

// TestExec runs the real binary in an empty directory, with this one as its command.
func TestExec(t *testing.T) {
	t.Parallel()
	binary, self := build(t), executable(t)
	fixtures := filepath.Join(t.TempDir(), "f.json")
	require.NoError(t, os.WriteFile(fixtures, []byte(`{"workspaces":[{"id":"ws_demo","managementTokens":[{"token":"nhm_demo"}],"apiKeys":[{"key":"nhk_us_demo"}]}]}`), 0o600))
	mixed := filepath.Join(t.TempDir(), "mixed.json")
	require.NoError(t, os.WriteFile(mixed, []byte(`{"workspaces":[{"id":"ws_demo","managementTokens":[{"token":"nhm_old","disabled":true},{"token":"nhm_gone","revoked":true},
		{"token":"nhm_past","expiresAt":"2020-01-01T00:00:00Z"},{"token":"nhm_good"},{"token":"nhm_more"}],"apiKeys":[{"key":"nhk_us_old","disabled":true},{"key":"nhk_us_good"}]}]}`), 0o600))
	dead := filepath.Join(t.TempDir(), "dead.json")
	require.NoError(t, os.WriteFile(dead, []byte(`{"workspaces":[{"id":"ws_demo","managementTokens":[{"token":"nhm_old","disabled":true}],"apiKeys":[{"key":"nhk_us_old","disabled":true}]}]}`), 0o600))
	for name, c := range map[string]struct {
		role, flags, stdin string
		env                []string
		status             int
		stdout, stderr     string // regular expressions
	}{
		"the command reaches the server": {role: "list", stdout: `^\[\]\n$`, stderr: `^$`},
		"its exit status":                {role: "fail", status: 7, stdout: `^$`, stderr: `^$`},
		"its input and output":           {role: "copy", stdin: "hello\n", stdout: `^hello\n$`, stderr: `^$`},
		"problems": {role: "create", status: 1, stdout: `^\{"id":"app_`,
			stderr: `^problem: applications.create: the request has the unknown field "colour"\nnahook-mock: exec: the command has succeeded, but there were problems; --lenient lets that pass\n$`},
		"problems that may be":             {role: "create", flags: "--lenient", stdout: `^\{"id":"app_`, stderr: `^problem: [^\n]+\n$`},
		"problems of a command that fails": {role: "create and fail", status: 7, stdout: `^\{"id":"app_`, stderr: `^problem: [^\n]+\n$`},
		"a fault that has not hit": {role: "fault", status: 1, stdout: `^\{"fault":"Reset\(\) for any request"\}\n$`,
			stderr: `^problem: the fault Reset\(\) for any request has hit 0 of 1 time: [^\n]+\nnahook-mock: `},
		"the environment": {role: "environment", env: []string{"NAHOOK_API_KEY=theirs", "NAHOOK_TEST_ENDPOINT_ID=theirs", "NAHOOK_OTHER=kept"}, stderr: `^$`,
			stdout: `^NAHOOK_API_KEY=nhk_us_test
NAHOOK_API_URL=(http://127\.0\.0\.1:\d+)
NAHOOK_MANAGEMENT_TOKEN=nhm_test
NAHOOK_MOCK_CONTROL_TOKEN=nhx_[A-Z2-7]{26}
NAHOOK_MOCK_CONTROL_URL=http://127\.0\.0\.1:\d+/__mock/v1
NAHOOK_OTHER=kept
NAHOOK_TEST_API_KEY=nhk_us_test
NAHOOK_TEST_API_URL=http://127\.0\.0\.1:\d+
NAHOOK_TEST_DISABLED_API_KEY=nhk_us_test_disabled
NAHOOK_TEST_ENDPOINT_ID=ep_test
NAHOOK_TEST_EVENT_TYPE=order.created
NAHOOK_TEST_MGMT_TOKEN=nhm_test
NAHOOK_TEST_WORKSPACE_ID=ws_test
NAHOOK_WORKSPACE_ID=ws_test
$`},
		"the environment of a fixture": {role: "environment", flags: "--fixtures " + fixtures, stderr: `^$`,
			env: []string{"NAHOOK_TEST_ENDPOINT_ID=theirs", "NAHOOK_MOCK_CONTROL_TOKEN=mine"},
			stdout: `^NAHOOK_API_KEY=nhk_us_demo
NAHOOK_API_URL=(http://127\.0\.0\.1:\d+)
NAHOOK_MANAGEMENT_TOKEN=nhm_demo
NAHOOK_MOCK_CONTROL_TOKEN=mine
NAHOOK_MOCK_CONTROL_URL=\S+
NAHOOK_TEST_API_KEY=nhk_us_demo
NAHOOK_TEST_API_URL=\S+
NAHOOK_TEST_DISABLED_API_KEY=nhk_us_\S+
NAHOOK_TEST_MGMT_TOKEN=nhm_demo
NAHOOK_TEST_WORKSPACE_ID=ws_demo
NAHOOK_WORKSPACE_ID=ws_demo
$`},
		"tokens that work": {role: "environment", flags: "--fixtures " + mixed, stderr: `^$`,
			stdout: `^NAHOOK_API_KEY=nhk_us_good\n(?s:.*)NAHOOK_MANAGEMENT_TOKEN=nhm_good\n(?s:.*)NAHOOK_TEST_DISABLED_API_KEY=nhk_us_old\nNAHOOK_TEST_MGMT_TOKEN=nhm_good\n`},
		"a token that works where the fixture has none": {role: "list", flags: "--fixtures " + dead, stdout: `^\[\]\n$`, stderr: `^$`},
		"a control token that no header can carry": {role: "list", env: []string{"NAHOOK_MOCK_CONTROL_TOKEN=a b"}, status: 2, stdout: `^$`,
			stderr: `^nahook-mock: NAHOOK_MOCK_CONTROL_TOKEN: a token must not contain white space, commas or control characters\n$`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := slices.Concat([]string{"exec"}, strings.Fields(c.flags), []string{"--", self})
			command := exec.CommandContext(t.Context(), binary, args...)
			var stdout, stderr bytes.Buffer
			command.Dir, command.Stdin, command.Stdout, command.Stderr = t.TempDir(), strings.NewReader(c.stdin), &stdout, &stderr
			command.Env = slices.Concat(os.Environ(), c.env, []string{childRole + "=" + c.role})
			err := command.Run()
			require.Equal(t, c.status, command.ProcessState.ExitCode(), "%v %s", err, stderr.String())
			require.Regexp(t, c.stdout, stdout.String())
			require.Regexp(t, c.stderr, stderr.String())
			entries, err := os.ReadDir(command.Dir)
			require.NoError(t, err)
			require.Empty(t, entries, "nothing is left behind")
		})
	}
	for name, c := range map[string]struct {
		role   string
		signal syscall.Signal
		status int
		stdout string
	}{
		"SIGTERM reaches the command":      {"await", syscall.SIGTERM, 9, "workspace ready\ngot terminated\n"},
		"SIGHUP reaches the command":       {"await", syscall.SIGHUP, 9, "workspace ready\ngot hangup\n"},
		"SIGINT reaches the command":       {"await", syscall.SIGINT, 9, "workspace ready\ngot interrupt\n"},
		"a command that SIGTERM has ended": {"hang", syscall.SIGTERM, 143, "workspace ready\n"},
		"a command that SIGINT has ended":  {"hang", syscall.SIGINT, 130, "workspace ready\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stdout := newOutput("workspace ")
			command := exec.CommandContext(t.Context(), binary, "exec", self) // -- may be left out
			command.Stdout, command.Env = stdout, append(os.Environ(), childRole+"="+c.role)
			require.NoError(t, command.Start())
			<-stdout.first
			require.NoError(t, command.Process.Signal(c.signal))
			require.Error(t, command.Wait())
			require.Equal(t, c.status, command.ProcessState.ExitCode())
			require.Equal(t, c.stdout, stdout.String())
		})
	}
}

// executable is the path of this test binary.
func executable(t *testing.T) string {
	t.Helper()
	path, err := os.Executable()
	require.NoError(t, err)
	return path
}

// A command that cannot be run is one line, and the exit status that shells give it.
func TestExecOfWhatCannotBeRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, script := filepath.Join(dir, "text"), filepath.Join(dir, "script")
	require.NoError(t, os.WriteFile(text, []byte("no program"), 0o600))
	require.NoError(t, os.WriteFile(script, []byte("\x7fELF, or not"), 0o700))
	for command, want := range map[string]struct {
		status int
		line   string
	}{
		"nahook-no-such-command": {127, `the command "nahook-no-such-command" is not found`},
		dir + "/none":            {127, `the command "` + dir + `/none" is not found`},
		text:                     {126, `the command "` + text + `" cannot be executed: permission denied`},
		dir:                      {126, `the command "` + dir + `" cannot be executed: is a directory`},
		script:                   {126, `the command "` + script + `" cannot be executed: exec format error`},
	} {
		var stdout, stderr bytes.Buffer
		require.Equal(t, want.status, run(t.Context(), []string{"exec", "--", command}, &stdout, &stderr))
		require.Equal(t, "nahook-mock: exec: "+want.line+"\n", stderr.String())
		require.Empty(t, stdout.String())
	}
}
