package fakeapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// messagesRequest is what the stand-in reads of a request's body.
type messagesRequest struct {
	Model    string    `json:"model"`
	Stream   bool      `json:"stream"`
	Messages []message `json:"messages"`
	Tools    []struct {
		Name string `json:"name"`
	} `json:"tools"`
}

type message struct {
	Role    string  `json:"role"`
	Content content `json:"content"`
}

// content is a message's content: a list of blocks, or one string that stands for a text block.
type content []block

type block struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// UnmarshalJSON takes both forms.
func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*c = content{{Type: "text", Text: text}}
		return nil
	}
	var blocks []block
	err := json.Unmarshal(data, &blocks)
	*c = blocks
	return err
}

// prompt returns what the user typed, without what the CLI adds; "" for a message that holds a tool's
// result, which belongs to the turn of an earlier prompt.
func (m message) prompt() string {
	var typed []string
	for _, b := range m.Content {
		if b.Type == "tool_result" {
			return ""
		}
		if b.Type == "text" && !strings.HasPrefix(strings.TrimSpace(b.Text), "<system-reminder>") {
			typed = append(typed, b.Text)
		}
	}
	return strings.Join(typed, "\n")
}

// turn returns the latest prompt, and how many answers it has had.
func (r messagesRequest) turn() (prompt string, answered int) {
	for _, m := range slices.Backward(r.Messages) {
		// The third role is system: 2.1.330 describes the machine in such a message, after the prompt.
		switch m.Role {
		case "assistant":
			answered++
		case "user":
			if prompt := m.prompt(); prompt != "" {
				return prompt, answered
			}
		}
	}
	return "", answered
}

// wanted returns the answer that the prompt asks for here. A tool that the request does not offer is
// not used: the CLI asks for titles and the like with the user's words in it, and no tools.
func (r messagesRequest) wanted() answer {
	prompt, answered := r.turn()
	answers := parse(prompt)
	if answered >= len(answers) {
		return answer{text: DefaultText}
	}
	wanted := answers[answered]
	if r.toolName(wanted.tool) == "" {
		wanted.tool = nil
	}
	if wanted.text == "" && wanted.tool == nil {
		wanted.text = DefaultText
	}
	return wanted
}

// toolName returns the name by which the request offers the tool, "" where it does not.
func (r messagesRequest) toolName(use *toolUse) string {
	if use == nil {
		return ""
	}
	for _, name := range use.names {
		for _, tool := range r.Tools {
			if tool.Name == name {
				return name
			}
		}
	}
	return ""
}

// tokenOf returns the credential of a request, and whether it is a subscription's.
func tokenOf(r *http.Request) (token string, subscription bool) {
	if bearer, found := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); found {
		return bearer, true
	}
	return r.Header.Get("X-Api-Key"), false
}
