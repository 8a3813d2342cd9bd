package claudecli

// Invocation is what the arguments of one run say.
type Invocation struct {
	// Headless is set by -p: the CLI prints an answer and ends.
	Headless bool
	// OutputFormat and InputFormat are as given, "" where not.
	OutputFormat, InputFormat string
	// Model is as given, "" where not: an alias or a full name.
	Model string
	// Resume is the conversation given to --resume, by id or name; "" where none is.
	Resume string
	// SessionID is the id that the new conversation is to have, "" where not given.
	SessionID     string
	Continue      bool
	Fork          bool
	NoPersistence bool
	Background    bool
	// TalksToNoModel is set where the run ends without a request to a model: it needs no subscription.
	TalksToNoModel bool
}

// ParseArgs reads the arguments of the CLI, without its own name.
func ParseArgs(args []string) Invocation { return Invocation{} }
