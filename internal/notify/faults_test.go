package notify

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestServersThatFailForAnHour is the way of every fault: an hour of it, by the clock of the test, and then it is mended. Every
// event arrives, in order, once; and a channel beside it has everything on time.
func TestServersThatFailForAnHour(t *testing.T) {
	t.Parallel()
	elsewhere, gotElsewhere := serve(t, nil)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	faults := map[string]http.HandlerFunc{
		"500":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) },
		"hangs": hang,
		"slow": func(w http.ResponseWriter, r *http.Request) { // a letter now and then
			w.WriteHeader(500)
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(10 * time.Millisecond):
				}
			}
		},
		"closes": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"429": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(429)
		},
		"301": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere)
			w.WriteHeader(301)
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			for {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		},
		"down": nil,
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store, events := told(t, 3)
			var mended atomic.Bool
			c, beside := newClock(), &recorder{}
			r := &recorder{}
			url, _ := serve(t, func(w http.ResponseWriter, req *http.Request) {
				if !mended.Load() {
					fault(w, req)
				}
			})
			s := webhookTo(url)
			s.Timeout = 100 * time.Millisecond
			d := delivererTo(store, c, nil, s, named("beside"))
			d.open = func(s Settings, caller Caller) Channel {
				if s.Name == "beside" {
					return beside
				}
				if fault == nil && !mended.Load() {
					s.URL = "http://" + closed.Addr().String()
				}
				return counted{r, Open(s, caller)}
			}
			for c.read().Before(noon.Add(time.Hour)) {
				run(t, d)
				require.Len(t, beside.ids(), len(events), "all at once")
				c.pass(time.Minute)
			}
			require.Empty(t, r.ids())
			mended.Store(true)
			for c.read().Before(noon.Add(3 * time.Hour)) {
				run(t, d)
				c.pass(time.Minute)
			}
			require.ElementsMatch(t, idsOf(events), r.ids())
			requireOrder(t, events, r.ids())
			require.Len(t, beside.ids(), len(events))
			require.Empty(t, gotElsewhere())
		})
	}
}

// counted notes what arrived on a channel.
type counted struct {
	*recorder
	Channel
}

func (c counted) Deliver(ctx context.Context, m Message) error {
	err := c.Channel.Deliver(ctx, m)
	if err == nil {
		err = c.recorder.Deliver(ctx, m)
	}
	return err
}

func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	secrets := variables{"URL": "", "TOKEN": "Bearer s3cr3t-token", "SIGN": "s3cr3t-sign"}
	for _, answer := range []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) { // says all that it got
			w.WriteHeader(500)
			_, _ = fmt.Fprint(w, r.URL, r.Header)
		},
		func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://elsewhere.invalid/s3cr3t", http.StatusFound)
		},
		func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	} {
		store, _ := told(t, 1)
		url, _ := serve(t, answer)
		for n, address := range []string{url + "/s3cr3t", "http://s3cr3t.invalid", "http://127.0.0.1:1/s3cr3t", "s3cr3t://x", "http://[s3cr3t", "http://u:s3cr3t@127.0.0.1:1"} {
			secrets := variables{"URL": address, "TOKEN": secrets["TOKEN"], "SIGN": secrets["SIGN"]}
			s := webhookTo("")
			s.Name, s.URLFrom, s.SecretFrom, s.HeadersFrom = fmt.Sprintf("hook-%d", n), "URL", "SIGN", map[string]string{"Authorization": "TOKEN"}
			s.Timeout = 200 * time.Millisecond
			d := Deliverer{Store: store, Channels: []Settings{s}, Caller: secrets.caller(), Now: newClock().read}
			reports := run(t, d)
			require.NotEmpty(t, reports[0].Trouble)
			require.NotContains(t, fmt.Sprintf("%+v %+v", reports, open(t, store)), "s3cr3t")
		}
	}
}
