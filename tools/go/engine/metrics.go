package main

import (
	_ "embed"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"io"
)

// vllm_metrics.txt is what a real engine that has answered nothing exports, recorded by
// tests/live/engine/record_engine.py: names, help, labels and buckets, with every value at its first.
//
//go:embed vllm_metrics.txt
var metricsForm string

// renamed are metrics that the simulator calls by an older name.
var renamed = map[string]string{
	"vllm:prefix_cache_hits":             "vllm:prefix_cache_hits_total",
	"vllm:prefix_cache_queries":          "vllm:prefix_cache_queries_total",
	"vllm:max_num_generation_tokens":     "vllm:request_max_num_generation_tokens",
	"vllm:time_per_output_token_seconds": "vllm:request_time_per_output_token_seconds",
}

var sample = regexp.MustCompile(`^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$`)
var label = regexp.MustCompile(`(\w+)="((?:[^"\\]|\\.)*)"`)

// series is one line of an exposition in a form that can be compared.
func series(name, labels string) string {
	var pairs []string
	for _, pair := range label.FindAllStringSubmatch(labels, -1) {
		pairs = append(pairs, fmt.Sprintf(`%s="%s"`, pair[1], pair[2]))
	}
	slices.Sort(pairs)
	return name + "{" + strings.Join(pairs, ",") + "}"
}

// metrics exports the engine's families in its order, with the simulator's values where it has them.
func (f *front) metrics(w http.ResponseWriter, r *http.Request) {
	response, err := f.ask(r.Context(), http.MethodGet, "/metrics", nil)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	form := strings.ReplaceAll(metricsForm, "MODEL", f.settings.names[0])
	form = strings.ReplaceAll(form, "BLOCKS", fmt.Sprint(f.settings.blocks()))
	form = strings.ReplaceAll(form, "TOKENS", fmt.Sprint(f.settings.plan.KVCacheTokens))
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.WriteString(w, merged(form, string(content)))
}

// merged fills the engine's form with the values of an exposition of the simulator.
func merged(form, simulated string) string {
	values := map[string]string{}
	families := map[string][]string{}
	for line := range strings.Lines(simulated) {
		parts := sample.FindStringSubmatch(strings.TrimSpace(line))
		if parts == nil || strings.HasPrefix(parts[1], "vllm:cache_config") {
			continue
		}
		name, suffix := parts[1], ""
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			if base, ok := strings.CutSuffix(name, end); ok {
				name, suffix = base, end
			}
		}
		if newer, ok := renamed[name]; ok {
			name = newer
		}
		key := series(name+suffix, `engine="0",`+parts[2])
		values[key] = parts[3]
		families[name] = append(families[name], key+" "+parts[3])
	}
	var out strings.Builder
	histogram := ""
	for line := range strings.Lines(form) {
		line = strings.TrimSuffix(line, "\n")
		if words := strings.Fields(line); strings.HasPrefix(line, "# TYPE ") && len(words) == 4 {
			histogram = ""
			fmt.Fprintln(&out, line)
			// Buckets of the simulator have bounds of their own, so a histogram is taken as a whole.
			if words[3] == "histogram" && len(families[words[2]]) > 0 {
				histogram = words[2]
				for _, one := range families[histogram] {
					fmt.Fprintln(&out, one)
				}
			}
			continue
		}
		parts := sample.FindStringSubmatch(line)
		if parts == nil {
			fmt.Fprintln(&out, line)
			continue
		}
		if histogram != "" && strings.HasPrefix(parts[1], histogram) {
			continue
		}
		value, ok := values[series(parts[1], parts[2])]
		if !ok {
			value = parts[3]
		}
		fmt.Fprintf(&out, "%s{%s} %s\n", parts[1], parts[2], value)
	}
	return out.String()
}
