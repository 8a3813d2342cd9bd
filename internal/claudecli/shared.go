package claudecli

// SharedEntry is a file or directory of a config directory that several of them can have in common.
type SharedEntry struct {
	Name string
	Dir  bool
	// Extra is set for what is shared only where it is asked for.
	Extra bool
}

// SharedEntries is all that can be shared (2.1.330). The CLI writes its files by renaming a temporary file, and
// through a link it resolves one hop: a link to a file that is missing makes it write there, and of a link to a
// link it replaces the second one. .claude.json and .credentials.json, which it replaces whole, are never shared.
var SharedEntries = []SharedEntry{
	{Name: "projects", Dir: true},
	{Name: "settings.json"},
	{Name: "CLAUDE.md"},
	{Name: "agents", Dir: true},
	{Name: "commands", Dir: true},
	{Name: "skills", Dir: true},
	{Name: "plugins", Dir: true},
	{Name: "hooks", Dir: true},
	{Name: "keybindings.json"},
	{Name: "output-styles", Dir: true, Extra: true},
	{Name: "rules", Dir: true, Extra: true},
}

// FindSharedEntry returns the entry of that name.
func FindSharedEntry(name string) (entry SharedEntry, found bool) {
	for _, e := range SharedEntries {
		if e.Name == name {
			return e, true
		}
	}
	return SharedEntry{}, false
}
