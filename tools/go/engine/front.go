package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// keepAlive is how long uvicorn keeps a silent connection open: VLLM_HTTP_TIMEOUT_KEEP_ALIVE.
const keepAlive = 5 * time.Second

// front answers clients as the engine's API server does.
type front struct {
	settings  *settings
	simulator *simulator
	created   int64
	draining  atomic.Bool
	underWay  atomic.Int64
	cut       chan struct{}
	cutOnce   sync.Once
}

func newFront(s *settings, running *simulator) *front {
	return &front{settings: s, simulator: running, created: time.Now().Unix(), cut: make(chan struct{})}
}

type route struct {
	methods string
	handler func(*front, http.ResponseWriter, *http.Request)
}

var byPath = map[string]route{
	"/health": {"GET", func(*front, http.ResponseWriter, *http.Request) {}},
	"/ping":   {"GET POST", func(*front, http.ResponseWriter, *http.Request) {}},
	"/version": {"GET", func(_ *front, w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, map[string]string{"version": version})
	}},
	"/load": {"GET", func(f *front, w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, map[string]int64{"server_load": 0})
	}},
	"/v1/models":           {"GET", (*front).models},
	"/metrics":             {"GET", (*front).metrics},
	"/tokenize":            {"POST", (*front).tokenize},
	"/v1/chat/completions": {"POST", (*front).chat},
	"/v1/completions":      {"POST", (*front).completions},
	"/v1/responses":        {"POST", (*front).passed},
	"/v1/messages":         {"POST", (*front).passed},
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "uvicorn")
	w.Header().Set("Vary", "Origin")
	found, ok := byPath[r.URL.Path]
	switch {
	case !ok:
		answer(w, http.StatusNotFound, map[string]string{"detail": "Not Found"})
	case !slices.Contains(strings.Fields(found.methods), r.Method):
		w.Header().Set("Allow", strings.ReplaceAll(found.methods, " ", ", "))
		answer(w, http.StatusMethodNotAllowed, map[string]string{"detail": "Method Not Allowed"})
	default:
		found.handler(f, w, r)
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	text, _ := encoded(body)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(status)
	_, _ = w.Write(text)
}

// encoded is JSON as FastAPI writes it, with <, > and & as they are.
func encoded(body any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(body)
	return bytes.TrimRight(buffer.Bytes(), "\n"), err
}

// refusal is the body of an error.
type refusal struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Param   *string `json:"param"`
	Code    int     `json:"code"`
}

func refuseRequest(w http.ResponseWriter, bad refusal) {
	answer(w, bad.Code, map[string]refusal{"error": bad})
}

func (f *front) models(w http.ResponseWriter, _ *http.Request) {
	type permission struct {
		ID            string  `json:"id"`
		Object        string  `json:"object"`
		Created       int64   `json:"created"`
		CreateEngine  bool    `json:"allow_create_engine"`
		Sampling      bool    `json:"allow_sampling"`
		Logprobs      bool    `json:"allow_logprobs"`
		SearchIndices bool    `json:"allow_search_indices"`
		View          bool    `json:"allow_view"`
		FineTuning    bool    `json:"allow_fine_tuning"`
		Organization  string  `json:"organization"`
		Group         *string `json:"group"`
		IsBlocking    bool    `json:"is_blocking"`
	}
	type card struct {
		ID          string       `json:"id"`
		Object      string       `json:"object"`
		Created     int64        `json:"created"`
		OwnedBy     string       `json:"owned_by"`
		Root        string       `json:"root"`
		Parent      *string      `json:"parent"`
		MaxModelLen int          `json:"max_model_len"`
		Permission  []permission `json:"permission"`
	}
	cards := []card{}
	now := time.Now().Unix()
	for _, name := range f.settings.names {
		allowed := permission{ID: identity("modelperm-"), Object: "model_permission", Created: now, Sampling: true, Logprobs: true, View: true, Organization: "*"}
		cards = append(cards, card{
			ID: name, Object: "model", Created: now, OwnedBy: "vllm", Root: f.settings.folder,
			MaxModelLen: f.settings.maxModelLen, Permission: []permission{allowed},
		})
	}
	answer(w, 200, struct {
		Object string `json:"object"`
		Data   []card `json:"data"`
	}{"list", cards})
}

// ask sends a body to the simulator.
func (f *front) ask(ctx context.Context, method, path string, body []byte) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://simulator"+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	return f.simulator.client.Do(request)
}

// passed hands on what the simulator answers as it is.
func (f *front) passed(w http.ResponseWriter, r *http.Request) {
	body, bad := f.read(r)
	if bad != nil {
		refuseRequest(w, *bad)
		return
	}
	f.refuseWhileDraining(w)
	f.underWay.Add(1)
	defer f.underWay.Add(-1)
	text, _ := json.Marshal(body)
	response, err := f.ask(r.Context(), http.MethodPost, r.URL.Path, text)
	if err != nil {
		refuseRequest(w, refusal{Message: err.Error(), Type: "InternalServerError", Code: 500})
		return
	}
	defer response.Body.Close()
	w.Header().Set("Content-Type", response.Header.Get("Content-Type"))
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(flushing{w}, response.Body)
}

type flushing struct{ http.ResponseWriter }

func (f flushing) Write(data []byte) (int, error) {
	written, err := f.ResponseWriter.Write(data)
	f.ResponseWriter.(http.Flusher).Flush()
	return written, err
}

func (f *front) tokenize(w http.ResponseWriter, r *http.Request) {
	body, bad := f.read(r)
	if bad != nil {
		refuseRequest(w, *bad)
		return
	}
	text, _ := json.Marshal(body)
	response, err := f.ask(r.Context(), http.MethodPost, "/tokenize", text)
	if err != nil {
		refuseRequest(w, refusal{Message: err.Error(), Type: "InternalServerError", Code: 500})
		return
	}
	defer response.Body.Close()
	var found struct {
		Count  int   `json:"count"`
		Tokens []int `json:"tokens"`
	}
	_ = json.NewDecoder(response.Body).Decode(&found)
	answer(w, 200, struct {
		Count       int   `json:"count"`
		MaxModelLen int   `json:"max_model_len"`
		Tokens      []int `json:"tokens"`
		Strings     any   `json:"token_strs"`
	}{found.Count, f.settings.maxModelLen, found.Tokens, nil})
}

// refuseWhileDraining answers as the engine does once its core takes nothing more: with a 500. Nothing says that the
// connection will close, and it is closed. Health stays good.
func (f *front) refuseWhileDraining(w http.ResponseWriter) {
	if !f.draining.Load() {
		return
	}
	refuseRequest(w, refusal{Message: "cannot schedule new futures after shutdown", Type: "InternalServerError", Code: 500})
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

// drain waits until nothing is under way, cuts what takes longer than the timeout, and takes as long to end as the
// engine does.
func (f *front) drain(timeout time.Duration) {
	say("shutting down: draining for %s at most", timeout)
	f.draining.Store(true)
	if timeout == 0 {
		return
	}
	deadline := time.Now().Add(timeout)
	for f.underWay.Load() > 0 && time.Now().Before(deadline) {
		time.Sleep(20 * time.Millisecond)
	}
	f.cutOnce.Do(func() { close(f.cut) })
	time.Sleep(afterDrain)
}

func identity(prefix string) string { return fmt.Sprintf("%s%016x", prefix, random()) }
