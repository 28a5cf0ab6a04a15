// SPDX-License-Identifier: MPL-2.0

package embedded

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"io"
	"os"
	"time"
)

// The layout of bbolt's pages, in the byte order of the machine. bbolt follows
// page numbers without checking them, so that a cycle among damaged pages would
// overflow the stack or allocate without end, which no recover catches.
const (
	pageHeader  = 16 // id, flags, count, overflow
	pageElement = 16
	bucketSize  = 16 // root page and sequence

	flagBranch   = 0x01
	flagLeaf     = 0x02
	flagFreelist = 0x10
	flagBucket   = 0x01 // of a leaf's element

	metaMagic    = 0xED0CDAED
	noFreelist   = ^uint64(0)
	maxTreeDepth = 64
)

var native = binary.NativeEndian

// fileState identifies the content of a file. Checking it once is enough until
// it changes.
type fileState struct {
	info os.FileInfo
	txid uint64
}

func (a fileState) equal(b fileState) bool {
	return a.info != nil && b.info != nil && os.SameFile(a.info, b.info) && a.txid == b.txid &&
		a.info.Size() == b.info.Size() && a.info.ModTime().Equal(b.info.ModTime())
}

// settled reports whether the file is old enough for a later change to show in
// its modification time.
func (a fileState) settled() bool { return time.Since(a.info.ModTime()) > 2*time.Second }

// eraseFreePages overwrites everything in the file that no page refers to.
// Deleted and replaced keys would stay there otherwise. A crash at any moment
// is harmless, because nothing reads these pages; the next write erases what is
// left. The caller holds the lock for writing.
func (s *store) eraseFreePages(file *os.File, pageSize int) error {
	walker, _, err := walkPages(file, pageSize, fileState{})
	if err != nil {
		return err
	}
	page, zeros, erased := make([]byte, pageSize), make([]byte, pageSize), false
	for id := uint64(2); ; id++ {
		if id < uint64(len(walker.used)) && walker.used[id] {
			continue
		}
		read, err := file.ReadAt(page, int64(id)*int64(pageSize))
		if read > 0 && !bytes.Equal(page[:read], zeros[:read]) {
			if _, err := file.WriteAt(zeros[:read], int64(id)*int64(pageSize)); err != nil {
				return err
			}
			erased = true
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if erased {
		return file.Sync()
	}
	return nil
}

// pageWalker visits each page of a file once.
type pageWalker struct {
	file     io.ReaderAt
	pageSize int
	used     []bool // by page number
}

// walkPages returns the state of the file, and an error if following its pages could
// fail: a page that is reached twice, is out of bounds, has another number or type
// than expected, keys out of order, or a free page that is in use. A file of the known
// state is not walked, and has no walker. The caller holds the lock of the file.
func walkPages(file *os.File, pageSize int, known fileState) (*pageWalker, fileState, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fileState{}, err
	}
	if pageSize < 1024 || pageSize > 1<<16 {
		return nil, fileState{}, damaged("its page size is %d", pageSize)
	}
	var root, freelist, limit, txid uint64
	for id := range uint64(2) {
		page := make([]byte, pageHeader+64)
		if _, err := file.ReadAt(page, int64(id)*int64(pageSize)); err != nil {
			return nil, fileState{}, damaged("its meta page %d cannot be read: %v", id, err)
		}
		meta := page[pageHeader:]
		sum := fnv.New64a()
		_, _ = sum.Write(meta[:56])
		if native.Uint32(meta) != metaMagic || native.Uint64(meta[56:]) != sum.Sum64() || (limit > 0 && native.Uint64(meta[48:]) < txid) {
			continue
		}
		root, freelist, limit, txid = native.Uint64(meta[16:]), native.Uint64(meta[32:]), native.Uint64(meta[40:]), native.Uint64(meta[48:])
	}
	if pages := uint64(info.Size()) / uint64(pageSize); limit < 3 || limit > pages { //nolint:gosec // sizes are positive
		return nil, fileState{}, damaged("it has %d pages instead of %d", pages, limit)
	}
	state := fileState{info, txid}
	if state.equal(known) && state.settled() {
		return nil, state, nil
	}
	walker := &pageWalker{file: file, pageSize: pageSize, used: make([]bool, limit)}
	if err := walker.tree(root); err != nil {
		return nil, fileState{}, err
	}
	if freelist == noFreelist {
		return walker, state, nil
	}
	return walker, state, walker.freelist(freelist)
}

// page reads a page with its overflow pages and marks them as used.
func (w *pageWalker) page(id uint64) (content []byte, flags uint16, count int, err error) {
	limit := uint64(len(w.used))
	if id < 2 || id >= limit {
		return nil, 0, 0, damaged("page %d is out of bounds", id)
	}
	header := make([]byte, pageHeader)
	if _, err := w.file.ReadAt(header, int64(id)*int64(w.pageSize)); err != nil { //nolint:gosec // below limit
		return nil, 0, 0, damaged("page %d: %v", id, err)
	}
	overflow := uint64(native.Uint32(header[12:]))
	if native.Uint64(header) != id || overflow >= limit-id {
		return nil, 0, 0, damaged("page %d has a wrong header", id)
	}
	for used := id; used <= id+overflow; used++ {
		if w.used[used] {
			return nil, 0, 0, damaged("page %d is used twice", used)
		}
		w.used[used] = true
	}
	content = make([]byte, (overflow+1)*uint64(w.pageSize))                        //nolint:gosec // within the file
	if _, err := w.file.ReadAt(content, int64(id)*int64(w.pageSize)); err != nil { //nolint:gosec // below limit
		return nil, 0, 0, damaged("page %d: %v", id, err)
	}
	return content, native.Uint16(header[8:]), int(native.Uint16(header[10:])), nil
}

// tree checks the B+ tree of a bucket.
func (w *pageWalker) tree(root uint64) error {
	var last []byte
	return w.node(root, 0, nil, &last)
}

// node checks a page and its children. least is the key by which its parent finds
// the page: no key in it may be smaller, or a search would miss it. last is the
// largest key so far.
func (w *pageWalker) node(id uint64, depth int, least []byte, last *[]byte) error {
	content, flags, count, err := w.page(id)
	if err != nil {
		return err
	}
	switch {
	case depth > maxTreeDepth:
		return damaged("the tree is too deep")
	case flags == flagLeaf:
		return w.leaf(content, count, least, last)
	case flags != flagBranch || count == 0:
		return damaged("page %d has type %#x", id, flags)
	}
	for i := range count {
		key, at, err := element(content, i, count, 0, 4)
		if err != nil {
			return err
		}
		if i > 0 && *last != nil && bytes.Compare(key, *last) <= 0 || i == 0 && bytes.Compare(key, least) < 0 {
			return damaged("the keys of page %d are out of order", id)
		}
		if err := w.node(native.Uint64(content[at+8:]), depth+1, key, last); err != nil {
			return err
		}
	}
	return nil
}

// element returns the key of an element, and where the element is. posAt and
// sizeAt are the offsets of the key's position and size in the element.
func element(content []byte, i, count, posAt, sizeAt int) (key []byte, at int, err error) {
	if pageHeader+count*pageElement > len(content) {
		return nil, 0, damaged("a page has %d elements", count)
	}
	at = pageHeader + i*pageElement
	start := uint64(at) + uint64(native.Uint32(content[at+posAt:])) //nolint:gosec // at is positive
	end := start + uint64(native.Uint32(content[at+sizeAt:]))
	if start < uint64(pageHeader+count*pageElement) && end > start || end > uint64(len(content)) { //nolint:gosec // sizes are positive
		return nil, 0, damaged("a key is out of bounds")
	}
	return content[start:end], at, nil
}

func (w *pageWalker) leaf(content []byte, count int, least []byte, last *[]byte) error {
	for i := range count {
		key, at, err := element(content, i, count, 4, 8)
		if err != nil {
			return err
		}
		if *last != nil && bytes.Compare(key, *last) <= 0 || i == 0 && bytes.Compare(key, least) < 0 {
			return damaged("keys are out of order")
		}
		*last = append([]byte{}, key...)
		start := uint64(at) + uint64(native.Uint32(content[at+4:])) + uint64(len(key)) //nolint:gosec // at is positive
		size := uint64(native.Uint32(content[at+12:]))
		if start+size > uint64(len(content)) {
			return damaged("a value is out of bounds")
		}
		if native.Uint32(content[at:])&flagBucket == 0 {
			continue
		}
		if err := w.bucket(content[start : start+size]); err != nil {
			return err
		}
	}
	return nil
}

// bucket checks a nested bucket, whose single page may be part of the value.
func (w *pageWalker) bucket(value []byte) error {
	if len(value) < bucketSize {
		return damaged("a bucket is too short")
	}
	if root := native.Uint64(value); root != 0 {
		return w.tree(root)
	}
	page := value[bucketSize:]
	if len(page) < pageHeader || native.Uint16(page[8:]) != flagLeaf {
		return damaged("a bucket has no page")
	}
	var last []byte
	return w.leaf(page, int(native.Uint16(page[10:])), nil, &last)
}

func (w *pageWalker) freelist(id uint64) error {
	content, flags, count, err := w.page(id)
	if err != nil {
		return err
	}
	ids := content[pageHeader:]
	size := uint64(count) //nolint:gosec // 16 bits
	if count == 0xFFFF {
		size, ids = native.Uint64(ids), ids[8:]
	}
	if flags != flagFreelist || size > uint64(len(ids))/8 {
		return damaged("the list of free pages has type %#x and %d entries", flags, size)
	}
	free := make([]bool, len(w.used))
	for ; size > 0; size, ids = size-1, ids[8:] {
		id := native.Uint64(ids)
		if id < 2 || id >= uint64(len(free)) || free[id] || w.used[id] {
			return damaged("page %d cannot be free", id)
		}
		free[id] = true
	}
	return nil
}
