package network

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/osm"
	"google.golang.org/protobuf/encoding/protowire"
)

// fields calls f with every field of a protobuf message: v of a varint, data
// of a length-delimited one. Groups, which pbf files never hold, are an error.
func fields(b []byte, f func(num protowire.Number, typ protowire.Type, v uint64, data []byte) error) error {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var v uint64
		var data []byte
		switch typ {
		case protowire.VarintType:
			v, n = protowire.ConsumeVarint(b)
		case protowire.BytesType:
			data, n = protowire.ConsumeBytes(b)
		case protowire.Fixed32Type, protowire.Fixed64Type:
			n = protowire.ConsumeFieldValue(num, typ, b)
		default:
			return fmt.Errorf("field %d of wire type %d, want none such", num, typ)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		if err := f(num, typ, v, data); err != nil {
			return err
		}
	}
	return nil
}

// message is a protobuf message whose fields of interest come once each.
type message struct {
	varint [maxField]uint64
	bytes  [maxField][]byte
	seen   uint32 // bit per field number
}

const maxField = 21 // field numbers of interest stay below

func (m *message) has(num protowire.Number) bool { return m.seen>>num&1 == 1 }

// checkMessage reads a message in which the fields of varints and packed, sets
// of field numbers, must have that wire type and come at most once; repeated,
// if there is one, is called with the others. It is filled as far as it was read.
func checkMessage(b []byte, varints, packed string, repeated func(protowire.Number, []byte) error) (*message, error) {
	m := &message{}
	err := fields(b, func(num protowire.Number, typ protowire.Type, v uint64, data []byte) error {
		want := protowire.BytesType
		switch {
		case num < maxField && strings.IndexByte(varints, byte(num)) >= 0:
			want = protowire.VarintType
		case num < maxField && strings.IndexByte(packed, byte(num)) >= 0:
		case repeated == nil:
			return nil
		default:
			if typ != want {
				return fmt.Errorf("field %d of wire type %d, want %d", num, typ, want)
			}
			return repeated(num, data)
		}
		if typ != want {
			return fmt.Errorf("field %d of wire type %d, want %d", num, typ, want)
		}
		if m.has(num) {
			return fmt.Errorf("field %d comes twice", num)
		}
		m.seen |= 1 << num
		m.varint[num], m.bytes[num] = v, data
		return nil
	})
	return m, err
}

// Field numbers of the OSM PBF messages, as sets.
const (
	blockVarints   = "\x11\x12\x13\x14" // granularity, date_granularity, lat_offset, lon_offset
	denseLists     = "\x01\x05\x08\x09\x0a"
	denseInfoLists = "\x01\x02\x03\x04\x05\x06"
	wayLists       = "\x02\x03\x04\x08\x09\x0a"
	infoVarints    = "\x01\x02\x03\x04\x05\x06"
)

// primitiveBlock is a block of nodes, ways or relations.
type primitiveBlock struct {
	strings                           [][]byte
	groups                            [][]byte
	rest                              []byte // the other fields, as they were
	granularity, latOffset, lonOffset int64
}

func parsePrimitiveBlock(b []byte) (*primitiveBlock, error) {
	p := &primitiveBlock{granularity: 100}
	var table []byte
	m, err := checkMessage(b, blockVarints, "\x01", func(num protowire.Number, data []byte) error {
		if num == 2 {
			p.groups = append(p.groups, data)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("primitive block: %w", err)
	}
	table = m.bytes[1]
	err = fields(table, func(num protowire.Number, typ protowire.Type, _ uint64, data []byte) error {
		if num == 1 && typ == protowire.BytesType {
			p.strings = append(p.strings, data)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("string table: %w", err)
	}
	if m.has(17) {
		p.granularity = int64(int32(m.varint[17]))
	}
	p.latOffset, p.lonOffset = int64(m.varint[19]), int64(m.varint[20])
	p.rest = protowire.AppendTag(p.rest, 1, protowire.BytesType)
	p.rest = protowire.AppendBytes(p.rest, table)
	for i := range len(blockVarints) {
		num := protowire.Number(blockVarints[i])
		if m.has(num) {
			p.rest = protowire.AppendTag(p.rest, num, protowire.VarintType)
			p.rest = protowire.AppendVarint(p.rest, m.varint[num])
		}
	}
	return p, nil
}

// checkPrimitiveBlock makes sure that decoding the block cannot go wrong: wire
// types, equal lengths of parallel lists, indices within the string table. It
// takes out the plain nodes, which the decoder does not know, and hands them
// to plain; what is left is returned.
func checkPrimitiveBlock(b []byte, plain func(plainNode)) ([]byte, error) {
	p, err := parsePrimitiveBlock(b)
	if err != nil {
		return nil, err
	}
	out := p.rest
	load := blockLoad{}
	for _, g := range p.groups {
		nodes, others := 0, 0
		err := fields(g, func(num protowire.Number, typ protowire.Type, _ uint64, data []byte) error {
			if num <= 4 && typ != protowire.BytesType {
				return fmt.Errorf("field %d of wire type %d, want %d", num, typ, protowire.BytesType)
			}
			switch num {
			case 1:
				nodes++
				n, err := p.node(data)
				if err == nil {
					plain(n)
				}
				return err
			case 2:
				others++
				return checkDense(data, len(p.strings))
			case 3:
				others++
				return load.add(data, checkWay(data, len(p.strings)))
			case 4:
				others++
				return load.add(data, checkRelation(data, len(p.strings)))
			}
			return nil
		})
		if err == nil && nodes > 0 && others > 0 {
			err = errors.New("plain nodes and other kinds in one group, want one kind")
		}
		if err != nil {
			return nil, fmt.Errorf("primitive group: %w", err)
		}
		if nodes == 0 {
			out = protowire.AppendTag(out, 2, protowire.BytesType)
			out = protowire.AppendBytes(out, g)
		}
	}
	return out, nil
}

// What a block may hold, far beyond what writers put into one (8,000 objects):
// the decoder takes some 200 bytes an object and 40 an entry of its lists, so
// that these bounds hold it to about 400 MB a block.
const (
	maxBlockObjects = 1 << 18 // ways and relations
	maxBlockEntries = 1 << 23 // tags, nodes of ways and members together
)

type blockLoad struct{ objects, entries int }

// add counts a way or relation that was checked, with err as the result.
func (l *blockLoad) add(b []byte, err error) error {
	if err != nil {
		return err
	}
	l.objects++
	err = fields(b, func(num protowire.Number, _ protowire.Type, _ uint64, data []byte) error {
		if num == 2 || num == 8 { // keys; nodes or roles
			n, err := count(data, nil)
			l.entries += n
			return err
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case l.objects > maxBlockObjects:
		return fmt.Errorf("more than %d ways and relations in a block", maxBlockObjects)
	case l.entries > maxBlockEntries:
		return fmt.Errorf("more than %d tags, nodes and members in a block", maxBlockEntries)
	}
	return nil
}

// plainNode is a node of its own message, as old writers wrote them.
type plainNode struct {
	id       int64
	lon, lat float64
	tags     osm.Tags
}

func (p *primitiveBlock) node(b []byte) (plainNode, error) {
	m, err := checkMessage(b, "\x01\x08\x09", "\x02\x03\x04", nil)
	if err == nil {
		err = sameLength(m, "tags", within(len(p.strings)), 2, 3)
	}
	id := protowire.DecodeZigZag(m.varint[1])
	if err != nil {
		return plainNode{}, fmt.Errorf("node %d: %w", id, err)
	}
	coordinate := func(num protowire.Number, offset int64) float64 {
		return 1e-9 * float64(offset+p.granularity*protowire.DecodeZigZag(m.varint[num]))
	}
	n := plainNode{id: id, lat: coordinate(8, p.latOffset), lon: coordinate(9, p.lonOffset)}
	_, _ = count(m.bytes[2], func(v uint64) error { // checked above
		n.tags = append(n.tags, osm.Tag{Key: string(p.strings[v])})
		return nil
	})
	i := 0
	_, _ = count(m.bytes[3], func(v uint64) error {
		n.tags[i].Value = string(p.strings[v])
		i++
		return nil
	})
	return n, nil
}

// count is the number of varints in a packed list; it calls f with each.
func count(packed []byte, f func(uint64) error) (int, error) {
	n := 0
	for len(packed) > 0 {
		v, m := protowire.ConsumeVarint(packed)
		if m < 0 {
			return 0, protowire.ParseError(m)
		}
		packed = packed[m:]
		n++
		if f != nil {
			if err := f(v); err != nil {
				return 0, err
			}
		}
	}
	return n, nil
}

func index(v uint64, table int) error {
	if v >= uint64(table) {
		return fmt.Errorf("string %d of %d", v, table)
	}
	return nil
}

func within(table int) func(uint64) error {
	return func(v uint64) error { return index(v, table) }
}

// sameLength checks that the given lists hold equally many varints.
func sameLength(m *message, what string, check func(uint64) error, nums ...protowire.Number) error {
	first := -1
	for _, num := range nums {
		n, err := count(m.bytes[num], check)
		if err != nil {
			return fmt.Errorf("%s: list %d: %w", what, num, err)
		}
		if first >= 0 && n != first {
			return fmt.Errorf("%s: list %d has %d entries, want %d", what, num, n, first)
		}
		first = n
	}
	return nil
}

func checkDense(b []byte, table int) error {
	m, err := checkMessage(b, "", denseLists, nil)
	if err != nil {
		return fmt.Errorf("dense nodes: %w", err)
	}
	if err := sameLength(m, "dense nodes", nil, 1, 8, 9); err != nil {
		return err
	}
	nodes, _ := count(m.bytes[1], nil) // counted above
	if m.has(5) {
		if err := checkDenseInfo(m.bytes[5], nodes, table); err != nil {
			return err
		}
	}
	if !m.has(10) {
		return nil
	}
	ends, odd := 0, false
	_, err = count(m.bytes[10], func(v uint64) error {
		switch {
		case odd: // a value
			odd = false
		case v == 0:
			ends++
			return nil
		default:
			odd = true
		}
		return index(v, table)
	})
	if err != nil {
		return fmt.Errorf("tags of dense nodes: %w", err)
	}
	if ends < nodes || odd {
		return fmt.Errorf("tags of %d dense nodes, want %d", ends, nodes)
	}
	return nil
}

func checkDenseInfo(b []byte, nodes, table int) error {
	m, err := checkMessage(b, "", denseInfoLists, nil)
	if err != nil {
		return fmt.Errorf("info of dense nodes: %w", err)
	}
	for num := protowire.Number(1); num <= 6; num++ {
		if !m.has(num) {
			continue
		}
		var check func(uint64) error
		if num == 5 { // user names, delta coded
			user := int64(0)
			check = func(v uint64) error {
				d := protowire.DecodeZigZag(v)
				if user += d; d > math.MaxInt32 || d < math.MinInt32 || user < 0 || user >= int64(table) {
					return fmt.Errorf("user name %d of %d strings", user, table)
				}
				return nil
			}
		}
		n, err := count(m.bytes[num], check)
		if err == nil && n < nodes {
			err = fmt.Errorf("%d entries, want %d", n, nodes)
		}
		if err != nil {
			return fmt.Errorf("info of dense nodes: list %d: %w", num, err)
		}
	}
	return nil
}

func checkInfo(m *message, table int) error {
	if !m.has(4) {
		return nil
	}
	info, err := checkMessage(m.bytes[4], infoVarints, "", nil)
	if err != nil {
		return fmt.Errorf("info: %w", err)
	}
	if info.has(5) {
		return index(info.varint[5], table)
	}
	return nil
}

func checkWay(b []byte, table int) error {
	m, err := checkMessage(b, "\x01", wayLists, nil)
	if err == nil {
		err = sameLength(m, "tags", within(table), 2, 3)
	}
	if err == nil {
		err = checkInfo(m, table)
	}
	if err == nil {
		err = sameLength(m, "nodes", nil, 8)
	}
	// Positions on ways, where given, go along with the nodes.
	for _, num := range []protowire.Number{9, 10} {
		if err == nil && m.has(num) {
			err = sameLength(m, "positions", nil, 8, num)
		}
	}
	if err != nil {
		return fmt.Errorf("way %d: %w", m.varint[1], err)
	}
	return nil
}

func checkRelation(b []byte, table int) error {
	m, err := checkMessage(b, "\x01", wayLists, nil)
	if err == nil {
		err = sameLength(m, "tags", within(table), 2, 3)
	}
	if err == nil {
		err = checkInfo(m, table)
	}
	if err == nil {
		err = sameLength(m, "members", nil, 8, 9, 10)
	}
	if err == nil {
		err = sameLength(m, "roles", within(table), 8)
	}
	if err != nil {
		return fmt.Errorf("relation %d: %w", m.varint[1], err)
	}
	return nil
}
