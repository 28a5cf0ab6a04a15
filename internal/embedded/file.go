// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/terraform-provider-inference/terraform-provider-inference/internal/backend"
	"github.com/terraform-provider-inference/terraform-provider-inference/internal/validation"
)

var (
	errEmpty    = damaged("it is empty")
	errVanished = errors.New("the file was removed or emptied while it was in use. Restore it, or start again with a new file")
	errReplaced = errors.New("the file was replaced by another one while it was in use. Restore it, or start again with the new file")
)

// prepare creates the file if there is none. A new directory is private and
// excluded from version control.
func (s *store) prepare() error {
	if err := s.checkFile(); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	dir := filepath.Dir(s.path)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		err := os.MkdirAll(dir, 0o700)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, ".gitignore"), []byte("*\n"), 0o600)
		}
		if err != nil {
			return s.fileError(err)
		}
	}
	return s.fileError(s.create(dir))
}

// create fills a temporary file and links it to its final name, so that a
// process that is killed leaves no incomplete file. If another process created
// the file meanwhile, that one is used.
func (s *store) create(dir string) error {
	temporary, err := os.CreateTemp(dir, filepath.Base(s.path)+".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name()) //nolint:errcheck // only a second name of the file
	if err := temporary.Close(); err != nil {
		return err
	}
	db, err := bbolt.Open(temporary.Name(), 0o600, nil)
	if err != nil {
		return err
	}
	if err := errors.Join(db.Update(s.initialize), db.Close()); err != nil {
		return err
	}
	if err := s.link(temporary.Name(), s.path); err != nil && !errors.Is(err, fs.ErrExist) {
		if err := s.rename(temporary.Name()); err != nil { // the file system has no links
			return err
		}
	}
	syncDirectory(dir)
	return nil
}

// rename gives the temporary file its final name, unless another process created
// the file meanwhile. Renaming replaces existing files, so the processes exclude
// each other with the lock of a second file, which bbolt holds. The second file
// is removed after the first one has its name: a process that still waits for the
// lock then finds the first one.
func (s *store) rename(temporary string) error {
	name := s.path + ".lock"
	lock, err := bbolt.Open(name, 0o600, &bbolt.Options{Timeout: lockWait})
	if err != nil {
		return err
	}
	if _, err = os.Lstat(s.path); errors.Is(err, fs.ErrNotExist) {
		err = os.Rename(temporary, s.path)
	}
	if err := errors.Join(err, lock.Close()); err != nil {
		return err
	}
	_ = os.Remove(name) // Windows refuses it while others wait for the lock
	return nil
}

// checkFile returns an error if the path names something else than a private
// regular file with content, and fs.ErrNotExist if it names nothing. Creation leaves
// no empty file, so an empty one has lost its content.
func (s *store) checkFile() error {
	info, err := os.Stat(s.path)
	missing := errors.Is(err, fs.ErrNotExist)
	if missing {
		switch link, linkErr := os.Lstat(s.path); {
		case linkErr == nil && link.Mode()&fs.ModeSymlink != 0:
			return s.fileError(fmt.Errorf("it is a symbolic link to a file that does not exist; %s must name a file", s.setting))
		case linkErr == nil:
			return s.checkFile() // another process has just created the file
		}
	}
	empty := err == nil && info.Size() == 0
	switch {
	case (empty || missing) && s.uuid != "":
		return s.fileError(errVanished)
	case missing:
		return err
	case err == nil:
		err = s.checkInfo(info)
	}
	if err == nil && empty {
		err = errEmpty
	}
	return s.fileError(err)
}

func (s *store) checkInfo(info fs.FileInfo) error {
	if info.Mode().IsRegular() {
		return checkPrivate(s.path, info)
	}
	kind := "a device, pipe or socket"
	if info.IsDir() {
		kind = "a directory"
	}
	return fmt.Errorf("it is %s; %s must name a regular file", kind, s.setting)
}

// ReadPrivateFile reads a file that holds a secret. It returns an error if
// other users of the machine may read a regular file, or if one owns it. The error of a
// loop of symbolic links is a *validation.LinkLoopError.
func ReadPrivateFile(path string) ([]byte, error) {
	info, err := os.Stat(path) //nolint:gosec // the user names the file
	if err != nil {
		return nil, validation.FileError(err)
	}
	if info.Mode().IsRegular() { // others, such as pipes, have no lasting content
		if err := checkPrivate(path, info); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return os.ReadFile(path) //nolint:gosec // the user names the file
}

// use opens the file, runs do in a transaction and closes the file. Structure and
// content are verified first, unless the file did not change since. Before a
// write, this happens under a lock for reading, because bbolt reads the list of
// free pages as soon as it opens a file for writing. bbolt panics on pages that
// it does not expect, and reading beyond the end of a mapped file is a memory
// fault; both are reported as damage.
func (s *store) use(ctx context.Context, readOnly bool, do func(*bbolt.Tx) error) (err error) {
	if !readOnly {
		if err := s.use(ctx, true, func(*bbolt.Tx) error { return nil }); err != nil {
			return err
		}
	}
	wait := lockWait
	if deadline, ok := ctx.Deadline(); ok {
		wait = min(wait, time.Until(deadline))
	}
	opened := openedFile{check: s.checkInfo}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			opened.abandon()
			err = damaged("%v", cause)
		}
	}()
	opened.db, err = bbolt.Open(s.path, 0o600, &bbolt.Options{
		Timeout: max(wait, time.Millisecond), ReadOnly: readOnly, OpenFile: opened.open,
	})
	if err != nil {
		return openError(err)
	}
	defer opened.db.Close() //nolint:errcheck // committed data is on disk already
	pageSize := opened.db.Info().PageSize
	if readOnly {
		_, state, err := walkPages(opened.file, pageSize, s.checked)
		if err != nil {
			return err
		}
		return opened.db.View(func(tx *bbolt.Tx) error {
			if err := verifyContent(tx); err != nil {
				return err
			}
			if !state.equal(s.checked) || !state.settled() {
				if err := verifyRecords(tx); err != nil {
					return err
				}
				s.checked, s.checkedAt = state, s.now()
			}
			return do(tx)
		})
	}
	err = opened.db.Update(func(tx *bbolt.Tx) error {
		if err := verifyContent(tx); err != nil { // the file may be another one by now
			return err
		}
		return do(tx)
	})
	if err != nil {
		return err
	}
	return s.eraseFreePages(opened.file, pageSize)
}

// IsLocked reports whether err is that of a file that another process has locked.
func IsLocked(err error) bool { return errors.Is(err, bolterrors.ErrTimeout) }

// openError classifies an error of bbolt about a file that it does not open.
func openError(err error) error {
	number, _ := errors.AsType[syscall.Errno](err)
	switch {
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return &damage{found: "its first pages are not those of a file of endpoints", cause: err}
	case strings.Contains(err.Error(), "file size too small"):
		return &damage{found: "it was cut off", cause: err}
	case number == syscall.EINVAL: // bbolt maps a file of a wrong size
		return &damage{found: "it cannot be mapped into memory", cause: err}
	}
	return err
}

// openedFile is the file of an operation.
type openedFile struct {
	check func(fs.FileInfo) error
	file  *os.File
	db    *bbolt.DB // nil until bbolt has opened the file
}

// open opens an existing file, and checks it again: the path may name another
// file by now.
func (o *openedFile) open(name string, flag int, mode fs.FileMode) (_ *os.File, err error) {
	if o.file, err = os.OpenFile(name, flag&^os.O_CREATE, mode); err != nil {
		return nil, err
	}
	info, err := o.file.Stat()
	if err == nil {
		err = o.check(info)
	}
	if err != nil {
		return nil, errors.Join(err, o.file.Close())
	}
	return o.file, nil
}

// abandon releases the lock of a file in which bbolt panicked, because other
// processes wait for it. Closing the database may block forever on a mutex that
// the panic left locked, so it happens in the background.
func (o *openedFile) abandon() {
	if o.file == nil {
		return
	}
	unlock(o.file)
	_ = o.file.Close()
	if o.db != nil {
		go func() { _ = o.db.Close() }()
	}
}

// fileError adds the path and advice to an error, unless it is a backend.Error
// already.
func (s *store) fileError(err error) error {
	if err == nil || errors.As(err, new(*backend.Error)) || errors.Is(err, errConflict) {
		return err
	}
	if found, ok := errors.AsType[*damage](err); ok {
		return &backend.Error{
			Kind: backend.Damaged, Summary: "Endpoint file is damaged",
			Detail: fmt.Sprintf("%s is not a file of endpoints, or it is damaged: %v. If the path is wrong, correct %s. "+
				"Otherwise restore the file from a backup; or, without a backup, move it away and create its endpoints again, in a new file.",
				s.path, found, s.setting),
			Cause: err,
		}
	}
	err = validation.FileError(err)
	fault := &backend.Error{
		Kind: backend.Unusable, Summary: "Endpoint file cannot be used",
		Detail: fmt.Sprintf("%s: %v.", s.path, err), Cause: err,
	}
	switch {
	case IsLocked(err):
		fault.Detail = s.path + " is locked by another process. Wait until that process ends, or set another " + s.setting + "."
	case errors.Is(err, fs.ErrPermission):
		fault.Detail += " Set another " + s.setting + ", or change the permissions."
	case errors.As(err, new(*validation.LinkLoopError)):
		fault.Detail += " Set another " + s.setting + ", or remove one of the links."
	case errors.As(err, new(*fs.PathError)): // from the operating system
		fault.Detail += " Set another " + s.setting + "."
	}
	return fault
}
