package notify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/pool"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// clock is a time that tests move on.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: noon} }

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// variables is an environment.
type variables map[string]string

func (v variables) caller() Caller {
	c := Caller{Get: func(name string) (string, bool) { value, found := v[name]; return value, found }}
	for name, value := range v {
		c.Environ = append(c.Environ, name+"="+value)
	}
	return c
}

// received is a request that a server got.
type received struct {
	header http.Header
	body   string
}

// serve starts a server that keeps what it gets and answers by a function, nil for 200.
func serve(t *testing.T, answer http.HandlerFunc) (url string, got func() []received) {
	t.Helper()
	var mu sync.Mutex
	var all []received
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		all = append(all, received{r.Header.Clone(), string(body)})
		mu.Unlock()
		if answer != nil {
			answer(w, r)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []received {
		mu.Lock()
		defer mu.Unlock()
		return append([]received{}, all...)
	}
}

func webhookTo(url string) Settings {
	return Settings{Name: "hook", Kind: Webhook, URL: url, Format: JSON, Timeout: 5 * time.Second, Attempts: DefaultAttempts}
}

// try sends an event once.
func try(t *testing.T, s Settings, v variables, e pool.Event) error {
	t.Helper()
	return Send(t.Context(), s, v.caller(), e, noon)
}

// why is the words of a failure.
func why(t *testing.T, err error) string {
	t.Helper()
	var failure *Failure
	require.ErrorAs(t, err, &failure)
	return failure.Why
}

// event is one of a subscription, "" for the whole pool.
func event(sub pool.Subscription, n int) pool.Event {
	if sub.ID == 0 {
		return pool.StoreTroubleEvent("trouble", noon.Add(time.Duration(n)*time.Hour))
	}
	return pool.LoginExpiringEvent(sub, noon.Add(time.Duration(n)*time.Hour), noon)
}

// told returns a store with the subscriptions a and b, and with so many events of each and of the whole pool, which it returns too.
func told(t *testing.T, each int) (pool.Store, []pool.Event) {
	t.Helper()
	store := memstore.New()
	var events []pool.Event
	subs := []pool.Subscription{{}}
	for _, name := range []string{"a", "b"} {
		sub, err := store.AddSubscription(t.Context(), pool.Subscription{Name: name, ConfigDir: "/" + name})
		require.NoError(t, err)
		subs = append(subs, sub)
	}
	for n := range each {
		for _, sub := range subs {
			events = append(events, event(sub, n))
		}
	}
	require.NoError(t, store.RecordEvents(t.Context(), events...))
	return store, events
}

// recorder is a channel that notes what it gets.
type recorder struct {
	mu     sync.Mutex
	got    []Message
	answer func(context.Context, Message) error
}

func (r *recorder) Deliver(ctx context.Context, m Message) error {
	r.mu.Lock()
	r.got = append(r.got, m)
	r.mu.Unlock()
	if r.answer != nil {
		return r.answer(ctx, m)
	}
	return nil
}

// ids are the events in the order in which they came.
func (r *recorder) ids() (ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		ids = append(ids, m.Event.ID)
	}
	return ids
}
