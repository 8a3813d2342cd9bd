// Command claude is the scripted stand-in for the real CLI; see package fakeclaude.
package main

import (
	"os"

	"claudepool/internal/fakeclaude"
)

func main() { os.Exit(fakeclaude.Main()) }
