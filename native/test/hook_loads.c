/*
 * Bytes that change while they are read. The library is built with ZTC_LOAD_HOOK here, so that this
 * test sees every load from a region, and may change the region between any two of them:
 *   - one word gets a hostile value the second time it is read, for that load only, or for good;
 *   - the whole region becomes another one before the n-th load.
 * Region and destination lie against inaccessible pages on both sides, allocations and loads are
 * counted. A call may then fail or deliver anything that lies inside its own copy, and must not
 * read or write outside, allocate without bound, or run on.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

#include "dictionaries.h"
#include "load.h"
#include "main.h"
#include "support.h"

enum { DESTINATION = 1 << 16, MAX_LOADS = 1 << 17, MOST_ALLOCATED = 16 << 20 };

/* -------------------------------------------------------------------------------- the hook -- */

static struct {
  uint8_t *region;
  uint64_t size;
  bool armed;
  bool runaway;
  uint32_t loads;      /* so far in this call */
  uint32_t most_loads; /* more are a runaway */
  uint8_t *seen;       /* per byte: read in this call */
  /* While recording: what was read again. */
  bool recording;
  struct {
    uint32_t load;
    uint32_t from;
    uint32_t size;
  } again[MAX_LOADS], each[MAX_LOADS]; /* and what each load read */
  uint32_t again_count;
  /* While attacking. */
  uint32_t victim; /* number of the load that is changed */
  uint32_t word;   /* offset of the changed bytes in the region */
  uint32_t width;
  uint64_t hostile;
  bool for_good;
  const uint8_t *other; /* or the whole region becomes this */
  uint64_t allocated;
} hook;

static sigjmp_buf escape;

void ztc__load_hook(uintptr_t address, void *value, uint64_t size);

void ztc__load_hook(uintptr_t address, void *value, uint64_t size) {
  const uint64_t at = address - (uintptr_t)hook.region;
  if (!hook.armed || at >= hook.size || size == 0)
    return;
  const uint32_t load = hook.loads++;
  if (hook.loads > hook.most_loads) {
    hook.runaway = true;
    siglongjmp(escape, SIGXCPU);
  }
  if (hook.recording) {
    if (load < MAX_LOADS) {
      hook.each[load].from = (uint32_t)at;
      hook.each[load].size = (uint32_t)size;
    }
    uint64_t from = 0;
    while (from < size && hook.seen[at + from] == 0)
      from++;
    uint64_t to = size;
    while (to > from && hook.seen[at + to - 1] == 0)
      to--;
    if (from < to && hook.again_count < MAX_LOADS) {
      hook.again[hook.again_count].load = load;
      hook.again[hook.again_count].from = (uint32_t)(at + from);
      hook.again[hook.again_count++].size = (uint32_t)(to - from);
    }
    memset(hook.seen + at, 1, size);
    return;
  }
  if (load != hook.victim)
    return;
  if (hook.other != NULL) {
    memcpy(hook.region, hook.other, hook.size);
    memcpy(value, hook.region + at, size);
    return;
  }
  /* Only the part of the word that this load covers. */
  for (uint32_t i = 0; i < hook.width; i++) {
    const uint64_t place = hook.word + i;
    if (place < at || place >= at + size)
      continue;
    ((uint8_t *)value)[place - at] = (uint8_t)(hook.hostile >> 8 * i);
    if (hook.for_good)
      hook.region[place] = (uint8_t)(hook.hostile >> 8 * i);
  }
}

/* What is asked for, in order; nothing outside of the region. */
static struct {
  uint64_t at[4096];
  uint32_t count;
  uint32_t strayed;
} hints;

void ztc__prefetch_hook(uintptr_t address);

void ztc__prefetch_hook(uintptr_t address) {
  const uint64_t at = address - (uintptr_t)hook.region;
  if (!hook.armed)
    return;
  if (at >= hook.size)
    hints.strayed++;
  else if (hints.count < sizeof hints.at / sizeof *hints.at)
    hints.at[hints.count++] = at;
}

/* Allocations of the library, bounded. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);

static void count(size_t size) {
  if (!hook.armed)
    return;
  hook.allocated += size;
  if (hook.allocated > MOST_ALLOCATED) {
    hook.runaway = true;
    siglongjmp(escape, SIGXCPU);
  }
}

void *__wrap_malloc(size_t size) {
  count(size);
  return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size) {
  count(n * size);
  return __real_calloc(n, size);
}

void *__wrap_realloc(void *block, size_t size) {
  count(size);
  return __real_realloc(block, size);
}

static void on_fault(int number) {
  siglongjmp(escape, number);
}

static void catch_faults(void) {
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
}

/* -------------------------------------------------------------------------------- the calls -- */

typedef struct scene {
  ztc_region *region;
  uint8_t *bytes; /* of the region, guarded */
  uint64_t size;
  uint8_t *pristine;
  uint8_t *dst; /* guarded */
  uint64_t index;
  const char *path;
  uint64_t capacity;
  ztc_workspace *workspace;
} scene;

typedef ztc_status (*call)(scene *s, uint64_t *size);

/* The destination is exactly as large as the caller says. */
static uint8_t *destination(const scene *s) {
  return s->dst + DESTINATION - s->capacity;
}

static ztc_status call_copy(scene *s, uint64_t *size) {
  return ztc_copy(s->region, s->index, destination(s), s->capacity, size, s->workspace);
}

static ztc_status call_copy_size(scene *s, uint64_t *size) {
  const ztc_status status = ztc_copy_size(s->region, s->index, size);
  if (status == ZTC_OK && *size > s->size)
    return ZTC_TOO_LARGE; /* more than a region can yield */
  *size = 0;
  return status;
}

static ztc_status call_batch(scene *s, uint64_t *size) {
  const uint64_t indices[] = {s->index, s->index, s->index};
  uint64_t offsets[4];
  size_t done;
  const ztc_status status = ztc_copy_batch(s->region, indices, 3, destination(s), s->capacity,
                                           offsets, &done, s->workspace);
  *size = status == ZTC_OK ? offsets[done] : 0;
  return status;
}

static ztc_status call_path(scene *s, uint64_t *size) {
  return ztc_copy_path(s->region, s->index, s->path, destination(s), s->capacity, size,
                       s->workspace, NULL);
}

static ztc_status call_index_of(scene *s, uint64_t *size) {
  uint64_t found = 0;
  *size = 0;
  const ztc_status status = ztc_index_of(s->region, &sample_keys[s->index % SAMPLE_KEYS], &found);
  if (status == ZTC_OK && found >= ztc_region_count(s->region))
    *size = s->capacity + 1; /* no record: as bad as a copy that is too large */
  return status;
}

static ztc_status call_key_next(scene *s, uint64_t *size) {
  static uint8_t buffer[ZTC_MAX_KEY_SIZE];
  uint64_t cursor = 0, index;
  ztc_key key;
  ztc_status status;
  *size = 0;
  do {
    status = ztc_region_key_next(s->region, &cursor, &key, &index, buffer, sizeof buffer);
  } while (status == ZTC_OK);
  return status;
}

static ztc_status call_extent(scene *s, uint64_t *size) {
  uint64_t at;
  *size = 0;
  return ztc_region_extent(s->region, s->index, &at, size);
}

static ztc_status call_prefetch(scene *s, uint64_t *size) {
  const uint64_t indices[] = {s->index, UINT64_MAX, ztc_region_count(s->region), s->index};
  hints.count = hints.strayed = 0;
  ztc_prefetch(s->region, s->index);
  ztc_prefetch_batch(s->region, indices, 4);
  *size = hints.strayed > 0 ? s->capacity + 1 : 0; /* as bad as a copy that is too large */
  return ZTC_OK;
}

static ztc_status call_validate(scene *s, uint64_t *size) {
  *size = 0;
  return ztc_region_validate(s->region, NULL);
}

static ztc_status open_with(scene *s, uint64_t *size, uint32_t flags) {
  ztc_region *region;
  *size = 0;
  const ztc_status status = ztc_region_open_memory(s->bytes, s->size, flags, &region, NULL);
  if (status == ZTC_OK)
    ztc_region_free(region);
  return status;
}

static ztc_status call_open(scene *s, uint64_t *size) {
  return open_with(s, size, ZTC_OPEN_VERIFY_NONE);
}

static ztc_status call_open_and_validate(scene *s, uint64_t *size) {
  return open_with(s, size, ZTC_OPEN_VERIFY_ALL);
}

/* A reader that reads a length twice: what this test exists to find. */
static ztc_status call_seeded_double_load(scene *s, uint64_t *size) {
  const ztc__src source = ztc__src_of(s->bytes);
  *size = 0;
  if (ztc__load64(source, ZTC__HEADER_FILE_SIZE) > s->size)
    return ZTC_CORRUPT;
  const uint64_t length = ztc__load64(source, ZTC__HEADER_FILE_SIZE) & 0xffff;
  ztc__fetch(destination(s), source, 0, length);
  return ZTC_OK;
}

static bool look(void *context, const char *text, size_t size) {
  uint64_t *budget = context;
  (void)text;
  *budget -= size < *budget ? size : *budget;
  return *budget > 0;
}

/* What a call delivered can be read, whatever it is, inside its bounds. */
static void read_copy(const scene *s, uint64_t size) {
  ztc_value root;
  if (ztc_value_root(destination(s), size, ztc_region_schema(s->region), &root) != ZTC_OK)
    return;
  uint64_t budget = 1 << 14;
  ztc_value_text(&root, look, &budget, NULL);
}

/* One call under attack. False, with the reason printed, if it misbehaved. */
static bool survives(scene *s, call run, const char *name) {
  memcpy(s->bytes, s->pristine, s->size);
  hook.loads = 0;
  hook.allocated = 0;
  hook.runaway = false;
  const int number = sigsetjmp(escape, 1);
  if (number == 0) {
    uint64_t size = 0;
    hook.armed = true;
    const ztc_status status = run(s, &size);
    hook.armed = false;
    if (status == ZTC_OK && size <= s->capacity && size > 0)
      read_copy(s, size);
    if (status != ZTC_OK || size <= s->capacity)
      return true;
    printf("%s: OK with %lu bytes in a buffer of %lu", name, (unsigned long)size,
           (unsigned long)s->capacity);
  } else {
    hook.armed = false;
    printf("%s: %s", name, hook.runaway ? "runs on" : "leaves its bounds");
  }
  printf(" (record %lu, load %u, byte %u, %u bytes of 0x%lx%s)\n", (unsigned long)s->index,
         hook.victim, hook.word, hook.width, (unsigned long)hook.hostile,
         hook.other != NULL ? ", another region"
         : hook.for_good    ? ", for good"
                            : "");
  fflush(stdout);
  return false;
}

/* Loads of the undisturbed call, and which bytes it reads again. */
static void record(scene *s, call run) {
  memcpy(s->bytes, s->pristine, s->size);
  hook.region = s->bytes;
  hook.size = s->size;
  hook.seen = realloc(hook.seen, s->size);
  memset(hook.seen, 0, s->size);
  hook.loads = hook.again_count = 0;
  hook.most_loads = UINT32_MAX;
  hook.recording = hook.armed = true;
  hook.allocated = 0;
  uint64_t size;
  if (sigsetjmp(escape, 1) == 0)
    run(s, &size);
  hook.recording = hook.armed = false;
  hook.most_loads = hook.loads * 64 + (uint32_t)s->size * 64 + 4096;
}

/* Every second load of the call, with hostile values. Returns how often it misbehaved. */
static int attack_second_loads(scene *s, call run, const char *name, int *second_loads) {
  record(s, run);
  int bad = 0;
  hook.other = NULL;
  for (uint32_t a = 0; a < hook.again_count && bad < 5; a++) {
    hook.victim = hook.again[a].load;
    for (uint32_t at = 0; at < hook.again[a].size && bad < 5; at += 4) {
      hook.word = hook.again[a].from + at;
      uint64_t was = 0;
      memcpy(&was, s->pristine + hook.word, s->size - hook.word < 8 ? s->size - hook.word : 8);
      *second_loads += 1;
      const uint64_t values[] = {0,
                                 1,
                                 8,
                                 16,
                                 64,
                                 0x7fffffc0,
                                 0xffffffff,
                                 was + 8,
                                 was - 8,
                                 was * 2,
                                 was ^ UINT64_C(1) << 48,
                                 UINT64_MAX,
                                 was << 32 | 0x18};
      for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        hook.hostile = values[v];
        hook.width = v % 2 == 0 ? 4 : 8;
        if (hook.again[a].size - at < hook.width)
          hook.width = hook.again[a].size - at;
        hook.for_good = false;
        bad += !survives(s, run, name);
        hook.for_good = true;
        bad += !survives(s, run, name);
      }
    }
  }
  return bad;
}

/* Before every load of the call, the region becomes `other`. */
static int attack_with_region(scene *s, call run, const char *name, const uint8_t *other) {
  record(s, run);
  int bad = 0;
  const uint32_t loads = hook.loads;
  hook.other = other;
  hook.word = hook.width = 0;
  for (hook.victim = 0; hook.victim < loads && bad < 5; hook.victim++) {
    bad += !survives(s, run, name);
  }
  hook.other = NULL;
  return bad;
}

/* ---------------------------------------------------------------------------------- scenes -- */

static scene scene_of(const image *i) {
  scene s = {.bytes = guarded_allocate(i->size),
             .size = i->size,
             .pristine = malloc(i->size),
             .dst = guarded_allocate(DESTINATION),
             .capacity = 4096,
             .path = "$"};
  memcpy(s.bytes, i->bytes, i->size);
  memcpy(s.pristine, i->bytes, i->size);
  ck_assert_ztc(ztc_region_open_memory(s.bytes, s.size, 0, &s.region, NULL));
  catch_faults();
  return s;
}

static void scene_free(scene *s) {
  ztc_region_free(s->region);
  guarded_free(s->bytes);
  guarded_free(s->dst);
  free(s->pristine);
  free(hook.seen);
  hook.seen = NULL;
}

/* Has all kinds of nodes but dictionaries. */
static image sample_image(void) {
  publish_sample(test_path("sample.ztc"));
  return image_read(test_path("sample.ztc"));
}

/* Smaller than a directory of 64 entries, so that a section count read again could lead outside. */
static image tiny_image(void) {
  const char *const texts[] = {"[1i8]", NULL};
  publish_texts(test_path("tiny.ztc"), texts);
  return image_read(test_path("tiny.ztc"));
}

/* The directory entry of a section, or NULL. */
static const uint8_t *section_entry(const image *i, uint32_t type) {
  uint32_t count;
  memcpy(&count, i->bytes + ZTC__HEADER_SECTION_COUNT, 4);
  const uint8_t *entry = i->bytes + ZTC__HEADER_SIZE;
  for (uint32_t n = 0; n < count; n++, entry += ZTC__ENTRY_SIZE) {
    uint32_t found;
    memcpy(&found, entry, 4);
    if (found == type)
      return entry;
  }
  return NULL;
}

static uint64_t section_offset(const image *i, uint32_t type) {
  const uint8_t *entry = section_entry(i, type);
  ck_assert_ptr_nonnull(entry);
  uint64_t offset;
  memcpy(&offset, entry + ZTC__ENTRY_OFFSET, 8);
  return offset;
}

static bool in_section(const image *i, uint32_t type, uint64_t at) {
  const uint8_t *entry = section_entry(i, type);
  if (entry == NULL)
    return false;
  uint64_t length;
  memcpy(&length, entry + ZTC__ENTRY_LENGTH, 8);
  return at - section_offset(i, type) < length;
}

static const struct {
  const char *name;
  call run;
} copies[] = {{"copy", call_copy},         {"copy_size", call_copy_size},
              {"copy_batch", call_batch},  {"index_of", call_index_of},
              {"key_next", call_key_next}, {"extent", call_extent},
              {"prefetch", call_prefetch}},
  wholes[] = {{"open", call_open},
              {"open and validate", call_open_and_validate},
              {"validate", call_validate}};
static const char *const paths[] = {
    "$",         "prefs.lang", "prefs",   "to",      "[0]",
    "[1][0]",    "a[1]",       "a[1][1]", "b[0][1]", "[2].k",
    "rows[1].y", "self",       "[0].y",   "a[1].c",  "[\"\\u00e9\"][1]"};

START_TEST(a_seeded_double_load_is_found) {
  image i = tiny_image();
  scene s = scene_of(&i);
  int seconds = 0;
  ck_assert_int_gt(attack_second_loads(&s, call_seeded_double_load, "seeded", &seconds), 0);
  scene_free(&s);
  image_free(&i);
}
END_TEST

static image (*const images[])(void) = {sample_image, dictionaries};
enum { IMAGES = sizeof images / sizeof *images };

static void attack_copies(int number, uint32_t flags) {
  image i = images[number]();
  scene s = scene_of(&i);
  ztc_region_free(s.region);
  ck_assert_ztc(ztc_region_open_memory(s.bytes, s.size, flags, &s.region, NULL));
  int bad = 0;
  for (size_t c = 0; c < sizeof copies / sizeof *copies; c++) {
    int seconds = 0;
    for (s.index = 0; s.index < ztc_region_count(s.region); s.index++) {
      bad += attack_second_loads(&s, copies[c].run, copies[c].name, &seconds);
    }
    printf("%s: %d words read again\n", copies[c].name, seconds);
  }
  ck_assert_int_eq(bad, 0);
  scene_free(&s);
  image_free(&i);
}

START_TEST(no_second_load_of_a_copy_matters) {
  attack_copies(_i, 0);
}
END_TEST

START_TEST(no_second_load_of_a_checked_copy_matters) {
  attack_copies(_i, ZTC_OPEN_VERIFY_RECORD);
}
END_TEST

START_TEST(no_second_load_of_a_copied_path_matters) {
  image i = images[_i]();
  const uint64_t first = _i == 0 ? 20 : 0; /* before it, the sample's records are scalars */
  for (int checked = 0; checked < 2; checked++) {
    scene s = scene_of(&i);
    ztc_region_free(s.region);
    ck_assert_ztc(ztc_region_open_memory(s.bytes, s.size, checked ? ZTC_OPEN_VERIFY_RECORD : 0,
                                         &s.region, NULL));
    int bad = 0, seconds = 0;
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
      s.path = paths[p];
      for (s.index = first; s.index < ztc_region_count(s.region); s.index++) {
        bad += attack_second_loads(&s, call_path, paths[p], &seconds);
      }
    }
    printf("copy_path%s: %d words read again\n", checked ? ", checked" : "", seconds);
    ck_assert_int_eq(bad, 0);
    scene_free(&s);
  }
  image_free(&i);
}
END_TEST

/* One load sees other bytes than are there, or finds them changed for good: what a checked region
   delivers was written. */
START_TEST(a_checked_value_is_the_one_whose_checksum_was_computed) {
  image i = images[_i]();
  scene s = scene_of(&i);
  ztc_region_free(s.region);
  ck_assert_ztc(ztc_region_open_memory(s.bytes, s.size, ZTC_OPEN_VERIFY_RECORD, &s.region, NULL));
  uint8_t *written = malloc(s.capacity);
  uint32_t attacks = 0, refused = 0;
  for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
    s.path = paths[p];
    for (s.index = 0; s.index < ztc_region_count(s.region); s.index++) {
      uint64_t size, written_size;
      memcpy(s.bytes, s.pristine, s.size);
      if (call_path(&s, &written_size) != ZTC_OK)
        continue;
      memcpy(written, destination(&s), written_size);
      record(&s, call_path);
      const uint32_t loads = hook.loads;
      ck_assert_uint_lt(loads, MAX_LOADS);
      for (hook.victim = 0; hook.victim < loads; hook.victim++) {
        const uint32_t from = hook.each[hook.victim].from;
        if (!in_section(&i, ZTC__SECTION_RECORDS, from) &&
            !in_section(&i, ZTC__SECTION_SHARED, from))
          continue;
        for (uint32_t at = 0; at < hook.each[hook.victim].size; at++) {
          hook.word = from + at;
          hook.width = 1;
          hook.hostile = s.pristine[hook.word] ^ 1u;
          hook.for_good = at % 2 == 0;
          memcpy(s.bytes, s.pristine, s.size);
          hook.loads = 0;
          hook.armed = true;
          const ztc_status status = call_path(&s, &size);
          hook.armed = false;
          attacks++;
          refused += status == ZTC_CHECKSUM;
          if (status == ZTC_OK) {
            ck_assert_msg(size == written_size && memcmp(written, destination(&s), size) == 0,
                          "record %lu, %s: load %u of byte %u gives another value",
                          (unsigned long)s.index, s.path, hook.victim, hook.word);
          }
        }
      }
    }
  }
  printf("%u attacks, %u found by a checksum\n", attacks, refused);
  ck_assert_uint_gt(refused, attacks / 2);
  free(written);
  scene_free(&s);
  image_free(&i);
}
END_TEST

START_TEST(no_second_load_of_open_or_validate_matters) {
  image whole[] = {tiny_image(), sample_image(), dictionaries()};
  enum { WHOLE = sizeof whole / sizeof *whole };
  int bad = 0;
  for (size_t w = 0; w < sizeof wholes / sizeof *wholes; w++) {
    int seconds = 0;
    for (int i = 0; i < WHOLE; i++) {
      scene s = scene_of(&whole[i]);
      bad += attack_second_loads(&s, wholes[w].run, wholes[w].name, &seconds);
      scene_free(&s);
    }
    printf("%s: %d words read again\n", wholes[w].name, seconds);
  }
  ck_assert_int_eq(bad, 0);
  for (int i = 0; i < WHOLE; i++)
    image_free(&whole[i]);
}
END_TEST

/* ------------------------------------------------------------------------------------ hints -- */

static bool is_hinted(uint64_t at, uint32_t from, uint32_t to) {
  while (from < to && hints.at[from] / 64 != at / 64)
    from++;
  return from < to;
}

/* Has the hook look at loads and hints of the scene's region, and answer with what is there. */
static void watch(const scene *s) {
  hook.region = s->bytes;
  hook.size = s->size;
  hook.other = NULL;
  hook.victim = UINT32_MAX;
  hook.most_loads = UINT32_MAX;
}

/* Whether the first `most` bytes of a record were asked for, by hints [from, to). */
static void check_hinted(const scene *s, uint64_t index, uint64_t most, uint32_t from,
                         uint32_t to) {
  uint64_t at, size;
  ck_assert_ztc(ztc_region_extent(s->region, index, &at, &size));
  for (uint64_t k = 0; k < size && k < most; k++)
    ck_assert_msg(is_hinted(at + k, from, to), "byte %lu of record %lu is not asked for",
                  (unsigned long)k, (unsigned long)index);
}

START_TEST(a_hint_asks_for_the_bytes_of_the_record) {
  image i = sample_image();
  scene s = scene_of(&i);
  watch(&s);
  for (s.index = 0; s.index < ztc_region_count(s.region); s.index++) {
    hints.count = hints.strayed = 0;
    hook.armed = true;
    ztc_prefetch(s.region, s.index);
    hook.armed = false;
    ck_assert_uint_eq(hints.strayed, 0);
    ck_assert_uint_le(hints.count, 17);
    check_hinted(&s, s.index, 1024, 0, hints.count);
  }
  scene_free(&s);
  image_free(&i);
}
END_TEST

START_TEST(hints_for_many_ask_for_all_places_before_any_record) {
  image i = sample_image();
  scene s = scene_of(&i);
  const uint64_t lines = section_offset(&i, ZTC__SECTION_RECORD_INDEX);
  const uint64_t count = ztc_region_count(s.region);
  uint64_t indices[64];
  ck_assert_uint_le(count, 64);
  for (uint64_t k = 0; k < count; k++)
    indices[k] = count - 1 - k;
  watch(&s);
  hints.count = hints.strayed = 0;
  hook.armed = true;
  ztc_prefetch_batch(s.region, indices, count);
  hook.armed = false;
  ck_assert_uint_eq(hints.strayed, 0);
  for (uint64_t k = 0; k < count; k++) {
    ck_assert_uint_eq(hints.at[k], lines + 16 * indices[k]);
    check_hinted(&s, k, 256, (uint32_t)count, hints.count);
  }
  scene_free(&s);
  image_free(&i);
}
END_TEST

START_TEST(a_hostile_place_is_not_asked_for) {
  image i = sample_image();
  scene s = scene_of(&i);
  const uint64_t line = section_offset(&i, ZTC__SECTION_RECORD_INDEX);
  const uint64_t values[] = {0, 8, 1 << 20, 0xffffffff, UINT64_C(1) << 47, UINT64_MAX};
  int asked = 0;
  watch(&s);
  for (size_t place = 0; place < sizeof values / sizeof *values; place++) {
    for (size_t tail = 0; tail < sizeof values / sizeof *values; tail++) {
      uint64_t size;
      memcpy(s.bytes + line, &values[place], 8);
      memcpy(s.bytes + line + 8, &values[tail], 8);
      hook.armed = true;
      call_prefetch(&s, &size);
      hook.armed = false;
      ck_assert_uint_eq(hints.strayed, 0);
      asked += hints.count > 2; /* more than its place, twice */
    }
  }
  ck_assert_int_eq(asked, 0);
  scene_free(&s);
  image_free(&i);
}
END_TEST

/* --------------------------------------------------------------------- a region for another -- */

START_TEST(a_region_that_becomes_another_leads_nowhere_outside) {
  image i = sample_image();
  scene s = scene_of(&i);
  int bad = 0;
  uint64_t seed = 31;
  printf("seed %lu\n", (unsigned long)seed);
  uint8_t *other = malloc(s.size);
  for (int round = 0; round < 24; round++) {
    memcpy(other, s.pristine, s.size);
    const int changes = round < 2 ? 0 : 1 << round % 6;
    if (round < 2)
      memset(other, round == 0 ? 0 : 0xff, s.size);
    for (int c = 0; c < changes; c++) {
      const uint64_t at = next_random(&seed) % (s.size - 8) & ~UINT64_C(3);
      const uint32_t to = (uint32_t)(next_random(&seed) >> next_random(&seed) % 31 % 32);
      memcpy(other + at, &to, 4);
    }
    for (size_t c = 0; c < sizeof copies / sizeof *copies; c++) {
      for (s.index = 0; s.index < ztc_region_count(s.region); s.index++) {
        bad += attack_with_region(&s, copies[c].run, copies[c].name, other);
      }
    }
    for (size_t p = 0; p < sizeof paths / sizeof *paths; p++) {
      s.path = paths[p];
      for (s.index = 25; s.index < ztc_region_count(s.region); s.index++) {
        bad += attack_with_region(&s, call_path, paths[p], other);
      }
    }
    if (round % 8 == 0) {
      for (size_t w = 0; w < sizeof wholes / sizeof *wholes; w++) {
        bad += attack_with_region(&s, wholes[w].run, wholes[w].name, other);
      }
    }
  }
  free(other);
  ck_assert_int_eq(bad, 0);
  scene_free(&s);
  image_free(&i);
}
END_TEST

/* The path leads deep into a shared extent, which is much smaller when it is copied. */
START_TEST(a_shared_extent_that_shrinks_after_the_path_was_followed_costs_an_error) {
  ztc_writer *w;
  ztc_error error;
  uint32_t id;
  ck_assert_ztc(ztc_writer_create(test_path("shrinks.ztc"), 0, &w, NULL));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
  ck_assert_ztc(ztc_writer_begin_shared(w, 0));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  ck_assert_ztc(ztc_writer_begin_shared(w, 1));
  ck_assert_ztc(ztc_writer_begin_list(w));
  for (int64_t n = 0; n < 200; n++)
    ck_assert_ztc(ztc_writer_int(w, ZTC_TYPE_I64, n));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, 0));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_shared(w));
  ck_assert_ztc(ztc_writer_begin_list(w));
  ck_assert_ztc(ztc_writer_shared(w, 1));
  ck_assert_ztc(ztc_writer_end(w));
  ck_assert_ztc(ztc_writer_end_record(w, NULL));
  ck_assert_ztc(ztc_writer_publish(w, &error));
  image i = image_read(test_path("shrinks.ztc"));
  image other = image_copy(&i);
  /* In the other region entry 1 of the shared index is entry 0, and the record says so: both are 8
     bytes, and the slot to be patched lies in the first. */
  const uint64_t index = section_offset(&i, ZTC__SECTION_SHARED_INDEX);
  const uint64_t record = section_offset(&i, ZTC__SECTION_RECORDS);
  const uint64_t entry = section_offset(&i, ZTC__SECTION_RECORD_INDEX);
  memcpy(other.bytes + index + 16, other.bytes + index, 16);
  uint32_t size;
  memcpy(&size, other.bytes + entry + 8, 4);
  const uint32_t flat = size + 16;
  memcpy(other.bytes + record + ZTC__GRAPH_FLAT_SIZE, &flat, 4);
  memcpy(other.bytes + record + ztc__graph_slots(2, 1) - 8, &size, 4);
  memcpy(other.bytes + record + ztc__graph_runs(2, 1), &(uint64_t){16 / 8}, 8);

  scene s = scene_of(&i);
  s.path = "[0][200]";
  s.capacity = flat;
  ck_assert_int_eq(attack_with_region(&s, call_path, "copy_path", other.bytes), 0);
  scene_free(&s);
  image_free(&i);
  image_free(&other);
}
END_TEST

static void fill(TCase *tests) {
  tcase_add_test(tests, a_seeded_double_load_is_found);
  tcase_add_loop_test(tests, no_second_load_of_a_copy_matters, 0, IMAGES);
  tcase_add_loop_test(tests, no_second_load_of_a_checked_copy_matters, 0, IMAGES);
  tcase_add_loop_test(tests, no_second_load_of_a_copied_path_matters, 0, IMAGES);
  tcase_add_loop_test(tests, a_checked_value_is_the_one_whose_checksum_was_computed, 0, IMAGES);
  tcase_add_test(tests, no_second_load_of_open_or_validate_matters);
  tcase_add_test(tests, a_hint_asks_for_the_bytes_of_the_record);
  tcase_add_test(tests, hints_for_many_ask_for_all_places_before_any_record);
  tcase_add_test(tests, a_hostile_place_is_not_asked_for);
  tcase_add_test(tests, a_region_that_becomes_another_leads_nowhere_outside);
  tcase_add_test(tests, a_shared_extent_that_shrinks_after_the_path_was_followed_costs_an_error);
}

ZTC_TEST_MAIN("loads", fill)
