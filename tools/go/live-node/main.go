// Command live-node holds what a live node needs beside the programs of Kubernetes, in one static program.
//
//	live-node forward LISTEN TO [NETNS]   carries TCP connections between network namespaces
//	live-node devices FOLDER FILE         offers to a kubelet the devices that a file lists and that are not there
//	live-node listed FOLDER               prints what the device plugins offer that register in a kubelet's place
package main

import (
	"fmt"
	"log"
	"os"
	"time"
)

func main() {
	log.SetFlags(log.Ldate | log.Ltime | log.LUTC)
	arguments := os.Args[1:]
	command := ""
	if len(arguments) > 0 {
		command = arguments[0]
	}
	switch {
	case command == "forward" && len(arguments) >= 3:
		namespace := ""
		if len(arguments) > 3 {
			namespace = arguments[3]
		}
		log.Fatal(forward(arguments[1], arguments[2], namespace))
	case command == "devices" && len(arguments) >= 3:
		log.Fatal(offer(arguments[1], arguments[2]))
	case command == "listed" && len(arguments) >= 2:
		if err := listed(arguments[1], 20*time.Second); err != nil {
			log.Fatal(err)
		}
	case command == "--version":
		fmt.Println("live-node 1.0.0")
	default:
		log.Fatalf("usage: live-node forward LISTEN TO [NETNS] | devices FOLDER FILE | listed FOLDER")
	}
}
