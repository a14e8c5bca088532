/*
 * ZeroTouchClone: private deep copies out of a shared, read-only region, without one write to a
 * source page. This header is the whole stable C ABI.
 *
 * Conventions
 *   - Every handle is opaque. Every function that can fail returns a ztc_status; an optional
 *     ztc_error out-parameter (may be NULL) says what, where and what to do.
 *   - "Any thread": callable from any number of threads at once, also on one handle.
 *     "One thread": one thread at a time for a given handle or buffer.
 *   - Fork: every function but the writer's may be called in a child after fork() on handles that
 *     the parent opened. No function holds a lock across a copy.
 *   - Signals: only ztc_copy, ztc_copy_size, ztc_index_of, ztc_region_count, ztc_prefetch,
 *     ztc_prefetch_batch, ztc_status_* and ztc_*_version are async-signal-safe.
 *   - No function prints, exits or aborts.
 *   - Pointers must not be NULL unless the comment says so; ztc_error out-parameters always may be.
 *     Results are written through out-pointers only as the comment says, and are the caller's.
 *   - Functions on values, lists, maps and schemas only read: any thread, also after fork, as long
 *     as nobody writes to the copy. Writer functions: one thread, and in the process that created
 *     the writer.
 *   - Sizes and offsets are bytes; indices count from 0.
 */
#ifndef ZTC_ZTC_H
#define ZTC_ZTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define ZTC_API __attribute__((visibility("default")))
#else
#define ZTC_API
#endif

/* ------------------------------------------------------------------ versions and status -- */

#define ZTC_VERSION_STRING "0.1.0"
/* Changes whenever a binary built against an older header could misbehave; also the SOVERSION. */
#define ZTC_ABI_VERSION 0

/*
 * X(code, name, text). Codes have gaps so that related ones can be added; a code never changes
 * its meaning. Texts are what ztc_status_text returns.
 */
#define ZTC_STATUS_LIST(X)                                                      \
  X(0, OK, "success")                                                           \
  X(10, INVALID_ARGUMENT, "invalid argument")                                   \
  X(11, OUT_OF_RANGE, "index out of range")                                     \
  X(12, TYPE_MISMATCH, "the value has another type")                            \
  X(13, NO_SUCH_KEY, "no such key")                                             \
  X(14, BAD_PATH, "malformed path")                                             \
  X(15, WRONG_STATE, "call not allowed in this state")                          \
  X(16, LOSSY, "the number does not fit the requested type without loss")       \
  X(20, BUFFER_TOO_SMALL, "the destination buffer is too small")                \
  X(21, NEED_WORKSPACE, "the workspace is too small")                           \
  X(22, NO_MEMORY, "out of memory")                                             \
  X(30, CLOSED, "the region is closed")                                         \
  X(31, LOST, "the region's file shrank or failed underneath the mapping")      \
  X(40, NOT_A_REGION, "not a region file")                                      \
  X(41, TRUNCATED, "the region file is cut short")                              \
  X(42, VERSION, "the region has an incompatible format version")               \
  X(43, BYTE_ORDER, "the region has another byte order")                        \
  X(44, UNSUPPORTED, "the region needs a feature this library does not have")   \
  X(45, EMPTY_FILE, "the file is empty")                                        \
  X(50, CORRUPT, "the region's bytes are not well formed")                      \
  X(51, CHECKSUM, "a checksum does not match")                                  \
  X(52, BUDGET, "the record exceeds a budget that it declares itself")          \
  X(60, UNSTORABLE, "the value cannot be stored")                               \
  X(61, TOO_DEEP, "the value is nested too deeply")                             \
  X(62, TOO_LARGE, "the value is too large")                                    \
  X(63, DUPLICATE_KEY, "the same key is given twice")                           \
  X(70, IO, "a system call failed")                                             \
  X(71, NOT_FOUND, "no such file")                                              \
  X(72, ACCESS, "permission denied")

typedef enum ztc_status {
#define ZTC_STATUS_ENUM(code, name, text) ZTC_##name = code,
  ZTC_STATUS_LIST(ZTC_STATUS_ENUM)
#undef ZTC_STATUS_ENUM
} ztc_status;

#define ZTC_NO_OFFSET UINT64_MAX
#define ZTC_ERROR_MESSAGE_SIZE 256

/*
 * An out-parameter that may be NULL; filled by a failing call and left alone by a successful one.
 * `offset` is a byte offset into the region (or into the event stream, or the path, as the function
 * says), or ZTC_NO_OFFSET. `message` is one NUL-terminated UTF-8 sentence without a line end, apart
 * from what it quotes of the caller's own path or file name, which is cut if it is long. Owned by
 * the caller; plain data.
 */
typedef struct ztc_error {
  ztc_status status;
  int32_t system_errno; /* errno of the failed system call, 0 if none */
  uint64_t offset;
  char message[ZTC_ERROR_MESSAGE_SIZE];
} ztc_error;

/* Name ("CORRUPT") and text of a status; never NULL, constant, no need to free. Any thread. */
ZTC_API const char *ztc_status_name(ztc_status status);
ZTC_API const char *ztc_status_text(ztc_status status);
/* The library's version text and ABI number; compare the latter with ZTC_ABI_VERSION. */
ZTC_API const char *ztc_version(void);
ZTC_API uint32_t ztc_abi_version(void);

/* ------------------------------------------------------------------------------- limits -- */

#define ZTC_MAX_RECORD_SIZE ((uint64_t)0x7fffffc0) /* bytes of a record or of a copy: 2^31 - 64 */
#define ZTC_MAX_STRING_SIZE ((uint64_t)0x3fffffff) /* bytes of a string: below 1 GiB */
#define ZTC_MAX_KEY_SIZE ((uint64_t)0xffff)        /* bytes of a record's key, as UTF-8 */
#define ZTC_MAX_DEPTH 512                          /* containers inside each other, root included */

/* How a string's bytes are to be read. The value is always the sequence of code points. */
typedef enum ztc_encoding {
  ZTC_ASCII = 0,
  ZTC_LATIN1 = 1,
  ZTC_UTF8 = 2,
  ZTC_UTF16 = 3 /* input only: native-endian code units, no unpaired surrogate */
} ztc_encoding;

/* ------------------------------------------------------------------------------ regions -- */

typedef struct ztc_region ztc_region;
typedef struct ztc_schema ztc_schema;
typedef struct ztc_workspace ztc_workspace;

/* Flags of the open functions: one verification level, and options. Unknown bits are refused. Of the
   levels only the last one sees all damage in the key index. With the others a single flipped bit
   may make a look-up answer that there is no such key, but never lead a key that was stored to
   another record; more damage, or a key that was not stored, may do so, though it mostly is
   CORRUPT or NO_SUCH_KEY. */
#define ZTC_OPEN_VERIFY_HEADER 0u  /* default: header, directory, schema and all section bounds */
#define ZTC_OPEN_VERIFY_NONE 1u    /* header fields and bounds only, no checksum computed at open */
#define ZTC_OPEN_VERIFY_RECORD 2u  /* header, and the checksum of every copy as it is made */
#define ZTC_OPEN_VERIFY_ALL 3u     /* ztc_region_validate before the open returns: O(region) */
#define ZTC_OPEN_VERIFY_MASK 3u
#define ZTC_OPEN_AUDIT 0x100u      /* map private and writable, so that an audit can catch writes */
#define ZTC_OPEN_PRELOAD 0x200u    /* fault all pages in (read) before the open returns */
#define ZTC_OPEN_SEALED 0x400u     /* only sealed memory: a sealed copy, if it is none (below) */

/*
 * Opens a region and stores a handle in *out (NULL on failure). The file is mapped shared and
 * read-only from a descriptor opened O_RDONLY|O_CLOEXEC, so that the kernel refuses writes; a few
 * pages are touched, independent of the region's size. ztc_region_open_fd takes a descriptor
 * (regular file or sealed memfd), does not close it and does not keep it. ztc_region_open_memory
 * takes memory that outlives the handle (inherited over fork, say); it is never remapped, and
 * `base` must be 8-aligned.
 *
 * ztc_region_free releases the handle; the caller guarantees that no call on it is in flight.
 * Any thread. Errors: NOT_FOUND, ACCESS, IO, EMPTY_FILE, NOT_A_REGION, BYTE_ORDER, VERSION,
 * TRUNCATED, UNSUPPORTED, CORRUPT, CHECKSUM, BUDGET (VERIFY_ALL), LOST (the file shrank, or could
 * not be read, meanwhile), NO_MEMORY, INVALID_ARGUMENT.
 */
ZTC_API ztc_status ztc_region_open(const char *path, uint32_t flags, ztc_region **out,
                                   ztc_error *error);
ZTC_API ztc_status ztc_region_open_fd(int fd, uint32_t flags, ztc_region **out, ztc_error *error);
ZTC_API ztc_status ztc_region_open_memory(const void *base, uint64_t size, uint32_t flags,
                                          ztc_region **out, ztc_error *error);

/*
 * Copies the file at `path` into sealed memory (a memfd that nobody can write to or resize, the
 * caller included) and stores a descriptor of it in *out, O_RDONLY|O_CLOEXEC, the caller's to
 * close; -1 on failure. For hosts that do not trust the owner of the file to leave it alone: one
 * process seals, its workers inherit the descriptor or open /proc/PID/fd/N, and all share the
 * memory, which goes with the last descriptor and mapping. What was sealed may still be damaged:
 * open it with the verification level that you need. A file that is sealed memory itself is not
 * copied. Any thread. O(bytes). Errors: NOT_FOUND, ACCESS, IO, NO_MEMORY, TRUNCATED, NOT_A_REGION
 * (no regular file), INVALID_ARGUMENT.
 *
 * The flag ZTC_OPEN_SEALED does the same inside an open, for one handle: each such open of an
 * ordinary file costs its own copy. It has no effect on ztc_region_open_memory.
 */
ZTC_API ztc_status ztc_region_seal(const char *path, int *out, ztc_error *error);

/*
 * Tombstones the region: running copies fail with ZTC_CLOSED or have already succeeded, later
 * calls fail with ZTC_CLOSED, and the mapped file is let go of at once (the address range stays
 * reserved until ztc_region_free). Idempotent. Any thread, readers may be inside. NULL is fine.
 */
ZTC_API void ztc_region_close(ztc_region *region);
/* Closes and releases everything. NULL is fine. No other call may be in flight or follow. */
ZTC_API void ztc_region_free(ztc_region *region);

/* Number of records; still answers after close. Any thread. O(1). */
ZTC_API uint64_t ztc_region_count(const ztc_region *region);
/* Bytes of the region's image. Any thread. O(1). */
ZTC_API uint64_t ztc_region_size(const ztc_region *region);
/* Address of the image, for harnesses that inspect pages; never dereference it yourself. */
ZTC_API const void *ztc_region_base(const ztc_region *region);
/* ZTC_OK while open, else ZTC_CLOSED or ZTC_LOST. Any thread. */
ZTC_API ztc_status ztc_region_state(const ztc_region *region);
/* Byte offset (in the region) and length of a record's bytes. Any thread. O(1). */
ZTC_API ztc_status ztc_region_extent(const ztc_region *region, uint64_t index, uint64_t *offset,
                                     uint64_t *size);

/*
 * For hosts that copy closed records by themselves, without a call (format document, "Index
 * entry"): the file offsets of the record index, of the first record and behind the last one, and
 * the address of the state word, which is ZTC_OK as long as the region is open. Such a host loads
 * each index entry once and checks it against these bounds, and looks at the state before and, with
 * an acquire fence in between, after it has read: a copy that overlapped a close or a truncation is
 * to be thrown away. All four are valid until ztc_region_free. Any thread. O(1).
 * UNSUPPORTED if copies of this region need more than that (ZTC_OPEN_VERIFY_RECORD), and if a file
 * is mapped and ztc_sigbus_install was not called, or another handler of SIGBUS comes before the
 * library's: a fault in the host's own code would then not be turned into ZTC_LOST.
 */
ZTC_API ztc_status ztc_region_layout(const ztc_region *region, uint64_t *index, uint64_t *records,
                                     uint64_t *records_end, const volatile uint32_t **state);

/* Told how many bytes of how many are in memory; a false return stops the preloading. */
typedef bool (*ztc_preload_progress)(void *context, uint64_t done, uint64_t total);
/*
 * Reads all pages of the region into memory, from its start to its end, and maps them, so that
 * copies neither wait for a disk nor fault. Nothing is pinned: the kernel may drop pages again.
 * `progress` may be NULL; it is called after every 16 MiB and at the end, and no error if it stops.
 * Any thread, also while others copy. Errors: CLOSED, LOST, IO, NO_MEMORY.
 */
ZTC_API ztc_status ztc_region_preload(const ztc_region *region, ztc_preload_progress progress,
                                      void *context, ztc_error *error);

/*
 * Checks every byte of the region: checksums, structure, offsets, padding. Any flipped bit is
 * reported with its place. Any thread. One pass over the region, O(its bytes): a record has a slot
 * of its own for each reference that its copy takes over. Allocates for the largest record and for
 * each shared node. Errors: CORRUPT, CHECKSUM, BUDGET, CLOSED, LOST, NO_MEMORY.
 */
ZTC_API ztc_status ztc_region_validate(const ztc_region *region, ztc_error *error);

/*
 * The shapes and keys of a region, in private memory that is never written after open. The
 * result of ztc_region_schema belongs to the region and lives until ztc_region_free;
 * ztc_schema_clone gives an independent one, freed with ztc_schema_free (NULL is fine).
 * ztc_schema_image gives its bytes as stored in the region (format document, "Schema section");
 * ztc_schema_parse makes a schema from such bytes. Any thread.
 */
ZTC_API const ztc_schema *ztc_region_schema(const ztc_region *region);
ZTC_API ztc_status ztc_schema_clone(const ztc_schema *schema, ztc_schema **out);
ZTC_API ztc_status ztc_schema_parse(const void *image, uint64_t size, ztc_schema **out,
                                    ztc_error *error);
ZTC_API void ztc_schema_image(const ztc_schema *schema, const void **image, uint64_t *size);
ZTC_API void ztc_schema_free(ztc_schema *schema);

/* ---------------------------------------------------------------------------- record keys -- */

typedef enum ztc_key_type { ZTC_KEY_STRING = 1, ZTC_KEY_I64 = 2, ZTC_KEY_BYTES = 3 } ztc_key_type;

/*
 * The key of a record. Keys are the same if type and content are: the string "1", the integer 1
 * and the byte '1' are three keys, and a string is the same in any encoding. Plain data; `data` is
 * the caller's, and may be NULL if `size` is 0.
 */
typedef struct ztc_key {
  ztc_key_type type;
  ztc_encoding encoding; /* of a string, UTF16 too */
  const void *data; /* of a string or bytes */
  uint64_t size;    /* bytes of data */
  int64_t number;   /* of an I64 */
} ztc_key;

/*
 * The index of the record that has this key in *index, which is left alone on failure. NO_SUCH_KEY
 * if no record has it, also when the region has no key index, and for text that is ill-formed in
 * its encoding. Nothing is allocated or written. Any thread. O(bytes of the key), one or two cache
 * lines beside the key's own. Errors: NO_SUCH_KEY, INVALID_ARGUMENT, CLOSED, LOST, CORRUPT.
 */
ZTC_API ztc_status ztc_index_of(const ztc_region *region, const ztc_key *key, uint64_t *index);
/* Number of records that have a key; 0 if the region has no key index. Any thread. O(1). */
ZTC_API uint64_t ztc_region_key_count(const ztc_region *region);
/*
 * Goes through the keys in the order of their records: *cursor is 0 to begin with, and moves on. A
 * string (as UTF-8) or bytes are copied into buffer[0 .. capacity), where key->data then points:
 * ZTC_MAX_KEY_SIZE bytes are always enough. *index is the key's record. NO_SUCH_KEY behind the
 * last key. Any thread (one a cursor and buffer). O(bytes of the key). Errors: NO_SUCH_KEY,
 * BUFFER_TOO_SMALL (key->size says the bytes needed), CLOSED, LOST, CORRUPT.
 */
ZTC_API ztc_status ztc_region_key_next(const ztc_region *region, uint64_t *cursor, ztc_key *key,
                                       uint64_t *index, void *buffer, uint64_t capacity);

/* ------------------------------------------------------------------------------- copying -- */

/*
 * Copies record `index` into dst[0 .. *size). The copy is self-contained: it stays valid and
 * readable (with the schema) whatever happens to the region. Nothing is allocated and no source
 * page, handle or static byte is written. dst needs no alignment.
 *
 * `workspace` may be NULL: a copy needs no memory beside dst, whatever it references (see
 * ztc_workspace_create).
 *
 * ZTC_BUFFER_TOO_SMALL stores the bytes needed in *size and leaves dst's content unspecified; so
 * do all other errors. dst may be NULL if capacity is 0. Any thread (one a dst and workspace).
 * O(bytes of the copy). Errors: OUT_OF_RANGE, BUFFER_TOO_SMALL, CLOSED, LOST,
 * CORRUPT, CHECKSUM (only with ZTC_OPEN_VERIFY_RECORD), BUDGET.
 */
ZTC_API ztc_status ztc_copy(const ztc_region *region, uint64_t index, void *dst, uint64_t capacity,
                            uint64_t *size, ztc_workspace *workspace);
/* Bytes that ztc_copy of this record needs. O(1): an index line and at most one record line. */
ZTC_API ztc_status ztc_copy_size(const ztc_region *region, uint64_t index, uint64_t *size);
/*
 * Copies `count` records one after the other into dst. Record k lies in
 * dst[offsets[k] .. offsets[k+1]); `offsets` has count + 1 entries. Stops before the first record
 * that does not fit; *done says how many were copied. If not even the first fits the status is
 * BUFFER_TOO_SMALL and offsets[1] the bytes it needs. Any other error but CLOSED and LOST concerns
 * record indices[*done], and the *done copies before it are valid.
 *
 * Index lines and record heads are asked for ahead, so that the waits for memory overlap: random
 * records of some hundred bytes, far out of cache, take about 0.6 of the time of single copies.
 * From some KiB a record on there is nothing to gain; and copies that together are larger than
 * the processor's own caches (a MiB or two) go to slower memory, and are read back from it: batches
 * of 256 and more records of 32 KiB take longer than single copies into one buffer. Ask for as
 * many at a time as fit.
 */
ZTC_API ztc_status ztc_copy_batch(const ztc_region *region, const uint64_t *indices, size_t count,
                                  void *dst, uint64_t capacity, uint64_t *offsets, size_t *done,
                                  ztc_workspace *workspace);
/*
 * Copies the sub-value of record `index` at `path` (grammar in the format document: `name`,
 * `.name`, `[3]`, `["any key"]`, root `$`). The copy's root is that value. A sub-value that
 * references nodes outside itself is copied together with its whole record. Errors: as ztc_copy,
 * and BAD_PATH, NO_SUCH_KEY, OUT_OF_RANGE, TYPE_MISMATCH; TOO_LARGE if 24 more bytes, which name
 * the root, make the copy larger than a record can be.
 *
 * With ZTC_OPEN_VERIFY_RECORD the value is taken out of a copy of the whole record that was made in
 * dst and checked there, so that no byte of it is read again: dst needs room for that copy (*size of
 * BUFFER_TOO_SMALL is what surely suffices; of OK, the bytes of the value), in O(its bytes).
 */
ZTC_API ztc_status ztc_copy_path(const ztc_region *region, uint64_t index, const char *path,
                                 void *dst, uint64_t capacity, uint64_t *size,
                                 ztc_workspace *workspace, ztc_error *error);
/*
 * The steps of a path one by one, for hosts that follow paths in values of their own: *at is 0 to
 * begin with, and moves behind the step. `key` lies in the path or in `room`, and is not
 * NUL-terminated; a key that is written with escapes has at most 1,020 bytes, any other as many as
 * a key may have. ZTC_STEP_END behind the last step. Any thread. O(step). Errors: BAD_PATH
 * (error->offset is the offset into `path`).
 */
typedef enum ztc_step_kind { ZTC_STEP_END = 0, ZTC_STEP_KEY = 1, ZTC_STEP_INDEX = 2 } ztc_step_kind;
typedef struct ztc_path_step {
  ztc_step_kind kind;
  size_t key_size;
  const char *key; /* UTF-8 */
  uint64_t index;
  char room[1024];
} ztc_path_step;
ZTC_API ztc_status ztc_path_next(const char *path, size_t *at, ztc_path_step *step,
                                 ztc_error *error);
/*
 * Hints that record `index` will be copied soon: reads where it is and asks for its first KiB, the
 * whole of most records. An index out of range and a region that is closed, lost or damaged there
 * are no errors. Writes nothing to the region; like a copy, it waits for an index page that is not
 * in memory (record pages it does not wait for). Any thread. O(1).
 */
ZTC_API void ztc_prefetch(const ztc_region *region, uint64_t index);
/*
 * The same for `count` records: asks for all their index lines first and then for the first 256
 * bytes of each record, so that the waits for index lines overlap. Name some tens at a time, as the
 * processor holds only so many lines. O(count).
 */
ZTC_API void ztc_prefetch_batch(const ztc_region *region, const uint64_t *indices, size_t count);

/*
 * Memory for copies that need more than their destination, of which regions of this format version
 * have none: no call uses it or returns ZTC_NEED_WORKSPACE now. For later versions: a copy that
 * returns that status has stored what ztc_workspace_reserve wants to know in *size. One thread. Free
 * with ztc_workspace_free. Errors: INVALID_ARGUMENT, NO_MEMORY.
 */
ZTC_API ztc_status ztc_workspace_create(uint64_t entries, ztc_workspace **out);
ZTC_API ztc_status ztc_workspace_reserve(ztc_workspace *workspace, uint64_t entries);
ZTC_API void ztc_workspace_free(ztc_workspace *workspace);

/*
 * Installs a chained SIGBUS handler once for the process: a region whose file is truncated under
 * the mapping then fails its copies with ZTC_LOST instead of killing the process. Faults outside
 * regions go to the handler that was there before. Opt-in; regions opened before or after are
 * covered. OK means that it is there, also if another thread installed it. A handler that is
 * installed later comes before it and has to pass on what it does not know (by the handler that
 * sigaction gave it); as long as it does not, a truncated file kills as before. Any thread; a child
 * of fork has what its parent had. Errors: IO.
 */
ZTC_API ztc_status ztc_sigbus_install(void);

/* ----------------------------------------------------------------------- following a path -- */

typedef struct ztc_watch ztc_watch;
typedef struct ztc_live ztc_live;

/*
 * Watches a path at which regions are published one after the other, each renamed into place.
 * Nothing is opened before the first poll. `path` is copied; a relative one, and symbolic links,
 * are followed anew by each poll. `flags` as for ztc_region_open. One thread a watch; a child after
 * fork has its own. Errors: INVALID_ARGUMENT, NO_MEMORY. Free with ztc_watch_free (NULL is fine),
 * which leaves the regions alone.
 *
 * ztc_watch_poll stores the region that is at the path now in *out, or NULL if that is the one of
 * an earlier poll still; the caller closes and frees it. Device, inode, size and time of
 * modification are compared: one system call if nothing is new. Never waits for a new file. A file
 * that cannot be opened is reported once, as ztc_region_open reports it, and then passed over until
 * there is another one; IO and NO_MEMORY are reported by each poll that meets them. A watch keeps
 * descriptors of the file that it opened last and of one that it refused.
 *
 * ztc_watch_snapshot opens the region of the last successful poll again, also if its file is not at
 * the path any more; the result is independent of the watch and of other regions. Once a poll has
 * found a region, other threads may take snapshots while one polls. Errors: as ztc_region_open, and
 * WRONG_STATE before a poll has found a region.
 */
ZTC_API ztc_status ztc_watch_create(const char *path, uint32_t flags, ztc_watch **out,
                                    ztc_error *error);
ZTC_API ztc_status ztc_watch_poll(ztc_watch *watch, ztc_region **out, ztc_error *error);
ZTC_API ztc_status ztc_watch_snapshot(const ztc_watch *watch, ztc_region **out, ztc_error *error);
ZTC_API void ztc_watch_free(ztc_watch *watch);

/*
 * A region that follows its path. One thread opens, polls and frees; any thread reads meanwhile.
 * Not to be forked while another thread polls; a child goes on with a state of its own, which it
 * polls itself. Errors of ztc_live_open: as ztc_region_open and ztc_watch_create.
 *
 * ztc_live_poll swaps the region at the path in, if it is another one; *swapped (may be NULL)
 * tells. Whatever fails, the old region stays; errors as ztc_watch_poll. A superseded region is
 * closed by the first poll that comes `grace_ms` milliseconds after the swap (by the same one, if
 * that is 0): its file and the disk space go then, and copies that still run on it fail with
 * CLOSED.
 */
ZTC_API ztc_status ztc_live_open(const char *path, uint32_t flags, uint32_t grace_ms,
                                 ztc_live **out, ztc_error *error);
ZTC_API ztc_status ztc_live_poll(ztc_live *live, bool *swapped, ztc_error *error);
/* The current region. It may be closed at any time after a grace period, and its handle stays valid
   until ztc_live_reclaim or ztc_live_free. Any thread. O(1). */
ZTC_API const ztc_region *ztc_live_region(const ztc_live *live);
/*
 * ztc_copy from the current region; where that was closed or lost meanwhile, once more from the
 * one that took its place. *from is the region whose schema reads the copy. Any thread.
 */
ZTC_API ztc_status ztc_live_copy(const ztc_live *live, uint64_t index, void *dst, uint64_t capacity,
                                 uint64_t *size, ztc_workspace *workspace, const ztc_region **from);
/*
 * Frees the superseded regions, also those in their grace period. The caller guarantees that no
 * call on one of them is in flight or follows: a worker with one thread may call it after each
 * poll, others when their threads are between two jobs. Without it each swap keeps a handle and a
 * range of addresses, of which a process has 4096. The polling thread.
 */
ZTC_API void ztc_live_reclaim(ztc_live *live);
/* Closes and frees everything. NULL is fine. No other call may be in flight or follow. */
ZTC_API void ztc_live_free(ztc_live *live);

/* ---------------------------------------------------------------------- values in a copy -- */

typedef enum ztc_type {
  ZTC_TYPE_NULL = 0,
  ZTC_TYPE_BOOL = 1,
  ZTC_TYPE_I8 = 2, /* I8 .. I64 are one type, int64; the width is a hint for typed hosts */
  ZTC_TYPE_I16 = 3,
  ZTC_TYPE_I32 = 4,
  ZTC_TYPE_I64 = 5,
  ZTC_TYPE_F32 = 6, /* F32 and F64 likewise: float64 with a width hint */
  ZTC_TYPE_F64 = 7,
  ZTC_TYPE_STRING = 8,
  ZTC_TYPE_BYTES = 9,
  ZTC_TYPE_LIST = 16,
  ZTC_TYPE_MAP = 17,
  ZTC_TYPE_ARRAY = 18,
  ZTC_TYPE_EXT = 19
} ztc_type;

/*
 * Bytes inside a copy or a schema; valid as long as that is. Not NUL-terminated. A getter does not
 * check that they are well formed in `encoding`; ztc_region_validate does.
 */
typedef struct ztc_string {
  const char *data;
  uint32_t size; /* bytes */
  uint32_t encoding;
} ztc_string;

/* A value inside a copy. Plain data, owns nothing; valid as long as the copy and the schema. */
typedef struct ztc_value {
  uint64_t opaque[6];
} ztc_value;

/*
 * The root value of a copy. `copy` and `size` are what ztc_copy delivered. Every access checks
 * every offset against the copy's bounds; a hostile record costs an error (CORRUPT), never a read
 * outside. Any thread. O(1).
 */
ZTC_API ztc_status ztc_value_root(const void *copy, uint64_t size, const ztc_schema *schema,
                                  ztc_value *out);
ZTC_API ztc_type ztc_value_type(const ztc_value *value);

/* Typed getters: TYPE_MISMATCH when the value has another type. Integers widen to f64 only when
   exact, else LOSSY; i64 from a float is a TYPE_MISMATCH. */
ZTC_API ztc_status ztc_value_bool(const ztc_value *value, bool *out);
ZTC_API ztc_status ztc_value_i64(const ztc_value *value, int64_t *out);
ZTC_API ztc_status ztc_value_f64(const ztc_value *value, double *out);
ZTC_API ztc_status ztc_value_string(const ztc_value *value, ztc_string *out);
ZTC_API ztc_status ztc_value_bytes(const ztc_value *value, const void **data, uint64_t *size);
/* A typed array's element type (I8 .. I64, F32, F64), elements and their number. */
ZTC_API ztc_status ztc_value_array(const ztc_value *value, ztc_type *element, const void **data,
                                   uint64_t *count);
/* An ext value's registered id and its payload. */
ZTC_API ztc_status ztc_value_ext(const ztc_value *value, uint32_t *id, ztc_value *payload);

/* Number of elements of a list, entries of a map or elements of a typed array. */
ZTC_API ztc_status ztc_value_count(const ztc_value *value, uint64_t *out);
ZTC_API ztc_status ztc_list_at(const ztc_value *list, uint64_t index, ztc_value *out);
/* Entry `index` in insertion order. */
ZTC_API ztc_status ztc_map_at(const ztc_value *map, uint64_t index, ztc_string *key,
                              ztc_value *out);
/* The entry with this key. O(1) for shaped maps, O(log n) for self-describing ones. `key` is
   `size` bytes in `encoding` (not UTF16). NO_SUCH_KEY if there is none. */
ZTC_API ztc_status ztc_map_get(const ztc_value *map, const char *key, size_t size,
                               ztc_encoding encoding, ztc_value *out);
/* The value at `path` below `value`. error->offset is the offset into `path`. */
ZTC_API ztc_status ztc_value_path(const ztc_value *value, const char *path, ztc_value *out,
                                  ztc_error *error);
/*
 * Identity: two values of one copy are the same container exactly if their identities are equal
 * and not 0.
 * *shared tells whether more than one reference may lead here, so that readers memoise only
 * those. Scalars have identity 0, and so have empty lists and maps that nothing else leads to: two
 * of those are not the same container.
 */
ZTC_API uint64_t ztc_value_identity(const ztc_value *value, bool *shared);

/* Called with successive pieces of text; a false return stops the printing. */
typedef bool (*ztc_text_sink)(void *context, const char *text, size_t size);
/*
 * Prints the canonical typed text of a value (format document, "Typed text"). Any thread. O(size of
 * the text). TOO_LARGE, after a part of the text, if keys or shared strings of more than 250 bytes
 * that many places use make it larger than the copy by far.
 */
ZTC_API ztc_status ztc_value_text(const ztc_value *value, ztc_text_sink sink, void *context,
                                  ztc_error *error);

/* -------------------------------------------------------------------------------- writing -- */

typedef struct ztc_writer ztc_writer;

/*
 * Starts a region that ztc_writer_publish will put at `path`, atomically: readers see the old
 * file or the new one, whole. Everything is written to temporary files in the same directory;
 * memory does not grow with the number of records. A link at `path` is replaced, not followed; what
 * is neither file nor link to one is refused. `flags` must be 0. One thread.
 *
 * After a data error (UNSTORABLE, TOO_DEEP, TOO_LARGE, DUPLICATE_KEY, WRONG_STATE,
 * INVALID_ARGUMENT) ztc_writer_discard_record drops the unfinished record and the writer goes on;
 * after IO or NO_MEMORY every further call fails with the same status.
 */
ZTC_API ztc_status ztc_writer_create(const char *path, uint32_t flags, ztc_writer **out,
                                     ztc_error *error);
#define ZTC_KEEP UINT32_MAX
/*
 * Whom the published file will belong to (user and group id) and its mode: nine bits, of which 02 is
 * refused. Each may be ZTC_KEEP, which all are at first: as the file has it that is replaced, else
 * as the process makes files, less 02. Who may not give files away becomes the owner himself; if the
 * file's group cannot be kept, the new group gets the rights of the world. What was asked for holds
 * or fails. The temporary file has its owner and group at once, and is for its owner only until all
 * is written. Errors: INVALID_ARGUMENT, ACCESS, IO; the writer can be used on, and publishing tries
 * again. One thread.
 */
ZTC_API ztc_status ztc_writer_access(ztc_writer *writer, uint32_t mode, uint32_t owner,
                                     uint32_t group, ztc_error *error);

/* One value: a record is one value followed by ztc_writer_end_record. */
ZTC_API ztc_status ztc_writer_null(ztc_writer *writer);
ZTC_API ztc_status ztc_writer_bool(ztc_writer *writer, bool value);
/* `type` is the width hint: I8, I16, I32 or I64; the value must fit it. */
ZTC_API ztc_status ztc_writer_int(ztc_writer *writer, ztc_type type, int64_t value);
ZTC_API ztc_status ztc_writer_f32(ztc_writer *writer, float value);
ZTC_API ztc_status ztc_writer_f64(ztc_writer *writer, double value);
/* `size` is bytes also for UTF16. Ill-formed input is UNSTORABLE. */
ZTC_API ztc_status ztc_writer_string(ztc_writer *writer, const void *text, uint64_t size,
                                     ztc_encoding encoding);
ZTC_API ztc_status ztc_writer_bytes(ztc_writer *writer, const void *data, uint64_t size);
ZTC_API ztc_status ztc_writer_array(ztc_writer *writer, ztc_type element, const void *data,
                                    uint64_t count);
ZTC_API ztc_status ztc_writer_begin_list(ztc_writer *writer);
ZTC_API ztc_status ztc_writer_begin_map(ztc_writer *writer);
/* In a map, before each value. Keys of one map are unique (else DUPLICATE_KEY at its end). */
ZTC_API ztc_status ztc_writer_key(ztc_writer *writer, const void *text, uint64_t size,
                                  ztc_encoding encoding);
/* One payload value follows, then ztc_writer_end. */
ZTC_API ztc_status ztc_writer_begin_ext(ztc_writer *writer, uint32_t id);
ZTC_API ztc_status ztc_writer_end(ztc_writer *writer);

/*
 * Identity inside a record: ztc_writer_label names the container that the next call begins (list,
 * map, array or ext), with a label that is unique in the record; ztc_writer_ref stands for that very
 * container again, also inside itself (a cycle). Only labels already given can be referenced.
 */
ZTC_API ztc_status ztc_writer_label(ztc_writer *writer, uint32_t label);
ZTC_API ztc_status ztc_writer_ref(ztc_writer *writer, uint32_t label);

/*
 * Nodes shared between records: reserve an id, define it between records with one value (begin,
 * value, end), and use ztc_writer_shared for it in any later record or other shared node. Shared
 * nodes may refer to each other in any order, also in cycles, as long as all are defined when a
 * record uses them.
 */
ZTC_API ztc_status ztc_writer_reserve_shared(ztc_writer *writer, uint32_t *id);
ZTC_API ztc_status ztc_writer_begin_shared(ztc_writer *writer, uint32_t id);
ZTC_API ztc_status ztc_writer_end_shared(ztc_writer *writer);
ZTC_API ztc_status ztc_writer_shared(ztc_writer *writer, uint32_t id);

/*
 * Gives the record that is being built a key, by which ztc_index_of finds it: at any time between
 * the record before and ztc_writer_end_record, at most once a record. The key is copied. No two
 * records of a region may have the same one: ztc_writer_publish then fails with DUPLICATE_KEY and
 * names both. Errors: UNSTORABLE (ill-formed text), TOO_LARGE (above ZTC_MAX_KEY_SIZE bytes as
 * UTF-8), WRONG_STATE (a second key, or in a shared node), INVALID_ARGUMENT, NO_MEMORY.
 */
ZTC_API ztc_status ztc_writer_record_key(ztc_writer *writer, const ztc_key *key);

/* Completes the record and appends it; *index (may be NULL) is its index. */
ZTC_API ztc_status ztc_writer_end_record(ztc_writer *writer, uint64_t *index);
/* Drops the unfinished record or shared node and clears a data error. */
ZTC_API ztc_status ztc_writer_discard_record(ztc_writer *writer);

/*
 * All of the above in one call: `events` is a sequence of whole events (format document, "Event
 * stream"), which may hold many records and may end inside one. On an error, error->offset is the
 * offset of the event in `events`, records completed before it are appended, and the unfinished
 * one is to be discarded.
 */
ZTC_API ztc_status ztc_writer_feed(ztc_writer *writer, const void *events, uint64_t size,
                                   ztc_error *error);

/* Records appended so far. */
ZTC_API uint64_t ztc_writer_count(const ztc_writer *writer);
/* The writer's last error, with the record and path it concerns in the message. */
ZTC_API void ztc_writer_error(const ztc_writer *writer, ztc_error *error);

/*
 * Finishes the file, flushes it to disk, reads it back and validates it, renames it to its path
 * and flushes the directory. Whatever fails, the old file is as it was and no temporary file
 * stays; but if flushing the directory fails (IO, "is published, but ..."), the new file is at its
 * path, and a crash of the machine may bring the old one back. Frees the writer, also on failure.
 */
ZTC_API ztc_status ztc_writer_publish(ztc_writer *writer, ztc_error *error);
/*
 * As ztc_writer_publish, but frees the writer on success only. After a failure nothing may be done
 * with it but ztc_writer_abort or, after NO_MEMORY, by who can free memory or regions (a process has
 * room for 4096), this again. What failed for good fails alike again.
 */
ZTC_API ztc_status ztc_writer_try_publish(ztc_writer *writer, ztc_error *error);
/* Gives up: removes all temporary files and frees the writer. NULL is fine. */
ZTC_API void ztc_writer_abort(ztc_writer *writer);

#ifdef __cplusplus
}
#endif

#endif /* ZTC_ZTC_H */
