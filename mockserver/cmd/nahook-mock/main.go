// Command nahook-mock runs the reference server for programs in any language.
//
//	nahook-mock serve --addr 127.0.0.1:3001
//	nahook-mock exec -- npm test
//
// Without --fixtures it serves the workspace "ws_test" with the tokens
// "nhm_test", "nhk_us_test", "nhs_test" and "nhc_us_test". Bad use is one line
// on standard error and exit status 2. SIGINT and SIGTERM let requests in flight
// finish, for at most five seconds, and end serve with status 0; a second one ends
// it at once. exec passes them on to its command, whose exit status is its own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

const usage = `nahook-mock is an in-memory Nahook for tests.

  nahook-mock serve [flags]    answer the API on a socket
  nahook-mock exec [flags] -- command [argument …]
                               run a command with a server of its own
  nahook-mock verify [flags]   check a server against the documented behaviour
  nahook-mock serve -h         list the flags of a command
`

func main() {
	ctx := context.Background()
	if len(os.Args) < 2 || os.Args[1] != "exec" { // the command that exec runs decides what a signal does
		ctx = interruptible(ctx)
	}
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// interruptible ends with the first signal.
func interruptible(ctx context.Context) context.Context {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // from here on a signal does what it does to any process
		fmt.Fprintln(os.Stderr, "nahook-mock: finishing the requests in flight; a second signal ends it at once")
	})
	return ctx
}

// failure is what goes wrong after the server has started: no bad use.
type failure struct{ error }

// notRun is why a command cannot be run, with the exit status that shells have for it.
type notRun struct {
	error
	status int
}

// ended is the exit status of a command that exec has run. It has said itself what
// there is to say.
type ended int

func (e ended) Error() string { return fmt.Sprintf("the command has ended with status %d", int(e)) }

// run executes one command line until it is done or ctx ends, and gives the
// exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := dispatch(ctx, args, stdout, stderr)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return 0
	}
	var own ended
	if errors.As(err, &own) {
		return int(own)
	}
	fmt.Fprintf(stderr, "nahook-mock: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	var unfound notRun
	switch {
	case errors.As(err, &unfound):
		return unfound.status
	case errors.As(err, new(failure)):
		return 1
	}
	return 2
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 {
		return errors.New("no command given; use nahook-mock serve, or nahook-mock help")
	}
	switch args[0] {
	case "serve":
		return serve(ctx, args[1:], stdout, stderr)
	case "exec":
		return execute(ctx, args[1:], stdout, stderr)
	case "verify":
		return verify(ctx, args[1:], stdout)
	case "help", "-h", "-help", "--help":
		fmt.Fprint(stdout, usage)
		return nil
	}
	return fmt.Errorf("unknown command %q; use nahook-mock serve, or nahook-mock help", args[0])
}
