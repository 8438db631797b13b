package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/go-logr/logr"
	"github.com/llm-d/llm-d-inference-sim/pkg/common"
	"github.com/llm-d/llm-d-inference-sim/pkg/communication"
	vllmsim "github.com/llm-d/llm-d-inference-sim/pkg/llm-d-inference-sim"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"
	"github.com/valyala/fasthttp/fasthttputil"
)

// blockSize is the size of a block of the cache in tokens: vLLM's own on GPUs, and one that the simulator takes.
const blockSize = 16

// simulator is llm-d-inference-sim inside this process, behind a connection that nobody else can reach.
type simulator struct{ client *http.Client }

func (s *settings) blocks() int { return max(1, s.plan.KVCacheTokens/blockSize) }

// simulate starts it. It reads its settings from the arguments of the process, which are replaced for it.
func simulate(ctx context.Context, s *settings) (*simulator, error) {
	os.Args = append([]string{"llm-d-inference-sim"}, s.simulatorArguments()...)
	for name, value := range map[string]string{"POD_IP": "127.0.0.1", "POD_NAME": "", "POD_NAMESPACE": "", "SIM_MODEL": ""} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	config, err := common.ParseCommandParamsAndLoadConfig()
	if err != nil {
		return nil, fmt.Errorf("the simulator does not take its settings: %w", err)
	}
	running, err := vllmsim.Start(ctx, config, logr.Discard())
	if err != nil {
		return nil, fmt.Errorf("the simulator does not start: %w", err)
	}
	listener := fasthttputil.NewInmemoryListener()
	server := &fasthttp.Server{Handler: routes(running[0]), MaxRequestBodySize: 512 << 20, Logger: silent{}}
	go func() { _ = server.Serve(listener) }()
	dial := func(context.Context, string, string) (net.Conn, error) { return listener.Dial() }
	transport := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute}
	return &simulator{client: &http.Client{Transport: transport}}, nil
}

// silent leaves out what the simulator says of clients that went away.
type silent struct{}

func (silent) Printf(string, ...any) {}

func (s *settings) simulatorArguments() []string {
	seconds := func(value float64) string { return time.Duration(value * float64(time.Second)).String() }
	return append([]string{
		"--model=" + s.names[0], "--mode=random", "--force-dummy-tokenizer", "--v=0",
		"--max-model-len=" + strconv.Itoa(s.maxModelLen), "--max-num-seqs=" + strconv.Itoa(s.maxNumSeqs),
		"--max-waiting-queue-length=100000", "--max-request-body-size-mb=512",
		"--time-to-first-token=" + seconds(s.plan.TimeToFirstToken), "--inter-token-latency=" + seconds(s.plan.TimePerToken),
		"--enable-kvcache", "--zmq-endpoint=", "--block-size=" + strconv.Itoa(blockSize),
		"--kv-cache-size=" + strconv.Itoa(s.blocks()), "--served-model-name",
	}, s.names...)
}

func routes(running *vllmsim.VllmSimulator) fasthttp.RequestHandler {
	handlers := communication.New(logr.Discard(), running)
	registry := promhttp.HandlerFor(running.Context.MetricsRegistry(), promhttp.HandlerOpts{})
	byPath := map[string]fasthttp.RequestHandler{
		"/v1/chat/completions": handlers.HandleChatCompletions,
		"/v1/completions":      handlers.HandleTextCompletions,
		"/v1/responses":        handlers.HandleResponses,
		"/v1/messages":         handlers.HandleMessages,
		"/v1/embeddings":       handlers.HandleEmbeddings,
		"/tokenize":            handlers.HandleTokenize,
		"/metrics":             fasthttpadaptor.NewFastHTTPHandler(registry),
	}
	return func(request *fasthttp.RequestCtx) {
		if handler, ok := byPath[string(request.Path())]; ok {
			handler(request)
		} else {
			request.SetStatusCode(fasthttp.StatusNotFound)
		}
	}
}
