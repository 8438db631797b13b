package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	api "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
)

// plugin offers a number of devices of one kind; nothing is mounted into containers, because there is nothing.
type plugin struct {
	api.UnimplementedDevicePluginServer
	resource string
	count    int
}

func (p *plugin) GetDevicePluginOptions(context.Context, *api.Empty) (*api.DevicePluginOptions, error) {
	return &api.DevicePluginOptions{}, nil
}

func (p *plugin) ListAndWatch(_ *api.Empty, stream api.DevicePlugin_ListAndWatchServer) error {
	answer := &api.ListAndWatchResponse{}
	for index := range p.count {
		answer.Devices = append(answer.Devices, &api.Device{ID: p.device(index), Health: api.Healthy})
	}
	if err := stream.Send(answer); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

func (p *plugin) device(index int) string {
	_, kind, _ := strings.Cut(p.resource, "/")
	return fmt.Sprintf("%s-%d", kind, index)
}

func (p *plugin) Allocate(_ context.Context, asked *api.AllocateRequest) (*api.AllocateResponse, error) {
	answer := &api.AllocateResponse{}
	for range asked.ContainerRequests {
		answer.ContainerResponses = append(answer.ContainerResponses, &api.ContainerAllocateResponse{})
	}
	return answer, nil
}

// offer serves all kinds that a file lists, NAME=COUNT a line, for as long as it lives. A kubelet that starts removes
// every socket of its folder, and wants each plugin to come back with a new one.
func offer(folder, file string) error {
	kinds, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, kind := range strings.Fields(string(kinds)) {
		resource, text, _ := strings.Cut(kind, "=")
		count, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("%s: %s: want NAME=COUNT: %w", file, kind, err)
		}
		go serve(folder, &plugin{resource: resource, count: count})
	}
	select {}
}

func serve(folder string, p *plugin) {
	socket := filepath.Join(folder, "live-"+strings.ReplaceAll(p.resource, "/", "-")+".sock")
	for {
		if err := once(folder, socket, p); err != nil {
			log.Printf("%s: %v", p.resource, err)
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// once serves until the socket is gone.
func once(folder, socket string, p *plugin) error {
	kubelet := filepath.Join(folder, "kubelet.sock")
	if _, err := os.Stat(kubelet); err != nil {
		return nil
	}
	os.Remove(socket)
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return err
	}
	server := grpc.NewServer()
	defer server.Stop()
	api.RegisterDevicePluginServer(server, p)
	go server.Serve(listener)
	if err := register(kubelet, filepath.Base(socket), p.resource); err != nil {
		return err
	}
	log.Printf("%s: %d registered", p.resource, p.count)
	for {
		if _, err := os.Stat(socket); err != nil {
			return nil
		}
		time.Sleep(300 * time.Millisecond)
	}
}

func register(kubelet, endpoint, resource string) error {
	connection, err := grpc.NewClient("unix://"+kubelet, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	limited, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request := &api.RegisterRequest{Version: api.Version, Endpoint: endpoint, ResourceName: resource}
	_, err = api.NewRegistrationClient(connection).Register(limited, request)
	return err
}
