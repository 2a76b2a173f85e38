package network

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"
	"google.golang.org/protobuf/encoding/protowire"
)

// The sizes that the OSM PBF specification allows.
const (
	maxBlobHeader = 64 << 10
	maxBlob       = 32 << 20
)

// A block unpacks to at most packFree bytes and maxBlobRatio times its packed
// size more: real extracts unpack to 2 to 4 times theirs, a bomb to 1,000 times.
const (
	packFree     = 1 << 20
	maxBlobRatio = 32
)

// pbfGuard stands between a file and the pbf decoder, which trusts what it
// reads: an index beyond the string table, a list shorter than its sister or a
// negative size would crash one of its workers, where nobody can recover. The
// guard checks every block and hands it on unpacked, so that nothing is
// unpacked twice. Nodes in the old, plain form, which the decoder lacks, it
// delivers itself. Its errors give the block and its offset.
type pbfGuard struct {
	ctx    context.Context
	r      io.Reader
	plain  func(plainNode)
	out    bytes.Buffer
	raw    bytes.Buffer
	block  int
	offset int64
	err    error // the first error other than a clean end
}

// newPBFGuard reads r; plain gets the plain nodes, on the reading goroutine.
func newPBFGuard(ctx context.Context, r io.Reader, plain func(plainNode)) *pbfGuard {
	return &pbfGuard{ctx: ctx, r: r, plain: plain}
}

func (g *pbfGuard) Read(p []byte) (int, error) {
	for g.out.Len() == 0 {
		if g.err != nil {
			return 0, g.err
		}
		if err := g.ctx.Err(); err != nil {
			return 0, err
		}
		switch err := g.next(); {
		case err == io.EOF:
			return 0, io.EOF
		case err != nil:
			g.err = fmt.Errorf("block %d at byte %d: %w", g.block, g.offset, err)
			return 0, g.err
		}
		g.block++
	}
	return g.out.Read(p)
}

// next reads, checks and repacks one block; io.EOF at a clean end.
func (g *pbfGuard) next() error {
	var size [4]byte
	if _, err := io.ReadFull(g.r, size[:]); err != nil {
		return err // io.EOF only before the first byte
	}
	n := binary.BigEndian.Uint32(size[:])
	if n == 0 || n > maxBlobHeader {
		return fmt.Errorf("block header of %d bytes, want 1 to %d", n, maxBlobHeader)
	}
	head, err := g.read(int(n))
	if err != nil {
		return err
	}
	kind, dataSize, err := parseBlobHeader(head)
	if err != nil {
		return err
	}
	if dataSize > maxBlob {
		return fmt.Errorf("block of %d bytes, want at most %d", dataSize, maxBlob)
	}
	data, err := g.read(int(dataSize))
	if err != nil {
		return err
	}
	raw, err := g.unpack(data)
	if err != nil {
		return err
	}
	g.offset += 4 + int64(n) + int64(dataSize)
	switch {
	case kind == "OSMHeader" && g.block == 0:
	case kind == "OSMData":
		if raw, err = checkPrimitiveBlock(raw, g.plain); err != nil {
			return err
		}
	case g.block == 0:
		return fmt.Errorf("first block is of type %q, want OSMHeader", kind)
	default:
		return nil // the specification says to skip blocks of other types
	}
	g.write(kind, raw)
	return nil
}

// read reads n bytes, growing as they come: a lying size costs no memory.
func (g *pbfGuard) read(n int) ([]byte, error) {
	var b bytes.Buffer
	m, err := io.CopyN(&b, g.r, int64(n))
	if err == io.EOF && m < int64(n) {
		err = io.ErrUnexpectedEOF
	}
	return b.Bytes(), err
}

func (g *pbfGuard) write(kind string, raw []byte) {
	var head []byte
	blob := protowire.AppendTag(nil, 1, protowire.BytesType)
	blob = protowire.AppendVarint(blob, uint64(len(raw)))
	head = protowire.AppendTag(head, 1, protowire.BytesType)
	head = protowire.AppendString(head, kind)
	head = protowire.AppendTag(head, 3, protowire.VarintType)
	head = protowire.AppendVarint(head, uint64(len(blob)+len(raw)))
	g.out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(head))))
	g.out.Write(head)
	g.out.Write(blob)
	g.out.Write(raw)
}

func parseBlobHeader(b []byte) (kind string, size uint64, err error) {
	err = fields(b, func(num protowire.Number, typ protowire.Type, v uint64, data []byte) error {
		switch {
		case num == 1 && typ == protowire.BytesType:
			kind = string(data)
		case num == 3 && typ == protowire.VarintType:
			size = v
		}
		return nil
	})
	return kind, size, err
}

// unpack gives the content of a Blob message, raw or zlib.
func (g *pbfGuard) unpack(b []byte) ([]byte, error) {
	var raw, packed []byte
	other := protowire.Number(0)
	err := fields(b, func(num protowire.Number, typ protowire.Type, _ uint64, data []byte) error {
		switch {
		case typ == protowire.VarintType && num == 2: // raw_size: the data says it
		case typ != protowire.BytesType:
		case num == 1:
			raw = data
		case num == 3:
			packed = data
		default:
			other = num
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case raw != nil:
		return raw, nil
	case packed == nil && other != 0:
		return nil, fmt.Errorf("compression %d, want none or zlib", other)
	case packed == nil:
		return nil, errors.New("block without data")
	}
	z, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	g.raw.Reset()
	limit := min(maxBlob, packFree+maxBlobRatio*int64(len(packed)))
	n, err := io.CopyN(&g.raw, z, limit)
	switch {
	case err == io.EOF:
		err = nil
	case err == nil && n == limit:
		err = fmt.Errorf("block of %d bytes unpacks to more than %d", len(packed), limit)
	case err == io.ErrUnexpectedEOF: // inside a block that is there in full
		err = errors.New("zlib data ends early")
	}
	return g.raw.Bytes(), err
}
