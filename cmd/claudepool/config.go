package main

import "slices"

type configCommand struct {
	Show     configShow     `cmd:"" help:"Show every setting, its value and where that comes from."`
	Edit     configEdit     `cmd:"" help:"Open the config file in your editor, and check it afterwards."`
	Validate configValidate `cmd:"" help:"Say what is wrong with the config file, or with another."`
	Path     configPath     `cmd:"" help:"Print the path of the config file."`
	Schema   configSchema   `cmd:"" help:"Print the JSON schema of the config file, for editors."`
}

// needsNoSettings tells whether a command line is of a command that does not end because the settings are wrong: it
// says what is wrong with them itself (config, doctor), has nothing to do with them, or is run where a person can't
// mend them, as by the CLI (statusline) and by a shell that starts (shellenv).
func needsNoSettings(args []string) bool {
	if len(args) == 0 || drawsStatusLine(args) {
		return true
	}
	switch args[0] {
	case "config", "doctor", "shellenv", "man", "completion", "__complete", "version", "--version", "help":
		return true
	}
	return asksForHelp(args)
}

// asksForHelp looks no further than where the words of another program may begin.
func asksForHelp(args []string) bool {
	ours := args[:min(len(args), 3)]
	if args[0] == "run" {
		ours = args[:min(len(args), 2)]
	}
	return slices.Contains(ours, "--help") || slices.Contains(ours, "-h")
}

type configPath struct{}

func (configPath) Run(a *app) error {
	path, err := a.configFile()
	if err != nil {
		return err
	}
	a.printf("%s\n", path)
	return nil
}

// configFile returns the path of the user's config file, which need not be there.
func (a *app) configFile() (string, error) {
	path := a.settings.places.configFile()
	return path, refuseNowhere(path, "config.toml", "export XDG_CONFIG_HOME=/absolute/path")
}
