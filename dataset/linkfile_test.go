package dataset

import (
	"slices"
	"strings"
	"testing"

	"github.com/sigcity/sigcity"
)

func TestLinksRoundTrip(t *testing.T) {
	want := []sigcity.Link{{Token: 0, Source: 3, From: 10, To: 20}, {Token: 0, Source: 1, From: 20, To: 30}, {Token: 2, Source: 0, From: 0, To: 1<<32 - 1}}
	var b strings.Builder
	if err := WriteLinksCSV(&b, want); err != nil {
		t.Fatal(err)
	}
	got, err := ReadLinksCSV(strings.NewReader(b.String()), "links.csv", 3, 4)
	if err != nil || !slices.Equal(got, want) {
		t.Fatalf("got %v, %v, want %v", got, err, want)
	}
	for _, c := range []struct{ text, want string }{
		{"token,source,from,to\n3,0,0,1\n", "links.csv:2: token"},
		{"token,source,from,to\n0,4,0,1\n", "links.csv:2: source"},
		{"token,source,from,to\n0,0,5,5\n", "links.csv:2: to"},
		{"token,source\n", "links.csv:1: no column"},
		{"", "links.csv:1: empty file"},
	} {
		if _, err := ReadLinksCSV(strings.NewReader(c.text), "links.csv", 3, 4); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: error %v, want one that begins with %q", c.text, err, c.want)
		}
	}
}

func FuzzReadLinksCSV(f *testing.F) {
	f.Add("token,source,from,to\n0,1,2,3\n")
	f.Add("token,source,from,to\n0,9,2,3\n")
	f.Add("\"")
	f.Fuzz(func(t *testing.T, text string) {
		links, err := ReadLinksCSV(strings.NewReader(text), "links.csv", 1<<32-1, 5)
		if err != nil {
			if links != nil || !strings.HasPrefix(err.Error(), "links.csv") {
				t.Fatalf("%v with error %v", links, err)
			}
			return
		}
		for i, l := range links {
			if l.Source >= 5 || l.From >= l.To || (i > 0 && l.Token < links[i-1].Token) {
				t.Fatalf("bad link %v", l)
			}
		}
	})
}
