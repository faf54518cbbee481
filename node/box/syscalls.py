"""Numbers of system calls, from the kernel's own tables, for the architectures that can be filtered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

NEWEST_KNOWN = 450
"""What came after set_mempolicy_home_node (Linux 5.17) has the same number everywhere, and nobody needs it yet."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """How a processor's system calls are told apart.

    Attributes:
        audit: the kernel's AUDIT_ARCH constant.
        numbers: by the name of the call; a call that it does not have is missing.
    """

    audit: int
    numbers: Mapping[str, int]


X86_64 = {
    "acct": 163, "add_key": 248, "adjtimex": 159, "bpf": 321, "chmod": 90, "chown": 92, "chroot": 161,
    "clock_adjtime": 305, "clock_settime": 227, "clone": 56, "clone3": 435, "connect": 42, "delete_module": 176,
    "execve": 59, "execveat": 322, "fanotify_init": 300, "fchmod": 91, "fchmodat": 268, "fchown": 93, "fchownat": 260,
    "finit_module": 313, "fork": 57, "fremovexattr": 199, "fsconfig": 431, "fsetxattr": 190, "fsmount": 432,
    "fsopen": 430, "fspick": 433, "futimesat": 261, "init_module": 175, "io_uring_enter": 426,
    "io_uring_register": 427, "io_uring_setup": 425, "ioperm": 173, "iopl": 172, "kcmp": 312, "kexec_file_load": 320,
    "kexec_load": 246, "keyctl": 250, "kill": 62, "lchown": 94, "lookup_dcookie": 212, "lremovexattr": 198,
    "lsetxattr": 189, "migrate_pages": 256, "mknod": 133, "mknodat": 259, "modify_ldt": 154, "mount": 165,
    "mount_setattr": 442, "move_mount": 429, "move_pages": 279, "open_by_handle_at": 304, "open_tree": 428,
    "perf_event_open": 298, "personality": 135, "pidfd_getfd": 438, "pidfd_open": 434, "pidfd_send_signal": 424,
    "pivot_root": 155, "prlimit64": 302, "process_madvise": 440, "process_vm_readv": 310, "process_vm_writev": 311,
    "ptrace": 101, "quotactl": 179, "quotactl_fd": 443, "reboot": 169, "removexattr": 197, "request_key": 249,
    "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "setdomainname": 171, "sethostname": 170, "setns": 308,
    "settimeofday": 164, "setxattr": 188, "socket": 41, "swapoff": 168, "swapon": 167, "syslog": 103, "tgkill": 234,
    "tkill": 200, "umount2": 166, "unshare": 272, "userfaultfd": 323, "utime": 132, "utimensat": 280, "utimes": 235,
    "vfork": 58, "vhangup": 153,
}  # fmt: skip

AARCH64 = {
    "acct": 89, "add_key": 217, "adjtimex": 171, "bpf": 280, "chroot": 51, "clock_adjtime": 266,
    "clock_settime": 112, "clone": 220, "clone3": 435, "connect": 203, "delete_module": 106, "execve": 221,
    "execveat": 281, "fanotify_init": 262, "fchmod": 52, "fchmodat": 53, "fchown": 55, "fchownat": 54,
    "finit_module": 273, "fremovexattr": 16, "fsconfig": 431, "fsetxattr": 7, "fsmount": 432, "fsopen": 430,
    "fspick": 433, "init_module": 105, "io_uring_enter": 426, "io_uring_register": 427, "io_uring_setup": 425,
    "kcmp": 272, "kexec_file_load": 294, "kexec_load": 104, "keyctl": 219, "kill": 129, "lookup_dcookie": 18,
    "lremovexattr": 15, "lsetxattr": 6, "migrate_pages": 238, "mknodat": 33, "mount": 40, "mount_setattr": 442,
    "move_mount": 429, "move_pages": 239, "open_by_handle_at": 265, "open_tree": 428, "perf_event_open": 241,
    "personality": 92, "pidfd_getfd": 438, "pidfd_open": 434, "pidfd_send_signal": 424, "pivot_root": 41,
    "prlimit64": 261, "process_madvise": 440, "process_vm_readv": 270, "process_vm_writev": 271, "ptrace": 117,
    "quotactl": 60, "quotactl_fd": 443, "reboot": 142, "removexattr": 14, "request_key": 218, "rt_sigqueueinfo": 138,
    "rt_tgsigqueueinfo": 240, "setdomainname": 162, "sethostname": 161, "setns": 268, "settimeofday": 170,
    "setxattr": 5, "socket": 198, "swapoff": 225, "swapon": 224, "syslog": 116, "tgkill": 131, "tkill": 130,
    "umount2": 39, "unshare": 97, "userfaultfd": 282, "utimensat": 88, "vhangup": 58,
}  # fmt: skip

ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        "x86_64": Architecture(0xC000003E, MappingProxyType(X86_64)),
        "aarch64": Architecture(0xC00000B7, MappingProxyType(AARCH64)),
    }
)
"""By ``platform.machine()``."""
