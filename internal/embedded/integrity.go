// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"

	"go.etcd.io/bbolt"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/inference"
)

// damage is the error of a file whose content is not what was written. fileError
// turns it into a backend.Error of kind Damaged.
type damage struct {
	record string // the id of the endpoint; empty for the rest of the file
	found  string
	cause  error // may be nil
}

// Error returns what was found, and where.
func (d *damage) Error() string {
	if d.record != "" {
		return fmt.Sprintf("in the record of endpoint %q, %s", d.record, d.found)
	}
	return d.found
}

// Unwrap returns the cause.
func (d *damage) Unwrap() error { return d.cause }

func damaged(format string, args ...any) error {
	return &damage{found: fmt.Sprintf(format, args...)}
}

// The file protects its content with CRC-32C. Each record begins with the
// checksum of its key and of the rest of its value, and the meta bucket contains
// the number of records and the checksum of its other entries. Files of the
// formats 1 and 2 have no checksums until they are first written.
var (
	keyChecksum = []byte("checksum")
	keyCount    = []byte("endpoints")
)

// The beginning of a record: the checksum is 8 hexadecimal digits.
const (
	checksumPrefix = `{"checksum":"`
	noChecksum     = "00000000"
)

func checksum(parts ...[]byte) string {
	// The table is made at its first use: it takes more time than all else that the
	// package does when a process starts.
	hash := crc32.New(crc32.MakeTable(crc32.Castagnoli))
	for _, part := range parts {
		_, _ = hash.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // never fails
		_, _ = hash.Write(part)
	}
	return fmt.Sprintf("%08x", hash.Sum32())
}

// encode returns the value of a record, with its checksum.
func (r record) encode(inferenceID string) ([]byte, error) {
	r.Checksum = noChecksum
	data, err := json.Marshal(r) //nolint:gosec // a file that is not encrypted stores keys in clear
	if err != nil {
		return nil, err
	}
	rest := data[len(checksumPrefix)+len(noChecksum):]
	copy(data[len(checksumPrefix):], checksum([]byte(inferenceID), rest))
	return data, nil
}

// verifyRecord returns an error if the checksum of a record does not match.
func verifyRecord(inferenceID, data []byte) error {
	rest, begins := bytes.CutPrefix(data, []byte(checksumPrefix))
	if !begins || len(rest) < len(noChecksum) || string(rest[:len(noChecksum)]) != checksum(inferenceID, rest[len(noChecksum):]) {
		return &damage{record: string(inferenceID), found: "the checksum does not match"}
	}
	return nil
}

// decodeRecord reads and verifies a record. Those of older formats have no
// checksum.
func decodeRecord(inferenceID, data []byte, older bool) (stored record, endpoint inference.Endpoint, err error) {
	if !older {
		if err := verifyRecord(inferenceID, data); err != nil {
			return stored, endpoint, err
		}
	}
	bad := func(cause error, format string, args ...any) error {
		return &damage{record: string(inferenceID), found: fmt.Sprintf(format, args...), cause: cause}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&stored); err != nil || decoder.InputOffset() != int64(len(data)) {
		return stored, endpoint, bad(err, "the JSON is not that of a record")
	}
	endpoint, err = inference.ParseEndpoint(stored.Endpoint)
	switch settings := endpoint.ServiceSettings; {
	case err != nil:
		return stored, endpoint, bad(err, "the JSON is not that of an endpoint")
	case endpoint.InferenceID != string(inferenceID):
		return stored, endpoint, bad(nil, "the id is %q", endpoint.InferenceID)
	case !slices.Contains(inference.TaskTypes(), endpoint.TaskType):
		return stored, endpoint, bad(nil, "the task type is %q", endpoint.TaskType)
	case endpoint.Service == "" || settings.Region == "" || settings.Model == "" || settings.Provider == "":
		return stored, endpoint, bad(nil, "the service, the region, the model or the provider is missing")
	case (stored.AccessKey == "") != (stored.SecretKey == ""):
		return stored, endpoint, bad(nil, "one of the two keys is missing")
	}
	return stored, endpoint, nil
}

// protect counts the endpoints and writes the checksum of the meta bucket, at the
// end of a transaction.
func protect(tx *bbolt.Tx) error {
	count := 0
	err := tx.Bucket(bucketEndpoints).ForEach(func([]byte, []byte) error {
		count++
		return nil
	})
	if err != nil {
		return err
	}
	meta := tx.Bucket(bucketMeta)
	if err := meta.Put(keyCount, []byte(strconv.Itoa(count))); err != nil {
		return err
	}
	return meta.Put(keyChecksum, []byte(metaChecksum(meta)))
}

// upgrade changes a file of an older format: it sets the format, adds checksums to
// the records, and adds the uuid that the first version did not write.
func upgrade(tx *bbolt.Tx) error {
	meta, endpoints := tx.Bucket(bucketMeta), tx.Bucket(bucketEndpoints)
	newer := map[string]string{formatOlderPlain: formatPlain, formatOlderEncrypted: formatEncrypted}
	format, isOlder := newer[string(meta.Get(keyFormat))]
	if !isOlder {
		return nil
	}
	if meta.Get(keyUUID) == nil {
		if err := meta.Put(keyUUID, []byte(newUUID())); err != nil {
			return err
		}
	}
	if err := meta.Put(keyFormat, []byte(format)); err != nil {
		return err
	}
	upgraded := map[string][]byte{}
	err := endpoints.ForEach(func(id, data []byte) error {
		stored, _, err := decodeRecord(id, data, true)
		if err == nil {
			upgraded[string(id)], err = stored.encode(string(id))
		}
		return err
	})
	if err != nil {
		return err
	}
	for id, data := range upgraded {
		if err := endpoints.Put([]byte(id), data); err != nil {
			return err
		}
	}
	return nil
}

// metaChecksum returns the checksum of all entries but itself.
func metaChecksum(meta *bbolt.Bucket) string {
	var parts [][]byte
	_ = meta.ForEach(func(key, value []byte) error { // the function never fails
		if !bytes.Equal(key, keyChecksum) {
			parts = append(parts, key, value)
		}
		return nil
	})
	return checksum(parts...)
}

// verifyMeta returns an error if the meta bucket is damaged or of a format that
// this program does not know.
func verifyMeta(meta *bbolt.Bucket) error {
	format, sum := string(meta.Get(keyFormat)), meta.Get(keyChecksum)
	if sum != nil && string(sum) != metaChecksum(meta) {
		return damaged("the checksum of its header does not match")
	}
	var known [][]byte
	switch format {
	case formatPlain:
		known = [][]byte{keyFormat, keyUUID, keyChecksum, keyCount}
	case formatEncrypted:
		known = [][]byte{keyFormat, keyUUID, keyChecksum, keyCount, keyIdentity, keyRecipient}
	case formatOlderPlain:
		known = [][]byte{keyFormat, keyUUID}
	case formatOlderEncrypted:
		known = [][]byte{keyFormat, keyUUID, keyIdentity, keyRecipient}
	default:
		if number, err := strconv.Atoi(format); err != nil || number < 1 {
			return damaged("the format is %q", format)
		}
		return fmt.Errorf("it has format %q, and this version of the program reads formats %s to %s; use the version that wrote it or a newer one",
			format, formatOlderPlain, formatEncrypted)
	}
	entries := 0
	err := meta.ForEach(func(key, _ []byte) error {
		if entries++; !slices.ContainsFunc(known, func(name []byte) bool { return bytes.Equal(name, key) }) {
			return damaged("its header has an entry %q", key)
		}
		return nil
	})
	older := isOlder(format)
	switch id, _ := base64.RawURLEncoding.Strict().DecodeString(string(meta.Get(keyUUID))); {
	case err != nil:
		return err
	case older && meta.Get(keyUUID) == nil: // the first version wrote none
		return nil
	case len(id) != uuidSize:
		return damaged("the UUID is %q", meta.Get(keyUUID))
	case !older && entries != len(known):
		return damaged("its header has %d entries instead of %d", entries, len(known))
	}
	return nil
}

// verifyRecords returns an error if a record is damaged or missing.
func verifyRecords(tx *bbolt.Tx) error {
	older, count := hasOlderFormat(tx), 0
	err := tx.Bucket(bucketEndpoints).ForEach(func(id, data []byte) error {
		count++
		if older {
			_, _, err := decodeRecord(id, data, true)
			return err
		}
		return verifyRecord(id, data)
	})
	if want := string(tx.Bucket(bucketMeta).Get(keyCount)); err == nil && !older && want != strconv.Itoa(count) {
		return damaged("it has %d endpoints, and its header says %s", count, want)
	}
	return err
}
