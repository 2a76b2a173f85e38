package network

import (
	"bufio"
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
)

// generation is the radio access technology of a cell, as far as it matters
// here: phones signal in EPS and 5GS.
type generation uint8

const (
	legacy generation = iota // GSM, CDMA, UMTS, NB-IoT: no phone of the city camps there
	lte
	nr
)

// generations are the radio names of OpenCelliD and the Mozilla Location Service.
var generations = map[string]generation{
	"GSM": legacy, "CDMA": legacy, "UMTS": legacy, "NBIOT": legacy, "LTE": lte, "NR": nr,
}

// Bounds of the numbers in a cell file. Identities: 3GPP TS 23.003 §19.6 (28
// bit ECI) and §19.6A (36 bit NCI).
const (
	maxLine     = 64 << 10  // bytes of a row
	maxCellRows = 2_000_000 // rows kept of one city
	shortID     = 1 << 16   // identities below are GSM's or UMTS's where no column says
	maxECI      = 1<<28 - 1
	maxNCI      = 1<<36 - 1
	maxStations = 8         // base stations of one network centred on one point (assumed)
	maxSamples  = 1e6       // more count as many
	maxReachM   = 100_000.0 // no LTE cell reaches farther; a longer range is none
)

// plmn is a network: mobile country and network code.
type plmn struct{ mcc, mnc int64 }

// String is MCC-MNC. A cell file has the MNC as a number: three digits where
// it needs them or the country has them (North America).
func (p plmn) String() string {
	if p.mnc > 99 || p.mcc == 302 || p.mcc >= 310 && p.mcc <= 316 {
		return fmt.Sprintf("%03d-%03d", p.mcc, p.mnc)
	}
	return fmt.Sprintf("%03d-%02d", p.mcc, p.mnc)
}

// fileCell is a row of a cell file within the city.
type fileCell struct {
	plmn    plmn
	gen     generation
	area    uint32 // TAC; 0 = not told
	id      int64  // ECI, NCI; anything of legacy cells
	pos     orb.Point
	rangeM  float64 // 0 = not told
	azimuth float64 // degrees, −1 = not told
	beamDeg float64 // 0 = not told
	samples float64 // at least 1
	updated float64 // Unix seconds, 0 = not told
}

// cellFile is what a cell file holds of the city.
type cellFile struct {
	cells  []fileCell       // in the order of the file
	sites  []orb.Point      // where the file lists sites without cells
	counts map[string]int64 // file_rows and what was left out, see Report
}

// Columns of a cell file, by OpenCelliD's names.
const (
	colRadio = iota
	colMCC
	colNet
	colArea
	colCell
	colLon
	colLat
	colRange
	colSamples
	colUpdated
	colAzimuth
	colBeam
	colSite
	columns
)

// columnNames are the names a header may use, the preferred one first.
var columnNames = [columns][]string{
	{"radio"}, {"mcc"}, {"net", "mnc"}, {"area", "tac", "lac"}, {"cell", "cid", "cellid", "cell_id"}, {"lon", "longitude"}, {"lat", "latitude"},
	{"range"}, {"samples"}, {"updated"}, {"azimuth"}, {"beam", "beamwidth"}, {"site_id", "site"},
}

// openCelliD is the order of the 14 columns of a file without a header.
var openCelliD = []int{colRadio, colMCC, colNet, colArea, colCell, -1, colLon, colLat, colRange, colSamples, -1, -1, colUpdated, -1}

const wantedColumns = "want the columns mcc, net (or mnc), cell (or cid), lon and lat of a cell file (radio, area, range, samples, updated, azimuth and " +
	"beam may be there), the 14 columns of OpenCelliD without a header, or site_id, longitude and latitude of a site file"

// cellReader reads a cell file row by row.
type cellReader struct {
	name string
	line int
	at   [columns]int // position in a row, −1 = missing
	n    int          // fields of a row
	row  []string
	file *cellFile
	box  orb.Bound
}

// readCells reads a cell file: OpenCelliD's or the Mozilla Location Service's
// columns with or without a header, some of them only, or a list of sites.
// Rows outside the box are dropped and counted, as is what real files are known
// to contain (see Report); anything else that is wrong is an error that names
// file and line. Memory hangs on the rows within the box, at most maxCellRows.
func readCells(ctx context.Context, r io.Reader, name string, box orb.Bound) (*cellFile, error) {
	c := &cellReader{name: name, file: &cellFile{counts: map[string]int64{}}, box: box}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() { // takes CR LF for LF
		c.line++
		if c.line%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		text := lines.Text()
		if c.line == 1 {
			text = strings.TrimPrefix(text, "\ufeff") // a byte-order mark
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := c.split(text); err != nil {
			return nil, err
		}
		if c.n == 0 {
			headed, err := c.header()
			if err != nil {
				return nil, err
			}
			if headed {
				continue
			}
		}
		if err := c.add(); err != nil {
			return nil, err
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("%s:%d: a line of more than %d bytes, want rows of CSV", name, c.line+1, maxLine)
	case err != nil:
		return nil, err // names the file
	case c.n == 0:
		return nil, fmt.Errorf("%s: empty file: %s", name, wantedColumns)
	}
	return c.file, nil
}

// split takes a line apart into c.row.
func (c *cellReader) split(line string) error {
	if !strings.Contains(line, `"`) {
		c.row = append(c.row[:0], strings.Split(line, ",")...)
	} else {
		row, err := csv.NewReader(strings.NewReader(line)).Read()
		if err != nil {
			var p *csv.ParseError
			if errors.As(err, &p) {
				err = p.Err
			}
			return fmt.Errorf("%s:%d: %w", c.name, c.line, err)
		}
		c.row = row
	}
	for i, s := range c.row {
		c.row[i] = strings.TrimSpace(s)
	}
	return nil
}

// header finds the columns; false where the first row is no header.
func (c *cellReader) header() (bool, error) {
	c.n = len(c.row)
	c.at = [columns]int(slices.Repeat([]int{-1}, columns))
	if _, ok := generations[strings.ToUpper(c.row[0])]; ok && c.n == len(openCelliD) {
		for i, col := range openCelliD {
			if col >= 0 {
				c.at[col] = i
			}
		}
		return false, nil
	}
	for i, h := range c.row {
		col := slices.IndexFunc(columnNames[:], func(names []string) bool { return slices.Contains(names, strings.ToLower(h)) })
		if col < 0 {
			continue
		}
		if c.at[col] >= 0 {
			return false, fmt.Errorf("%s:%d: columns %q and %q mean the same: %s", c.name, c.line, c.row[c.at[col]], h, wantedColumns)
		}
		c.at[col] = i
	}
	var missing []string
	for _, col := range []int{colMCC, colNet, colCell, colLon, colLat} {
		if c.at[col] < 0 {
			missing = append(missing, columnNames[col][0])
		}
	}
	switch {
	case len(missing) == 0:
		c.at[colSite] = -1
		return true, nil
	case c.at[colSite] >= 0 && c.at[colCell] < 0 && c.at[colLon] >= 0 && c.at[colLat] >= 0:
		return true, nil
	case len(missing) == 5:
		return false, fmt.Errorf("%s:%d: no cell file by its first line: %s", c.name, c.line, wantedColumns)
	}
	return false, fmt.Errorf("%s:%d: no column %s: %s", c.name, c.line, strings.Join(missing, ", "), wantedColumns)
}

// errorf is an error at a field of the row.
func (c *cellReader) errorf(col int, want string) error {
	return fmt.Errorf("%s:%d: %s %q: want %s", c.name, c.line, columnNames[col][0], c.row[c.at[col]], want)
}

// number is a field's value, or missing where it is empty or has no column.
func (c *cellReader) number(col int, missing float64) (float64, error) {
	if c.at[col] < 0 || c.row[c.at[col]] == "" {
		return missing, nil
	}
	v, err := strconv.ParseFloat(c.row[c.at[col]], 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, c.errorf(col, "a number")
	}
	return v, nil
}

// whole is a field that must hold a whole number.
func (c *cellReader) whole(col int) (int64, error) {
	v, err := strconv.ParseInt(c.row[c.at[col]], 10, 64)
	if err != nil {
		return 0, c.errorf(col, "a whole number")
	}
	return v, nil
}

// add files a row.
func (c *cellReader) add() error {
	if len(c.row) != c.n {
		return fmt.Errorf("%s:%d: %d fields, want %d as in the first line", c.name, c.line, len(c.row), c.n)
	}
	c.file.counts["file_rows"]++
	x, why, err := c.parse()
	switch {
	case err != nil:
		return err
	case why != "":
		c.file.counts[why]++
		return nil
	case len(c.file.cells)+len(c.file.sites) >= maxCellRows:
		return fmt.Errorf("%s:%d: more than %d rows within the city, want fewer", c.name, c.line, maxCellRows)
	}
	if c.at[colSite] >= 0 {
		c.file.sites = append(c.file.sites, x.pos)
	} else {
		c.file.cells = append(c.file.cells, x)
	}
	return nil
}

// parse reads the row; why names the count of those left out.
func (c *cellReader) parse() (x fileCell, why string, err error) {
	var num [columns]float64
	for _, col := range []int{colLon, colLat, colArea, colRange, colSamples, colUpdated, colAzimuth, colBeam} {
		missing := 0.0
		if col == colLon || col == colLat || col == colAzimuth {
			missing = 999 // impossible
		}
		if num[col], err = c.number(col, missing); err != nil {
			return x, "", err
		}
	}
	lon, lat := num[colLon], num[colLat]
	bad := math.Abs(lon) > 180 || math.Abs(lat) > 90 || lon == 0 && lat == 0
	x.pos = orb.Point{lon, lat}
	if c.at[colSite] < 0 {
		if why, err = c.identity(&x); err != nil {
			return x, "", err
		}
	}
	switch {
	case bad:
		return x, "file_bad_coordinates", nil
	case !c.box.Contains(x.pos):
		return x, "file_outside", nil
	case why != "":
		return x, why, nil
	}
	if v := num[colArea]; v >= 1 && v < 1<<24 && (x.gen != lte || v < 0xfffe) { // TS 23.003 §19.4.2.3: FFFE is no TAC
		x.area = uint32(v)
	}
	if v := num[colRange]; v > 0 && v <= maxReachM {
		x.rangeM = v
	}
	x.azimuth = -1
	if v := num[colAzimuth]; v >= 0 && v <= 360 {
		x.azimuth = math.Mod(v, 360)
	}
	if v := num[colBeam]; v > 0 && v <= 360 {
		x.beamDeg = v
	}
	x.samples, x.updated = min(max(num[colSamples], 1), maxSamples), num[colUpdated]
	return x, "", nil
}

// identity reads who the cell is.
func (c *cellReader) identity(x *fileCell) (why string, err error) {
	for _, f := range []struct {
		col int
		to  *int64
	}{{colMCC, &x.plmn.mcc}, {colNet, &x.plmn.mnc}, {colCell, &x.id}} {
		if *f.to, err = c.whole(f.col); err != nil {
			return "", err
		}
	}
	limit := int64(maxNCI)
	if c.at[colRadio] >= 0 {
		gen, ok := generations[strings.ToUpper(c.row[c.at[colRadio]])]
		if !ok {
			return "", c.errorf(colRadio, "GSM, CDMA, UMTS, LTE, NR or NBIOT")
		}
		if x.gen = gen; gen != nr {
			limit = maxECI
		}
	} else {
		x.gen = generationOf(x.id)
	}
	if x.plmn.mcc < 1 || x.plmn.mcc > 999 || x.plmn.mnc < 0 || x.plmn.mnc > 999 || x.id < 0 || x.id >= limit { // all ones: unknown
		return "file_bad_identities", nil
	}
	return "", nil
}

// generationOf guesses by the size of an identity, where no column tells.
func generationOf(id int64) generation {
	switch {
	case id < shortID:
		return legacy
	case id <= maxECI:
		return lte
	}
	return nr
}

// placeholders drops the 4G and 5G cells at points that stand for a position
// nobody knows, such as the middle of a city: where more than maxStations base
// stations of one network are centred to the last digit. Cells are in order of
// position afterwards.
func (f *cellFile) placeholders() {
	slices.SortStableFunc(f.cells, func(a, b fileCell) int {
		return cmp.Or(cmp.Compare(a.pos[0], b.pos[0]), cmp.Compare(a.pos[1], b.pos[1]), cmp.Compare(a.gen, b.gen),
			cmp.Compare(a.plmn.mcc, b.plmn.mcc), cmp.Compare(a.plmn.mnc, b.plmn.mnc), cmp.Compare(a.id, b.id))
	})
	kept := f.cells[:0]
	for from, i, stations := 0, 1, 1; from < len(f.cells); i++ {
		if i < len(f.cells) {
			a, b := &f.cells[i-1], &f.cells[i]
			if a.pos == b.pos && a.gen == b.gen && a.plmn == b.plmn {
				if a.station() != b.station() {
					stations++
				}
				continue
			}
		}
		if f.cells[from].gen != legacy && stations > maxStations {
			f.counts["file_placeholders"] += int64(i - from)
		} else {
			kept = append(kept, f.cells[from:i]...)
		}
		from, stations = i, 1
	}
	f.cells = kept
}

// distinct orders cells, all legacy or none, by network and identity and drops
// repeated 4G and 5G ones: of those of one name the one with the most samples
// stays, then the one updated last, then the first. Of legacy cells only the
// position counts: all stay. It returns the number dropped.
func distinct(cells []fileCell) ([]fileCell, int64) {
	cells = slices.Clone(cells)
	slices.SortStableFunc(cells, func(a, b fileCell) int {
		return cmp.Or(cmp.Compare(a.plmn.mcc, b.plmn.mcc), cmp.Compare(a.plmn.mnc, b.plmn.mnc), cmp.Compare(a.id, b.id),
			cmp.Compare(b.samples, a.samples), cmp.Compare(b.updated, a.updated))
	})
	n := len(cells)
	cells = slices.CompactFunc(cells, func(a, b fileCell) bool {
		return a.plmn == b.plmn && a.id == b.id && a.gen != legacy
	})
	return cells, int64(n - len(cells))
}
