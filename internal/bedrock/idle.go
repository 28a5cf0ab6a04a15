package bedrock

import (
	"maps"
	"time"
)

// idleTime is how long a client or a limiter is kept that no run uses: keys that
// were rotated must not stay in memory for as long as a server runs. The
// connections of a client close by themselves well before.
const idleTime = 5 * time.Minute

// use is the use of what runs share. Runner.mu guards it.
type use struct {
	runs int
	last time.Time
}

// add counts runs that come or go; 0 is one that may come.
func (u *use) add(runs int) {
	u.runs += runs
	u.last = time.Now()
}

func (u *use) idle() bool { return u.runs == 0 && time.Since(u.last) >= idleTime }

// begin keeps what the run uses from being dropped until end.
func (r *run) begin() { r.count(1) }

func (r *run) end() { r.count(-1) }

func (r *run) count(runs int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client.add(runs)
	r.limiter.add(runs)
}

// sweep drops what has been idle. It is called at use, so that no goroutine has
// to wait for it. A limiter stays until it is full again, for a new one is.
func (r *Runner) sweep() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.swept) < idleTime {
		return
	}
	r.swept = time.Now()
	for key, c := range r.clients {
		if c.idle() {
			c.forget()
			delete(r.clients, key)
		}
	}
	maps.DeleteFunc(r.limiters, func(_ limiterKey, l *limiter) bool { return l.idle() && l.Tokens() >= float64(l.Burst()) })
}
