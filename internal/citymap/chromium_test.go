package citymap

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/internal/fixture"
)

// TestChromium opens a map in a real browser: the policy blocks nothing the
// page wants, the console stays silent, a turn of the wheel and a drag move the
// map, a box hides its layer.
func TestChromium(t *testing.T) {
	city := load(t, fixture.TownFile(t), 2)
	page, picture := draw(t, Scene{Map: city.Map(), Cells: city.CellRows(), City: city})
	const probe = `<script>
		window.requestAnimationFrame = f => setTimeout(f, 0); // without a window there are no frames
		const svg = document.querySelector("svg.map"), r = svg.getBoundingClientRect(), x = r.left + r.width / 4, y = r.top + r.height / 2;
		svg.setPointerCapture = () => {}; // made-up pointers cannot be captured
		svg.dispatchEvent(new WheelEvent("wheel", { deltaY: -1000, clientX: x, clientY: y, cancelable: true }));
		svg.dispatchEvent(new PointerEvent("pointerdown", { clientX: x, clientY: y, pointerId: 1 }));
		svg.dispatchEvent(new PointerEvent("pointermove", { clientX: x - 40, clientY: y, pointerId: 1 }));
		document.getElementById("t-roads").click();
		setTimeout(() => {
			document.title = "view " + svg.getAttribute("viewBox") + " roads " + getComputedStyle(document.querySelector(".l-roads")).display +
				" cells " + getComputedStyle(document.querySelector(".l-cells-macro-4g")).display + " bar " + document.querySelector(".scale").textContent;
		}, 50);
	</script></body>`
	dir := t.TempDir()
	file, drawn := filepath.Join(dir, "map.html"), filepath.Join(dir, "map.svg")
	for path, text := range map[string]string{file: strings.Replace(page, "</body>", probe, 1), drawn: picture} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dom := fixture.Chromium(t, "--window-size=1280,1000", "--virtual-time-budget=2000", "--dump-dom", "file://"+file)
	_, title, _ := strings.Cut(dom, "<title>")
	title, _, _ = strings.Cut(title, "</title>")
	var x, y, w, h float64
	if n, _ := fmt.Sscanf(title, "view %g %g %g %g", &x, &y, &w, &h); n != 4 || w > 1200 || w < 600 || x < w/4 || y < h/4 {
		t.Errorf("after wheel and drag: %q, want a view of about 4000 ÷ e^1.5, moved to the right", title)
	}
	for _, want := range []string{"roads none", "cells inline", "bar 100 m"} {
		if !strings.Contains(title, want) {
			t.Errorf("after a click: %q, want %q", title, want)
		}
	}
	shot := filepath.Join(dir, "map.png")
	fixture.Chromium(t, "--window-size=390,844", "--screenshot="+shot, "file://"+drawn)
	if info, err := os.Stat(shot); err != nil || info.Size() < 10_000 {
		t.Errorf("screenshot: %v, want a picture", err)
	}
}
