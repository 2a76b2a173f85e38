package czlib

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"
)

func TestNewReader(t *testing.T) {
	want := bytes.Repeat([]byte("streets and houses "), 1000)
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(want); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	data := b.Bytes()
	r, err := NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, error %v; want the %d that went in", len(got), err, len(want))
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if _, err := NewReader(bytes.NewReader([]byte("no zlib"))); err == nil {
		t.Error("text was taken for zlib")
	}
	r, err = NewReader(bytes.NewReader(data[:len(data)-5]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(r); err == nil {
		t.Error("a cut stream was read without an error")
	}
}
