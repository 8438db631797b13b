package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// meeting is how long the nodes of a replica wait for one another: torch.distributed's own default.
const meeting = 10 * time.Minute

// meet returns when every node of the replica has joined. The channel is closed when one of them is gone: a replica
// that lost a node ends, and its group is made anew.
func (g group) meet(ctx context.Context) (<-chan struct{}, error) {
	lost := make(chan struct{})
	if g.nodes <= 1 {
		return lost, nil
	}
	if g.rank < 0 || g.rank >= g.nodes {
		return nil, fmt.Errorf("ValueError: node_rank (%d) must be from 0 to nnodes - 1 (%d)", g.rank, g.nodes-1)
	}
	ctx, cancel := context.WithTimeout(ctx, meeting)
	defer cancel()
	if g.rank == 0 {
		return lost, g.await(ctx, lost)
	}
	return lost, g.join(ctx, lost)
}

// await takes the other nodes in at the master's port.
func (g group) await(ctx context.Context, lost chan struct{}) error {
	listener, err := net.Listen("tcp", net.JoinHostPort("", strconv.Itoa(g.port)))
	if err != nil {
		return fmt.Errorf("RuntimeError: the server socket has failed to listen on port %d: %w", g.port, err)
	}
	defer listener.Close()
	go func() { <-ctx.Done(); listener.Close() }()
	joined := map[int]net.Conn{}
	for len(joined) < g.nodes-1 {
		say("waiting for %d of %d nodes at port %d", g.nodes-1-len(joined), g.nodes, g.port)
		connection, err := listener.Accept()
		if err != nil {
			return fmt.Errorf("torch.distributed.DistStoreError: Timed out after %s waiting for clients. %d/%d clients joined.", meeting, len(joined)+1, g.nodes)
		}
		line, err := bufio.NewReader(connection).ReadString('\n')
		rank, bad := strconv.Atoi(strings.TrimPrefix(strings.TrimSpace(line), "rank "))
		if err != nil || bad != nil || rank < 1 || rank >= g.nodes {
			connection.Close()
			continue
		}
		if earlier, ok := joined[rank]; ok {
			earlier.Close()
		}
		joined[rank] = connection
	}
	for _, connection := range joined {
		fmt.Fprintln(connection, "go")
		go watch(connection, lost)
	}
	return nil
}

// join finds the master, again and again until it is there.
func (g group) join(ctx context.Context, lost chan struct{}) error {
	target := net.JoinHostPort(g.address, strconv.Itoa(g.port))
	for {
		connection, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", target)
		if err == nil {
			fmt.Fprintf(connection, "rank %d\n", g.rank)
			if line, err := bufio.NewReader(connection).ReadString('\n'); err == nil && line == "go\n" {
				go watch(connection, lost)
				return nil
			}
			connection.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("torch.distributed.DistNetworkError: The client socket has timed out after %s while trying to connect to (%s, %d).", meeting, g.address, g.port)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func watch(connection net.Conn, lost chan struct{}) {
	_, _ = connection.Read(make([]byte, 1))
	select {
	case <-lost:
	default:
		close(lost)
	}
}

// listen opens the side channel at which decoding replicas ask for the layout of this one's cache.
func (t transfer) listen() error {
	if !t.nixl {
		return nil
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(t.host, strconv.Itoa(t.port)))
	if err != nil {
		return fmt.Errorf("zmq.error.ZMQError: Address already in use (addr='tcp://%s:%d')", t.host, t.port)
	}
	say("NIXL side channel at %s", listener.Addr())
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprintln(connection, "stand-in of vLLM", version)
			connection.Close()
		}
	}()
	return nil
}

// reach meets the replica that computed a prompt, as the first request from it does.
func reach(parameters json.RawMessage) error {
	var from struct {
		Remote bool        `json:"do_remote_prefill"`
		Host   string      `json:"remote_host"`
		Port   json.Number `json:"remote_port"`
	}
	if json.Unmarshal(parameters, &from) != nil || !from.Remote || from.Host == "" {
		return nil
	}
	connection, err := net.DialTimeout("tcp", net.JoinHostPort(from.Host, from.Port.String()), 5*time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}

// asTexts makes texts of the blocks' numbers, as the simulator has them.
func asTexts(parameters any) {
	if fields, ok := parameters.(map[string]any); ok {
		if blocks, ok := fields["remote_block_ids"].([]any); ok {
			for index, block := range blocks {
				blocks[index] = fmt.Sprint(block)
			}
		}
	}
}

// handed is what the answer of a prefilling replica tells the decoding one, with its side channel in the place of the
// simulator's invented one.
func (t transfer) handed(simulated json.RawMessage) json.RawMessage {
	if !t.nixl || len(simulated) == 0 || string(simulated) == "null" {
		return orNone(simulated)
	}
	text, _ := json.Marshal(map[string]any{
		"do_remote_prefill": true, "do_remote_decode": false, "remote_block_ids": []int{1},
		"remote_engine_id": identity(""), "remote_request_id": identity("cmpl-"),
		"remote_host": t.host, "remote_port": t.port, "tp_size": 1,
	})
	return text
}
