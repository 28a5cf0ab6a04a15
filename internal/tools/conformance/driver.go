// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// row is one case. Kind decides which of the other fields the driver reads.
type row struct {
	Kind       string            `json:"kind"`
	Settings   map[string]any    `json:"settings"`
	Text       string            `json:"text"`
	FilterPath string            `json:"filter_path"`
	Body       any               `json:"body,omitempty"` // []byte is encoded as base64
	Time       string            `json:"time"`
	Headers    map[string]string `json:"headers"`
	HasBody    bool              `json:"has_body"`
	// Milliseconds is how long the text is chunked again and again.
	Milliseconds int64 `json:"milliseconds,omitempty"`
}

// restored returns the row with the types that its values had before they were
// encoded.
func (r row) restored() row {
	for name, value := range r.Settings {
		switch value := value.(type) {
		case float64:
			if value == float64(int(value)) {
				r.Settings[name] = int(value)
			}
		case []any:
			texts := make([]string, len(value))
			for i := range value {
				texts[i], _ = value[i].(string)
			}
			r.Settings[name] = texts
		}
	}
	if text, ok := r.Body.(string); ok && r.Kind == "json" {
		if body, err := base64.StdEncoding.DecodeString(text); err == nil {
			r.Body = body
		}
	}
	return r
}

// answer is a result, or the refusal of the case.
type answer struct {
	Result  json.RawMessage `json:"result,omitempty"`
	Error   string          `json:"error,omitempty"` // class of the exception
	Message string          `json:"message,omitempty"`
}

func (a answer) String() string {
	if a.Error != "" {
		return a.Error + ": " + a.Message
	}
	return string(a.Result)
}

// result is the answer with a value.
func result(value any) answer {
	encoded, err := json.Marshal(value)
	if err != nil {
		return refusal(err.Error())
	}
	return answer{Result: encoded}
}

func refusal(message string) answer { return answer{Error: "refused", Message: message} }

// driver is the process that runs Elasticsearch's classes.
type driver struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func start(command []string) (*driver, error) {
	if len(command) == 0 {
		return nil, errors.New("-driver is missing")
	}
	d := &driver{command: exec.Command(command[0], command[1:]...)} //nolint:noctx // the command of the caller, which ends with its input
	d.command.Stderr = os.Stderr
	var err error
	if d.in, err = d.command.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := d.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.out = bufio.NewReaderSize(out, 1<<20)
	return d, d.command.Start()
}

func (d *driver) close() error { return errors.Join(d.in.Close(), d.command.Wait()) }

// ask returns the answers to the rows in their order.
func (d *driver) ask(rows []row) ([]answer, error) {
	written := make(chan error, 1)
	go func() {
		in := bufio.NewWriter(d.in)
		encoder := json.NewEncoder(in)
		for _, r := range rows {
			if err := encoder.Encode(r); err != nil {
				written <- err
				return
			}
		}
		written <- in.Flush()
	}()
	answers := make([]answer, len(rows))
	for i := range answers {
		line, err := d.out.ReadBytes('\n')
		if err != nil {
			return nil, fmt.Errorf("the driver ended: %w", err)
		}
		if err := json.Unmarshal(line, &answers[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", line, err)
		}
	}
	return answers, <-written
}
