package sigcity

import (
	"fmt"
	"strconv"
	"strings"
)

// SiteOf names the base station of a cell by its CGI text, MCC-MNC-ECI or
// MCC-MNC-NCI: the eNB is the ECI without its last 8 bits (3GPP TS 36.300
// §8.2), the gNB the NCI without its last 12 (TS 38.300 §8.2 lets operators
// choose; gNB ids of 24 bits are assumed). false where the name is no CGI.
func SiteOf(cgi string) (string, bool) {
	i := strings.LastIndexByte(cgi, '-')
	if i < 0 || strings.Count(cgi[:i], "-") != 1 {
		return "", false
	}
	id, err := strconv.ParseUint(cgi[i+1:], 10, 36)
	switch {
	case err != nil:
		return "", false
	case id < 1<<28:
		return fmt.Sprintf("%s-%d", cgi[:i], id>>8), true
	}
	return fmt.Sprintf("%s-g%d", cgi[:i], id>>12), true
}
