package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

// A plugin registers its resources one after the other, without saying which is the last.
const quiet = 2 * time.Second

// registrations is the part of a kubelet that device plugins talk to: it learns what each offers.
type registrations struct {
	api.UnimplementedRegistrationServer
	folder string
	lock   sync.Mutex
	found  map[string][]string
	last   time.Time
}

// listed prints the devices of the plugins that register within a time, as JSON: ids by resource.
func listed(folder string, most time.Duration) error {
	listener, err := net.Listen("unix", filepath.Join(folder, "kubelet.sock"))
	if err != nil {
		return err
	}
	seen := &registrations{folder: folder, found: map[string][]string{}}
	server := grpc.NewServer()
	defer server.Stop()
	api.RegisterRegistrationServer(server, seen)
	go server.Serve(listener)
	for deadline := time.Now().Add(most); time.Now().Before(deadline) && !seen.settled(); {
		time.Sleep(50 * time.Millisecond)
	}
	seen.lock.Lock()
	defer seen.lock.Unlock()
	return json.NewEncoder(os.Stdout).Encode(seen.found)
}

func (r *registrations) settled() bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	return len(r.found) > 0 && time.Since(r.last) > quiet
}

func (r *registrations) Register(_ context.Context, request *api.RegisterRequest) (*api.Empty, error) {
	// The plugin waits for this answer before it lists anything.
	go func() {
		if err := r.ask(request); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", request.ResourceName, err)
		}
	}()
	return &api.Empty{}, nil
}

func (r *registrations) ask(request *api.RegisterRequest) error {
	socket := "unix://" + filepath.Join(r.folder, request.Endpoint)
	connection, err := grpc.NewClient(socket, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	stream, err := api.NewDevicePluginClient(connection).ListAndWatch(limited, &api.Empty{})
	if err != nil {
		return err
	}
	answer, err := stream.Recv()
	if err != nil {
		return err
	}
	ids := []string{}
	for _, device := range answer.Devices {
		if device.Health == api.Healthy {
			ids = append(ids, device.ID)
		}
	}
	r.lock.Lock()
	defer r.lock.Unlock()
	r.found[request.ResourceName], r.last = ids, time.Now()
	return nil
}
