#!/usr/bin/env python3
"""coarsen: an anonymizer for `sigcity anonymize exec`, in the standard library only.

It makes a release coarser in two ways:

  grid_m  every cell becomes the square of a grid of this many metres that the
          cell's centre lies in (default 2000; 0 leaves the cells as they are)
  bin_s   every time becomes an interval of this many seconds, counted from the
          first local midnight of the data set (default 3600; 1 leaves times as they are)

Run it through sigcity, which calls it with the two folders:

  sigcity anonymize exec --param command='python3 examples/anonymizers/coarsen.py' \\
                         --param params='{"grid_m": 1000, "bin_s": 900}' --in DIR --out DIR

docs/plugins.md describes the files. Nothing is claimed: coarse records of one
user still belong together.
"""

import csv
import json
import math
import sys
from pathlib import Path

EARTH_RADIUS_M = 6371008.8
METRES_PER_DEGREE = EARTH_RADIUS_M * math.pi / 180


def main(in_dir: Path, out_dir: Path) -> None:
    job = json.loads((in_dir / "params.json").read_text(encoding="utf-8"))
    if job["protocol"] != 1:
        sys.exit(f"protocol {job['protocol']}: this program speaks version 1")
    grid_m, bin_s = read_params(job["params"])

    # 1. Places. square_of[cell] is the number of the square that the cell becomes.
    square_of = None
    if grid_m > 0:
        square_of = write_squares(in_dir / "areas.csv", out_dir / "areas.csv", grid_m)

    # 2. Records, one at a time: the input may be larger than memory.
    start, end = job["meta"]["from"], job["meta"]["to"]
    with open(in_dir / "events.csv", newline="", encoding="utf-8") as src, \
            open(out_dir / "events.csv", "w", newline="", encoding="utf-8") as dst:
        rows = csv.DictReader(src)
        out = csv.DictWriter(dst, rows.fieldnames, lineterminator="\n")
        out.writeheader()
        for row in rows:
            if square_of is not None:
                row["area"] = square_of[int(row["area"])]
            if bin_s > 1:
                coarsen_time(row, bin_s, start, end)
            out.writerow(row)

    # 3. What the release says of itself. No links.csv: every user keeps the number
    #    it came with, and sigcity renames the numbers before anyone sees them.
    (out_dir / "release.json").write_text('{"kind": "trajectories"}\n', encoding="utf-8")


def read_params(params: dict) -> tuple[float, int]:
    """Check the parameters; a message on standard error and a non-zero exit is how
    a command refuses them."""
    unknown = sorted(set(params) - {"grid_m", "bin_s"})
    if unknown:
        sys.exit(f"unknown parameter {unknown[0]!r}: there are grid_m and bin_s")
    grid_m, bin_s = params.get("grid_m", 2000), params.get("bin_s", 3600)
    if not isinstance(grid_m, (int, float)) or not 0 <= grid_m <= 1e6:
        sys.exit(f"grid_m = {grid_m!r}, must be a number of metres from 0 to 1000000")
    if not isinstance(bin_s, int) or not 1 <= bin_s <= 86400:
        sys.exit(f"bin_s = {bin_s!r}, must be a whole number of seconds from 1 to 86400")
    return grid_m, bin_s


def write_squares(cells_csv: Path, squares_csv: Path, grid_m: float) -> dict[int, int]:
    """Write the squares that hold a cell's centre, and say which cell is in which.

    The plane is equirectangular about the equator and the mean latitude of the
    cells. That is public: it hangs on no user.
    """
    with open(cells_csv, newline="", encoding="utf-8") as f:
        cells = [(int(r["area"]), float(r["lon"]), float(r["lat"])) for r in csv.DictReader(f)]
    mean_lat = sum(lat for _, _, lat in cells) / len(cells)
    per_lon, per_lat = METRES_PER_DEGREE * math.cos(math.radians(mean_lat)), METRES_PER_DEGREE

    at = {cell: (math.floor(lon * per_lon / grid_m), math.floor(lat * per_lat / grid_m)) for cell, lon, lat in cells}
    squares = sorted(set(at.values()))  # sorted: the same input gives the same bytes
    number = {square: i for i, square in enumerate(squares)}

    with open(squares_csv, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(["area", "name", "lon", "lat", "radius", "spacing", "footprint"])
        for (col, row), i in number.items():
            west, east = col * grid_m / per_lon, (col + 1) * grid_m / per_lon
            south, north = row * grid_m / per_lat, (row + 1) * grid_m / per_lat
            corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
            ring = ",".join(f"{lon!r} {lat!r}" for lon, lat in corners)
            out.writerow([i, f"square/{col},{row}", (west + east) / 2, (south + north) / 2,
                          grid_m / math.sqrt(math.pi), grid_m, f"POLYGON(({ring}))"])
    return {cell: number[square] for cell, square in at.items()}


def coarsen_time(row: dict, bin_s: int, start: int, end: int) -> None:
    """Replace a moment by the bin that holds it: [time, time + span], in seconds.

    An interval (span > 0) becomes all the bins that it touches. No bin reaches
    beyond the last day of the data set.
    """
    time = int(row["time"])
    first = start + (time - start) // bin_s * bin_s
    last = start + (time + int(row["span"]) - start) // bin_s * bin_s + bin_s - 1
    row["time"], row["milli"], row["span"] = first, 0, min(last, end - 1) - first


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: coarsen.py IN_DIR OUT_DIR")
    main(Path(sys.argv[1]), Path(sys.argv[2]))
