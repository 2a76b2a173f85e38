package network

// closeUnreachable closes to each mode what lies outside its largest strongly
// connected component, so that every route exists both ways.
func closeUnreachable(n int, parts []stretch) {
	first, half := incidence(n, parts)
	for m := range modes {
		component := largestComponent(n, func(v int32, i int) (to int32, open, ok bool) {
			if int(first[v])+i >= int(first[v+1]) {
				return 0, false, false
			}
			h := half[int(first[v])+i]
			s := &parts[h/2]
			if h%2 == 1 {
				return s.a, s.road.modes[1].has(m), true
			}
			return s.b, s.road.modes[0].has(m), true
		})
		for i := range parts {
			s := &parts[i]
			if !component[s.a] || !component[s.b] {
				s.road.modes[0] &^= 1 << m
				s.road.modes[1] &^= 1 << m
			}
		}
	}
}

// largestComponent marks the nodes of the largest strongly connected component
// (of equals the one found first) of a graph of n nodes; arc gives the i-th arc of a
// node, whether it is open, and false beyond the last (Tarjan 1972, without recursion).
func largestComponent(n int, arc func(v int32, i int) (to int32, open, ok bool)) []bool {
	type frame struct {
		v int32
		i int
	}
	index := make([]int32, n) // order of discovery from 1, 0 = not yet
	low := make([]int32, n)
	done := make([]bool, n)
	var stack, best []int32
	var calls []frame
	count := int32(0)
	for root := range int32(n) {
		if index[root] != 0 {
			continue
		}
		calls = append(calls, frame{root, 0})
		for len(calls) > 0 {
			f := &calls[len(calls)-1]
			if f.i == 0 && index[f.v] == 0 {
				count++
				index[f.v], low[f.v] = count, count
				stack = append(stack, f.v)
			}
			to, open, ok := arc(f.v, f.i)
			f.i++
			switch {
			case ok && open && index[to] == 0:
				calls = append(calls, frame{to, 0})
			case ok && open && !done[to]:
				low[f.v] = min(low[f.v], index[to])
			case !ok:
				v := f.v
				calls = calls[:len(calls)-1]
				if len(calls) > 0 {
					p := calls[len(calls)-1].v
					low[p] = min(low[p], low[v])
				}
				if low[v] != index[v] {
					continue
				}
				at := len(stack) - 1
				for stack[at] != v {
					at--
				}
				for _, w := range stack[at:] {
					done[w] = true
				}
				if len(stack)-at > len(best) {
					best = append(best[:0], stack[at:]...)
				}
				stack = stack[:at]
			}
		}
	}
	in := make([]bool, n)
	for _, v := range best {
		in[v] = true
	}
	return in
}
