package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	// mostAnswer is how much is read of an answer, in bytes. Nothing of it is kept: it may repeat what was sent.
	mostAnswer = 64 << 10
	// longestAfter bounds how long a server may make us wait.
	longestAfter = time.Hour
	// mostRedirects is how often one try is sent on.
	mostRedirects = 3
)

// webhook sends events by HTTP.
type webhook struct {
	Settings
	Caller
}

// Deliver implements Channel. An answer of 200 to 299 says that the event has arrived; any other is a failed try.
func (w webhook) Deliver(ctx context.Context, m Message) error {
	request, err := w.request(ctx, m)
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = mostAnswer
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, CheckRedirect: checkRedirect}
	response, err := client.Do(request)
	if err != nil {
		return failed("%s", reason(err))
	}
	defer response.Body.Close()
	// Read, so that the server is not cut off; what is wrong with it does not matter any more.
	_, _ = io.CopyN(io.Discard, response.Body, mostAnswer)
	return judge(response, m.At)
}

// request is what is sent.
func (w webhook) request(ctx context.Context, m Message) (*http.Request, error) {
	address := w.URL
	if w.URLFrom != "" {
		var err error
		if address, err = w.value(w.URLFrom); err != nil {
			return nil, err
		}
	}
	if !IsAddress(address) { // the parser's own error would tell the address
		return nil, failed("what %s holds is no http or https address", w.URLFrom)
	}
	body, headers, err := w.Format.body(m)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, failed("its address can't be used")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("User-Agent", "claudepool")
	request.Header.Set("Claudepool-Event-Id", m.Event.ID)
	return request, w.addSecrets(request, body, m.At)
}

// addSecrets adds the headers whose values are in variables, and the signature.
func (w webhook) addSecrets(request *http.Request, body []byte, at time.Time) error {
	for name, variable := range w.HeadersFrom {
		value, err := w.value(variable)
		if err != nil {
			return err
		}
		if strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return failed("what %s holds can't be the value of a header", variable)
		}
		request.Header.Set(name, value)
	}
	if w.SecretFrom == "" {
		return nil
	}
	secret, err := w.value(w.SecretFrom)
	if err != nil {
		return err
	}
	request.Header.Set("Claudepool-Signature", signature(secret, body, at))
	return nil
}

// signature is the HMAC-SHA256 of the time in Unix seconds, a full stop and the body.
func signature(secret string, body []byte, at time.Time) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%d.", at.Unix())
	mac.Write(body)
	return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(mac.Sum(nil)))
}

// IsAddress tells whether a text is an address that a webhook can send to.
func IsAddress(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != ""
}

// ShownURL is where a webhook sends to, as far as it may be shown: for some services the path is what lets one in.
func (s Settings) ShownURL() string {
	u, err := url.Parse(s.URL)
	switch {
	case s.URLFrom != "":
		return "$" + s.URLFrom
	case err != nil:
		return "…"
	}
	return u.Scheme + "://" + u.Host + "/…"
}

// checkRedirect follows a redirect that keeps the request as it is, to the same host, and not out of TLS. Of any other
// the answer itself counts, which says that the event did not arrive.
func checkRedirect(next *http.Request, via []*http.Request) error {
	last := via[len(via)-1].URL
	if next.Method != http.MethodPost || next.URL.Host != last.Host || len(via) > mostRedirects ||
		next.URL.Scheme != last.Scheme && next.URL.Scheme != "https" {
		return http.ErrUseLastResponse
	}
	return nil
}

// judge says what an answer means. Errors: *Failure.
func judge(response *http.Response, now time.Time) error {
	code := response.StatusCode
	switch {
	case code >= 200 && code <= 299:
		return nil
	case code >= 300 && code <= 399:
		return failed("the server answered %s, a redirect that is not followed", status(code))
	}
	failure := failed("the server answered %s", status(code))
	if code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable {
		failure.After = retryAfter(response.Header.Get("Retry-After"), now)
	}
	return failure
}

func status(code int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", code, http.StatusText(code)))
}

// retryAfter reads how long to wait, given in seconds or as a time; 0 for what says nothing.
func retryAfter(text string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(text, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(seconds, uint64(longestAfter/time.Second))) * time.Second
	}
	at, err := http.ParseTime(text)
	if err != nil {
		return 0
	}
	return min(max(at.Sub(now), 0), longestAfter)
}

// reason says why there was no answer. The errors of net/http hold the address, so none of their words is used.
func reason(err error) string {
	var (
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		number      syscall.Errno
	)
	switch {
	case errors.As(err, &dns):
		return "the server's name is not known"
	case errors.As(err, &certificate):
		return "the server's certificate is not trusted"
	case errors.As(err, &number):
		return "the server can't be reached: " + number.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection without an answer"
	}
	return "the server gave no answer that is HTTP"
}
