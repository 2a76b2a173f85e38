package report

import (
	"io"

	"github.com/sigcity/sigcity/realism"
)

// WriteScorecard writes the page of a realism scorecard.
func WriteScorecard(w io.Writer, card *realism.Scorecard) error { return nil }
