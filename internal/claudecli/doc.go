// Package claudecli holds everything that is known about the real Claude CLI: its arguments, its
// environment, its config directory, what it prints and what it writes. The CLI changes weekly, so all
// of it is read tolerantly: what is not understood costs precision, never a crash and never a byte.
//
// Facts about formats name the version of the CLI that they were seen in.
package claudecli
