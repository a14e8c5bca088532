#include "callstop.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined __aarch64__ && defined __AARCH64EL__
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#endif

/* What the filter tells of a call, in numbers that a filter of the command's own does not use by
 * chance: where both ask the tracer, that one's number is told. */
enum { FOREIGN = 0x7D40, EXEC, UNMAP, REMAP, MAP_OVER, GIVE_BACK, ANYWHERE };

/* From here on, x86-64 has the calls of x32: the same architecture, with other numbers for some. */
enum { OTHER_FORM = 0x40000000 };

/* Younger than the C library's headers may be. */
enum { PROCESS_MADVISE = 440, GIVE_BACK_LOCKED = 24, INSTALL_GUARD = 102 };

#ifdef NATIVE_ARCH

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define STOP(what) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | (what))
#define IF_IS(value, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)

bool pd_callstop_install(struct pd_error *error) {
  /* Jumps skip so many instructions; the low halves of the arguments come first. */
  struct sock_filter code[] = {
      /*  0 */ LOAD(nr),
      /*  1 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, OTHER_FORM, 2, 0),
      /*  2 */ LOAD(arch),
      /*  3 */ IF_IS(NATIVE_ARCH, 1, 0),
      /*  4 */ STOP(FOREIGN),
      /*  5 */ LOAD(nr),
      /*  6 */ IF_IS(__NR_munmap, 14, 0),
      /*  7 */ IF_IS(__NR_mremap, 14, 0),
      /*  8 */ IF_IS(__NR_execve, 14, 0),
      /*  9 */ IF_IS(__NR_execveat, 13, 0),
      /* 10 */ IF_IS(PROCESS_MADVISE, 15, 0),
      /* 11 */ IF_IS(__NR_shmat, 14, 0),
      /* 12 */ IF_IS(__NR_mmap, 0, 2),
      /* 13 */ LOAD(args[3]),
      /* 14 */ BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_FIXED, 9, 5),
      /* 15 */ IF_IS(__NR_madvise, 0, 4),
      /* 16 */ LOAD(args[2]),
      /* 17 */ IF_IS(MADV_DONTNEED, 7, 0),
      /* 18 */ IF_IS(GIVE_BACK_LOCKED, 6, 0),
      /* 19 */ IF_IS(INSTALL_GUARD, 5, 0),
      /* 20 */ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      /* 21 */ STOP(UNMAP),
      /* 22 */ STOP(REMAP),
      /* 23 */ STOP(EXEC),
      /* 24 */ STOP(MAP_OVER),
      /* 25 */ STOP(GIVE_BACK),
      /* 26 */ STOP(ANYWHERE),
  };
  struct sock_fprog program = {.len = sizeof code / sizeof *code, .filter = code};
  /* An ordinary user's filter must not reach programs with more rights; traced by such a user,
   * they have none anyway. */
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0 ||
      (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0)) {
    return true;
  }
  return pd_fail_errno(error, "a seccomp filter is refused");
}

#else

bool pd_callstop_install(struct pd_error *error) {
  return pd_fail(error, "stops at system calls are not known on this architecture");
}

#endif

static void set_range(struct pd_call *call, int i, uint64_t start, uint64_t size) {
  call->ranges[i].start = (uintptr_t)start;
  call->ranges[i].end = (uintptr_t)(start + size < start ? UINTPTR_MAX : start + size);
}

void pd_callstop_read(pid_t pid, struct pd_call *call) {
  struct __ptrace_syscall_info info;
  memset(call, 0, sizeof *call);
  long size = ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
  if (size < 0 && errno == ESRCH) /* killed: it calls nothing any more */
    return;
  if (size <= 0 || info.op != PTRACE_SYSCALL_INFO_SECCOMP) {
    call->foreign = true;
    return;
  }
  const uint64_t *arguments = (const uint64_t *)info.seccomp.args;
  switch (info.seccomp.ret_data) {
    case EXEC:
      call->exec = true;
      break;
    case REMAP:
      if ((arguments[3] & MREMAP_FIXED) != 0)
        set_range(call, 1, arguments[4], arguments[2]);
      set_range(call, 0, arguments[0], arguments[1]);
      break;
    case UNMAP:
    case MAP_OVER:
    case GIVE_BACK:
      set_range(call, 0, arguments[0], arguments[1]);
      break;
    case ANYWHERE: /* the ranges are in its memory, or as long as the segment */
      set_range(call, 0, 0, UINT64_MAX);
      break;
    default:
      call->foreign = true;
      break;
  }
}
