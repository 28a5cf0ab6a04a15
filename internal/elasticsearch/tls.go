// SPDX-License-Identifier: MPL-2.0

package elasticsearch

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

// tlsConfig returns the TLS configuration. It is never nil.
func (c Config) tlsConfig() (*tls.Config, validation.Violations) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	found := c.trust(config)
	return config, append(found, c.identify(config)...)
}

// trust configures which server certificates are accepted.
func (c Config) trust(config *tls.Config) validation.Violations {
	var given []validation.Path
	for _, setting := range []struct {
		path  validation.Path
		given bool
	}{
		{pathCAFile, c.CAFile != ""}, {pathCAData, c.CAData != ""}, {pathCAFingerprint, c.CAFingerprint != ""}, {pathInsecure, c.Insecure},
	} {
		if setting.given {
			given = append(given, setting.path)
		}
	}
	if len(given) > 1 {
		return validation.Violations{validation.Errorf(given[1], "Conflicting TLS trust settings",
			"%s and %s are both set. Keep one of ca_file, ca_data, ca_fingerprint and insecure.", given[0].Name(), given[1].Name())}
	}
	switch {
	case c.CAFile != "" && c.open != nil: // files are not read yet
		return nil
	case c.CAFile != "":
		pem, found := readFile(pathCAFile, c.CAFile)
		if len(found) > 0 {
			return found
		}
		return trustPEM(config, pathCAFile, pem)
	case c.CAData != "":
		return trustPEM(config, pathCAData, []byte(c.CAData))
	case c.CAFingerprint != "":
		return trustFingerprint(config, c.CAFingerprint)
	}
	config.InsecureSkipVerify = c.Insecure
	return nil
}

func trustPEM(config *tls.Config, path validation.Path, pem []byte) validation.Violations {
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return validation.Violations{validation.Errorf(path, "No certificate",
			"%s contains no PEM certificate. A certificate begins with -----BEGIN CERTIFICATE-----.", path.Name())}
	}
	return nil
}

// trustFingerprint accepts every chain that contains the certificate, without a
// check of the host name, as Elasticsearch's own clients do with the fingerprint that
// the server prints at its first start.
func trustFingerprint(config *tls.Config, fingerprint string) validation.Violations {
	want, err := hex.DecodeString(strings.ReplaceAll(fingerprint, ":", ""))
	if err != nil || len(want) != sha256.Size {
		return validation.Violations{validation.Errorf(pathCAFingerprint, "Not a fingerprint",
			"A fingerprint is the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons. \"openssl x509 -fingerprint -sha256 -noout -in http_ca.crt\" prints it.")}
	}
	config.InsecureSkipVerify = true // VerifyConnection checks instead
	config.VerifyConnection = func(state tls.ConnectionState) error {
		for _, certificate := range state.PeerCertificates {
			if sum := sha256.Sum256(certificate.Raw); bytes.Equal(sum[:], want) {
				return nil
			}
		}
		return &fingerprintError{state.PeerCertificates}
	}
	return nil
}

// fingerprintError means that no certificate that the server sent has the
// configured fingerprint.
type fingerprintError struct{ sent []*x509.Certificate }

// Error lists the certificates that the server sent.
func (e *fingerprintError) Error() string {
	certificates := make([]string, len(e.sent))
	for i, certificate := range e.sent {
		certificates[i] = fmt.Sprintf("%s (%X)", certificate.Subject, sha256.Sum256(certificate.Raw))
	}
	return "no certificate of the server has the fingerprint of ca_fingerprint; it sent " + strings.Join(certificates, ", ")
}

// identify configures the certificate of the client.
func (c Config) identify(config *tls.Config) validation.Violations {
	certificate, certPath, found := c.readPEM(pathCertFile, c.CertFile, pathCertData, c.CertData)
	key, keyPath, keyFound := c.readPEM(pathKeyFile, c.KeyFile, pathKeyData, c.KeyData.Reveal())
	if found = append(found, keyFound...); len(found) > 0 {
		return found
	}
	switch {
	case certPath == "" && keyPath == "":
		return nil
	case keyPath == "" && c.open.Any(pathKeyFile, pathKeyData), certPath == "" && c.open.Any(pathCertFile, pathCertData):
		return nil
	case keyPath == "":
		return validation.Violations{validation.Errorf(certPath, "Incomplete client certificate", "%s is set, but neither key_file nor key_data. Write the private key as well.", certPath.Name())}
	case certPath == "":
		return validation.Violations{validation.Errorf(keyPath, "Incomplete client certificate", "%s is set, but neither cert_file nor cert_data. Write the certificate as well.", keyPath.Name())}
	case c.open != nil && (c.CertFile != "" || c.KeyFile != ""):
		return nil
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		// The error of crypto/tls does not contain the key.
		return validation.Violations{validation.Errorf(certPath, "Client certificate is unusable", "%s and %s do not make a pair: %s. Write a certificate and the private key that belongs to it, both as PEM.", certPath.Name(), keyPath.Name(), err)}
	}
	config.Certificates = []tls.Certificate{pair}
	return nil
}

// readPEM reads the certificate or the key of the client. The path is empty if it is
// not set.
func (c Config) readPEM(filePath validation.Path, file string, dataPath validation.Path, data string) ([]byte, validation.Path, validation.Violations) {
	switch {
	case file != "" && data != "":
		return nil, "", validation.Violations{validation.Errorf(dataPath, "Given twice", "%s and %s are both set. Keep one.", filePath.Name(), dataPath.Name())}
	case file != "" && c.open != nil: // files are not read yet
		return nil, filePath, nil
	case file != "":
		pem, found := readFile(filePath, file)
		return pem, filePath, found
	case data != "":
		return []byte(data), dataPath, nil
	}
	return nil, "", nil
}

func readFile(path validation.Path, name string) ([]byte, validation.Violations) {
	if found := validation.FilePath(path, name); len(found) > 0 {
		return nil, found
	}
	content, err := os.ReadFile(name)
	if err != nil {
		advice := "Write the path of a PEM file that this process may read."
		err = validation.FileError(err)
		if errors.As(err, new(*validation.LinkLoopError)) {
			advice = "Write the path of a PEM file, or remove one of the links."
		}
		return nil, validation.Violations{validation.Errorf(path, "File cannot be read", "%s: %s. %s", path.Name(), err, advice)}
	}
	return content, nil
}
