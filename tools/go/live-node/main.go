// Command live-node holds what a live node needs beside the programs of Kubernetes, in one static program.
//
//	live-node forward LISTEN TO [NETNS]   carries TCP connections between network namespaces
//	live-node devices FOLDER NAME=COUNT…  offers devices that are not there to a kubelet
//
// Called vllm, as in an image that stands in for an engine's, it answers a few of an engine's requests; called python3,
// it ends at once.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(log.Ldate | log.Ltime | log.LUTC)
	arguments := os.Args[1:]
	command := ""
	if len(arguments) > 0 {
		command = arguments[0]
	}
	switch {
	case filepath.Base(os.Args[0]) == "python3":
		fmt.Println("nothing is fetched: this stands in for a program that needs the internet")
	case filepath.Base(os.Args[0]) == "vllm":
		if err := answer(arguments); err != nil {
			log.Fatal(err)
		}
	case command == "forward" && len(arguments) >= 3:
		namespace := ""
		if len(arguments) > 3 {
			namespace = arguments[3]
		}
		log.Fatal(forward(arguments[1], arguments[2], namespace))
	case command == "devices" && len(arguments) >= 3:
		log.Fatal(offer(arguments[1], arguments[2:]))
	case command == "--version":
		fmt.Println("live-node 1.0.0")
	default:
		log.Fatalf("usage: live-node forward LISTEN TO [NETNS] | devices FOLDER NAME=COUNT…")
	}
}
