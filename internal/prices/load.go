package prices

import (
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxPrice is in dollars per million tokens. The dearest model ever cost 150; the CLI believes its own
// server up to 10,000 (2.1.330).
const maxPrice = 10_000

// Load returns the default table with the prices of a TOML file over it, in dollars per million tokens:
//
//	[models."claude-opus-5-5"]
//	input = 4
//	output = 20
//	cache_write_5m = 5
//	cache_write_1h = 8
//	cache_read = 0.2
//
//	[models."claude-opus-5-5".long_prompt]  # where a longer prompt has another price
//	above_prompt_tokens = 200_000
//	input = 8                               # and so on
//
// A name stands for the model in all spellings, unless it says more: with a date, provider or
// context size it stands for just that. Of a known model only what is to change must be given, of a new one
// everything but the long prompt. The error says what is wrong in which file, and is fs.ErrNotExist
// where there is none.
func Load(path string) (*Table, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the price table: %w", err)
	}
	table, err := Default().with(string(text))
	if err != nil {
		return nil, fmt.Errorf("price table %s: %w", path, err)
	}
	return table, nil
}

// with returns a copy of the table with the prices of a text over it.
func (t *Table) with(text string) (*Table, error) {
	var document map[string]any
	if _, err := toml.Decode(text, &document); err != nil {
		return nil, err
	}
	for _, key := range sorted(document) {
		if key != "models" {
			return nil, fmt.Errorf("unknown key %q; write the prices of a model under [models.\"NAME\"]", key)
		}
	}
	models, err := asTable(document["models"], "models")
	if err != nil {
		return nil, err
	}
	merged := &Table{models: maps.Clone(t.models)}
	if merged.models == nil {
		merged.models = map[string]model{}
	}
	given := map[string]string{}
	for _, name := range sorted(models) {
		key := spelling(strings.ToLower(strings.TrimSpace(name)))
		if other, twice := given[key]; twice {
			return nil, fmt.Errorf("models.%q and models.%q are the same model; remove one", other, name)
		}
		given[key] = name
		base, known := t.resolve(name)
		read, err := readModel(fmt.Sprintf("models.%q", name), models[name], t.models[base], known)
		if err != nil {
			return nil, err
		}
		merged.models[key] = read
	}
	return merged, nil
}

// readModel reads the prices of one model over those that are known.
func readModel(where string, value any, m model, known bool) (model, error) {
	table, err := asTable(value, where)
	if err != nil {
		return m, err
	}
	if long, has := table["long_prompt"]; has {
		if m.long, err = readTier(where+".long_prompt", long, m.long); err != nil {
			return m, err
		}
	}
	err = readKeys(where, table, m.keys(), "long_prompt", known)
	return m, err
}

func readTier(where string, value any, base *tier) (*tier, error) {
	table, err := asTable(value, where)
	if err != nil {
		return nil, err
	}
	var read tier
	if base != nil {
		read = *base
	}
	if above, has := table["above_prompt_tokens"]; has {
		var whole bool
		if read.above, whole = above.(int64); !whole || read.above <= 0 {
			return nil, fmt.Errorf("%s.above_prompt_tokens: %v is no number of tokens; give a whole number above 0", where, above)
		}
	} else if base == nil {
		return nil, missing(where, "above_prompt_tokens")
	}
	return &read, readKeys(where, table, read.keys(), "above_prompt_tokens", base != nil)
}

// rateKey is a key of the file and where its price goes.
type rateKey struct {
	name string
	to   *price
}

func (r *rates) keys() []rateKey {
	return []rateKey{
		{"input", &r.input},
		{"output", &r.output},
		{"cache_write_5m", &r.cacheWrite5m},
		{"cache_write_1h", &r.cacheWrite1h},
		{"cache_read", &r.cacheRead},
	}
}

// readKeys reads prices. besides is the one other key that the table may have; unless partial, no price
// may be missing.
func readKeys(where string, table map[string]any, keys []rateKey, besides string, partial bool) error {
	for _, name := range sorted(table) {
		isName := func(k rateKey) bool { return k.name == name }
		if name != besides && !slices.ContainsFunc(keys, isName) {
			return fmt.Errorf("%s: unknown key %q; the keys are %s and %s", where, name, names(keys), besides)
		}
	}
	for _, key := range keys {
		value, has := table[key.name]
		if !has && !partial {
			return missing(where, key.name)
		}
		if !has {
			continue
		}
		var ok bool
		if *key.to, ok = readPrice(value); !ok {
			return fmt.Errorf("%s.%s: %v is no price; give dollars per million tokens, from 0 to %d with up to six decimals",
				where, key.name, value, maxPrice)
		}
	}
	return nil
}

func missing(where, key string) error {
	return fmt.Errorf("%s.%s is missing; give every price, as this is not in claudepool's own table", where, key)
}

// readPrice reads dollars per million tokens.
func readPrice(value any) (price, bool) {
	var dollars float64
	switch v := value.(type) {
	case int64:
		dollars = float64(v)
	case float64:
		dollars = v
	default:
		return 0, false
	}
	if !(dollars >= 0 && dollars <= maxPrice) { // NaN is neither
		return 0, false
	}
	micro := math.Round(dollars * 1e6)
	if math.Abs(dollars*1e6-micro) > 1e-4 { // far above what a float64 misses of six decimals here
		return 0, false
	}
	return price(micro), true
}

func asTable(value any, where string) (map[string]any, error) {
	if value == nil {
		return nil, nil
	}
	table, ok := value.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: %v is no table; write the prices of a model under [models.\"NAME\"]", where, value)
	}
	return table, nil
}

func names(keys []rateKey) string {
	var list []string
	for _, k := range keys {
		list = append(list, k.name)
	}
	return strings.Join(list, ", ")
}

func sorted(table map[string]any) []string { return slices.Sorted(maps.Keys(table)) }
