/* An open region, its buffer, and the errors of copying from it. */
#include <sys/mman.h>

#include "shape.h"

/* Croaks: what was wanted, where, and why not. */
static void fail(pTHX_ const zt_region *region, uint64_t index, const char *path, ztc_status status,
                 const char *reason) {
  const uint64_t count = ztc_region_count(region->region);
  SV *what = newSVpvf_nocontext("ZeroTouch: %s: record %" UVuf, region->path, (UV)index);
  sv_2mortal(what);
  if (path != NULL)
    sv_catpvf(what, ", %s", path);
  sv_catpvf(what, ": %s", reason != NULL ? reason : ztc_status_text(status));
  if (status == ZTC_OUT_OF_RANGE && path == NULL) {
    sv_catpvf(what, " (there are %" UVuf " records)", (UV)count);
  }
  croak("%" SVf " (%s)", SVfARG(what), ztc_status_name(status));
}

/* Shapes whose keys are made when a region is opened: no more, since some data has a great many. */
enum { SHAPES_EARLY = 256 };
enum { BUFFER = 64 * 1024 };

/*
 * Now, and not in each child: a new key writes to perl's table of keys, a known one counts its
 * users, which is a write as well. So that new keys lie side by side, small holes of the heap are
 * taken meanwhile.
 */
static void make_shapes(pTHX_ zt_region *region) {
  enum { SIZES = 3, HOLES = 256 };
  static const size_t sizes[SIZES] = {40, 56, 72};
  void *held[SIZES][HOLES];
  for (size_t i = 0; i < SIZES; i++) {
    for (size_t j = 0; j < HOLES; j++)
      held[i][j] = malloc(sizes[i]);
  }
  for (uint32_t i = 0; i < region->shape_count && i < SHAPES_EARLY; i++) {
    zt_shape_make(aTHX_ region, i);
  }
  for (size_t i = 0; i < SIZES; i++) {
    for (size_t j = 0; j < HOLES; j++)
      free(held[i][j]);
  }
}

/* From the kernel: what malloc has free in a child, it shares with its parent. */
static uint8_t *new_buffer(uint64_t size) {
  void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED)
    Perl_croak_nocontext("ZeroTouch: out of memory");
  return at;
}

zt_region *zt_region_open(pTHX_ SV *path_sv, uint32_t flags, SV *bless) {
  const char *const path = zt_path_of(aTHX_ path_sv, "::Region->open");
  ztc_region *opened;
  ztc_error error;
  if (ztc_sigbus_install() != ZTC_OK) /* with it a file cut short is an error, and kills nobody */
    croak("ZeroTouch: the handler of SIGBUS cannot be installed (IO)");
  if (ztc_region_open(path, flags, &opened, &error) != ZTC_OK) {
    croak("ZeroTouch: %s (%s)", error.message, ztc_status_name(error.status));
  }
  zt_region *region;
  Newxz(region, 1, zt_region);
  region->region = opened;
  region->bless = SvTRUE(bless) ? ZT_BLESS_CONTAINERS : ZT_BLESS_NONE;
  if (SvROK(bless)) {
    region->bless = ZT_BLESS_LISTED;
    region->classes = (HV *)SvREFCNT_inc_simple_NN(SvRV(bless));
  }
  region->path = savepv(path);
  const void *image;
  ztc_schema_image(ztc_region_schema(opened), &image, &region->schema_size);
  region->schema = image;
  memcpy(&region->key_count, region->schema, 4);
  memcpy(&region->shape_count, region->schema + 4, 4);
  Newxz(region->shapes, region->shape_count + 1, zt_shape *);
  region->keys = newAV();
  make_shapes(aTHX_ region);
  region->capacity = BUFFER;
  region->buffer = new_buffer(region->capacity);
  return region;
}

void zt_region_free(pTHX_ zt_region *region) {
  ztc_region_free(region->region);
  ztc_workspace_free(region->workspace);
  for (uint32_t i = 0; i < region->shape_count; i++)
    Safefree(region->shapes[i]);
  Safefree(region->shapes);
  if (region->buffer != NULL)
    munmap(region->buffer, region->capacity);
  Safefree(region->path);
  SvREFCNT_dec(region->keys);
  SvREFCNT_dec(region->classes);
  SvREFCNT_dec(region->numbers);
  Safefree(region);
}

/* Makes what a failed copy asks for; false if that was not the reason. */
static bool provide(pTHX_ zt_region *region, ztc_status *status, uint64_t size) {
  if (*status == ZTC_BUFFER_TOO_SMALL && size > region->capacity) {
    if (region->buffer != NULL)
      munmap(region->buffer, region->capacity);
    region->buffer = NULL;
    region->capacity = 0;
    region->buffer = new_buffer(size);
    region->capacity = size;
    return true;
  }
  if (*status == ZTC_NEED_WORKSPACE) {
    *status = region->workspace == NULL ? ztc_workspace_create(size, &region->workspace)
                                        : ztc_workspace_reserve(region->workspace, size);
    return *status == ZTC_OK;
  }
  return false;
}

static SV *decode(pTHX_ zt_region *region, const uint8_t *copy, uint64_t size, uint64_t index,
                  const char *path) {
  ztc_status status;
  const char *reason;
  SV *sv = zt_decode(aTHX_ region, copy, size, &status, &reason);
  if (sv == NULL)
    fail(aTHX_ region, index, path, status, reason);
  return sv;
}

/* Numbers of a call that failed, in whatever way, are nobody's: no other place forgets them. */
static inline void begin(pTHX_ zt_region *region) {
  if (LIKELY(region->numbers == NULL))
    return;
  SvREFCNT_dec_NN(region->numbers);
  region->numbers = NULL;
}

/* The copy, with the digits of its numbers. */
static inline SV *whole(pTHX_ zt_region *region, SV *sv) {
  if (LIKELY(region->numbers == NULL))
    return sv;
  sv_2mortal(sv);
  zt_numbers_finish(aTHX_ region);
  return SvREFCNT_inc_simple_NN(sv);
}

static SV *copy(pTHX_ zt_region *region, uint64_t index) {
  for (;;) {
    uint64_t size = 0;
    ztc_status status =
        ztc_copy(region->region, index, region->buffer, region->capacity, &size, region->workspace);
    if (status == ZTC_OK)
      return decode(aTHX_ region, region->buffer, size, index, NULL);
    if (!provide(aTHX_ region, &status, size))
      fail(aTHX_ region, index, NULL, status, NULL);
  }
}

SV *zt_region_copy(pTHX_ zt_region *region, uint64_t index) {
  begin(aTHX_ region);
  return whole(aTHX_ region, copy(aTHX_ region, index));
}

SV *zt_region_copy_path(pTHX_ zt_region *region, uint64_t index, const char *path) {
  begin(aTHX_ region);
  for (;;) {
    uint64_t size = 0;
    ztc_error error = {.message = ""};
    ztc_status status = ztc_copy_path(region->region, index, path, region->buffer, region->capacity,
                                      &size, region->workspace, &error);
    if (status == ZTC_OK)
      return whole(aTHX_ region, decode(aTHX_ region, region->buffer, size, index, path));
    if (!provide(aTHX_ region, &status, size)) {
      fail(aTHX_ region, index, path, status, error.message[0] != '\0' ? error.message : NULL);
    }
  }
}

enum { BATCH = 64, BATCH_BYTES = 1 << 18 };

void zt_region_copy_many(pTHX_ zt_region *region, const uint64_t *indices, size_t count, AV *out) {
  uint64_t offsets[BATCH + 1];
  begin(aTHX_ region);
  if (region->capacity < BATCH_BYTES && count > 1) {
    ztc_status wanted = ZTC_BUFFER_TOO_SMALL;
    provide(aTHX_ region, &wanted, BATCH_BYTES);
  }
  while (count > 0) {
    size_t done = 0;
    ztc_status status =
        ztc_copy_batch(region->region, indices, count < BATCH ? count : BATCH, region->buffer,
                       region->capacity, offsets, &done, region->workspace);
    for (size_t i = 0; i < done; i++) {
      av_push(out, decode(aTHX_ region, region->buffer + offsets[i], offsets[i + 1] - offsets[i],
                          indices[i], NULL));
    }
    indices += done;
    count -= done;
    if (status != ZTC_OK) {
      /* The one in the way: alone, with all it needs, or with its error. */
      av_push(out, copy(aTHX_ region, indices[0]));
      indices++;
      count--;
    }
  }
  if (region->numbers != NULL)
    zt_numbers_finish(aTHX_ region);
}
