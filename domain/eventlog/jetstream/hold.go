package jetstream

import "io"

// Hold keeps the folder for this process as Open does, without a log in it: for
// a court whose log is elsewhere. The error is ErrHeld where another process
// has the folder.
func Hold(dir string) (io.Closer, error) {
	p, err := take(dir)
	if err != nil {
		return nil, err
	}
	return p.lock, nil
}
