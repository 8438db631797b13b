package main

import "encoding/json"

// writer holds one stream. The frame with the last token that was asked for is held back until the reason is known that
// the simulator sends after it, because the engine sends both in one.
type writer struct {
	flushing
	made   head
	chat   bool
	limit  int
	counts map[int]int
	held   map[int]frameChoice
	usage  *usageCounts
	// How many choices there are, and whether counts come after them.
	choices int
	counted bool
}

// frameChoice is what one frame says of one choice.
type frameChoice struct {
	index   int
	content string
	tools   json.RawMessage
	logs    json.RawMessage
	reason  *string
}

type delta struct {
	Role      string          `json:"role,omitempty"`
	Content   *string         `json:"content,omitempty"`
	ToolCalls json.RawMessage `json:"tool_calls,omitempty"`
}

func (o *writer) frame(found simulated) {
	if o.counts == nil {
		o.counts, o.held = map[int]int{}, map[int]frameChoice{}
		for index := range o.choices {
			if o.chat {
				o.first(index)
			}
		}
	}
	if len(found.Choices) == 0 && found.Usage != nil {
		o.usage = o.usage.with(found.Usage)
		return
	}
	for _, one := range found.Choices {
		next := frameChoice{index: one.Index, content: one.Delta.Content + one.Text, tools: one.Delta.ToolCalls, logs: one.Logprobs, reason: one.FinishReason}
		if next.content != "" || len(next.tools) > 0 {
			o.counts[one.Index]++
		}
		before, waits := o.held[one.Index]
		switch {
		case next.reason != nil && waits:
			delete(o.held, one.Index)
			before.reason = next.reason
			before.content += next.content
			o.send(before, !o.counted)
		case next.reason != nil:
			o.send(next, !o.counted)
		case next.content == "" && len(next.tools) == 0:
		case o.limit > 0 && o.counts[one.Index] >= o.limit:
			if waits {
				before.content += next.content
				o.held[one.Index] = before
			} else {
				o.held[one.Index] = next
			}
		default:
			o.send(next, false)
		}
	}
}

// end sends the counts where they were asked for.
func (o *writer) end() {
	if o.usage == nil {
		return
	}
	o.data(struct {
		head
		Choices     []string     `json:"choices"`
		Usage       *usageCounts `json:"usage"`
		Fingerprint string       `json:"system_fingerprint"`
	}{o.named(), []string{}, o.usage, fingerprint})
}

func (o *writer) named() head {
	made := o.made
	made.Object = "text_completion"
	if o.chat {
		made.Object = "chat.completion.chunk"
	}
	return made
}

func (o *writer) first(index int) {
	nothing := ""
	o.data(struct {
		head
		Choices        []any           `json:"choices"`
		PromptTokenIDs json.RawMessage `json:"prompt_token_ids"`
		PromptText     json.RawMessage `json:"prompt_text"`
	}{o.named(), []any{struct {
		Index    int             `json:"index"`
		Delta    delta           `json:"delta"`
		Logprobs json.RawMessage `json:"logprobs"`
		Reason   *string         `json:"finish_reason"`
	}{index, delta{Role: "assistant", Content: &nothing}, none, nil}}, none, none})
}

func (o *writer) send(choice frameChoice, last bool) {
	var shown any
	if o.chat {
		said := delta{ToolCalls: choice.tools}
		if len(choice.tools) == 0 {
			said.Content = &choice.content
		}
		stop := json.RawMessage(nil)
		if choice.reason != nil {
			stop = none
		}
		shown = struct {
			Index    int             `json:"index"`
			Delta    delta           `json:"delta"`
			Logprobs json.RawMessage `json:"logprobs"`
			Reason   *string         `json:"finish_reason"`
			Stop     json.RawMessage `json:"stop_reason,omitempty"`
			TokenIDs json.RawMessage `json:"token_ids"`
		}{choice.index, said, orNone(choice.logs), choice.reason, stop, none}
	} else {
		shown = struct {
			Index          int             `json:"index"`
			Text           string          `json:"text"`
			Logprobs       json.RawMessage `json:"logprobs"`
			Reason         *string         `json:"finish_reason"`
			Stop           json.RawMessage `json:"stop_reason"`
			PromptTokenIDs json.RawMessage `json:"prompt_token_ids"`
			TokenIDs       json.RawMessage `json:"token_ids"`
		}{choice.index, choice.content, orNone(choice.logs), choice.reason, none, none, none}
	}
	mark := ""
	if last {
		mark = fingerprint
	}
	o.data(struct {
		head
		Choices     []any  `json:"choices"`
		Fingerprint string `json:"system_fingerprint,omitempty"`
	}{o.named(), []any{shown}, mark})
}

func (o *writer) data(body any) {
	text, _ := encoded(body)
	_, _ = o.Write(append(append([]byte("data: "), text...), "\n\n"...))
}
