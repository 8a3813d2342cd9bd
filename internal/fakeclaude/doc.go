// Package fakeclaude is a scripted stand-in for the real CLI, for tests: it says what it sees of its
// terminals, environment and signals, and does what a script tells it, one step a line.
//
// It reads two variables. FAKECLAUDE_DIR is a directory for what it tells the test without using its
// output: the report, the marks, the log of signals. FAKECLAUDE_SCRIPT is the script; words that hold
// blanks, newlines or odd bytes are written as Go string literals. The steps:
//
//	report              write report.json
//	mark NAME           write the file NAME, holding the pid
//	await NAME          wait until the file NAME exists
//	trap INT TERM …     from here on log these signals, one name a line, in the file signals
//	ignore TERM …       ignore these signals
//	out TEXT            write TEXT to standard output
//	err TEXT            write TEXT to standard error
//	outfile PATH        copy the file to standard output
//	errfile PATH        copy the file to standard error
//	fill N              write N bytes of a known pattern to standard output (see Pattern)
//	trickle             write a line to standard output every 5 ms for ever
//	echo                copy standard input to standard output until its end
//	stdin               read standard input to its end into the file stdin
//	keys                read a line from /dev/tty and write it to standard output in brackets
//	raw                 put the controlling terminal into raw mode and leave it so
//	screen              behave as the full-screen interface does (see screen.go)
//	linger [ignorehup]  leave a grandchild behind that holds the output open until the file linger-end exists
//	nested NAME         run `claude` from PATH once, with the script of the variable NAME
//	become CMD ARG …    replace this process by another program
//	die INT             end by that signal
//	exit N              end with that status
//
// A script that runs off its end exits with 0. A stand-in that nobody ended ends itself after MaxLife.
package fakeclaude
