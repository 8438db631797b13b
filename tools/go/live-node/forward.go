package main

import (
	"io"
	"log"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// forward accepts connections at one address and carries each to another.
//
// With a namespace it listens in there and connects from here: what only this machine's loopback address reaches is
// reached from there as well, and from nowhere else.
func forward(listen, to, namespace string) error {
	listener, err := listenIn(listen, namespace)
	if err != nil {
		return err
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go carry(connection.(*net.TCPConn), to)
	}
}

func listenIn(address, namespace string) (net.Listener, error) {
	if namespace == "" {
		return net.Listen("tcp4", address)
	}
	there, err := os.Open(namespace)
	if err != nil {
		return nil, err
	}
	defer there.Close()
	type result struct {
		listener net.Listener
		err      error
	}
	made := make(chan result)
	go func() {
		// Not unlocked: the thread that went there ends with this goroutine.
		runtime.LockOSThread()
		if err := unix.Setns(int(there.Fd()), unix.CLONE_NEWNET); err != nil {
			made <- result{nil, err}
			return
		}
		listener, err := net.Listen("tcp4", address)
		made <- result{listener, err}
	}()
	got := <-made
	return got.listener, got.err
}

func carry(near *net.TCPConn, to string) {
	defer near.Close()
	connection, err := net.DialTimeout("tcp4", to, 5*time.Second)
	if err != nil {
		log.Print(err)
		return
	}
	far := connection.(*net.TCPConn)
	defer far.Close()
	done := make(chan struct{}, 2)
	pass := func(from, into *net.TCPConn) {
		io.Copy(into, from)
		into.CloseWrite()
		done <- struct{}{}
	}
	go pass(near, far)
	go pass(far, near)
	<-done
	<-done
}
