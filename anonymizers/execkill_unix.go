//go:build unix

package anonymizers

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// killTogether makes cancelling cmd kill its process group: the command and
// what it started.
func killTogether(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error {
		err := syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		if errors.Is(err, syscall.ESRCH) {
			return os.ErrProcessDone
		}
		return err
	}
}
