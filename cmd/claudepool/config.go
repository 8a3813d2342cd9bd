package main

import (
	"errors"
	"strings"
)

type configCommand struct {
	Show     configShow     `cmd:"" help:"Show every setting, its value and where that comes from."`
	Edit     configEdit     `cmd:"" help:"Open the config file in your editor, and check it afterwards."`
	Validate configValidate `cmd:"" help:"Say what is wrong with the config file, or with another."`
	Path     configPath     `cmd:"" help:"Print the path of the config file."`
	Schema   configSchema   `cmd:"" help:"Print the JSON schema of the config file, for editors."`
}

// tellsOfSettings tells whether a command line is of a command that says what is wrong with the settings, and so
// can't end because of that.
func tellsOfSettings(args []string) bool {
	return len(args) > 0 && (args[0] == "config" || args[0] == "doctor")
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

// errNoHome says that there is no place for a config file.
var errNoHome = &configError{path: "config.toml", err: errors.New("there is no place for it: HOME is not set")}

// configFile returns the path of the user's config file, which need not be there.
func (a *app) configFile() (string, error) {
	path := a.settings.places.configFile()
	if !strings.HasPrefix(path, nowhere+"/") {
		return path, nil
	}
	return "", withHint(errNoHome, "set it, or say where: export XDG_CONFIG_HOME=/absolute/path")
}
