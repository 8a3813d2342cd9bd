package claudecli

import "bytes"

const (
	// maxRaw is how much of a line is kept as it comes; a longer one is condensed.
	maxRaw = 256 << 10
	// maxCondensed is how much of a condensed value is kept; a longer one is given up.
	maxCondensed = 512 << 10
	// maxString is how much of a long string is kept: more than any sentence that matters.
	maxString = 2 << 10
	// maxEscape is the length of the longest escape, as in \u00b7.
	maxEscape = 6
)

var lineEnd = []byte{'\n'}

// framer cuts what the CLI prints into JSON values, in bounded memory whatever comes. Where lines are
// values (stream-json) it looks for their ends only; elsewhere (json, also spread over lines or as an
// array of all events) it follows the structure.
type framer struct {
	// value gets every value; it is only valid during the call.
	value func([]byte)
	// byLine is set while every line is a value.
	byLine bool
	line   []byte
	long   *condenser
	c      *condenser
}

func newFramer(byLine bool, value func([]byte)) *framer {
	f := &framer{value: value, byLine: byLine}
	if !byLine {
		f.c = newCondenser(value)
	}
	return f
}

func (f *framer) write(p []byte) {
	for len(p) > 0 {
		if !f.byLine {
			f.c.write(p)
			return
		}
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			f.add(p)
			return
		}
		if len(f.line) == 0 && f.long == nil {
			f.endLine(p[:i]) // whole in one piece, as most are: no copy
		} else {
			f.add(p[:i])
			f.endLine(f.line)
		}
		p = p[i+1:]
	}
}

// add keeps a part of a line.
func (f *framer) add(p []byte) {
	if f.long == nil && len(f.line)+len(p) > maxRaw {
		f.long = newCondenser(f.value)
		f.long.write(f.line)
		f.line = f.line[:0]
	}
	if f.long != nil {
		f.long.write(p)
		return
	}
	f.line = append(f.line, p...)
}

func (f *framer) endLine(line []byte) {
	if f.long != nil {
		f.long = nil // it has given its value, unless the line was broken
		f.line = f.line[:0]
		return
	}
	trimmed := bytes.TrimSpace(line)
	if string(trimmed) == "{" || string(trimmed) == "[" {
		// Spread over lines, as 0.2.74 did: follow the structure from here on.
		f.byLine, f.c = false, newCondenser(f.value)
		f.c.write(trimmed)
		f.c.write(lineEnd)
	} else if len(trimmed) > 0 {
		f.value(trimmed)
	}
	f.line = f.line[:0]
}

// close takes a last line without an end as one.
func (f *framer) close() {
	if f.byLine && len(f.line) > 0 {
		f.endLine(f.line)
	}
}

// condenser follows the structure of JSON and keeps each value without most of its long strings. The
// elements of an array at the top are values of their own.
type condenser struct {
	value func([]byte)
	buf   []byte
	// lost is set when the value has become too large to keep.
	lost     bool
	depth    int
	inString bool
	escaped  bool
	// kept counts the bytes kept of the string that we are in.
	kept int
	// lineStart is set after the end of a line.
	lineStart bool
}

func newCondenser(value func([]byte)) *condenser { return &condenser{value: value} }

func (c *condenser) write(p []byte) {
	for len(p) > 0 {
		var n int
		if c.inString {
			n = c.text(p)
		} else {
			n = c.structure(p)
		}
		c.lineStart = p[n-1] == '\n'
		p = p[n:]
	}
}

// text takes what belongs to the string that we are in, up to its end or the next escape, and returns
// how many bytes that were.
func (c *condenser) text(p []byte) int {
	if c.escaped {
		c.escaped = false
		c.keepText(p[:1])
		return 1
	}
	i := 0
	for i < len(p) && p[i] != '"' && p[i] != '\\' && p[i] != '\n' {
		i++
	}
	c.keepText(p[:i])
	if i == len(p) {
		return i
	}
	switch p[i] {
	case '"':
		c.inString = false
		c.keep(p[i : i+1])
		return i + 1
	case '\n': // no string has one: this is no JSON, or was cut off
		c.reset()
		return i + 1
	}
	c.escaped = true
	if c.kept+maxEscape > maxString {
		c.kept = maxString // an escape is kept whole or not at all; so is what would follow it
	}
	c.keepText(p[i : i+1])
	return i + 1
}

// keepText keeps the beginning of a string.
func (c *condenser) keepText(p []byte) {
	n := min(len(p), maxString-c.kept)
	if n <= 0 {
		return
	}
	c.kept += n
	c.keep(p[:n])
}

// structure takes what stands between strings, up to the beginning of the next or the end of a value.
func (c *condenser) structure(p []byte) int {
	for i, b := range p {
		switch b {
		case '"':
			if c.depth == 0 {
				continue // a word before the JSON begins
			}
			c.keep(p[:i+1])
			c.inString, c.kept = true, 0
			return i + 1
		case '{', '[':
			if b == '{' && (i > 0 && p[i-1] == '\n' || i == 0 && c.lineStart) {
				c.reset() // inner ones are indented (0.2.74): the one before was cut off
			}
			if c.depth == 0 {
				c.buf, c.lost = c.buf[:0], false
				if b == '[' { // an array at the top: its elements are what we want
					return i + 1
				}
				c.depth = 1
				c.keep(p[i : i+1])
				return i + 1
			}
			c.depth++
		case '}', ']':
			if c.depth == 0 {
				continue
			}
			if c.depth == 1 {
				c.keep(p[:i+1])
				c.end()
				return i + 1
			}
			c.depth--
		}
	}
	c.keep(p)
	return len(p)
}

func (c *condenser) keep(p []byte) {
	if c.depth == 0 || c.lost {
		return
	}
	if len(c.buf)+len(p) > maxCondensed {
		c.lost = true
		return
	}
	c.buf = append(c.buf, p...)
}

func (c *condenser) end() {
	if !c.lost {
		c.value(c.buf)
	}
	c.reset()
}

func (c *condenser) reset() { c.buf, c.lost, c.depth, c.inString = c.buf[:0], false, 0, false }
