package main

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const usage = "usage: vllm serve [model_tag] [options]\n"

// vllm_options.csv is written by tests/serving/record_vllm.py from the wheel of the release that stacks run.
//
//go:embed vllm_options.csv
var optionsTable string

// option is what the engine's parser takes behind one name.
type option struct {
	name, form, fold          string
	choices                   []string
	optional, several         bool
	least, above, most, below float64
}

// parsed holds the values of each option that was given, under its own name.
type parsed struct {
	model  string
	help   bool
	values map[string][]string
}

func table() map[string]option {
	rows, err := csv.NewReader(strings.NewReader(optionsTable)).ReadAll()
	if err != nil {
		panic(err)
	}
	column := map[string]int{}
	for index, name := range rows[0] {
		column[name] = index
	}
	found := map[string]option{}
	for _, row := range rows[1:] {
		at := func(name string) string { return row[column[name]] }
		bound := func(name string, otherwise float64) float64 {
			if number, err := strconv.ParseFloat(at(name), 64); err == nil {
				return number
			}
			return otherwise
		}
		read := option{
			name: at("option"), form: at("form"), fold: at("fold"),
			optional: at("optional") == "yes", several: at("several") == "yes",
			least: bound("least", math.Inf(-1)), above: bound("above", math.Inf(-1)),
			most: bound("most", math.Inf(1)), below: bound("below", math.Inf(1)),
		}
		if at("choices") != "" {
			read.choices = strings.Split(at("choices"), ";")
		}
		found[read.name] = read
	}
	return found
}

// valueless says whether an option is written without a value.
func (o option) valueless() bool { return o.form == "switch" || o.form == "set" }

// inverse is the other half of a pair such as --enable-x and --disable-x; empty where there is none.
func inverse(name string) string {
	if rest, ok := strings.CutPrefix(name, "--enable-"); ok {
		return "--disable-" + rest
	}
	if rest, ok := strings.CutPrefix(name, "--disable-"); ok {
		return "--enable-" + rest
	}
	return ""
}

// spellings are the names by which the parser knows an option, its own first.
func (o option) spellings() []string {
	names := []string{o.name}
	if o.form == "switch" {
		names = append(names, "--no-"+strings.TrimPrefix(o.name, "--"))
		if other := inverse(o.name); other != "" {
			names = append(names, other)
		}
	}
	return names
}

// configurations are the classes that read an object themselves: names of fields in vllm/engine/arg_utils.py.
var configurations = map[string]string{
	"--kv-transfer-config": "KVTransferConfig", "--kv-events-config": "KVEventsConfig", "--compilation-config": "CompilationConfig",
	"--attention-config": "AttentionConfig", "--structured-outputs-config": "StructuredOutputsConfig",
	"--ec-transfer-config": "ECTransferConfig", "--eplb-config": "EPLBConfig", "--kernel-config": "KernelConfig",
}

// others are further names of an option, which argparse names with it.
var others = map[string]string{"--gpu-memory-utilization": "--device-memory-utilization"}

// shown is an option as argparse names it in a complaint.
func (o option) shown() string {
	if other, ok := others[o.name]; ok {
		return o.name + "/" + other
	}
	return o.name
}

var shortNames = map[string]string{
	"-tp": "--tensor-parallel-size", "-pp": "--pipeline-parallel-size", "-dp": "--data-parallel-size",
	"-n": "--nnodes", "-r": "--node-rank", "-q": "--quantization", "-dpa": "--data-parallel-address",
	"-dpr": "--data-parallel-rank", "-dpl": "--data-parallel-size-local", "-dpp": "--data-parallel-rpc-port",
}

// parse reads arguments as the engine's parser does: underscores for hyphens, unique beginnings, negations, keys of an
// object after dots, several values after one another.
func parse(arguments []string, known map[string]option) (*parsed, error) {
	result := &parsed{values: map[string][]string{}}
	bySpelling := map[string]option{}
	for _, one := range known {
		for _, name := range one.spellings() {
			bySpelling[name] = one
		}
	}
	var unknown []string
	for index := 0; index < len(arguments); index++ {
		argument := arguments[index]
		if argument == "--help" || argument == "-h" || strings.HasPrefix(argument, "--help=") {
			result.help = true
			return result, nil
		}
		if long, ok := shortNames[argument]; ok {
			argument = long
		}
		if !strings.HasPrefix(argument, "-") || argument == "-" {
			if result.model == "" {
				result.model = argument
			} else {
				unknown = append(unknown, argument)
			}
			continue
		}
		name, value, assigned := strings.Cut(argument, "=")
		name, keys, _ := strings.Cut(name, ".")
		name = strings.ReplaceAll(name, "_", "-")
		found, spelling, err := lookUp(name, argument, bySpelling)
		if err != nil {
			return nil, err
		}
		if spelling == "" || keys != "" && found.form != "object" && found.form != "text" {
			unknown = append(unknown, argument)
			continue
		}
		if found.valueless() {
			if assigned {
				return nil, complaint("argument %s: ignored explicit argument %s", strings.Join(found.spellings(), "/"), quoted(value))
			}
			result.values[found.name] = []string{strconv.FormatBool(spelling == found.name)}
			continue
		}
		var values []string
		if assigned {
			values = []string{value}
		} else {
			for index+1 < len(arguments) && isValue(arguments[index+1]) && (found.several || len(values) == 0) {
				index++
				values = append(values, arguments[index])
			}
		}
		if len(values) == 0 && !found.several {
			return nil, complaint("argument %s: expected one argument", found.shown())
		}
		if keys != "" {
			result.values[found.name] = []string{withKey(result.values[found.name], keys, values[0])}
			continue
		}
		for _, one := range values {
			if err := found.check(one); err != nil {
				return nil, err
			}
		}
		result.values[found.name] = values
	}
	if len(unknown) > 0 {
		return nil, unrecognized{strings.Join(unknown, " ")}
	}
	if model := result.values["--model"]; len(model) == 1 {
		result.model = model[0]
	}
	return result, nil
}

// unrecognized is said by the parser above that of serve, which has a usage of its own.
type unrecognized struct{ arguments string }

func (u unrecognized) Error() string {
	return "vllm: error: unrecognized arguments: " + u.arguments
}

func isValue(argument string) bool {
	return !strings.HasPrefix(argument, "-") || regexp.MustCompile(`^-\d+(\.\d*)?$`).MatchString(argument)
}

// lookUp finds an option by its spelling, or by a beginning that no other has.
func lookUp(name, argument string, bySpelling map[string]option) (option, string, error) {
	if found, ok := bySpelling[name]; ok {
		return found, name, nil
	}
	var near []string
	for spelling := range bySpelling {
		if strings.HasPrefix(spelling, name) {
			near = append(near, spelling)
		}
	}
	slices.Sort(near)
	switch len(near) {
	case 0:
		return option{}, "", nil
	case 1:
		return bySpelling[near[0]], near[0], nil
	default:
		return option{}, "", complaint("ambiguous option: %s could match %s", argument, strings.Join(near, ", "))
	}
}

// withKey sets one key of an object whose earlier keys came before.
func withKey(before []string, keys, value string) string {
	object := map[string]any{}
	if len(before) == 1 {
		_ = json.Unmarshal([]byte(before[0]), &object)
	}
	var read any
	if json.Unmarshal([]byte(value), &read) != nil {
		read = value
	}
	at := object
	parts := strings.Split(keys, ".")
	for _, key := range parts[:len(parts)-1] {
		below, ok := at[key].(map[string]any)
		if !ok {
			below = map[string]any{}
			at[key] = below
		}
		at = below
	}
	at[parts[len(parts)-1]] = read
	text, _ := json.Marshal(object)
	return string(text)
}

// check says as argparse does why a text is not what the option takes.
func (o option) check(text string) error {
	if o.optional && (text == "" || text == "None") {
		return nil
	}
	switch o.form {
	case "integer":
		if _, err := strconv.Atoi(strings.ReplaceAll(strings.TrimSpace(text), "_", "")); err != nil {
			return o.invalid("int", text)
		}
	case "size":
		if _, ok := size(text); !ok && !(len(o.choices) > 0 && strings.EqualFold(strings.TrimSpace(text), "auto")) {
			kind := "human_readable_int"
			if len(o.choices) > 0 {
				kind = "human_readable_int_or_auto"
			}
			return o.invalid(kind, text)
		}
	case "number":
		if _, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err != nil {
			return o.invalid("float", text)
		}
	case "choice":
		if !slices.Contains(o.choices, o.folded(text)) {
			if o.fold == "upper" {
				return nil
			}
			listed := make([]string, len(o.choices))
			for index, choice := range o.choices {
				listed[index] = quoted(choice)
			}
			return complaint("argument %s: invalid choice: %s (choose from %s)", o.shown(), quoted(text), strings.Join(listed, ", "))
		}
	case "object", "array":
		if !json.Valid([]byte(text)) {
			if class, ok := configurations[o.name]; ok {
				return complaint("argument %s: 1 validation error for %s\n  Invalid JSON: EOF while parsing an object at line 1 column %d [type=json_invalid, input_value=%s, input_type=str]",
					o.name, class, len(text), quoted(text))
			}
			return complaint("argument %s: Value %s cannot be converted to <function loads>.", o.name, text)
		}
	}
	return nil
}

// range checks what the engine checks when it makes its configuration, after its arguments are parsed.
func (o option) outside(text string) bool {
	number, err := strconv.ParseFloat(text, 64)
	return err == nil && (number < o.least || number <= o.above || number > o.most || number >= o.below)
}

func (o option) folded(text string) string {
	switch o.fold {
	case "upper":
		return strings.ToUpper(text)
	case "lower":
		return strings.ReplaceAll(strings.ToLower(text), "-", "_")
	default:
		return text
	}
}

func (o option) invalid(kind, text string) error {
	return complaint("argument %s: invalid %s value: %s", o.shown(), kind, quoted(text))
}

func complaint(format string, values ...any) error {
	return fmt.Errorf("vllm serve: error: "+format, values...)
}

func quoted(text string) string { return "'" + text + "'" }

var sizes = regexp.MustCompile(`^(\d+(?:\.\d+)?)([kKmMgGtT])$`)

// size reads 32k as 32,000 and 32K as 32,768; decimals only before the former.
func size(text string) (int, bool) {
	text = strings.TrimSpace(text)
	parts := sizes.FindStringSubmatch(text)
	if parts == nil {
		number, err := strconv.Atoi(strings.ReplaceAll(text, "_", ""))
		return number, err == nil
	}
	power := strings.Index("kmgt", strings.ToLower(parts[2])) + 1
	if parts[2] == strings.ToLower(parts[2]) {
		number, _ := strconv.ParseFloat(parts[1], 64)
		return int(number * math.Pow(1000, float64(power))), true
	}
	number, err := strconv.Atoi(parts[1])
	return number << (10 * power), err == nil
}
