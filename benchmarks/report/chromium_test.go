package report

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestChromium opens the page in a real browser: the policy blocks nothing the
// page wants, the console stays silent, the pictures are laid out.
func TestChromium(t *testing.T) {
	bin, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("chromium is not installed")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, []byte(render(t, sample())), 0o600); err != nil {
		t.Fatal(err)
	}
	shot := filepath.Join(dir, "page.png")
	dom := chromium(t, bin, dir, "--dump-dom", "file://"+file)
	chromium(t, bin, dir, "--window-size=390,844", "--screenshot="+shot, "file://"+file)
	for _, want := range []string{`class="chart"`, `class="map"`, `class="map day"`, `id="m-12"`, "</footer>"} {
		if !strings.Contains(dom, want) {
			t.Errorf("the browser's document lacks %s", want)
		}
	}
	if s := strings.ToLower(dom); strings.Contains(s, "<script") || strings.Contains(s, "<img") {
		t.Error("hostile text became an element")
	}
	if info, err := os.Stat(shot); err != nil || info.Size() < 10_000 {
		t.Errorf("screenshot: %v, want a picture", err)
	}
}

// chromium runs the browser without network and returns its standard output;
// a message on the page's console is an error.
func chromium(t *testing.T, bin, dir string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	flags := []string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--hide-scrollbars", "--user-data-dir=" + filepath.Join(dir, "profile")}
	cmd := exec.CommandContext(ctx, bin, append(flags, args...)...)
	var out, messages strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		t.Fatalf("chromium: %v\n%s", err, messages.String())
	}
	for line := range strings.Lines(messages.String()) {
		if strings.Contains(line, "CONSOLE") {
			t.Errorf("console: %s", line)
		}
	}
	return out.String()
}
