#include "support.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#include "crc32c.h"
#include "format.h"

/* ---------------------------------------------------------------------------------- files -- */

static char directory[64];
static pid_t owner;

static void remove_directory(void) {
  if (getpid() != owner)
    return;
  DIR *d = opendir(directory);
  if (d == NULL)
    return;
  for (struct dirent *e; (e = readdir(d)) != NULL;) {
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
      continue;
    unlinkat(dirfd(d), e->d_name, 0);
  }
  closedir(d);
  rmdir(directory);
}

const char *test_directory(void) {
  if (owner != getpid()) {
    strcpy(directory, "/tmp/ztc-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(directory));
    owner = getpid();
    atexit(remove_directory);
  }
  return directory;
}

const char *test_path(const char *name) {
  static char path[256];
  snprintf(path, sizeof path, "%s/%s", test_directory(), name);
  return path;
}

int open_descriptors(void) {
  DIR *listing = opendir("/proc/self/fd");
  ck_assert_ptr_nonnull(listing);
  int count = -1; /* the listing's own */
  for (const struct dirent *entry; (entry = readdir(listing)) != NULL;) {
    if (entry->d_name[0] != '.')
      count++;
  }
  closedir(listing);
  return count;
}

/* A mapping of guarded memory: a page that says how large it is, pages without access, the pages
   with the bytes, and again pages without access. */
enum { GUARD_PAGES = 16 }; /* a jump of 64 KiB, which is the largest key, does not get past them */

static uint64_t page_size(void) {
  return (uint64_t)sysconf(_SC_PAGESIZE);
}

uint8_t *guarded_allocate(uint64_t size) {
  const uint64_t page = page_size(), guard = GUARD_PAGES * page;
  const uint64_t used = ztc__align8(size), pages = (used + page - 1) / page * page;
  const uint64_t whole = page + guard + pages + guard;
  uint8_t *area = mmap(NULL, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert_ptr_ne(area, MAP_FAILED);
  ck_assert_int_eq(mprotect(area, page, PROT_READ | PROT_WRITE), 0);
  memcpy(area, &whole, sizeof whole);
  uint8_t *first = area + page + guard, *bytes = first + pages - used;
  if (pages > 0)
    ck_assert_int_eq(mprotect(first, pages, PROT_READ | PROT_WRITE), 0);
  ASAN_POISON_MEMORY_REGION(first, pages - used);
  ASAN_POISON_MEMORY_REGION(bytes + size, used - size);
  return bytes;
}

void guarded_free(uint8_t *bytes) {
  if (bytes == NULL)
    return;
  const uint64_t page = page_size();
  uint8_t *area = bytes - (uintptr_t)bytes % page - (GUARD_PAGES + 1) * page;
  uint64_t whole;
  memcpy(&whole, area, sizeof whole);
  ASAN_UNPOISON_MEMORY_REGION(area, whole);
  ck_assert_int_eq(munmap(area, whole), 0);
}

image image_create(uint64_t size) {
  return (image){.bytes = guarded_allocate(size), .size = size};
}

image image_read(const char *path) {
  FILE *f = fopen(path, "rb");
  ck_assert_ptr_nonnull(f);
  struct stat s;
  ck_assert_int_eq(fstat(fileno(f), &s), 0);
  image i = image_create((uint64_t)s.st_size);
  ck_assert_uint_eq(fread(i.bytes, 1, i.size, f), i.size);
  fclose(f);
  return i;
}

image image_copy(const image *original) {
  image i = image_create(original->size);
  memcpy(i.bytes, original->bytes, i.size);
  return i;
}

void image_write(const image *i, const char *path) {
  FILE *f = fopen(path, "wb");
  ck_assert_ptr_nonnull(f);
  if (i->size > 0)
    ck_assert_uint_eq(fwrite(i->bytes, 1, i->size, f), i->size);
  ck_assert_int_eq(fclose(f), 0);
}

void image_free(image *i) {
  guarded_free(i->bytes);
  i->bytes = NULL;
}

void image_fix_header(image *i) {
  uint32_t count, crc = 0;
  memcpy(&count, i->bytes + ZTC__HEADER_SECTION_COUNT, 4);
  memcpy(i->bytes + ZTC__HEADER_CHECKSUM, &crc, 4);
  crc = ztc__crc32c(0, i->bytes, ZTC__HEADER_SIZE + (uint64_t)count * ZTC__ENTRY_SIZE);
  memcpy(i->bytes + ZTC__HEADER_CHECKSUM, &crc, 4);
}

uint64_t next_random(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

/* ------------------------------------------------------------------------- text to events -- */

static ztc_type width_of(const char *suffix, size_t *length) {
  static const struct {
    const char *name;
    ztc_type type;
  } widths[] = {{"i8", ZTC_TYPE_I8},   {"i16", ZTC_TYPE_I16}, {"i32", ZTC_TYPE_I32},
                {"i64", ZTC_TYPE_I64}, {"f32", ZTC_TYPE_F32}, {"f64", ZTC_TYPE_F64}};
  for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
    *length = strlen(widths[i].name);
    if (strncmp(suffix, widths[i].name, *length) == 0)
      return widths[i].type;
  }
  *length = 0;
  return ZTC_TYPE_NULL;
}

/* A string literal; text points at the quote. */
static char *read_string(const char **text, size_t *size) {
  const char *t = *text + 1;
  char *out = malloc(strlen(t) + 1);
  *size = 0;
  while (*t != '"') {
    if (*t != '\\') {
      out[(*size)++] = *t++;
    } else if (t[1] == 'u') {
      out[(*size)++] = (char)strtol((char[]){t[4], t[5], 0}, NULL, 16);
      t += 6;
    } else {
      out[(*size)++] = t[1];
      t += 2;
    }
  }
  *text = t + 1;
  return out;
}

static void put_number(ztc_type type, const char *digits, uint8_t *out) {
  const int64_t n = strtoll(digits, NULL, 10);
  const double d = strtod(digits, NULL);
  const float f = strtof(digits, NULL);
  if (type == ZTC_TYPE_F64) {
    memcpy(out, &d, 8);
  } else if (type == ZTC_TYPE_F32) {
    memcpy(out, &f, 4);
  } else {
    memcpy(out, &n, 8);
  }
}

static ztc_status add_array(ztc_writer *w, ztc_type element, const char **text) {
  uint8_t *data = calloc(strlen(*text) + 1, 8);
  uint64_t count = 0;
  const uint32_t size = ztc__element_size((uint8_t)element);
  const char *t = *text + 1;
  while (*t != ']') {
    uint8_t number[8];
    put_number(element, t, number);
    memcpy(data + count++ * size, number, size);
    t += strcspn(t, ",]");
    if (*t == ',')
      t++;
  }
  *text = t + 1;
  const ztc_status status = ztc_writer_array(w, element, data, count);
  free(data);
  return status;
}

static ztc_status add_value(ztc_writer *w, const char **text);

static ztc_status add_children(ztc_writer *w, const char **text, char close) {
  (*text)++;
  ztc_status status = ZTC_OK;
  while (**text != close && status == ZTC_OK) {
    if (close == '}') {
      size_t size;
      char *key = read_string(text, &size);
      status = ztc_writer_key(w, key, size, ZTC_UTF8);
      free(key);
      (*text)++; /* : */
    }
    if (status == ZTC_OK)
      status = add_value(w, text);
    if (**text == ',')
      (*text)++;
  }
  (*text)++;
  return status == ZTC_OK ? ztc_writer_end(w) : status;
}

static ztc_status add_hex(ztc_writer *w, const char **text) {
  const char *t = *text + 2;
  uint8_t *data = malloc(strlen(t));
  uint64_t size = 0;
  for (; *t != '"'; t += 2)
    data[size++] = (uint8_t)strtol((char[]){t[0], t[1], 0}, NULL, 16);
  *text = t + 1;
  const ztc_status status = ztc_writer_bytes(w, data, size);
  free(data);
  return status;
}

static ztc_status add_number(ztc_writer *w, const char **text) {
  char digits[64];
  size_t length = 0, suffix;
  const char *t = *text;
  if (strncmp(t, "nan", 3) == 0 || strncmp(t, "inf", 3) == 0)
    length = 3;
  if (strncmp(t, "-inf", 4) == 0)
    length = 4;
  while (length < 60 && strchr("-0123456789.e", t[length]) != NULL)
    length++;
  memcpy(digits, t, length);
  digits[length] = 0;
  const ztc_type type = width_of(t + length, &suffix);
  *text = t + length + suffix;
  if (type == ZTC_TYPE_F64)
    return ztc_writer_f64(w, strtod(digits, NULL));
  if (type == ZTC_TYPE_F32)
    return ztc_writer_f32(w, strtof(digits, NULL));
  return ztc_writer_int(w, type, strtoll(digits, NULL, 10));
}

static ztc_status add_value(ztc_writer *w, const char **text) {
  const char *t = *text;
  size_t length;
  const ztc_type element = width_of(t, &length);
  if (length > 0 && t[length] == '[') {
    *text += length;
    return add_array(w, element, text);
  }
  if (strncmp(t, "null", 4) == 0)
    return *text += 4, ztc_writer_null(w);
  if (strncmp(t, "true", 4) == 0)
    return *text += 4, ztc_writer_bool(w, true);
  if (strncmp(t, "false", 5) == 0)
    return *text += 5, ztc_writer_bool(w, false);
  if (strncmp(t, "shared(", 7) == 0) {
    const uint32_t id = (uint32_t)strtoul(t + 7, (char **)text, 10);
    (*text)++;
    return ztc_writer_shared(w, id);
  }
  if (strncmp(t, "ext(", 4) == 0) {
    const ztc_status status = ztc_writer_begin_ext(w, (uint32_t)strtoul(t + 4, (char **)text, 10));
    return status == ZTC_OK ? add_children(w, text, ')') : status;
  }
  switch (*t) {
    case '"': {
      size_t size;
      char *s = read_string(text, &size);
      const ztc_status status = ztc_writer_string(w, s, size, ZTC_UTF8);
      free(s);
      return status;
    }
    case 'x':
      return add_hex(w, text);
    case '[': {
      const ztc_status status = ztc_writer_begin_list(w);
      return status == ZTC_OK ? add_children(w, text, ']') : status;
    }
    case '{': {
      const ztc_status status = ztc_writer_begin_map(w);
      return status == ZTC_OK ? add_children(w, text, '}') : status;
    }
    case '&': {
      const ztc_status status = ztc_writer_label(w, (uint32_t)strtoul(t + 1, (char **)text, 10));
      return status == ZTC_OK ? add_value(w, text) : status;
    }
    case '*':
      return ztc_writer_ref(w, (uint32_t)strtoul(t + 1, (char **)text, 10));
    default:
      return add_number(w, text);
  }
}

ztc_status add_text(ztc_writer *writer, const char *text) {
  const ztc_status status = add_value(writer, &text);
  return status == ZTC_OK ? ztc_writer_end_record(writer, NULL) : status;
}

void publish_texts(const char *path, const char *const *texts) {
  ztc_writer *w;
  ztc_error error;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  for (; *texts != NULL; texts++)
    ck_assert_ztc(add_text(w, *texts));
  ck_assert_msg(ztc_writer_publish(w, &error) == ZTC_OK, "publish: %s", error.message);
}

/* ------------------------------------------------------------------------- values to text -- */

typedef struct growing {
  char *text;
  size_t size, capacity;
} growing;

static bool append(void *context, const char *text, size_t size) {
  growing *g = context;
  if (g->size + size + 1 > g->capacity) {
    g->capacity = 2 * (g->size + size + 1);
    g->text = realloc(g->text, g->capacity);
    if (g->text == NULL)
      return false;
  }
  memcpy(g->text + g->size, text, size);
  g->size += size;
  g->text[g->size] = 0;
  return true;
}

char *text_of(const ztc_value *value) {
  growing g = {0};
  ztc_error error;
  ck_assert_msg(ztc_value_text(value, append, &g, &error) == ZTC_OK, "%s", error.message);
  return g.text;
}

char *text_of_record(const ztc_region *region, uint64_t index) {
  uint64_t size = 0, needed = 0;
  ck_assert_ztc(ztc_copy_size(region, index, &needed));
  uint8_t *copy = malloc(needed);
  ck_assert_ztc(ztc_copy(region, index, copy, needed, &size, NULL));
  ck_assert_uint_eq(size, needed);
  ztc_value root;
  ck_assert_ztc(ztc_value_root(copy, size, ztc_region_schema(region), &root));
  char *text = text_of(&root);
  free(copy);
  return text;
}

/* --------------------------------------------------------------------------------- sample -- */

const char *const sample_texts[] = {
    "null",
    "true",
    "-7i8",
    "300i16",
    "-70000i32",
    "9223372036854775807i64",
    "1.5e0f32",
    "-0e0f64",
    "1.7976931348623157e308f64",
    "nanf64",
    "\"\"",
    "\"seven77\"",
    "\"eight888\"",
    "\"caf\xc3\xa9\"",
    "\"J\xc3\xbcrgen M\xc3\xbcller\"",
    "\"\xe6\x96\xb0\xe7\x9d\x80\xe6\x83\x85\xe5\xa0\xb1\"",
    "\"\xf0\x9f\x98\x80 \\\"quoted\\\" back\\\\slash \\u0000\\u001f\\u007f\"",
    "x\"\"",
    "x\"00ff80\"",
    "[]",
    "{}",
    "[1i64,2i64,3i64]",
    "[null,true,1i8,\"two\",3e0f64,[],{},x\"04\"]",
    "i8[1,-2,3]",
    "i16[]",
    "i32[1,-2]",
    "i64[9223372036854775807]",
    "f32[1.5e0,-inf]",
    "f64[1e-1,nan]",
    "{\"id\":1i32,\"to\":\"a@example.com\",\"tags\":[\"eu\",\"promotion\"],"
    "\"prefs\":{\"html\":true,\"lang\":\"en\",\"score\":1.25e1f64}}",
    "{\"id\":2i32,\"to\":\"b@example.com\",\"tags\":[],\"prefs\":{\"html\":false,\"lang\":\"de\","
    "\"score\":1e0f64}}",
    "{\"id\":null,\"to\":\"c\",\"tags\":[\"x\"],\"prefs\":null}",
    "ext(16,x\"00112233445566778899aabbccddeeff\")",
    "[ext(8,[0i64,0i32]),ext(4000000000,\"private\")]",
    "&1[*1]",
    "&1{\"self\":*1,\"list\":[*1,&2[1i64],*2]}",
    "[&1[\"shared once\"],*1,[*1,{\"k\":*1}]]",
    "[[[[[[[[\"deep\"]]]]]]]]",
    "[{\"x\":1i32,\"y\":\"a longer text\"},{\"x\":2i32,\"y\":\"short\"},"
    "{\"x\":3i32,\"y\":\"\"}]",
    "{\"rows\":[{\"x\":null,\"y\":[{\"deep\":[1i8]}]},{\"x\":null,\"y\":[{\"deep\":[]},"
    "{\"deep\":[2i8]}]}],\"not\":[{\"x\":1i32,\"y\":\"a\"},{\"x\":\"1\",\"y\":\"a\"}],"
    "\"one\":[{\"x\":7i32,\"y\":\"z\"}]}",
    "[&1{\"x\":1i32,\"y\":\"a\"},{\"x\":2i32,\"y\":\"b\"},*1]",
    "&1[{\"x\":*1,\"y\":&2[{\"x\":*2,\"y\":*1}]}]",
    NULL};

static const char *const shared_texts[] = {
    "[shared(0),shared(0)]", "{\"a\":shared(1),\"b\":[shared(2),shared(1)]}", "shared(3)",
    "{\"name\":shared(4),\"again\":shared(4)}", NULL};

const char *const sample_expected[] = {"[&1{\"lang\":\"en\",\"zone\":\"Europe/Berlin\"},*1]",
                                       "{\"a\":&1[\"one\",&2[\"two\",*1]],\"b\":[*2,*1]}",
                                       "&1[\"loop\",*1]",
                                       "{\"name\":\"a string that many records "
                                       "share\",\"again\":\"a string that many records share\"}",
                                       NULL};

void define_shared(ztc_writer *w, uint32_t id, const char *text) {
  ck_assert_ztc(ztc_writer_begin_shared(w, id));
  ck_assert_ztc(add_value(w, &text));
  ck_assert_ztc(ztc_writer_end_shared(w));
}

#define STRING_KEY(literal, kind)                                                                  \
  { .type = ZTC_KEY_STRING, .encoding = (kind), .data = (literal), .size = sizeof(literal) - 1 }
#define NUMBER_KEY(n)                                                                              \
  { .type = ZTC_KEY_I64, .number = (n) }
#define BYTES_KEY(literal)                                                                         \
  { .type = ZTC_KEY_BYTES, .data = (literal), .size = sizeof(literal) - 1 }

const ztc_key sample_keys[SAMPLE_KEYS] = {
    STRING_KEY("user:42", ZTC_ASCII),
    STRING_KEY("J\xfcrgen", ZTC_LATIN1),
    {.type = (ztc_key_type)0},
    STRING_KEY("\xb0\x65\x40\x77", ZTC_UTF16),
    NUMBER_KEY(42),
    BYTES_KEY("\0\xff\x80"),
    STRING_KEY("", ZTC_UTF8),
    BYTES_KEY(""),
    NUMBER_KEY(-1),
    NUMBER_KEY(INT64_MIN),
    BYTES_KEY("\x2a\0\0\0\0\0\0\0"),
    STRING_KEY("42", ZTC_UTF8),
    STRING_KEY("a key that is longer than a line of the cache, and has a tail of its own",
               ZTC_ASCII),
    {.type = (ztc_key_type)0},
    STRING_KEY("eight888", ZTC_ASCII),
    STRING_KEY("\xf0\x9f\x98\x80", ZTC_UTF8),
    NUMBER_KEY(0),
    STRING_KEY("user:43", ZTC_ASCII),
    STRING_KEY("user:44", ZTC_ASCII),
    STRING_KEY("user:45", ZTC_ASCII),
};

ztc_key key_of(const char *text) {
  return (ztc_key){
      .type = ZTC_KEY_STRING, .encoding = ZTC_UTF8, .data = text, .size = strlen(text)};
}

void publish_sample(const char *path) {
  ztc_writer *w;
  ztc_error error;
  ck_assert_ztc(ztc_writer_create(path, 0, &w, &error));
  for (uint32_t i = 0; i < 5; i++) {
    uint32_t id;
    ck_assert_ztc(ztc_writer_reserve_shared(w, &id));
    ck_assert_uint_eq(id, i);
  }
  define_shared(w, 0, "{\"lang\":\"en\",\"zone\":\"Europe/Berlin\"}");
  define_shared(w, 1, "[\"one\",shared(2)]");
  define_shared(w, 2, "[\"two\",shared(1)]");
  define_shared(w, 3, "[\"loop\",shared(3)]");
  define_shared(w, 4, "\"a string that many records share\"");
  for (uint64_t i = 0; sample_texts[i] != NULL; i++) {
    if (i < SAMPLE_KEYS && sample_keys[i].type != 0)
      ck_assert_ztc(ztc_writer_record_key(w, &sample_keys[i]));
    ck_assert_ztc(add_text(w, sample_texts[i]));
  }
  for (const char *const *t = shared_texts; *t != NULL; t++)
    ck_assert_ztc(add_text(w, *t));
  ck_assert_msg(ztc_writer_publish(w, &error) == ZTC_OK, "publish: %s", error.message);
}
