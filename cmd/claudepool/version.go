package main

import "runtime/debug"

// version is the module's version where it was installed as one, else the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return "development, commit " + setting.Value[:min(12, len(setting.Value))]
		}
	}
	return "development"
}

type versionCommand struct{}

func (versionCommand) Run(a *app) error {
	a.printf("claudepool %s\n", version())
	return nil
}
