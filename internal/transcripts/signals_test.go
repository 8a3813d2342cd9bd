package transcripts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// failure is a line that the CLI wrote instead of an answer, of 2.1.112.
func failure(conversation string, at time.Time, sentence, cause string) string {
	return fmt.Sprintf(`{"type":"assistant","sessionId":%q,"timestamp":%q,"message":{"id":"f","model":"<synthetic>","usage":{"input_tokens":0},"content":[{"type":"text","text":%q}]},"error":%q,"isApiErrorMessage":true}`+"\n",
		conversation, at.Format(time.RFC3339), sentence, cause)
}

func answerAt(conversation, id string, at time.Time) string {
	return strings.Replace(message(conversation, id, 1, 1), "2026-11-24T12:00:00Z", at.Format(time.RFC3339), 1)
}

// session begins one on the conversation on the named subscription.
func (p place) session(name, conversation string) pool.Session {
	p.Helper()
	s, _, err := p.store.Acquire(ctx, pool.Request{
		Names: []string{name}, Conversation: conversation, Process: pool.Process{Host: "h", BootID: "b", PID: 1, StartTime: 1},
	}, pool.DefaultPolicy(), func(pool.Process) pool.Liveness { return pool.Alive }, noon)
	require.NoError(p, err)
	return s
}

func (p place) candidate(name string, now time.Time) pool.Candidate {
	p.Helper()
	all, err := p.store.Candidates(ctx, now)
	require.NoError(p, err)
	for _, c := range all {
		if c.Subscription.Name == name {
			return c
		}
	}
	require.Failf(p, "no such subscription", "%s", name)
	return pool.Candidate{}
}

// The directory is of "work"; the session on the conversation was of "other".
func TestALimitGoesToTheSubscriptionThatTheConversationWasOn(t *testing.T) {
	p := newPlace(t)
	_, err := p.store.AddSubscription(ctx, pool.Subscription{Name: "other", ConfigDir: "/other", Enabled: true, CreatedAt: noon})
	require.NoError(t, err)
	session := p.session("other", "c")
	at := noon.Add(time.Minute)
	p.write("c.jsonl", message("c", "m1", 1, 1)+failure("c", at, "You've hit your Opus limit · resets 4pm (UTC)", "rate_limit"))
	p.sync()

	require.Equal(t, []pool.Window{{
		Kind: pool.SevenDayOpus, Status: pool.StatusRejected, ResetsAt: noon.Add(4 * time.Hour), ObservedAt: at, Source: pool.FromTranscript,
	}}, p.candidate("other", at).Windows)
	require.Empty(t, p.candidate("work", at).Windows)
	met, err := p.store.Session(ctx, session.ID)
	require.NoError(t, err)
	require.Equal(t, pool.SevenDayOpus, met.Met)
	require.Equal(t, "1: 1 in, 1 out", p.total(), "a failure is no message")
}

func TestALimitThatNobodyWasThereForGoesToTheOwner(t *testing.T) {
	p := newPlace(t)
	p.write("shared.jsonl", failure("shared", noon, "You've hit your Opus limit", "rate_limit"))
	_, err := transcripts.Sync(ctx, p.store, noPrice, transcripts.Root{Dir: p.dir})
	require.NoError(t, err)
	require.Empty(t, p.candidate("work", noon).Windows, "of a directory that several share nobody is the owner")

	p.write("own.jsonl", failure("own", noon, "You've hit your weekly limit · resets Mon 12:00am (UTC)", "rate_limit"))
	p.sync()
	require.Len(t, p.candidate("work", noon).Windows, 1)
}

func TestALoginWorksAgainOnceTheAPIHasAnswered(t *testing.T) {
	p := newPlace(t)
	login := func() pool.Login { return p.candidate("work", noon).Standing.Login }
	p.write("c.jsonl", answerAt("c", "m1", noon)+failure("c", noon.Add(time.Minute), "Not logged in · Please run /login", "authentication_failed"))
	p.sync()
	require.Equal(t, pool.LoginSignedOut, login())
	p.append("c.jsonl", failure("c", noon.Add(2*time.Minute), "Who are you?", "oauth_org_not_allowed"))
	p.sync()
	require.Equal(t, pool.LoginRefused, login())
	p.append("c.jsonl", answerAt("c", "m2", noon.Add(3*time.Minute)))
	p.sync()
	require.Equal(t, pool.LoginWorks, login())
	// A copy of an older failure changes nothing.
	p.write("fork.jsonl", failure("fork", noon.Add(time.Minute), "Not logged in · Please run /login", "authentication_failed"))
	p.sync()
	require.Equal(t, pool.LoginWorks, login())
}

// A batch is booked in the order of times, not of lines.
func TestTheLimitMetLastIsTheLatest(t *testing.T) {
	p := newPlace(t)
	session := p.session("work", "c")
	p.write("c.jsonl", failure("c", noon.Add(2*time.Minute), "You've hit your Opus limit", "rate_limit")+
		failure("c", noon.Add(time.Minute), "You've hit your weekly limit", "rate_limit"))
	p.sync()
	met, err := p.store.Session(ctx, session.ID)
	require.NoError(t, err)
	require.Equal(t, pool.SevenDayOpus, met.Met)
}

func TestAnswersThatQuoteALimitAreNoSignal(t *testing.T) {
	p := newPlace(t)
	const sentence = `You've hit your weekly limit · resets 4pm (UTC)`
	p.write("c.jsonl", strings.Replace(message("c", "m1", 1, 1), `"usage"`, `"content":[{"type":"text","text":"`+sentence+`"}],"usage"`, 1)+
		`{"type":"user","sessionId":"c","isApiErrorMessage":true,"message":{"role":"user","content":"`+sentence+` \"assistant\" \"usage\""},"quotaLimits":{"status":"rejected","rateLimitType":"five_hour"}}`+"\n")
	p.sync()
	require.Empty(t, p.candidate("work", noon).Windows)
	require.Equal(t, pool.LoginWorks, p.candidate("work", noon).Standing.Login)
}
