package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// checkpoint is what the engine learns from the folder of a model before it loads the weights.
type checkpoint struct {
	architecture string
	positions    int
}

// checkpointOf reads config.json and sees whether every shard of the weights is there and whole. A wrong folder ends
// the engine with the message that the real one ends with.
func checkpointOf(folder string) (*checkpoint, error) {
	about, err := os.Stat(folder)
	if err != nil || !about.IsDir() {
		return nil, fmt.Errorf("huggingface_hub.errors.HFValidationError: Repo id must be in the form 'repo_name' or 'namespace/repo_name': '%s'. Use `repo_type` argument if needed.", folder)
	}
	content, err := os.ReadFile(filepath.Join(folder, "config.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, Invalid repository ID or local directory specified: '%s'. Please verify that it has a 'config.json'", folder)
	}
	if err != nil {
		return nil, fmt.Errorf("PermissionError: [Errno 13] Permission denied: '%s/config.json'", folder)
	}
	var read struct {
		Architectures []string        `json:"architectures"`
		Positions     int             `json:"max_position_embeddings"`
		Text          json.RawMessage `json:"text_config"`
	}
	if err := json.Unmarshal(content, &read); err != nil {
		return nil, fmt.Errorf("OSError: It looks like the config file at '%s/config.json' is not a valid JSON file.", folder)
	}
	if len(read.Architectures) == 0 {
		return nil, fmt.Errorf("ValueError: No model architectures are specified in %s/config.json", folder)
	}
	if read.Positions == 0 && len(read.Text) > 0 {
		var text struct {
			Positions int `json:"max_position_embeddings"`
		}
		if json.Unmarshal(read.Text, &text) == nil {
			read.Positions = text.Positions
		}
	}
	if err := weights(folder); err != nil {
		// The weights are read by the engine's core, a process of its own; what started it only sees that it ended.
		return nil, fmt.Errorf("(EngineCore pid=%d) %w\nRuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}", os.Getpid(), err)
	}
	return &checkpoint{architecture: read.Architectures[0], positions: read.Positions}, nil
}

// length is the context that the engine serves; -1 asks for the model's own.
func (c *checkpoint) length(asked int) (int, error) {
	switch {
	case asked <= 0 && c.positions > 0:
		return c.positions, nil
	case asked <= 0:
		return 2048, nil
	case c.positions > 0 && asked > c.positions:
		return 0, fmt.Errorf("pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig\n  Value error, "+
			"User-specified max_model_len (%d) is greater than the derived max_model_len (max_position_embeddings=%d or model_max_length=None in model's config.json). "+
			"To allow overriding this maximum, set the env var VLLM_ALLOW_LONG_MAX_MODEL_LEN=1.", asked, c.positions)
	default:
		return asked, nil
	}
}

func weights(folder string) error {
	shards, err := shardsOf(folder)
	if err != nil {
		return err
	}
	for _, shard := range shards {
		if err := whole(filepath.Join(folder, shard)); err != nil {
			return err
		}
	}
	return nil
}

// shardsOf are the files that the index names, or those that are there where there is no index.
func shardsOf(folder string) ([]string, error) {
	content, err := os.ReadFile(filepath.Join(folder, "model.safetensors.index.json"))
	if err != nil {
		found, _ := filepath.Glob(filepath.Join(folder, "*.safetensors"))
		if len(found) == 0 {
			return nil, fmt.Errorf("RuntimeError: Cannot find any model weights with `%s`", folder)
		}
		for index, path := range found {
			found[index] = filepath.Base(path)
		}
		return found, nil
	}
	var index struct {
		Map map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(content, &index); err != nil {
		return nil, fmt.Errorf("json.decoder.JSONDecodeError: %s/model.safetensors.index.json: %v", folder, err)
	}
	var shards []string
	for _, shard := range index.Map {
		if !slices.Contains(shards, shard) {
			shards = append(shards, shard)
		}
	}
	slices.Sort(shards)
	return missing(folder, shards)
}

// missing refuses an index that names files that are not there: the engine loads the others, and then lacks weights.
func missing(folder string, shards []string) ([]string, error) {
	var absent []string
	for _, shard := range shards {
		if _, err := os.Stat(filepath.Join(folder, shard)); err != nil {
			absent = append(absent, shard)
		}
	}
	if len(absent) > 0 {
		return nil, fmt.Errorf("ValueError: Following weights were not initialized from checkpoint: those of %s", strings.Join(absent, ", "))
	}
	return shards, nil
}

// whole sees whether the tensors that a file's header names fill the file to its last byte.
func whole(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("PermissionError: [Errno 13] Permission denied: '%s'", path)
	}
	defer file.Close()
	about, err := file.Stat()
	if err != nil {
		return err
	}
	var length uint64
	if err := binary.Read(file, binary.LittleEndian, &length); err != nil {
		return errors.New("safetensors_rust.SafetensorError: Error while deserializing header: header too small")
	}
	if int64(length) > about.Size()-8 {
		return errors.New("safetensors_rust.SafetensorError: Error while deserializing header: invalid header length")
	}
	header := make([]byte, length)
	if _, err := io.ReadFull(file, header); err != nil {
		return err
	}
	tensors := map[string]struct {
		Offsets []int64 `json:"data_offsets"`
	}{}
	raw := map[string]json.RawMessage{}
	if err := json.Unmarshal(header, &raw); err != nil {
		return errors.New("safetensors_rust.SafetensorError: Error while deserializing header: invalid JSON in header")
	}
	delete(raw, "__metadata__")
	var end int64
	for name, tensor := range raw {
		one := tensors[name]
		if err := json.Unmarshal(tensor, &one); err != nil || len(one.Offsets) != 2 {
			return errors.New("safetensors_rust.SafetensorError: Error while deserializing header: invalid JSON in header")
		}
		end = max(end, one.Offsets[1])
	}
	if end != about.Size()-8-int64(length) {
		return errors.New("safetensors_rust.SafetensorError: Error while deserializing header: incomplete metadata, file not fully covered")
	}
	return nil
}
