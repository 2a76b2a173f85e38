package report

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
)

// TestChromium opens the page in a real browser: the policy blocks nothing the
// page wants, the console stays silent, the pictures are laid out.
func TestChromium(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, []byte(render(t, sample())), 0o600); err != nil {
		t.Fatal(err)
	}
	shot := filepath.Join(dir, "page.png")
	dom := fixture.Chromium(t, "--dump-dom", "file://"+file)
	fixture.Chromium(t, "--window-size=390,844", "--screenshot="+shot, "file://"+file)
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
