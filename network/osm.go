package network

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// The formats that Load reads, by the end of the file's name.
const (
	extPBF = ".osm.pbf"
	extXML = ".osm"
	extGz  = ".osm.gz"
	extBz2 = ".osm.bz2"
)

const wantFormats = "want an OpenStreetMap extract named *" + extPBF + ", *" + extXML + ", *" + extGz + " or *" + extBz2

// Load reads an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz, .osm.bz2) and
// builds its City. An error names the file and what was expected of it; an
// extract without ways (nodes only) is an error too, never an empty city.
//
// The same file, options and seed give the same City, whatever opt.Workers.
func Load(ctx context.Context, path string, opt Options) (*City, error) {
	src, err := readFile(ctx, path, max(opt.Workers, 1))
	if err != nil {
		return nil, err
	}
	if opt.Name == "" {
		opt.Name = cityName(path)
	}
	c, err := build(ctx, src, opt)
	var cells cellFileError
	switch {
	case errors.As(err, &cells):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// IsExtract reports whether Load would read a file of that name.
func IsExtract(path string) bool {
	_, err := extension(path)
	return err == nil
}

// cityName is the file's name without its extensions.
func cityName(path string) string {
	name, _, _ := strings.Cut(filepath.Base(path), ".")
	return name
}

// readFile opens, sniffs and reads one extract.
func readFile(ctx context.Context, path string, workers int) (*source, error) {
	ext, err := extension(path)
	if err != nil {
		return nil, err
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("OSM extract: %w", err)
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil {
		return nil, fmt.Errorf("OSM extract: %w", err)
	} else if st.IsDir() {
		return nil, fmt.Errorf("%s is a folder; %s", path, wantFormats)
	}
	src, err := readSource(ctx, f, ext, workers)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return src, nil
}

func extension(path string) (string, error) {
	name := strings.ToLower(filepath.Base(path))
	for _, e := range []struct{ suffix, ext string }{
		{".pbf", extPBF}, {extGz, extGz}, {extBz2, extBz2}, {extXML, extXML}, {".osm.xml", extXML},
	} {
		if strings.HasSuffix(name, e.suffix) {
			return e.ext, nil
		}
	}
	return "", fmt.Errorf("%s: unknown kind of file; %s", path, wantFormats)
}

// readSource reads one extract of the format that its name promises, after a
// look at whether the content keeps the promise.
func readSource(ctx context.Context, r io.Reader, ext string, workers int) (*source, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	head, err := b.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(head) == 0 {
		return nil, fmt.Errorf("the file is empty; want %s", describe(ext))
	}
	if got := sniff(head); got != ext {
		return nil, fmt.Errorf("named *%s but holds %s; want %s", ext, describeContent(got, head), describe(ext))
	}
	s := &source{}
	switch ext {
	case extPBF:
		err = s.readPBF(ctx, b, workers)
	case extXML:
		err = s.readXML(ctx, b)
	case extGz:
		packed := &counter{r: b}
		z, gerr := gzip.NewReader(packed)
		if gerr != nil {
			return nil, fmt.Errorf("gzip: %w", gerr)
		}
		err = s.readXML(ctx, &unpacked{r: z, packed: packed})
	case extBz2:
		packed := &counter{r: b}
		err = s.readXML(ctx, &unpacked{r: bzip2.NewReader(packed), packed: packed})
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the file is cut off: %w; want all of %s", err, describe(ext))
	}
	if err != nil {
		return nil, err
	}
	return s, s.finish()
}

// Packed XML unpacks to at most unpackFree bytes and maxUnpackRatio times its
// packed size more: real extracts unpack to 7 to 14 times theirs, a bomb to
// 1,000 times and more.
const (
	unpackFree     = 16 << 20
	maxUnpackRatio = 100
)

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// unpacked ends a stream that unpacks to more than a map does.
type unpacked struct {
	r      io.Reader
	packed *counter
	n      int64
}

func (u *unpacked) Read(p []byte) (int, error) {
	n, err := u.r.Read(p)
	if u.n += int64(n); u.n > unpackFree+maxUnpackRatio*u.packed.n {
		return 0, fmt.Errorf("%d bytes unpack to more than %d, which no map does", u.packed.n, u.n)
	}
	return n, err
}

// sniff tells the format from the first bytes; "" = none of ours.
func sniff(head []byte) string {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return extGz
	case bytes.HasPrefix(head, []byte("BZh")):
		return extBz2
	case len(text) > 0 && text[0] == '<':
		return extXML
	case len(head) >= 6 && head[0] == 0 && head[1] == 0 && (bytes.Contains(head[:min(len(head), 64)], []byte("OSMHeader")) ||
		bytes.Contains(head[:min(len(head), 64)], []byte("OSMData"))):
		return extPBF
	}
	return ""
}

func describe(ext string) string {
	switch ext {
	case extPBF:
		return "an OSM pbf that begins with an OSMHeader block"
	case extGz:
		return "OSM XML in gzip"
	case extBz2:
		return "OSM XML in bzip2"
	}
	return "OSM XML with an <osm> root"
}

func describeContent(ext string, head []byte) string {
	switch ext {
	case extPBF:
		return "OSM pbf"
	case extGz:
		return "gzip data"
	case extBz2:
		return "bzip2 data"
	case extXML:
		return "XML"
	}
	return fmt.Sprintf("something else (it begins with %q)", head[:min(len(head), 24)])
}
