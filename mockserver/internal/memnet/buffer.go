package memnet

const (
	minBuffer = 4 << 10
	maxBuffer = 64 << 10
)

// buffer is a bounded ring of bytes. It starts without memory and doubles up
// to maxBuffer, because most requests and answers fit into very little.
type buffer struct {
	ring  []byte
	start int // of the oldest byte
	size  int
}

// read moves up to len(b) of the oldest bytes into b.
func (r *buffer) read(b []byte) int {
	b = b[:min(len(b), r.size)]
	n := copy(b, r.ring[r.start:])
	copy(b[n:], r.ring)
	r.size -= len(b)
	r.start += len(b)
	if r.start >= len(r.ring) {
		r.start -= len(r.ring)
	}
	if r.size == 0 {
		r.start = 0 // the next write is one copy
	}
	return len(b)
}

// write appends as much of b as there is room for.
func (r *buffer) write(b []byte) int {
	r.grow(r.size + len(b))
	b = b[:min(len(b), len(r.ring)-r.size)]
	if len(b) == 0 {
		return 0
	}
	n := copy(r.ring[(r.start+r.size)%len(r.ring):], b)
	copy(r.ring, b[n:])
	r.size += len(b)
	return len(b)
}

// grow makes room for want bytes in all, or for as many as are allowed.
func (r *buffer) grow(want int) {
	length := max(len(r.ring), minBuffer)
	for length < want && length < maxBuffer {
		length *= 2
	}
	if length == len(r.ring) {
		return
	}
	grown := buffer{ring: make([]byte, length)}
	grown.size = r.read(grown.ring)
	*r = grown
}

// discard drops everything, the memory included.
func (r *buffer) discard() { *r = buffer{} }
