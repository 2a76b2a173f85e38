package citymap

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity/geo"
	"github.com/sigcity/sigcity/internal/fixture"
	"github.com/sigcity/sigcity/network"
	"github.com/sigcity/sigcity/network/synthcity"
)

// sceneOf is all of a city that a map can show.
func sceneOf(t testing.TB, city *network.City, workers int) Scene {
	t.Helper()
	slow, err := city.Congest(t.Context(), network.CongestionOptions{Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return Scene{Map: city.Map(), Cells: city.CellRows(), City: city, Congestion: slow,
		Facts: []Fact{{"homes & <more>", "1"}}, Notes: city.Report.Warnings}
}

func load(t testing.TB, file string, workers int) *network.City {
	t.Helper()
	city, err := network.Load(t.Context(), file, network.Options{Seed: 1, Workers: workers})
	if err != nil {
		t.Fatal(err)
	}
	return city
}

func procedural(t testing.TB, name string, workers int) *network.City {
	t.Helper()
	preset, err := synthcity.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	made, err := synthcity.Make(preset, 1)
	if err != nil {
		t.Fatal(err)
	}
	city, err := network.LoadObjects(t.Context(), made.Objects(), network.Options{Name: name, Seed: 1, Workers: workers, Attribution: synthcity.Attribution})
	if err != nil {
		t.Fatal(err)
	}
	return city
}

// draw is the page and the picture of a scene.
func draw(t testing.TB, s Scene) (page, picture string) {
	t.Helper()
	var html, svg bytes.Buffer
	if err := errors.Join(s.WriteHTML(&html), s.WriteSVG(&svg)); err != nil {
		t.Fatal(err)
	}
	return html.String(), svg.String()
}

// TestPage: on a procedural city the page is well-formed, loads nothing, shows
// every cell and site, and is the same for any number of workers.
func TestPage(t *testing.T) {
	city := procedural(t, "small", 1)
	scene := sceneOf(t, city, 1)
	scene.Map.City = `Town <script>alert(1)</script> "&`
	page, picture := draw(t, scene)
	for _, s := range append(regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1), picture) {
		if err := wellFormed(s); err != nil {
			t.Errorf("%v in %.200s", err, s)
		}
	}
	if err := wellFormedHTML(page); err != nil {
		t.Error(err)
	}
	for _, text := range []string{page, picture} {
		if s := regexp.MustCompile(`(?i)<(?:img|link|iframe|object|embed|image|use)\b|\bsrc=|url\(|@import`).FindString(text); s != "" {
			t.Errorf("it would load something: %q", s)
		}
		for _, a := range regexp.MustCompile(`https?://[^"<) ]*`).FindAllString(text, -1) {
			if a != "http://www.w3.org/2000/svg" && a != "https://www.openstreetmap.org/copyright" {
				t.Errorf("it names the address %s", a)
			}
		}
		if s := regexp.MustCompile(`NaN|Inf\b|%!|ZgotmplZ`).FindString(text); s != "" {
			t.Errorf("it shows a broken value: %q", s)
		}
		if strings.Contains(text, "<script>alert") {
			t.Error("text became an element")
		}
	}
	mine := 0
	for _, c := range city.Cells {
		inside := func(p geo.XY) bool { return city.Bounds.Contains(city.Proj.LonLat(p)) }
		if city.Sites[c.Site].Operator == 0 && slices.ContainsFunc(c.Ring, inside) {
			mine++
		}
	}
	if got := strings.Count(page, "<title>cell "); got < mine || mine == 0 {
		t.Errorf("%d cells are drawn, the largest operator has %d on the map", got, mine)
	}
	if got := strings.Count(page, " site of "); got != len(city.Sites) {
		t.Errorf("%d sites are drawn, the city has %d", got, len(city.Sites))
	}
	for _, id := range []string{"land", "rails", "tac-macro-4g", "tac-macro-5g", "cells-macro-4g", "cells-macro-5g", "buildings", "roads", "congestion", "communities", "places", "sites-0", "sites-2"} {
		if !strings.Contains(page, `id="t-`+id+`"`) || !strings.Contains(page, "#t-"+id+":not") || !strings.Contains(page, `<g class="layer l-`+id) {
			t.Errorf("there is no layer %s to show and hide", id)
		}
	}
	other, picture2 := draw(t, func() Scene {
		s := sceneOf(t, procedural(t, "small", 3), 3)
		s.Map.City = scene.Map.City
		return s
	}())
	if other != page || picture2 != picture {
		t.Error("the map depends on the number of workers")
	}
}

func wellFormed(svg string) error {
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// wellFormedHTML wants every element but the void ones closed, in order.
func wellFormedHTML(page string) error {
	page = regexp.MustCompile(`(?s)<script>.*?</script>|<style>.*?</style>|<!DOCTYPE html>`).ReplaceAllString(page, "")
	page = regexp.MustCompile(`<(meta|input)([^>]*)>`).ReplaceAllString(page, "<$1$2/>")
	page = strings.ReplaceAll(page, " checked/>", ` checked="checked"/>`)
	return wellFormed(page)
}

// TestFolder draws what a data set has of its city: no buildings, no overlap.
func TestFolder(t *testing.T) {
	city := load(t, fixture.TownFile(t), 1)
	s := Scene{Map: city.Map(), Cells: city.CellRows(), Operator: "999-02"}
	page, _ := draw(t, s)
	for id, want := range map[string]bool{"cells-macro-4g": true, "roads": true, "places": true, "sites-1": true, "buildings": false, "congestion": false, "overlap": false} {
		if got := strings.Contains(page, `id="t-`+id+`"`); got != want {
			t.Errorf("layer %s: %t, want %t", id, got, want)
		}
	}
	if !strings.Contains(page, "Best-server areas of 999-02") {
		t.Error("the operator that was asked for is not drawn")
	}
	s.Operator = "999-77"
	if err := s.WriteHTML(io.Discard); err == nil || !strings.Contains(err.Error(), "999-77") || !strings.Contains(err.Error(), "999-03") {
		t.Errorf("an unknown operator: %v, want it and those there are named", err)
	}
	s.Operator, s.Cells = "", nil
	if err := s.WriteHTML(io.Discard); err != nil {
		t.Errorf("a map without cells: %v", err)
	}
}

// TestLines draws lines, stops and hubs, each once.
func TestLines(t *testing.T) {
	city := load(t, fixture.TownFile(t), 1)
	b := city.Buildings
	city.Stops = []network.Stop{{Pos: b[0].Pos, Hub: -1}, {Pos: b[40].Pos, Hub: 0}, {Pos: b[90].Pos, Hub: -1}}
	city.Lines = nil
	for mode := network.Bus; mode <= network.HighSpeed; mode++ {
		l := network.Line{Ref: "7 <" + mode.String(), Mode: mode, Stops: []int32{0, 1}, Headway: 600}
		for _, s := range l.Stops {
			l.Shape = append(l.Shape, city.Stops[s].Pos)
		}
		l.At, l.Ride = []float64{0, l.Shape[0].Dist(l.Shape[1])}, []float64{0, 60}
		city.Lines = append(city.Lines, l)
	}
	city.Hubs = []network.Hub{{Kind: network.AirportHub, Name: "Field", Pos: b[40].Pos, Ring: b[40].Ring, Place: -1}, {Kind: network.MetroHub, Pos: b[0].Pos, Place: -1}}
	page, _ := draw(t, Scene{Map: city.Map(), Cells: city.CellRows(), City: city})
	for _, want := range []string{"bus 7 &lt;bus: 2 stops, every 10 min", "high speed 7 &lt;high_speed", `id="t-line-metro"`, "Field: airport", "no name: metro station", "hub-grounds"} {
		if !strings.Contains(page, want) {
			t.Errorf("the map lacks %q", want)
		}
	}
	var dots int
	for _, m := range regexp.MustCompile(`class="st st-tram" d="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		dots += strings.Count(m[1], "M")
	}
	if dots != 2 {
		t.Errorf("%d stops of the tram, want the 2 that it calls at", dots)
	}
}

// budgets are cities and the bytes that a map of each may take.
func budgets() []struct {
	name string
	city func(t testing.TB) *network.City
	most int
} {
	extract := func(name string) func(t testing.TB) *network.City {
		return func(t testing.TB) *network.City { return load(t, fixture.ModuleFile(t, name), 2) }
	}
	preset := func(name string) func(t testing.TB) *network.City {
		return func(t testing.TB) *network.City { return procedural(t, name, 2) }
	}
	return []struct {
		name string
		city func(t testing.TB) *network.City
		most int
	}{
		{"andorra", extract("andorra-latest.osm.bz2"), 2_000_000},
		{"medium", preset("medium"), 2_500_000},
		{"delaware", extract("delaware-latest.osm.pbf"), 8_000_000},
		{"large", preset("large"), 15_000_000},
	}
}

// TestBudget holds the sizes of maps of a country with many buildings and of a
// city with all kinds of cells; BenchmarkWriteHTML those of larger ones.
func TestBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("reads a country")
	}
	for _, c := range budgets()[:2] {
		city := c.city(t)
		page, _ := draw(t, Scene{Map: city.Map(), Cells: city.CellRows(), City: city})
		if len(page) > c.most {
			t.Errorf("%s: the map takes %d bytes, want at most %d", c.name, len(page), c.most)
		}
	}
}

func BenchmarkWriteHTML(b *testing.B) {
	for _, c := range budgets() {
		b.Run(c.name, func(b *testing.B) {
			city := c.city(b)
			s := Scene{Map: city.Map(), Cells: city.CellRows(), City: city}
			var page bytes.Buffer
			for b.Loop() {
				page.Reset()
				if err := s.WriteHTML(&page); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(page.Len()), "page-bytes")
			if page.Len() > c.most {
				b.Errorf("the map takes %d bytes, want at most %d", page.Len(), c.most)
			}
		})
	}
}

func ExampleScene_WriteHTML() {
	m := fixture.New(10, 1, 1).Map
	var page strings.Builder
	if err := (Scene{Map: m}).WriteHTML(&page); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(regexp.MustCompile(`<title>.*?</title>`).FindString(page.String()))
	// Output: <title>Map of fixture</title>
}
