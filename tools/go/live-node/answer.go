package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const between = 20 * time.Millisecond

// answer serves the routes of an engine that a first look at a live node needs. It knows no flags but the served name.
func answer(arguments []string) error {
	model := "model"
	for index, argument := range arguments {
		if argument == "--served-model-name" && index+1 < len(arguments) {
			model = arguments[index+1]
		}
	}
	pod, _ := os.Hostname()
	routes := http.NewServeMux()
	routes.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("/metrics", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("/v1/models", func(out http.ResponseWriter, _ *http.Request) {
		write(out, map[string]any{"object": "list", "data": []any{map[string]any{"id": model, "object": "model"}}})
	})
	routes.HandleFunc("/v1/chat/completions", func(out http.ResponseWriter, request *http.Request) {
		var asked struct {
			Stream bool `json:"stream"`
		}
		json.NewDecoder(request.Body).Decode(&asked)
		words := strings.SplitAfter("This is "+pod+", which stands in for an engine and knows nothing.", " ")
		if !asked.Stream {
			message := map[string]any{"role": "assistant", "content": strings.Join(words, "")}
			choice := map[string]any{"index": 0, "message": message, "finish_reason": "stop"}
			write(out, map[string]any{"object": "chat.completion", "model": model, "choices": []any{choice}})
			return
		}
		out.Header().Set("Content-Type", "text/event-stream")
		for index, word := range words {
			var reason any
			if index == len(words)-1 {
				reason = "stop"
			}
			choice := map[string]any{"index": 0, "delta": map[string]any{"content": word}, "finish_reason": reason}
			text, _ := json.Marshal(map[string]any{"object": "chat.completion.chunk", "model": model, "choices": []any{choice}})
			fmt.Fprintf(out, "data: %s\n\n", text)
			out.(http.Flusher).Flush()
			time.Sleep(between)
		}
		fmt.Fprint(out, "data: [DONE]\n\n")
	})
	server := &http.Server{Addr: ":8000", Handler: routes}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case err := <-ended:
		return err
	case <-signals:
		limited, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return server.Shutdown(limited)
	}
}

func write(out http.ResponseWriter, body any) {
	out.Header().Set("Content-Type", "application/json")
	json.NewEncoder(out).Encode(body)
}
