package dataset

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/sigcity/sigcity"
)

var linkColumns = []string{"token", "source", "from", "to"}

// WriteLinksCSV writes token,source,from,to rows: which released token carries
// which user of the data set from when to when (Unix seconds, to exclusive).
// Whoever holds this file holds the key to the release.
func WriteLinksCSV(w io.Writer, links []sigcity.Link) error {
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "token,source,from,to")
	for _, l := range links {
		fmt.Fprintf(b, "%d,%d,%d,%d\n", l.Token, l.Source, l.From, l.To)
	}
	return b.Flush()
}

// ReadLinksCSV reads what WriteLinksCSV writes, in any order of rows, and sorts
// it by token, start and source; name is the file's name in errors. tokens and
// sources bound the ids. The links are not nil where the error is.
func ReadLinksCSV(r io.Reader, name string, tokens, sources int) ([]sigcity.Link, error) {
	t, err := openCSV(r, name, linkColumns, nil)
	if err != nil {
		return nil, err
	}
	links := []sigcity.Link{}
	for {
		ok, err := t.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		var v [4]uint32
		for col, limit := range [4]uint64{limitOf(tokens), limitOf(sources), math.MaxUint32, math.MaxUint32} {
			x, err := t.uint(col, limit)
			if err != nil {
				return nil, err
			}
			v[col] = uint32(x)
		}
		l := sigcity.Link{Token: sigcity.UserID(v[0]), Source: sigcity.UserID(v[1]), From: v[2], To: v[3]}
		if l.From >= l.To {
			return nil, t.errorf(3, "want a time after from, which is %d", l.From)
		}
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b sigcity.Link) int {
		return cmp.Or(cmp.Compare(a.Token, b.Token), cmp.Compare(a.From, b.From), cmp.Compare(a.Source, b.Source), cmp.Compare(a.To, b.To))
	})
	return links, nil
}

// limitOf is the largest id of n; an empty range admits 0, which the caller's
// own checks then refuse.
func limitOf(n int) uint64 { return uint64(max(n-1, 0)) }
