package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
)

// prepare makes the directory, private and kept out of version control, and the
// file where there is none.
func (s *store) prepare() error {
	dir := filepath.Dir(s.path)
	switch _, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrNotExist):
		if err := s.prepareDirectory(dir); err != nil {
			return err
		}
	case err != nil:
		return s.fault(err)
	}
	if _, err := s.checkFile(); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return s.fault(s.create(dir))
}

func (s *store) prepareDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return s.fault(err)
	}
	return s.fault(os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600))
}

// create makes the file under another name and gives it its own once it is
// whole: whoever is killed in between leaves no half file behind. A file that
// another process made meanwhile stays.
func (s *store) create(dir string) error {
	unfinished, err := os.CreateTemp(dir, filepath.Base(s.path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(unfinished.Name()) //nolint:errcheck // it may have its own name by now
	if err := unfinished.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(unfinished.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(s.initialise), db.Close()); err != nil {
		return err
	}
	if err := s.link(unfinished.Name(), s.path); err != nil && !errors.Is(err, fs.ErrExist) {
		if err := s.createEmpty(); err != nil { // a file system without links
			return err
		}
	}
	syncDirectory(dir)
	return nil
}

// createEmpty makes a file that holds nothing yet, unless another process made
// one meanwhile: to rename one would put it in the place of theirs. bbolt fills
// it under its lock.
func (s *store) createEmpty() error {
	file, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return file.Close()
}

// checkFile refuses what cannot be the file, or is not safe. An empty one, such
// as mktemp makes, holds nothing yet; bbolt fills it when it is opened to write.
func (s *store) checkFile() (empty bool, err error) {
	info, err := os.Stat(s.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		return false, s.fault(err)
	}
	if info.IsDir() {
		return false, s.fault(fmt.Errorf("it is a directory; %s names a file", s.setting))
	}
	return info.Size() == 0, s.fault(checkMode(s.path, info))
}

// errDamaged is a file in which bbolt found what cannot be.
var errDamaged = errors.New("it is damaged")

// use opens the file, runs do on it and closes it. bbolt panics where a page is
// not what it has to be, and to read a mapped file behind its end is a fault of
// memory, so whatever panics in here is taken for damage of the file.
func (s *store) use(ctx context.Context, readOnly bool, do func(*bbolt.DB) error) (err error) {
	wait := lockWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	var used opening
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if damage := recover(); damage != nil {
			used.abandon()
			err = fmt.Errorf("%w: %v", errDamaged, damage)
		}
	}()
	used.db, err = bbolt.Open(s.path, 0o600, &bbolt.Options{
		Timeout: max(wait, time.Millisecond), ReadOnly: readOnly, OpenFile: used.openFile,
	})
	if err != nil {
		return err
	}
	err = do(used.db)
	_ = used.db.Close() // what was committed is on disk whatever this says
	return err
}

// opening is a file while it is in use.
type opening struct {
	file *os.File
	db   *bbolt.DB // nil until it is open
}

func (o *opening) openFile(name string, flag int, mode fs.FileMode) (_ *os.File, err error) {
	o.file, err = os.OpenFile(name, flag, mode)
	return o.file, err
}

// abandon releases a file in which bbolt has panicked: at once, for others wait
// for its lock. Its memory is released beside that, because bbolt may have left
// locks of its own behind, and then never returns.
func (o *opening) abandon() {
	unlock(o.file)
	_ = o.file.Close()
	if o.db != nil {
		go func() { _ = o.db.Close() }()
	}
}

// fault says which file is at fault, unless err already speaks for itself.
func (s *store) fault(err error) error {
	var (
		told    *backend.Error
		refused *fs.PathError // by the system
	)
	if err == nil || errors.As(err, &told) {
		return err
	}
	fault := &backend.Error{
		Kind: backend.Unusable, Summary: "Endpoint file cannot be used",
		Detail: fmt.Sprintf("%s: %v.", s.path, err), Cause: err,
	}
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		fault.Detail = s.path + " is locked by another process. Wait for it to end, or set another " + s.setting + "."
	case errors.Is(err, errDamaged), errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		fault.Detail = s.path + " is not a file of endpoints, or it is damaged. Set another " + s.setting + ", or move the file away."
	case errors.As(err, &refused):
		fault.Detail += " Set another " + s.setting + ", or change what may be done there."
	}
	return fault
}
