package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/nahook/nahook-go/mockserver"
)

const execHelp = `nahook-mock exec runs a command with a server of its own, and ends with the command's exit status.

  nahook-mock exec [flags] -- command [argument …]

The command finds the first workspace in NAHOOK_API_URL, NAHOOK_WORKSPACE_ID, NAHOOK_MANAGEMENT_TOKEN and
NAHOOK_API_KEY, and the control API in NAHOOK_MOCK_CONTROL_URL and NAHOOK_MOCK_CONTROL_TOKEN. NAHOOK_TEST_API_URL,
_API_KEY, _DISABLED_API_KEY, _ENDPOINT_ID, _EVENT_TYPE, _WORKSPACE_ID and _MGMT_TOKEN are what test suites use.
SIGINT, SIGTERM and SIGHUP are passed on. Problems are printed at the end, and make a command fail that would succeed.`

// execute runs a command with a server of its own.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, command, err := parseExec(args, stdout)
	if err != nil {
		return err
	}
	path, err := find(command[0])
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	v, err := s.listen(stderr)
	if err != nil {
		return err
	}
	child := exec.CommandContext(ctx, path, command[1:]...)
	child.Args[0] = command[0]
	child.Env = v.environment(os.Environ())
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, stdout, stderr
	err = runChild(child, signals)
	closed := v.close()
	problems := v.tell(stderr)
	switch {
	case err != nil:
		return err
	case closed != nil:
		return failure{fmt.Errorf("exec: %w", closed)}
	case problems > 0 && !s.lenient:
		return failure{errors.New("exec: the command has succeeded, but there were problems; --lenient lets that pass")}
	}
	return nil
}

// Exit statuses that shells have for a command that cannot be run, and for one that
// a signal has ended.
const (
	statusNotExecutable = 126
	statusNotFound      = 127
	statusSignalled     = 128
)

// find looks a command up before anything is started for it.
func find(command string) (string, error) {
	path, err := exec.LookPath(command)
	switch {
	case err == nil:
		return path, nil
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return "", notRun{fmt.Errorf("exec: the command %q is not found", command), statusNotFound}
	}
	return "", notRun{fmt.Errorf("exec: the command %q cannot be executed: %w", command, cause(err)), statusNotExecutable}
}

// cause is err without the name of the command, which is in front of it already.
func cause(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

// runChild passes signals on until the command has ended.
func runChild(child *exec.Cmd, signals <-chan os.Signal) error {
	if err := child.Start(); err != nil {
		return notRun{fmt.Errorf("exec: the command %q cannot be executed: %w", child.Args[0], cause(err)), statusNotExecutable}
	}
	done := make(chan error, 1)
	go func() { done <- child.Wait() }()
	for {
		select {
		case received := <-signals:
			if received == syscall.SIGINT && inForeground() {
				continue // the terminal has told the command by itself, and twice means more than once
			}
			_ = child.Process.Signal(received) // one that has just ended needs none
		case err := <-done:
			return outcome(err)
		}
	}
}

// outcome turns how a command has ended into what shells call its exit status.
func outcome(err error) error {
	var exited *exec.ExitError
	if !errors.As(err, &exited) {
		if err != nil {
			return failure{fmt.Errorf("exec: %w", err)}
		}
		return nil
	}
	if status, ok := exited.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return ended(statusSignalled + int(status.Signal()))
	}
	return ended(exited.ExitCode())
}

// environment lays what a command needs to know over the environment. A variable
// that there is nothing for is not set: one of another server's would mislead.
func (v *service) environment(base []string) []string {
	disabled, endpoint, eventType := v.examples()
	token, key := v.usable()
	own := [][2]string{
		{"NAHOOK_API_URL", v.url},
		{"NAHOOK_WORKSPACE_ID", v.srv.ID()},
		{"NAHOOK_MANAGEMENT_TOKEN", token},
		{"NAHOOK_API_KEY", key},
		{"NAHOOK_MOCK_CONTROL_URL", v.control.url},
		{controlTokenVariable, v.control.token},
		{"NAHOOK_TEST_API_URL", v.url},
		{"NAHOOK_TEST_API_KEY", key},
		{"NAHOOK_TEST_DISABLED_API_KEY", disabled},
		{"NAHOOK_TEST_ENDPOINT_ID", endpoint},
		{"NAHOOK_TEST_EVENT_TYPE", eventType},
		{"NAHOOK_TEST_WORKSPACE_ID", v.srv.ID()},
		{"NAHOOK_TEST_MGMT_TOKEN", token},
	}
	all := slices.DeleteFunc(slices.Clone(base), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		return slices.ContainsFunc(own, func(variable [2]string) bool { return variable[0] == name })
	})
	for _, variable := range own {
		if variable[1] != "" {
			all = append(all, variable[0]+"="+variable[1])
		}
	}
	return all
}

// usable are the first management token and the first API key of the fixtures that
// work, or ones that are made where none does.
func (v *service) usable() (token, key string) {
	f := v.fixtures.Workspaces[0]
	for _, t := range f.ManagementTokens {
		if !t.Disabled && !t.Revoked && (t.ExpiresAt == nil || t.ExpiresAt.After(v.srv.Now())) {
			token = cmp.Or(token, t.Token)
		}
	}
	for _, k := range f.APIKeys {
		if !k.Disabled {
			key = cmp.Or(key, k.Key)
		}
	}
	if len(f.ManagementTokens) == 0 {
		token = v.srv.ManagementToken()
	}
	if len(f.APIKeys) == 0 {
		key = v.srv.APIKey()
	}
	if token == "" {
		token = v.srv.NewManagementToken(mockserver.TokenOptions{})
	}
	if key == "" {
		key = v.srv.NewAPIKey(mockserver.APIKeyOptions{})
	}
	return token, key
}

// examples are the first of each kind in the fixtures that has a name there. A
// disabled key is made where there is none.
func (v *service) examples() (disabledKey, endpoint, eventType string) {
	f := v.fixtures.Workspaces[0]
	for _, k := range f.APIKeys {
		if k.Disabled {
			disabledKey = cmp.Or(disabledKey, k.Key)
		}
	}
	if disabledKey == "" {
		disabledKey = v.srv.NewAPIKey(mockserver.APIKeyOptions{Disabled: true})
	}
	for _, e := range f.Endpoints {
		endpoint = cmp.Or(endpoint, e.ID)
	}
	for _, e := range f.EventTypes {
		eventType = cmp.Or(eventType, e.Name)
	}
	return disabledKey, endpoint, eventType
}
