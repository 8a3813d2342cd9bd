package claudecli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

func TestLimitSentences(t *testing.T) {
	t.Parallel()
	const none, unknown = pool.WindowKind(""), claudecli.UnknownWindow
	cases := []struct {
		text   string
		kind   pool.WindowKind
		resets string
	}{
		{"5-hour limit reached ∙ resets 3:50pm", pool.FiveHour, "3:50pm"},
		{"5-hour limit resets 4:10pm (UTC) ∙ contact an admin to keep working", pool.FiveHour, "4:10pm (UTC)"},
		{"Session limit reached ∙ resets 3pm", pool.FiveHour, "3pm"},
		{"Sonnet weekly limit reached · resets Nov 26, 3:03pm (UTC) · /model opus or contact an admin", pool.SevenDaySonnet, "Nov 26, 3:03pm (UTC)"},
		{"Usage limit reached ∙ resets 1am", unknown, "1am"},
		{"Limit reached – contact an admin to keep working", unknown, ""},
		{"Spending cap reached resets 3:50pm", pool.Overage, "3:50pm"},
		{"Spending cap reached ∙ resets 3:50pm", pool.Overage, "3:50pm"},
		{"You've hit your session limit", pool.FiveHour, ""},
		{"You’ve hit your session limit · resets 3pm", pool.FiveHour, "3pm"},
		{"You've hit your weekly limit · resets Mon 12:00am · progress saved", pool.SevenDay, "Mon 12:00am"},
		{"You've hit your Fable limit · resets Nov 28, 1pm (UTC). Switch to another model to continue.", pool.SevenDayOverageIncluded, "Nov 28, 1pm (UTC)"},
		{"You've hit your Fable 5 limit · resets Nov 26, 2:50pm (America/Argentina/Buenos_Aires)", pool.SevenDayOverageIncluded, "Nov 26, 2:50pm (America/Argentina/Buenos_Aires)"},
		{"You've reached your Opus limit", pool.SevenDayOpus, ""},
		{"You've hit your Haiku limit · resets 3pm", unknown, "3pm"},
		{"You've hit your usage credit limit · resets 3pm", pool.Overage, "3pm"},
		{"You've hit your org's monthly spend limit · ask your admin to raise it at x", pool.Overage, ""},
		{"You've hit your individual spend limit · ask your admin for a higher limit", pool.Overage, ""},
		{"You've hit your team's pooled group budget. It resets 3pm. Switch to another model to continue.", pool.Overage, "3pm"},
		{"You're out of usage credits · resets 3pm · progress saved", pool.Overage, "3pm"},
		{"Your org is out of usage · add funds to continue", pool.Overage, ""},
		{"Your seat type doesn't include usage credits", pool.Overage, ""},
		{"Your group's usage limit is set to $0 · ask your admin for a higher limit", pool.Overage, ""},
		{"Fable 5 requires usage credits. Switch to another model to continue.", pool.Overage, ""},
		{"Usage is paused for your organization. For help, please contact support.", pool.Overage, ""},
		{"\n You've hit your limit · resets 10pm \n", unknown, "10pm"},
		{"Claude AI usage limit reached|0", unknown, ""},

		{"Claude AI usage limit reached|soon", none, ""},
		{"Claude AI usage limit reached|1755615600 is what it said", none, ""},
		{"You've hit your fast limit · resets in 5m", none, ""},
		{"You've hit your API rate limit", none, ""},
		{"You've hit your limit of patience", none, ""},
		{"You've hit your session limit, as I said.", none, ""},
		{"I think you've hit your session limit · resets 3pm", none, ""},
		{"You've hit your session limit · resets 3pm\nThat is what it prints.", none, ""},
		{"Session limit", none, ""},
		{"Weekly limit reached", none, ""},
		{"Rate limit reached · try again", none, ""},
		{"API Error: Rate limit reached", none, ""},
		{"Approaching usage limit · resets at 3pm", none, ""},
		{"You've used 91% of your weekly limit · resets 3pm", none, ""},
		{"You're now using usage credits · Your 5-hour limit resets 3pm", none, ""},
		{"Claude Opus 4 limit reached, now using Sonnet 4", none, ""},
		{"spend limit reached (daily; resets 2026-08-09 00:00 UTC)", none, ""},
		{"Credit balance is too low", none, ""},
		{"", none, ""},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			got := claudecli.ParseLimit(c.text)
			require.Equal(t, claudecli.Limit{Kind: c.kind, ResetsText: c.resets}, got)
		})
	}
}

func TestResetsInWords(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 14, 30, 20, 0, time.UTC) // a Tuesday
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	cases := []struct {
		text string
		want time.Time
	}{
		{"3:50pm (UTC)", time.Date(2026, 11, 24, 15, 50, 0, 0, time.UTC)},
		{"3:50pm", time.Date(2026, 11, 24, 15, 50, 0, 0, berlin)},
		{"2:30pm (UTC)", time.Date(2026, 11, 24, 14, 31, 0, 0, time.UTC)}, // the seconds are not said
		{"2pm (UTC)", time.Date(2026, 11, 25, 14, 0, 0, 0, time.UTC)},
		{"12am (UTC)", time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)},
		{"12pm (UTC)", time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)},
		{"8:30pm (Asia/Tokyo)", time.Date(2026, 11, 25, 11, 30, 0, 0, time.UTC)},
		{"Nov 26, 2:50pm (UTC)", time.Date(2026, 11, 26, 14, 50, 0, 0, time.UTC)},
		{"Apr 23 at 4pm (UTC)", time.Date(2027, 4, 23, 16, 0, 0, 0, time.UTC)},
		{"Jan 2, 9am", time.Date(2027, 1, 2, 9, 0, 0, 0, berlin)},
		{"Mon 12:00am (UTC)", time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC)},
		{"Tue 3pm (UTC)", time.Date(2026, 11, 24, 15, 0, 0, 0, time.UTC)},
		{"Tue 2pm (UTC)", time.Date(2026, 12, 1, 14, 0, 0, 0, time.UTC)},
		{"3pm (Nowhere/Land)", time.Time{}},
		{"13pm (UTC)", time.Time{}},
		{"Nov 32, 2pm (UTC)", time.Time{}},
		{"3:60pm", time.Time{}},
		{"", time.Time{}},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			got := claudecli.Limit{ResetsText: c.text}.Resets(now, berlin)
			require.True(t, c.want.Equal(got), "%v, not %v", got, c.want)
		})
	}
}
