package embedded

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

var (
	bucketEndpoints = []byte("endpoints")
	bucketMeta      = []byte("meta")
	keyFormat       = []byte("format")
	keyUUID         = []byte("uuid")
)

// The formats of what lies in the file. A file of any other is refused, so that
// an old binary never spoils it.
const (
	formatClear  = "1" // keys as they are
	formatSealed = "2" // keys under a passphrase
)

// The faults of a file's content.
var (
	errContent   = errors.New("content")
	errForeign   = fmt.Errorf("%w: it is a bbolt file of something else", errContent)
	errNotSealed = fmt.Errorf("%w: its keys lie in clear, and a passphrase is given. "+
		"Delete the file and make its endpoints again, which seals their keys, or unset %s and %s", errContent, variablePassphrase, variablePassphraseFile)
	errNoPassphrase = fmt.Errorf("%w: its keys are sealed, and no passphrase is given. Set %s or %s", errContent, variablePassphrase, variablePassphraseFile)
)

// initialise fills a file that was just made, and names one that was made before
// files had names.
func (s *store) initialise(tx *bbolt.Tx) error {
	if meta := tx.Bucket(bucketMeta); meta != nil {
		if err := s.checkContent(tx); err != nil || meta.Get(keyUUID) != nil {
			return err
		}
		return meta.Put(keyUUID, []byte(newUUID()))
	}
	if !isBlank(tx) {
		return errForeign
	}
	meta, err := tx.CreateBucket(bucketMeta)
	if err != nil {
		return err
	}
	if _, err := tx.CreateBucket(bucketEndpoints); err != nil {
		return err
	}
	if err := meta.Put(keyUUID, []byte(newUUID())); err != nil {
		return err
	}
	if s.seal == nil {
		return meta.Put(keyFormat, []byte(formatClear))
	}
	if err := s.seal.make(meta); err != nil {
		return err
	}
	return meta.Put(keyFormat, []byte(formatSealed))
}

// isBlank tells that nothing was put into a file yet: whoever made it may have
// been killed before it did.
func isBlank(tx *bbolt.Tx) bool {
	first, _ := tx.Cursor().First()
	return first == nil
}

// newUUID has the form of Elasticsearch's.
func newUUID() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	return base64.RawURLEncoding.EncodeToString(random)
}

// checkContent refuses what is not ours, newer than we are, or sealed otherwise.
func (s *store) checkContent(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil || tx.Bucket(bucketEndpoints) == nil {
		return errForeign
	}
	switch found := string(meta.Get(keyFormat)); {
	case found != formatClear && found != formatSealed:
		return fmt.Errorf("%w: it has format %q, this version of the provider reads formats %q and %q; use the version that wrote it or a newer one",
			errContent, found, formatClear, formatSealed)
	case found == formatClear && s.seal != nil:
		return errNotSealed
	case found == formatSealed && s.seal == nil:
		return errNoPassphrase
	case found == formatSealed:
		return s.seal.open(meta)
	}
	return nil
}
