package notify

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestAWebhookGetsThePayload(t *testing.T) {
	t.Parallel()
	url, got := serve(t, nil)
	e := event(pool.Subscription{ID: 1, Name: "a", Tags: []string{"ci"}}, 1)
	require.NoError(t, try(t, webhookTo(url), nil, e))
	want, err := json.Marshal(e)
	require.NoError(t, err)
	require.Len(t, got(), 1)
	require.JSONEq(t, string(want), got()[0].body)
	require.Equal(t, "application/json", got()[0].header.Get("Content-Type"))
	require.Equal(t, e.ID, got()[0].header.Get("Claudepool-Event-Id"))
	require.Empty(t, got()[0].header.Values("Claudepool-Signature"))
}

// hmacByHand is HMAC-SHA256 as RFC 2104 has it, from the hash alone.
func hmacByHand(key, text []byte) string {
	if len(key) > sha256.BlockSize {
		sum := sha256.Sum256(key)
		key = sum[:]
	}
	inner, outer := make([]byte, sha256.BlockSize), make([]byte, sha256.BlockSize)
	copy(inner, key)
	copy(outer, key)
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	sum := sha256.Sum256(append(inner, text...))
	sum = sha256.Sum256(append(outer, sum[:]...))
	return hex.EncodeToString(sum[:])
}

func TestTheSignatureIsThatOfTimeAndBody(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"k", strings.Repeat("long", 50)} {
		url, got := serve(t, nil)
		s := webhookTo(url)
		s.SecretFrom = "SIGN"
		require.NoError(t, try(t, s, variables{"SIGN": secret}, event(pool.Subscription{}, 1)))
		at := fmt.Sprint(noon.Unix())
		want := "t=" + at + ",v1=" + hmacByHand([]byte(secret), []byte(at+"."+got()[0].body))
		require.Equal(t, want, got()[0].header.Get("Claudepool-Signature"))
	}
}

func TestHeadersComeFromVariables(t *testing.T) {
	t.Parallel()
	url, got := serve(t, nil)
	s := webhookTo(url)
	s.HeadersFrom = map[string]string{"Authorization": "TOKEN"}
	require.NoError(t, try(t, s, variables{"TOKEN": "Bearer xyz"}, event(pool.Subscription{}, 1)))
	require.Equal(t, "Bearer xyz", got()[0].header.Get("Authorization"))
	require.Equal(t, "the variable TOKEN is not set", why(t, try(t, s, nil, event(pool.Subscription{}, 1))))
	require.Equal(t, "what TOKEN holds can't be the value of a header", why(t, try(t, s, variables{"TOKEN": "a\r\nX: b"}, event(pool.Subscription{}, 1))))
	require.Len(t, got(), 1)
}

func TestTheAddressCanBeInAVariable(t *testing.T) {
	t.Parallel()
	url, got := serve(t, nil)
	s := webhookTo("")
	s.URLFrom = "URL"
	require.NoError(t, try(t, s, variables{"URL": url + "/services/secret"}, event(pool.Subscription{}, 1)))
	require.Len(t, got(), 1)
	require.Equal(t, "the variable URL is not set", why(t, try(t, s, variables{"URL": ""}, event(pool.Subscription{}, 1))))
	for _, wrong := range []string{"secret", "ftp://secret", "http://", "http://a b/secret", "\x00"} {
		require.Equal(t, "what URL holds is no http or https address", why(t, try(t, s, variables{"URL": wrong}, event(pool.Subscription{}, 1))))
	}
}

func TestTheBodiesThatServicesTake(t *testing.T) {
	t.Parallel()
	e := pool.StoreTroubleEvent("<!channel> & @everyone", noon)
	for format, want := range map[Format]string{
		Slack:   `{"text":"claudepool store-trouble: the store could not be used: &lt;!channel&gt; &amp; @everyone"}`,
		Discord: `{"allowed_mentions":{"parse":[]},"content":"claudepool store-trouble: the store could not be used: <!channel> & @everyone"}`,
		Ntfy:    `the store could not be used: <!channel> & @everyone`,
	} {
		url, got := serve(t, nil)
		s := webhookTo(url)
		s.Format = format
		require.NoError(t, try(t, s, nil, e))
		if format == Ntfy {
			require.Equal(t, want, got()[0].body)
			require.Equal(t, "claudepool store-trouble", got()[0].header.Get("Title"))
			require.Equal(t, "urgent", got()[0].header.Get("Priority"))
			continue
		}
		require.JSONEq(t, want, got()[0].body)
	}
}

func TestAMessageFitsTheService(t *testing.T) {
	t.Parallel()
	e := pool.StoreTroubleEvent(strings.Repeat("é", 5000), noon)
	body, _, err := Discord.body(Message{Event: e})
	require.NoError(t, err)
	var message struct{ Content string }
	require.NoError(t, json.Unmarshal(body, &message))
	require.LessOrEqual(t, len([]rune(message.Content)), 2000)
	require.True(t, strings.HasSuffix(message.Content, "é…"))
}

func TestWhatAnAnswerMeans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		code       int
		retryAfter string
		why        string
		after      time.Duration
	}{
		{200, "", "", 0},
		{204, "9", "", 0},
		{299, "", "", 0},
		{302, "", "the server answered 302 Found, a redirect that is not followed", 0},
		{400, "9", "the server answered 400 Bad Request", 0},
		{404, "", "the server answered 404 Not Found", 0},
		{410, "", "the server answered 410 Gone", 0},
		{500, "9", "the server answered 500 Internal Server Error", 0},
		{599, "", "the server answered 599", 0},
		{429, "90", "the server answered 429 Too Many Requests", 90 * time.Second},
		{503, noon.Add(2 * time.Minute).Format(http.TimeFormat), "the server answered 503 Service Unavailable", 2 * time.Minute},
		{429, noon.Add(-time.Minute).Format(http.TimeFormat), "the server answered 429 Too Many Requests", 0},
		{429, noon.AddDate(1, 0, 0).Format(http.TimeFormat), "the server answered 429 Too Many Requests", time.Hour},
		{429, "99999999999999999999999", "the server answered 429 Too Many Requests", time.Hour},
		{429, "-5", "the server answered 429 Too Many Requests", 0},
		{429, "soon", "the server answered 429 Too Many Requests", 0},
	} {
		url, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", c.retryAfter)
			w.WriteHeader(c.code)
		})
		err := try(t, webhookTo(url), nil, event(pool.Subscription{}, 1))
		if c.why == "" {
			require.NoError(t, err, c)
			continue
		}
		require.Equal(t, c.why, why(t, err))
		require.Equal(t, c.after, err.(*Failure).After, c)
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	elsewhere, gotElsewhere := serve(t, nil)
	for _, c := range []struct {
		code   int
		to     string
		follow bool
	}{
		{307, "/new", true}, {308, "/new", true}, {301, "/new", false}, {302, "/new", false}, {303, "/new", false},
		{301, elsewhere, false}, {307, elsewhere, false}, {308, elsewhere, false}, {307, "/", false}, // the last one for ever
	} {
		url, got := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/new" {
				w.Header().Set("Location", c.to)
				w.WriteHeader(c.code)
			}
		})
		s := webhookTo(url)
		s.SecretFrom = "SIGN"
		err := try(t, s, variables{"SIGN": "k"}, event(pool.Subscription{}, 1))
		if c.follow {
			require.NoError(t, err, c)
			require.Len(t, got(), 2)
			require.Equal(t, got()[0].body, got()[1].body)
			require.Equal(t, got()[0].header.Get("Claudepool-Signature"), got()[1].header.Get("Claudepool-Signature"))
			continue
		}
		require.Contains(t, why(t, err), "a redirect that is not followed", c)
		require.LessOrEqual(t, len(got()), 1+mostRedirects)
	}
	require.Empty(t, gotElsewhere())
}

func TestNoRedirectOutOfTLS(t *testing.T) {
	t.Parallel()
	request := func(url string) *http.Request {
		r, err := http.NewRequest(http.MethodPost, url, nil)
		require.NoError(t, err)
		return r
	}
	for _, c := range []struct {
		chain  []string
		follow bool
	}{
		{[]string{"http://h/a", "https://h/b"}, true},
		{[]string{"https://h/a", "https://h/b"}, true},
		{[]string{"https://h/a", "http://h/b"}, false},
		{[]string{"http://h/a", "https://h/b", "http://h/c"}, false},
		{[]string{"https://h/a", "https://h.evil/b"}, false},
		{[]string{"https://h/a", "https://h:444/b"}, false},
	} {
		var via []*http.Request
		for _, url := range c.chain[:len(c.chain)-1] {
			via = append(via, request(url))
		}
		require.Equal(t, c.follow, checkRedirect(request(c.chain[len(c.chain)-1]), via) == nil, c.chain)
	}
}

func TestAnEndlessAnswerIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	sent := make(chan int64, 1)
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var total int64
		block := make([]byte, 64<<10)
		for total < 10<<30 {
			n, err := w.Write(block)
			total += int64(n)
			if err != nil {
				break
			}
		}
		sent <- total
	})
	require.NoError(t, try(t, webhookTo(url), nil, event(pool.Subscription{}, 1)))
	require.Less(t, <-sent, int64(64<<20), "what the sockets held, and no more")
}

func TestATryTakesNoLongerThanItMay(t *testing.T) {
	t.Parallel()
	hangs, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	s := webhookTo(hangs)
	s.Timeout = 50 * time.Millisecond
	require.Equal(t, "it took longer than 50ms", why(t, try(t, s, nil, event(pool.Subscription{}, 1))))

	// An answer that says it has arrived counts, though its body never ends.
	s.Timeout = 2 * time.Second
	s.URL, _ = serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("ok"))
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	})
	require.NoError(t, try(t, s, nil, event(pool.Subscription{}, 1)))
}

func TestWhyThereIsNoAnswer(t *testing.T) {
	t.Parallel()
	raw := func(answer string) string {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = conn.Read(make([]byte, 64<<10))
				_, _ = conn.Write([]byte(answer))
				_ = conn.Close()
			}
		}()
		return "http://" + listener.Addr().String()
	}
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	for url, want := range map[string]string{
		raw(""):                            "the server closed the connection without an answer",
		raw("SSH-2.0-x\r\n"):               "the server gave no answer that is HTTP",
		secure.URL:                         "the server's certificate is not trusted",
		"http://" + closed.Addr().String(): "the server can't be reached: connection refused",
		"http://no-such-host.invalid":      "the server's name is not known",
	} {
		s := webhookTo(url + "/services/T0/s3cr3t?token=s3cr3t")
		got := why(t, try(t, s, nil, event(pool.Subscription{}, 1)))
		require.Equal(t, want, got)
	}
}

func TestAnAddressIsShownWithoutItsSecret(t *testing.T) {
	t.Parallel()
	require.Equal(t, "https://hooks.example.com/…", Settings{URL: "https://u:p@hooks.example.com/T0/secret?a=b"}.ShownURL())
	require.Equal(t, "$SLACK_URL", Settings{URLFrom: "SLACK_URL"}.ShownURL())
}
