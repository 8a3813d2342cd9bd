package wrapper

import (
	"fmt"
	"os"
)

// HelperMain runs this process as one of the wrapper's helpers if argv says that it was started as
// one, and returns its exit status.
func HelperMain(argv []string) (code int, isHelper bool) {
	if len(argv) == 0 {
		return 0, false
	}
	if main, known := helpers[argv[0]]; known {
		return main(argv), true
	}
	return 0, false
}

func complain(err error) int {
	fmt.Fprintf(os.Stderr, "claudepool: %v\n", err)
	return 1
}
