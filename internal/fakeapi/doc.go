// Package fakeapi is a loopback stand-in for the Messages API, for tests of the real CLI: it answers
// by script, and it keeps books of every token that it serves, so that a ledger can be held against
// them. Every answer has usage figures of its own (see Figures).
//
// What is answered is decided by the token of the request (Server.Script) and by directives in the
// user's latest prompt, which a test hands to the CLI like any other prompt:
//
//	[[text:WORDS]]        say WORDS
//	[[slow:2s]]           spread this answer over that long
//	[[bash:COMMAND]]      use the Bash tool; what follows is the answer to its result
//	[[subagent:PROMPT]]   start a subagent and wait for it; PROMPT may hold directives
//	[[background:PROMPT]] start a subagent in the background
//	[[warn:WINDOW]]       answer, and warn that WINDOW (five_hour, seven_day, …) is nearly used up
//	[[limit:WINDOW]]      refuse: WINDOW is used up
//	[[overage:WINDOW]]    answer, on paid overage because WINDOW is used up
//	[[throttle]]          refuse with 429 that is no limit of the plan
//	[[status:N]]          refuse with 400 (credit balance), 401, 403, 500 or 529
//	[[cut]]               cut the connection in the middle of a streamed answer
//
// A tool's directive ends an answer; so "[[bash:true]][[limit:five_hour]]" runs a command and meets the
// limit with its result. A prompt without directives is answered with DefaultText.
package fakeapi
