package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

const (
	// afterDrain is how long the real engine takes to end once nothing is under way: its worker is killed after five
	// seconds of grace. Seen with vLLM 0.32: docs/live-engine.md.
	afterDrain = 7 * time.Second
	// interrupted is what the interpreter ends with when a signal stopped it before the engine was ready.
	interrupted = 128 + int(syscall.SIGTERM)
)

// serve meets the peers, answers until SIGTERM, drains, and returns the exit status.
func serve(s *settings, problems io.Writer) int {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	starting, cancel := context.WithCancel(context.Background())
	defer cancel()
	type met struct {
		lost <-chan struct{}
		err  error
	}
	result := make(chan met, 1)
	go func() {
		lost, err := s.group.meet(starting)
		result <- met{lost, err}
	}()
	var lost <-chan struct{}
	select {
	case <-signals:
		return interrupted
	case found := <-result:
		if found.err != nil {
			return fail(problems, found.err)
		}
		lost = found.lost
	}
	if s.headless {
		return follow(signals, lost, problems)
	}
	if err := s.transfer.listen(); err != nil {
		return fail(problems, err)
	}
	running, err := simulate(context.Background(), s)
	if err != nil {
		return fail(problems, err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
	if err != nil {
		return fail(problems, fmt.Errorf("OSError: [Errno 98] Address already in use"))
	}
	front := newFront(s, running)
	server := &http.Server{Handler: front, ReadHeaderTimeout: time.Minute, IdleTimeout: keepAlive}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	say("GPU KV cache size: %d tokens", s.plan.KVCacheTokens)
	say("Application startup complete.")
	select {
	case err := <-ended:
		return fail(problems, err)
	case <-lost:
		return fail(problems, errors.New("RuntimeError: Engine core proc EngineCore died unexpectedly: a node of this replica is gone"))
	case <-signals:
	}
	front.drain(s.shutdownTimeout)
	return 0
}

// follow is the life of a node that computes and answers nobody.
func follow(signals <-chan os.Signal, lost <-chan struct{}, problems io.Writer) int {
	say("headless node is part of its replica")
	select {
	case <-lost:
		return fail(problems, errors.New("RuntimeError: the first node of this replica is gone"))
	case <-signals:
		return 0
	}
}
