package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"mime"
	"net/http"
	"slices"
	"strings"
)

func random() uint64 { return rand.Uint64() }

func named(text string) *string { return &text }

// read takes a body apart as FastAPI does before the engine sees it.
func (f *front) read(r *http.Request) (map[string]any, *refusal) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/json" {
		return nil, &refusal{Message: "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed", Type: "Bad Request", Code: 400}
	}
	content, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, &refusal{Message: err.Error(), Type: "Bad Request", Code: 400}
	}
	var body map[string]any
	var syntax *json.SyntaxError
	if err := json.Unmarshal(content, &body); errors.As(err, &syntax) {
		at := fmt.Sprintf("body.%d", max(0, syntax.Offset-1))
		return nil, &refusal{
			Message: fmt.Sprintf("1 validation error:\n  {'type': 'json_invalid', 'loc': '%s', 'msg': 'JSON decode error', 'input': '<dict of 0 items>', 'ctx': {'error': 'Expecting property name enclosed in double quotes'}}", at),
			Type:    "Bad Request", Param: named(at), Code: 400,
		}
	} else if err != nil {
		return nil, wrong([]fault{{"model_attributes_type", "body", "Input should be a valid dictionary or object to extract fields from", string(content)}})
	}
	return body, nil
}

// fault is one field that does not have the type of its class.
type fault struct{ kind, place, message, input string }

func wrong(faults []fault) *refusal {
	if len(faults) == 0 {
		return nil
	}
	plural := ""
	if len(faults) > 1 {
		plural = "s"
	}
	lines := fmt.Sprintf("%d validation error%s:", len(faults), plural)
	for _, one := range faults {
		lines += fmt.Sprintf("\n  {'type': '%s', 'loc': '%s', 'msg': '%s', 'input': '%s'}", one.kind, one.place, one.message, one.input)
	}
	return &refusal{Message: lines, Type: "Bad Request", Param: named(faults[0].place), Code: 400}
}

// integers and numbers are the fields of a request whose type is checked.
var (
	integers = []string{"max_tokens", "max_completion_tokens", "n", "seed", "min_tokens", "top_k"}
	numbers  = []string{"temperature", "top_p", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty"}
)

func typed(body map[string]any) []fault {
	var faults []fault
	for _, name := range integers {
		switch value := body[name].(type) {
		case string:
			faults = append(faults, fault{"int_parsing", "body." + name, "Input should be a valid integer, unable to parse string as an integer", value})
		case float64:
			if value != math.Trunc(value) {
				faults = append(faults, fault{"int_from_float", "body." + name, "Input should be a valid integer, got a number with a fractional part", fmt.Sprint(value)})
			}
		}
	}
	for _, name := range numbers {
		if value, ok := body[name].(string); ok {
			faults = append(faults, fault{"float_parsing", "body." + name, "Input should be a valid number, unable to parse string as a number", value})
		}
	}
	return faults
}

// check refuses a request as the engine does; nil where it would run it.
func (f *front) check(body map[string]any, chat bool) *refusal {
	var faults []fault
	if chat {
		if messages, there := body["messages"]; !there {
			faults = append(faults, fault{"missing", "body.messages", "Field required", fmt.Sprintf("<dict of %d items>", len(body))})
		} else if _, ok := messages.([]any); !ok {
			faults = append(faults, fault{"list_type", "body.messages", "Input should be a valid list", fmt.Sprint(messages)})
		}
	}
	if bad := wrong(append(faults, typed(body)...)); bad != nil {
		return bad
	}
	if !chat && empty(body["prompt"]) && body["prompt_embeds"] == nil {
		return parameter("prompt", "Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)")
	}
	if bad := f.named(body); bad != nil {
		return bad
	}
	if messages, ok := body["messages"].([]any); chat && ok && len(messages) == 0 {
		return &refusal{Message: "Cannot apply chat template to an empty conversation. Provide at least one message.", Type: "BadRequestError", Code: 400}
	}
	return f.bounded(body)
}

func empty(prompt any) bool {
	switch value := prompt.(type) {
	case nil:
		return true
	case string:
		return value == ""
	case []any:
		return len(value) == 0
	default:
		return false
	}
}

// named sees whether the model is one of ours; without one it is the first.
func (f *front) named(body map[string]any) *refusal {
	model, _ := body["model"].(string)
	if model == "" {
		body["model"] = f.settings.names[0]
		return nil
	}
	if slices.Contains(f.settings.names, model) {
		return nil
	}
	text := fmt.Sprintf("The model `%s` does not exist. Valid aliases: %s.", model, strings.Join(f.settings.names, ", "))
	return &refusal{Message: text, Type: "NotFoundError", Param: named("model"), Code: 404}
}

func parameter(name, message string) *refusal {
	return &refusal{Message: message, Type: "BadRequestError", Param: named(name), Code: 400}
}

// bounded checks what the engine's sampling parameters check.
func (f *front) bounded(body map[string]any) *refusal {
	limit := f.settings.maxModelLen
	for _, name := range []string{"max_completion_tokens", "max_tokens"} {
		asked, ok := body[name].(float64)
		if ok && asked < 1 {
			return parameter("max_tokens", fmt.Sprintf("max_tokens must be at least 1, got %d. (parameter=max_tokens, value=%d)", int(asked), int(asked)))
		}
		if ok && int(asked) > limit {
			return parameter(name, fmt.Sprintf("%s=%d cannot be greater than max_model_len=%d. Please request fewer output tokens. (parameter=%s, value=%d)", name, int(asked), limit, name, int(asked)))
		}
	}
	if value, ok := body["temperature"].(float64); ok && value < 0 {
		return parameter("temperature", fmt.Sprintf("temperature must be non-negative, got %s. (parameter=temperature, value=%s)", python(value), python(value)))
	}
	if value, ok := body["top_p"].(float64); ok && (value <= 0 || value > 1) {
		return parameter("top_p", fmt.Sprintf("top_p must be in (0, 1], got %s. (parameter=top_p, value=%s)", python(value), python(value)))
	}
	return nil
}

// python writes a number as Python does.
func python(value float64) string {
	if value == math.Trunc(value) {
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprint(value)
}
