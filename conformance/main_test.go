package conformance

import (
	"os"
	"testing"

	"claudepool/conformance/harness"
)

func TestMain(m *testing.M) { os.Exit(harness.Main(m)) }
