// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// Keys of a resource's private state.
const (
	privateKeysDigest = "keys_digest"
	// privateFile is the embedded file that holds the endpoint. It is missing in
	// states of the first versions.
	privateFile = "place"
	// privateAddress is the address of the cluster that holds the endpoint, for
	// messages.
	privateAddress = "address"
)

// privateReader and privateWriter are what the framework's private state
// implements; its own type is internal to the framework.
type (
	privateReader interface {
		GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	}
	privateWriter interface {
		SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
	}
	privateReadWriter interface {
		privateReader
		privateWriter
	}
)

// readPrivate decodes one key; ok is false if the key is missing or malformed.
func readPrivate(ctx context.Context, private privateReader, key string, into any) (ok bool) {
	data, diags := private.GetKey(ctx, key)
	return !diags.HasError() && len(data) > 0 && json.Unmarshal(data, into) == nil
}

// hasPrivateState reports whether a former state of the resource has been written.
// Terraform passes it to the second step of a planned replacement.
func hasPrivateState(ctx context.Context, private privateReader) bool {
	for _, key := range []string{privateKeysDigest, privateFile, privateAddress} {
		if data, _ := private.GetKey(ctx, key); len(data) > 0 {
			return true
		}
	}
	return false
}

func writePrivate(ctx context.Context, private privateWriter, key string, value any) diag.Diagnostics {
	data, err := json.Marshal(value)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Private state cannot be written", err.Error())}
	}
	return private.SetKey(ctx, key, data)
}

// fileState is the JSON form of the embedded file's location.
type fileState struct {
	Path string `json:"path"`
	UUID string `json:"uuid"`
}

// storeLocation records which embedded file, or which address, holds the endpoint.
// If the file cannot be identified now, the next refresh records it.
func (r *endpointResource) storeLocation(ctx context.Context, private privateWriter) diag.Diagnostics {
	target, ok := r.data.target.(backend.Placed)
	if !ok {
		return writePrivate(ctx, private, privateAddress, r.data.target.Address())
	}
	if file, err := target.Place(ctx); err == nil && file.UUID != "" {
		return writePrivate(ctx, private, privateFile, fileState(file))
	}
	return nil
}
