package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings is what the engine does with its arguments, its plan and its checkpoint.
type settings struct {
	folder          string
	names           []string
	host            string
	port            int
	maxModelLen     int
	maxNumSeqs      int
	shutdownTimeout time.Duration
	headless        bool
	group           group
	transfer        transfer
	plan            plan
}

// group is the set of nodes that one replica spans.
type group struct {
	nodes, rank int
	address     string
	port        int
}

// transfer says whether caches come from, or go to, another replica over NIXL, and where this one listens.
type transfer struct {
	nixl bool
	role string
	host string
	port int
}

// plan is how fast the replica was planned to be, and how much fits into its cache.
type plan struct {
	TimeToFirstToken float64 `json:"time_to_first_token"`
	TimePerToken     float64 `json:"time_per_token"`
	KVCacheTokens    int     `json:"kv_cache_tokens"`
}

const plansFile = "/etc/strata/engine-plans.json"

func settingsOf(given *parsed) (*settings, error) {
	if err := withinRanges(given); err != nil {
		return nil, err
	}
	text := func(name, otherwise string) string {
		if values := given.values[name]; len(values) > 0 {
			return values[len(values)-1]
		}
		return otherwise
	}
	number := func(name string, otherwise int) int {
		if found, ok := size(text(name, "")); ok {
			return found
		}
		return otherwise
	}
	result := &settings{
		folder: given.model, names: given.values["--served-model-name"],
		host: text("--host", ""), port: number("--port", 8000),
		maxModelLen: number("--max-model-len", -1), maxNumSeqs: number("--max-num-seqs", 256),
		shutdownTimeout: time.Duration(number("--shutdown-timeout", 0)) * time.Second,
		headless:        text("--headless", "") == "true",
		group: group{
			nodes: number("--nnodes", 1), rank: number("--node-rank", 0),
			address: text("--master-addr", "127.0.0.1"), port: number("--master-port", 29501),
		},
	}
	if len(result.names) == 0 {
		result.names = []string{result.folder}
	}
	read, err := checkpointOf(result.folder)
	if err != nil {
		return nil, err
	}
	if result.maxModelLen, err = read.length(result.maxModelLen); err != nil {
		return nil, err
	}
	if result.transfer, err = transferOf(text("--kv-transfer-config", "")); err != nil {
		return nil, err
	}
	result.plan = planOf(result.names, result.maxModelLen)
	return result, nil
}

// withinRanges refuses numbers as the classes of the engine's configuration do, after its arguments were parsed.
func withinRanges(given *parsed) error {
	known := table()
	var names []string
	for name := range given.values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, text := range given.values[name] {
			if one := known[name]; one.form != "text" && one.outside(text) {
				field := strings.ReplaceAll(strings.TrimPrefix(name, "--"), "-", "_")
				words, kind, bound := one.bound(text)
				return fmt.Errorf("pydantic_core._pydantic_core.ValidationError: 1 validation error for %s\n%s\n  Input should be %s %g [type=%s, input_value=%s]",
					classOf(name), field, words, bound, kind, text)
			}
		}
	}
	return nil
}

// classOf is the class of the engine's configuration that holds an option and says so in its complaint.
func classOf(name string) string {
	switch {
	case slices.Contains([]string{"--gpu-memory-utilization", "--block-size", "--kv-cache-memory-bytes"}, name):
		return "CacheConfig"
	case strings.HasPrefix(name, "--max-num-"):
		return "SchedulerConfig"
	case strings.HasSuffix(name, "-parallel-size") || name == "--nnodes" || name == "--node-rank":
		return "ParallelConfig"
	default:
		return "VllmConfig"
	}
}

// bound is the limit that a number is beyond, in the words of pydantic.
func (o option) bound(text string) (words, kind string, limit float64) {
	number, _ := strconv.ParseFloat(text, 64)
	switch {
	case number > o.most:
		return "less than or equal to", "less_than_equal", o.most
	case number >= o.below:
		return "less than", "less_than", o.below
	case number < o.least:
		return "greater than or equal to", "greater_than_equal", o.least
	default:
		return "greater than", "greater_than", o.above
	}
}

func transferOf(text string) (transfer, error) {
	if text == "" {
		return transfer{}, nil
	}
	var read struct {
		Connector string `json:"kv_connector"`
		Role      string `json:"kv_role"`
	}
	if err := json.Unmarshal([]byte(text), &read); err != nil {
		return transfer{}, fmt.Errorf("ValueError: kv_transfer_config: %w", err)
	}
	if read.Connector != "" && !slices.Contains([]string{"kv_producer", "kv_consumer", "kv_both"}, read.Role) {
		return transfer{}, fmt.Errorf("ValueError: Please specify kv_role when kv_connector is set, supported roles are ['kv_producer', 'kv_both', 'kv_consumer']")
	}
	port, err := strconv.Atoi(os.Getenv("VLLM_NIXL_SIDE_CHANNEL_PORT"))
	if err != nil {
		port = 5600
	}
	host := os.Getenv("VLLM_NIXL_SIDE_CHANNEL_HOST")
	if host == "" {
		host = "localhost"
	}
	return transfer{nixl: strings.Contains(read.Connector, "Nixl"), role: read.Role, host: host, port: port}, nil
}

// planOf reads the plan of the first name that has one. Without one the replica is a small, quick one.
func planOf(names []string, maxModelLen int) plan {
	path := os.Getenv("STRATA_ENGINE_PLANS")
	if path == "" {
		path = plansFile
	}
	plans := map[string]plan{}
	if content, err := os.ReadFile(path); err == nil {
		if err := json.Unmarshal(content, &plans); err != nil {
			say("plans in %s cannot be read: %v", path, err)
		}
	}
	for _, name := range names {
		if found, ok := plans[name]; ok {
			return found
		}
	}
	say("no plan of %s in %s: 50 ms to the first token, 10 ms for each further one", strings.Join(names, ", "), path)
	return plan{TimeToFirstToken: 0.05, TimePerToken: 0.01, KVCacheTokens: 4 * maxModelLen}
}

// say writes a line of the log as the engine does.
func say(format string, values ...any) {
	fmt.Fprintf(os.Stderr, "(APIServer pid=%d) INFO %s [stand-in] %s\n",
		os.Getpid(), time.Now().Format("01-02 15:04:05"), fmt.Sprintf(format, values...))
}
