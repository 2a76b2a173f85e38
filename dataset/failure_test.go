package dataset

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// errDisk stands for a full disk.
var errDisk = errors.New("no space left on device")

// A write that fails names the file, and neither that file nor, after Abort,
// anything else is left.
func TestFailedWriteLeavesNothing(t *testing.T) {
	m := instants(sample(50, 2, 1, 5))
	base := t.TempDir()
	w, err := Create(filepath.Join(base, "x", "y", "d"), rawManifest(m, 50), imsi, 1)
	if err != nil {
		t.Fatal(err)
	}
	err = w.put("map/map.json", func(f *file) (int64, error) {
		f.Write([]byte("half"))
		return 0, errDisk
	})
	if !errors.Is(err, errDisk) || !strings.Contains(err.Error(), "map/map.json") {
		t.Errorf("error %v, want the disk's and the file's name", err)
	}
	if left, _ := filepath.Glob(filepath.Join(base, "x", "y", "d.partial", "map", "*")); len(left) > 0 {
		t.Errorf("half a file is left: %v", left)
	}
	if err := w.Abort(); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(base); len(left) > 0 {
		t.Errorf("abort left %v", left)
	}
}

// A run that is cancelled ends with the context's error.
func TestCancelledWrite(t *testing.T) {
	m := sample(2000, 2, 1, 5)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	base := t.TempDir()
	if _, err := WriteDataset(ctx, filepath.Join(base, "d"), m, Manifest{}, 2); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want the context's", err)
	}
	if left, _ := os.ReadDir(base); len(left) > 0 {
		t.Errorf("a cancelled run left %v", left)
	}
}
