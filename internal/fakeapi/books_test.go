package fakeapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/pool"
)

func TestBooksAddUpWhatClientsWereTold(t *testing.T) {
	t.Parallel()
	s := start(t)
	var mu sync.Mutex
	told := map[[2]string]pool.Tokens{}
	var all sync.WaitGroup
	for i := range 30 {
		a := ask{token: []string{"a", "b"}[i%2], model: []string{"m1", "m2", "m3"}[i%3], messages: prompt("hello")}
		all.Go(func() {
			m := answer(t, s, a)
			mu.Lock()
			defer mu.Unlock()
			told[[2]string{a.token, a.model}] = told[[2]string{a.token, a.model}].Plus(m.final)
			require.Equal(t, int64(1), m.opened.Output, "the output is not known at the start")
		})
	}
	all.Wait()
	books := s.Books()
	require.Len(t, books, 6)
	for _, b := range books {
		require.Equal(t, int64(5), b.Messages)
		require.Equal(t, told[[2]string{b.Token, b.Model}], b.Tokens)
		require.Zero(t, b.Unfinished)
	}
	s.Reset()
	require.Empty(t, s.Books())
	require.Empty(t, s.Requests())
}

func TestNoTwoAnswersHaveTheSameFigures(t *testing.T) {
	t.Parallel()
	seen := map[int64]bool{}
	for n := 1; n <= 200; n++ {
		f := fakeapi.Figures(n)
		require.Less(t, f.CacheCreation1h, f.CacheCreation)
		for _, figure := range []int64{f.Output, f.CacheCreation, f.CacheRead} {
			require.Positive(t, figure)
		}
		require.False(t, seen[f.Total()])
		seen[f.Total()] = true
	}
}

func TestAWholeAnswer(t *testing.T) {
	t.Parallel()
	s := start(t)
	response := send(t, s, ask{token: "a", whole: true, messages: prompt("[[text:hi]][[bash:true]]")})
	var got struct {
		Content []struct{ Type, Text, Name string }
		Usage   wireUsage
		Stop    string `json:"stop_reason"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&got))
	require.Len(t, got.Content, 2)
	require.Equal(t, "hi", got.Content[0].Text)
	require.Equal(t, "Bash", got.Content[1].Name)
	require.Equal(t, "tool_use", got.Stop)
	require.Equal(t, s.Books()[0].Tokens, got.Usage.tokens(t))
}

func TestAnAnswerThatIsCutIsBookedApart(t *testing.T) {
	t.Parallel()
	s := start(t)
	m, err := read(t, send(t, s, ask{token: "a", messages: prompt("[[cut]][[text:one two three four]]")}))
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotEmpty(t, m.text)
	require.Empty(t, m.stopReason)
	requireUnfinished(t, s, fakeapi.Cut, m.opened)
}

func TestAClientThatGoesAwayIsBookedApart(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	body := `{"model":"m","stream":true,"messages":[{"role":"user","content":"[[slow:1h]]"}]}`
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/v1/messages", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("X-Api-Key", "a")
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewScanner(response.Body)
	require.True(t, lines.Scan(), "the answer has begun")
	leave()
	require.Eventually(t, func() bool { return s.Requests()[0].Outcome == fakeapi.Aborted }, 10*time.Second, 5*time.Millisecond)
	opened := fakeapi.Figures(1)
	opened.Output = 1
	requireUnfinished(t, s, fakeapi.Aborted, opened)
}

func requireUnfinished(t *testing.T, s *fakeapi.Server, outcome fakeapi.Outcome, opened pool.Tokens) {
	t.Helper()
	require.Equal(t, outcome, s.Requests()[0].Outcome)
	require.Len(t, s.Books(), 1)
	b := s.Books()[0]
	require.Zero(t, b.Messages)
	require.Zero(t, b.Tokens)
	require.Equal(t, int64(1), b.Unfinished)
	require.Equal(t, opened, b.UnfinishedTokens)
}

func TestScriptsHoldForOneTokenAndTheLastReplyStays(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.Script("a", fakeapi.Answer(), fakeapi.Limit("five_hour"))
	statuses := func(token string) (got []int) {
		for range 3 {
			got = append(got, send(t, s, ask{token: token, messages: prompt("hello")}).StatusCode)
		}
		return got
	}
	require.Equal(t, []int{200, 429, 429}, statuses("a"))
	require.Equal(t, []int{200, 200, 200}, statuses("b"))
	s.Reset()
	require.Equal(t, []int{200, 200, 200}, statuses("a"))
}

func TestWhateverElseTheCLIAsksFor(t *testing.T) {
	t.Parallel()
	s := start(t)
	response, err := http.Post(s.URL+"/v1/messages/count_tokens", "application/json", strings.NewReader("{}"))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	var count struct {
		Tokens int64 `json:"input_tokens"`
	}
	require.NoError(t, json.NewDecoder(response.Body).Decode(&count))
	require.Positive(t, count.Tokens)

	other, err := http.Get(s.URL + "/api/oauth/profile")
	require.NoError(t, err)
	defer func() { _ = other.Body.Close() }()
	require.Equal(t, http.StatusOK, other.StatusCode)

	broken, err := http.Post(s.URL+"/v1/messages", "application/json", strings.NewReader("{"))
	require.NoError(t, err)
	defer func() { _ = broken.Body.Close() }()
	require.Equal(t, http.StatusBadRequest, broken.StatusCode)

	answer(t, s, ask{token: "a", messages: prompt("hello")})
	books, err := http.Get(s.URL + "/books")
	require.NoError(t, err)
	defer func() { _ = books.Body.Close() }()
	var served struct{ Books []fakeapi.Book }
	require.NoError(t, json.NewDecoder(books.Body).Decode(&served))
	require.Equal(t, s.Books(), served.Books)
}
