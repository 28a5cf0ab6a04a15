package bedrocksim

import (
	"bytes"
	"net/http"
	"strconv"
)

// Fault is what goes wrong with one call: either it is refused, or its answer
// is damaged on the way.
type Fault struct {
	// Status refuses the call with a code, which may be empty, and a message.
	Status        int
	Code, Message string
	// Damage spoils the answer.
	Damage Damage
}

// Damage is a way to spoil an answer.
type Damage string

// The ways to spoil an answer. CutOff and Reset end the connection, in the
// middle of the body and before any of it.
const (
	CutOff    Damage = "cut off"
	Malformed Damage = "malformed"
	HTML      Damage = "html"
	Reset     Damage = "reset"
)

// Throttled is AWS's refusal when too much is asked at once.
func Throttled() *Fault {
	return &Fault{Status: http.StatusTooManyRequests, Code: "ThrottlingException", Message: "Too many requests, please wait before trying again."}
}

// ThrottledUntyped is the same without an error type, which AWS sends too.
func ThrottledUntyped() *Fault {
	fault := Throttled()
	fault.Code = ""
	return fault
}

// ModelNotReady says that the model is being loaded.
func ModelNotReady() *Fault {
	return &Fault{Status: http.StatusTooManyRequests, Code: "ModelNotReadyException", Message: "Model is not ready for inference. Wait and try your request again."}
}

// Unavailable is a fault of the service that passes.
func Unavailable() *Fault {
	return &Fault{Status: http.StatusServiceUnavailable, Code: "ServiceUnavailableException", Message: "Service unavailable."}
}

// AccessDenied says that the account may not use the model.
func AccessDenied() *Fault {
	return &Fault{Status: http.StatusForbidden, Code: "AccessDeniedException", Message: "You don't have access to the model with the specified model ID."}
}

// ExpiredToken says that temporary credentials are too old.
func ExpiredToken() *Fault {
	return &Fault{Status: http.StatusForbidden, Code: "ExpiredTokenException", Message: "The security token included in the request is expired"}
}

// Damaged delivers the answer in that state.
func Damaged(damage Damage) *Fault { return &Fault{Damage: damage} }

func writeDamaged(w http.ResponseWriter, a *answer, damage Damage) {
	body := bytes.Join(a.pieces, nil)
	switch damage {
	case Malformed:
		w.Header().Set("Content-Type", a.contentType)
		write(w, append(body[:len(body)-1], ",,"...))
		return
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		write(w, []byte("<html><body>Sign in to the network</body></html>"))
		return
	case CutOff:
		w.Header().Set("Content-Type", a.contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		write(w, body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
	case Reset:
	}
	panic(http.ErrAbortHandler) // net/http's way to drop a connection
}
