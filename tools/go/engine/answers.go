package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const fingerprint = "vllm-" + version + "-standin"

// none is a field that is there and null.
var none = json.RawMessage("null")

// simulated is what the simulator's answers and frames have in common.
type simulated struct {
	ID      string          `json:"id"`
	Model   string          `json:"model"`
	Usage   *usageCounts    `json:"usage"`
	KV      json.RawMessage `json:"kv_transfer_params"`
	Error   *refusal        `json:"error"`
	Choices []struct {
		Index        int             `json:"index"`
		FinishReason *string         `json:"finish_reason"`
		Text         string          `json:"text"`
		Message      simulatedText   `json:"message"`
		Delta        simulatedText   `json:"delta"`
		Logprobs     json.RawMessage `json:"logprobs"`
	} `json:"choices"`
}

type simulatedText struct {
	Role      string          `json:"role"`
	Content   string          `json:"content"`
	ToolCalls json.RawMessage `json:"tool_calls"`
}

type usageCounts struct {
	Prompt     int `json:"prompt_tokens"`
	Total      int `json:"total_tokens"`
	Completion int `json:"completion_tokens"`
}

type fullUsage struct {
	usageCounts
	PromptDetails     json.RawMessage `json:"prompt_tokens_details"`
	CompletionDetails json.RawMessage `json:"completion_tokens_details"`
}

type ending struct {
	ServiceTier json.RawMessage `json:"service_tier"`
	Fingerprint string          `json:"system_fingerprint"`
	Usage       fullUsage       `json:"usage"`
}

type transfers struct {
	KV      json.RawMessage `json:"kv_transfer_params"`
	EC      json.RawMessage `json:"ec_transfer_params"`
	Metrics json.RawMessage `json:"metrics"`
}

type head struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	Model   string `json:"model"`
}

type message struct {
	Role         string          `json:"role"`
	Content      *string         `json:"content"`
	Refusal      json.RawMessage `json:"refusal"`
	Annotations  json.RawMessage `json:"annotations"`
	Audio        json.RawMessage `json:"audio"`
	FunctionCall json.RawMessage `json:"function_call"`
	ToolCalls    json.RawMessage `json:"tool_calls,omitempty"`
	Reasoning    json.RawMessage `json:"reasoning"`
}

type chatChoice struct {
	Index        int             `json:"index"`
	Message      message         `json:"message"`
	Logprobs     json.RawMessage `json:"logprobs"`
	FinishReason *string         `json:"finish_reason"`
	StopReason   json.RawMessage `json:"stop_reason"`
	TokenIDs     json.RawMessage `json:"token_ids"`
	Experts      json.RawMessage `json:"routed_experts"`
}

type textChoice struct {
	Index          int             `json:"index"`
	Text           string          `json:"text"`
	Logprobs       json.RawMessage `json:"logprobs"`
	FinishReason   *string         `json:"finish_reason"`
	StopReason     json.RawMessage `json:"stop_reason"`
	TokenIDs       json.RawMessage `json:"token_ids"`
	PromptLogprobs json.RawMessage `json:"prompt_logprobs"`
	PromptTokenIDs json.RawMessage `json:"prompt_token_ids"`
	Experts        json.RawMessage `json:"routed_experts"`
}

func (f *front) chat(w http.ResponseWriter, r *http.Request)        { f.generate(w, r, true) }
func (f *front) completions(w http.ResponseWriter, r *http.Request) { f.generate(w, r, false) }

// generate checks a request, lets the simulator answer it, and writes the answer in the engine's form.
func (f *front) generate(w http.ResponseWriter, r *http.Request, chat bool) {
	body, bad := f.read(r)
	if bad == nil {
		bad = f.check(body, chat)
	}
	if bad != nil {
		refuseRequest(w, *bad)
		return
	}
	f.refuseWhileDraining(w)
	if parameters, err := json.Marshal(body["kv_transfer_params"]); err == nil && body["kv_transfer_params"] != nil {
		if err := reach(parameters); err != nil {
			refuseRequest(w, refusal{Message: "KV load failed: " + err.Error(), Type: "InternalServerError", Code: 500})
			return
		}
	}
	asTexts(body["kv_transfer_params"])
	f.underWay.Add(1)
	defer f.underWay.Add(-1)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	responses, err := f.askEach(ctx, r.URL.Path, apart(body, chat))
	if err != nil {
		refuseRequest(w, refusal{Message: err.Error(), Type: "InternalServerError", Code: 500})
		return
	}
	made := head{ID: identity(prefixOf(chat)), Created: time.Now().Unix(), Model: body["model"].(string)}
	streamed, _ := body["stream"].(bool)
	var contents []io.Reader
	for _, response := range responses {
		defer response.Body.Close()
		if response.StatusCode != http.StatusOK {
			f.refused(w, response)
			return
		}
		contents = append(contents, response.Body)
	}
	if !streamed {
		f.whole(w, contents, made, chat)
		return
	}
	limit, _ := body["max_tokens"].(float64)
	if more, ok := body["max_completion_tokens"].(float64); ok {
		limit = more
	}
	options, _ := body["stream_options"].(map[string]any)
	counted, _ := options["include_usage"].(bool)
	f.stream(w, contents, made, chat, int(limit), counted)
}

// askEach sends requests to the simulator side by side.
func (f *front) askEach(ctx context.Context, path string, bodies []map[string]any) ([]*http.Response, error) {
	responses := make([]*http.Response, len(bodies))
	var group errgroup.Group
	for index, body := range bodies {
		text, _ := json.Marshal(body)
		group.Go(func() (err error) {
			responses[index], err = f.ask(ctx, http.MethodPost, path, text)
			return err
		})
	}
	return responses, group.Wait()
}

// apart is a request for each choice: the simulator's cache takes several of one request for the same one.
func apart(body map[string]any, chat bool) []map[string]any {
	prompts := []any{body["prompt"]}
	if listed, ok := body["prompt"].([]any); ok && !chat && len(listed) > 0 {
		if _, token := listed[0].(float64); !token {
			prompts = listed
		}
	}
	count, _ := body["n"].(float64)
	var bodies []map[string]any
	for _, prompt := range prompts {
		for range max(1, int(count)) {
			one := maps.Clone(body)
			if !chat {
				one["prompt"] = prompt
			}
			one["n"] = 1
			bodies = append(bodies, one)
		}
	}
	return bodies
}

func prefixOf(chat bool) string {
	if chat {
		return "chatcmpl-"
	}
	return "cmpl-"
}

// refused hands on an error of the simulator, such as a context that is too long, under the engine's type.
func (f *front) refused(w http.ResponseWriter, response *http.Response) {
	var found simulated
	if json.NewDecoder(response.Body).Decode(&found) != nil || found.Error == nil {
		found.Error = &refusal{Message: "the simulator failed", Type: "InternalServerError"}
	}
	found.Error.Code = response.StatusCode
	refuseRequest(w, *found.Error)
}

// gathered is one answer of several, with a choice for each.
func gathered(contents []io.Reader) (simulated, error) {
	var all simulated
	for index, content := range contents {
		var one simulated
		if err := json.NewDecoder(content).Decode(&one); err != nil {
			return all, err
		}
		for _, choice := range one.Choices {
			choice.Index = index
			all.Choices = append(all.Choices, choice)
		}
		all.KV, all.Usage = one.KV, all.Usage.with(one.Usage)
	}
	return all, nil
}

// with adds the tokens of another choice; a prompt counts once.
func (u *usageCounts) with(other *usageCounts) *usageCounts {
	if u == nil || other == nil {
		return cmp.Or(u, other)
	}
	return &usageCounts{Prompt: u.Prompt, Completion: u.Completion + other.Completion, Total: u.Total + other.Completion}
}

func (f *front) whole(w http.ResponseWriter, contents []io.Reader, made head, chat bool) {
	var found simulated
	read := make(chan error, 1)
	go func() {
		all, err := gathered(contents)
		found = all
		read <- err
	}()
	select {
	case err := <-read:
		if err != nil {
			refuseRequest(w, refusal{Message: err.Error(), Type: "InternalServerError", Code: 500})
			return
		}
	case <-f.cut:
		refuseRequest(w, refusal{Message: "EngineCore encountered an issue. See stack trace (above) for the root cause.", Type: "InternalServerError", Code: 500})
		return
	}
	end := ending{ServiceTier: none, Fingerprint: fingerprint, Usage: fullUsage{PromptDetails: none, CompletionDetails: none}}
	if found.Usage != nil {
		end.Usage.usageCounts = *found.Usage
	}
	last := transfers{KV: f.settings.transfer.handed(found.KV), EC: none, Metrics: none}
	if chat {
		made.Object = "chat.completion"
		choices := []chatChoice{}
		for _, one := range found.Choices {
			said := message{Role: "assistant", Content: &one.Message.Content, Refusal: none, Annotations: none, Audio: none, FunctionCall: none, ToolCalls: one.Message.ToolCalls, Reasoning: none}
			choices = append(choices, chatChoice{one.Index, said, orNone(one.Logprobs), one.FinishReason, none, none, none})
		}
		answer(w, 200, struct {
			head
			Choices []chatChoice `json:"choices"`
			ending
			PromptLogprobs json.RawMessage `json:"prompt_logprobs"`
			PromptTokenIDs json.RawMessage `json:"prompt_token_ids"`
			PromptText     json.RawMessage `json:"prompt_text"`
			transfers
		}{made, choices, end, none, none, none, last})
		return
	}
	made.Object = "text_completion"
	choices := []textChoice{}
	for _, one := range found.Choices {
		choices = append(choices, textChoice{one.Index, one.Text, orNone(one.Logprobs), one.FinishReason, none, none, none, none, none})
	}
	answer(w, 200, struct {
		head
		Choices []textChoice `json:"choices"`
		ending
		transfers
	}{made, choices, end, last})
}

func orNone(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return none
	}
	return raw
}

// frames are those of several streams as they come, each under its choice; the channel closes at the end of the last.
func frames(contents []io.Reader) <-chan simulated {
	found := make(chan simulated)
	var readers sync.WaitGroup
	for index, content := range contents {
		readers.Add(1)
		go func() {
			defer readers.Done()
			scanner := bufio.NewScanner(content)
			scanner.Buffer(make([]byte, 1<<16), 1<<24)
			for scanner.Scan() {
				var frame simulated
				data, ok := bytes.CutPrefix(scanner.Bytes(), []byte("data: "))
				if !ok || json.Unmarshal(data, &frame) != nil {
					continue
				}
				for choice := range frame.Choices {
					frame.Choices[choice].Index = index
				}
				found <- frame
			}
		}()
	}
	go func() {
		readers.Wait()
		close(found)
	}()
	return found
}

// stream writes the simulator's frames in the engine's form, until the end or until the core is killed: then the stream
// ends as the engine's does, with its last mark and without a reason.
func (f *front) stream(w http.ResponseWriter, contents []io.Reader, made head, chat bool, limit int, counted bool) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.WriteHeader(http.StatusOK)
	out := &writer{flushing: flushing{w}, made: made, chat: chat, limit: limit, choices: len(contents), counted: counted}
	incoming := frames(contents)
	defer func() {
		go func() {
			for range incoming {
				continue
			}
		}()
	}()
	for {
		select {
		case <-f.cut:
			_, _ = out.Write([]byte("data: [DONE]\n\n"))
			return
		case found, more := <-incoming:
			if !more {
				out.end()
				_, _ = out.Write([]byte("data: [DONE]\n\n"))
				return
			}
			out.frame(found)
		}
	}
}
