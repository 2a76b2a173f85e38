package recognition

// path is the course of a part in the making.
type path struct {
	steps  []Step
	metres float64
	marks  []mark
}

// mark is where on the path an observation is.
type mark struct {
	spot   int
	metres float64
}

func (p *path) reset() { *p = path{steps: p.steps[:0], marks: p.marks[:0]} }

// extend goes on from mark k − 1 to mark k by the steps of a way. What it goes
// back at once on the path, up to some metres, is taken out.
func (p *path) extend(way []Step, k int, back float64) {
	turning := true
	for _, s := range way {
		if turning {
			if s, turning = p.withdraw(s, k, &back); turning && s.To <= s.From {
				continue
			}
		}
		p.push(s)
	}
	p.marks[k].metres = p.metres
}

// withdraw takes out what step s goes back of the path that ends where s
// begins, and returns what is left of s; false where the path goes on.
func (p *path) withdraw(s Step, k int, back *float64) (Step, bool) {
	for s.To > s.From {
		n := len(p.steps) - 1
		if n < 0 || p.steps[n].Link != s.Link^1 {
			return s, false
		}
		top := &p.steps[n]
		share := min(top.To-top.From, s.To-s.From)
		metres := float64(share * s.Metres)
		if metres > *back {
			return s, false
		}
		*back -= metres
		p.metres = max(p.metres-metres, 0)
		for i := k - 1; i >= 0 && p.marks[i].metres > p.metres; i-- {
			p.marks[i].metres = p.metres
		}
		s.From += share
		if top.To -= share; top.To-top.From < 1e-9 {
			p.steps = p.steps[:n]
		}
		if s.To-s.From < 1e-9 {
			s.From = s.To
		}
	}
	return s, true
}

// push appends a step, joined to the one before where it goes on along its link.
func (p *path) push(s Step) {
	if s.To <= s.From {
		return
	}
	p.metres += float64((s.To - s.From) * s.Metres)
	if n := len(p.steps) - 1; n >= 0 && p.steps[n].Link == s.Link && s.From-p.steps[n].To < 1e-9 && p.steps[n].To-s.From < 1e-9 {
		p.steps[n].To = s.To
		return
	}
	p.steps = append(p.steps, s)
}

// clock tells the time along a path: known at some points, in between it runs as
// in light traffic.
type clock struct {
	points []instant
	i      int
}

// instant is a point on a path whose time is known.
type instant struct {
	metres, free, time float64 // free is the seconds from the path's begin in light traffic
}

func (c *clock) reset(metres, time float64) {
	*c = clock{points: append(c.points[:0], instant{metres: metres, time: time})}
}

// set adds a point beyond those before.
func (c *clock) set(metres, time float64) {
	last := c.points[len(c.points)-1]
	c.points = append(c.points, instant{metres: max(metres, last.metres), time: max(time, last.time)})
}

// pace places the points in light traffic.
func (c *clock) pace(steps []Step) {
	metres, free, i := 0.0, 0.0, 0
	for k := range c.points {
		p := &c.points[k]
		for i < len(steps) && metres+float64((steps[i].To-steps[i].From)*steps[i].Metres) <= p.metres {
			share := steps[i].To - steps[i].From
			metres, free, i = metres+float64(share*steps[i].Metres), free+float64(share*steps[i].Seconds), i+1
		}
		p.free = free
		if i < len(steps) && steps[i].Metres > 0 {
			p.free += float64((p.metres - metres) / steps[i].Metres * steps[i].Seconds)
		}
	}
}

// at is the time at some seconds of light traffic from the begin, not before
// those of the call before. Where time stands still on the road, it is the end of
// that with late, else the begin.
func (c *clock) at(free float64, late bool) float64 {
	const same = 1e-6
	for c.i+2 < len(c.points) && (c.points[c.i+1].free < free-same || (late && c.points[c.i+1].free <= free+same)) {
		c.i++
	}
	a, b := c.points[c.i], c.points[c.i+1]
	if b.free-a.free <= same {
		if late {
			return b.time
		}
		return a.time
	}
	return a.time + float64((b.time-a.time)*min(max((free-a.free)/(b.free-a.free), 0), 1))
}
