package anonymizers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sigcity/sigcity"
	"github.com/sigcity/sigcity/dataset"
	"github.com/sigcity/sigcity/internal/plugin"
)

func init() {
	plugin.Add(plugin.Entry[Anonymizer]{
		Name: "exec",
		Doc:  "a method in any language: a command that reads CSV files and writes the release beside them (docs/plugins.md)",
		Params: []plugin.Param{
			{Name: "command", Type: plugin.String, Default: "", Doc: "program and arguments, split as a shell would but run without one; it is given two more: the input and the output folder"},
			{Name: "params", Type: plugin.String, Default: "{}", Doc: "the method's own parameters, a JSON object"},
			{Name: "timeout", Type: plugin.Duration, Default: "10m", Min: 0.001, Max: 7 * 86400, Doc: "after this the command and all that it started are killed"},
		},
		Citation:   "this project: exec protocol, version 1",
		Guarantee:  "what the command says in release.json, unchecked",
		Complexity: "the command's; writes and reads the data as text and holds the release in memory",
		Required:   true,
		New:        newCommand,
	})
}

// protocolVersion is the version of the files that a command gets and gives.
const protocolVersion = 1

// command is a method in another process.
type command struct {
	words   []string
	params  json.RawMessage
	timeout time.Duration
}

func newCommand(v plugin.Values) (Anonymizer, error) {
	words, err := splitWords(v.String("command"))
	if err != nil {
		return nil, fmt.Errorf("command = %q, %w", v.String("command"), err)
	}
	if len(words) == 0 {
		return nil, fmt.Errorf("command = %q, must name a program", v.String("command"))
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(v.String("params")), &object); err != nil || object == nil {
		return nil, fmt.Errorf("params = %q, must be a JSON object", v.String("params"))
	}
	return command{words, json.RawMessage(v.String("params")), v.Duration("timeout")}, nil
}

// Anonymize writes the input to a fresh folder, runs the command on it, and
// reads the release that it wrote. Neither IMSIs nor source keys nor the seed
// of the benchmark are in that folder.
func (c command) Anonymize(ctx context.Context, in sigcity.Dataset, env Env) (*sigcity.Release, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "sigcity-exec-")
	if err != nil {
		return nil, fmt.Errorf("exec: %w", err)
	}
	defer os.RemoveAll(dir)
	inDir, outDir := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := errors.Join(os.Mkdir(inDir, 0o700), os.Mkdir(outDir, 0o700)); err != nil {
		return nil, fmt.Errorf("exec: %w", err)
	}
	if err := c.writeInput(ctx, inDir, in, env); err != nil {
		return nil, fmt.Errorf("exec: input: %w", err)
	}
	if err := c.run(ctx, inDir, outDir); err != nil {
		return nil, fmt.Errorf("exec: %s: %w", c.words[0], err)
	}
	rel, err := readRelease(os.DirFS(outDir), in, env)
	if err != nil {
		return nil, fmt.Errorf("exec: output of %s: %w", c.words[0], err)
	}
	return rel, ctx.Err()
}

// input is in/params.json.
type input struct {
	Protocol int             `json:"protocol"`
	Seed     uint64          `json:"seed"` // below 2⁵³: exact in every language's JSON
	Params   json.RawMessage `json:"params"`
	Meta     inputMeta       `json:"meta"`
}

// inputMeta is the public part of sigcity.Meta.
type inputMeta struct {
	Users    int      `json:"users"`
	TimeZone string   `json:"time_zone"`
	Start    string   `json:"start"`
	Days     int      `json:"days"`
	From     uint32   `json:"from"` // Unix seconds of the first local midnight
	To       uint32   `json:"to"`   // and of the one after the last day
	Holidays []string `json:"holidays"`
}

func (c command) writeInput(ctx context.Context, dir string, in sigcity.Dataset, env Env) error {
	meta := in.Meta()
	from, to, err := daySpan(meta)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(input{
		Protocol: protocolVersion, Seed: env.Hash("exec") >> 11, Params: c.params,
		Meta: inputMeta{Users: meta.Users, TimeZone: meta.TimeZone, Start: meta.Start, Days: meta.Days, From: from, To: to,
			Holidays: append([]string{}, meta.Holidays...)},
	}, "", "  ")
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"params.json", func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err }},
		{"areas.csv", func(w io.Writer) error { return dataset.WriteAreasCSV(w, in.Areas()) }},
		{"events.csv", func(w io.Writer) error { return dataset.WriteEventsCSV(ctx, w, in) }},
	} {
		file, err := os.OpenFile(filepath.Join(dir, f.name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		if err := errors.Join(f.write(file), file.Close()); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// pipeGrace is how long a killed or finished command's descendants may hold its
// output open.
const pipeGrace = 2 * time.Second

// run runs the command in the current folder, with PATH, HOME and a UTF-8 locale for
// an environment. An error ends with the last lines of its standard error.
func (c command) run(ctx context.Context, inDir, outDir string) error {
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	cmd := exec.CommandContext(limited, c.words[0], append(c.words[1:len(c.words):len(c.words)], inDir, outDir)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=C.UTF-8"}
	cmd.WaitDelay = pipeGrace
	var log tail
	cmd.Stderr = &log
	killTogether(cmd)
	err := cmd.Run()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case limited.Err() != nil:
		return fmt.Errorf("killed after timeout = %v%s", c.timeout, log.quote())
	}
	return fmt.Errorf("%w%s", err, log.quote())
}

// tail keeps the last tailBytes written to it.
type tail struct{ buf []byte }

const tailBytes = 2048

func (t *tail) Write(p []byte) (int, error) {
	t.buf = append(t.buf, p...)
	if n := len(t.buf); n > 2*tailBytes {
		t.buf = append(t.buf[:0], t.buf[n-tailBytes:]...)
	}
	return len(p), nil
}

func (t *tail) quote() string {
	b := bytes.TrimSpace(t.buf[max(0, len(t.buf)-tailBytes):])
	if len(b) == 0 {
		return " (it wrote nothing to standard error)"
	}
	return "; its standard error ends:\n" + strings.ToValidUTF8(string(b), "?")
}

// splitWords splits a command as a POSIX shell does words: at blanks, with
// 'single quotes', "double quotes" and backslashes. It expands nothing.
func splitWords(s string) ([]string, error) {
	var words []string
	var word []rune
	var quote rune
	in, escaped := false, false
	for _, r := range s {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word = append(word, '\\') // inside double quotes only these two are escaped
			}
			word, escaped = append(word, r), false
		case r == '\\' && quote != '\'':
			in, escaped = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word = append(word, r)
		case r == '\'' || r == '"':
			in, quote = true, r
		case strings.ContainsRune(" \t\r\n", r):
			if in {
				words, word, in = append(words, string(word)), nil, false
			}
		default:
			in, word = true, append(word, r)
		}
	}
	switch {
	case quote != 0:
		return nil, fmt.Errorf("has a %c that is not closed", quote)
	case escaped:
		return nil, errors.New("ends with a backslash that escapes nothing")
	case in:
		words = append(words, string(word))
	}
	return words, nil
}
