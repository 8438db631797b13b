// Command engine stands in for vLLM on nodes without a GPU. It takes the engine's own arguments, checkpoint and peers,
// answers with the engine's statuses, frames and metric names, and drains as the engine does. Answers, latencies, queue
// and cache are those of llm-d-inference-sim, which runs inside it.
package main

import (
	"fmt"
	"io"
	"os"
)

const version = "0.33.0"

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

func run(arguments []string, out, problems io.Writer) int {
	if len(arguments) > 0 && (arguments[0] == "--version" || arguments[0] == "-v") {
		fmt.Fprintln(out, version)
		return 0
	}
	if len(arguments) == 0 || arguments[0] != "serve" {
		fmt.Fprintln(problems, "usage: vllm [-h] [-v] {chat,complete,serve,launch,bench,collect-env,run-batch} ...")
		return 2
	}
	options, err := parse(arguments[1:], table())
	if err != nil {
		return refuse(problems, err)
	}
	if options.help {
		fmt.Fprint(out, usage)
		return 0
	}
	settings, err := settingsOf(options)
	if err != nil {
		return fail(problems, err)
	}
	return serve(settings, problems)
}

// refuse ends as argparse does.
func refuse(problems io.Writer, err error) int {
	said := usage
	if _, ok := err.(unrecognized); ok {
		said = "usage: vllm [-h] [-v]\n            {chat,complete,serve,launch,bench,collect-env,run-batch} ...\n"
	}
	fmt.Fprintf(problems, "%s%s\n", said, err)
	return 2
}

// fail ends as an exception does that nothing catches: its last line says what is wrong.
func fail(problems io.Writer, err error) int {
	fmt.Fprintf(problems, "%s\n", err)
	return 1
}
