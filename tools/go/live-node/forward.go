package main

import (
	"context"
	"io"
	"log"
	"net"
	"syscall"
	"time"
)

// forward accepts connections at one address and carries each to another.
//
// With a link it takes connections from there alone: the address is on this machine, and no other may reach it.
func forward(listen, to, link string) error {
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		if link == "" {
			return nil
		}
		var bound error
		err := raw.Control(func(descriptor uintptr) { bound = syscall.BindToDevice(int(descriptor), link) })
		if err != nil {
			return err
		}
		return bound
	}}
	listener, err := config.Listen(context.Background(), "tcp4", listen)
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
