/*
 * Random values for property tests: an object graph in plain memory, its typed text printed without
 * any code of the library, and its way into a writer by builder calls or as an event stream.
 */
#ifndef ZTC_TEST_MODEL_H
#define ZTC_TEST_MODEL_H

#include <stdio.h>

#include "support.h"

typedef struct model model;
struct model {
  ztc_type type;
  ztc_type element; /* of an array */
  int64_t i;        /* integers, bools, ext id */
  double f;
  uint32_t *points; /* code points of a string, or bytes */
  uint32_t size;    /* of points; elements of an array, as i64 or f64 below */
  int64_t *ints;
  double *floats;
  model **kids;
  model **keys; /* strings */
  uint32_t count;
  int64_t shared; /* id, or -1 */
  uint32_t reached;
  uint32_t printed; /* number, when it was printed */
  uint32_t label;   /* + 1, when it was written */
  bool visited;
};

/* One extent's worth of generation. */
typedef struct generator {
  uint64_t *seed;
  int budget;
  model *known[4096];
  uint32_t known_count;
  model **shared; /* roots of shared nodes; entries may be defined later */
  uint32_t shared_count;
  model *shell; /* what references to the root of a shared node lead to */
} generator;

static inline uint32_t below(uint64_t *seed, uint32_t limit) {
  return (uint32_t)(next_random(seed) >> 32) % limit;
}

static inline bool is_container(const model *m) {
  return m->type >= ZTC_TYPE_LIST;
}

static inline uint32_t random_point(uint64_t *seed, uint32_t class) {
  switch (class) {
    case 0:
      return 'a' + below(seed, 26);
    case 1:
      return below(seed, 128);
    case 2:
      return below(seed, 256);
    case 3:
      return below(seed, 0xD800);
    default:
      return below(seed, 4) ? 0xE000 + below(seed, 0x102000) : 'a';
  }
}

static inline model *random_string(uint64_t *seed, uint32_t limit) {
  model *m = calloc(1, sizeof *m);
  *m = (model){.type = ZTC_TYPE_STRING, .shared = -1, .size = below(seed, limit)};
  const uint32_t class = below(seed, 8);
  m->points = calloc(m->size + 1, sizeof *m->points);
  for (uint32_t i = 0; i < m->size; i++)
    m->points[i] = random_point(seed, class > 4 ? 0 : class);
  return m;
}

static inline bool same_string(const model *a, const model *b) {
  return a->size == b->size && memcmp(a->points, b->points, a->size * sizeof *a->points) == 0;
}

static inline double random_float(uint64_t *seed, bool narrow) {
  static const double some[] = {0.0, -0.0, 1.5, -1e-3, 1e300 * 1e300, 5e-324, 0.1, 123456789.0};
  if (below(seed, 2))
    return narrow ? (double)(float)some[below(seed, 8)] : some[below(seed, 8)];
  if (narrow) {
    const uint32_t bits = (uint32_t)next_random(seed);
    float f;
    memcpy(&f, &bits, 4);
    return f == f ? (double)f : 1.0;
  }
  const uint64_t bits = next_random(seed);
  double d;
  memcpy(&d, &bits, 8);
  return d == d ? d : 1.0;
}

static inline int64_t random_int(uint64_t *seed, ztc_type type) {
  const int bits = 8 << (type - ZTC_TYPE_I8);
  return (int64_t)next_random(seed) >> (64 - bits) >> below(seed, (uint32_t)bits);
}

static inline void fill_array(model *m, uint64_t *seed) {
  static const ztc_type types[] = {ZTC_TYPE_I8,  ZTC_TYPE_I16, ZTC_TYPE_I32,
                                   ZTC_TYPE_I64, ZTC_TYPE_F32, ZTC_TYPE_F64};
  m->element = types[below(seed, 6)];
  m->size = below(seed, 12);
  m->ints = calloc(m->size + 1, sizeof *m->ints);
  m->floats = calloc(m->size + 1, sizeof *m->floats);
  for (uint32_t i = 0; i < m->size; i++) {
    if (m->element >= ZTC_TYPE_F32) {
      m->floats[i] = random_float(seed, m->element == ZTC_TYPE_F32);
    } else {
      m->ints[i] = random_int(seed, m->element);
    }
  }
}

static inline model *generate(generator *g, int depth);

static inline void fill_keys(model *m, uint64_t *seed) {
  static const char *const names[] = {"id",   "name",  "to",      "a rather long key",
                                      "tags", "score", "prefs",   "lang",
                                      "",     "x",     "created", "body"};
  m->keys = calloc(m->count + 1, sizeof *m->keys);
  const bool strange = below(seed, 4) == 0;
  for (uint32_t i = 0; i < m->count; i++) {
    if (strange || i >= 12) {
      m->keys[i] = random_string(seed, 24);
    } else {
      const char *name = names[i];
      m->keys[i] = random_string(seed, 1);
      m->keys[i]->size = (uint32_t)strlen(name);
      m->keys[i]->points = calloc(strlen(name) + 1, sizeof(uint32_t));
      for (size_t k = 0; k < strlen(name); k++)
        m->keys[i]->points[k] = (uint8_t)name[k];
    }
    for (uint32_t k = 0; k < i; k++) {
      if (same_string(m->keys[k], m->keys[i])) { /* keys are distinct: once more */
        i--;
        break;
      }
    }
    if (i >= 12 && m->keys[i]->size < 8)
      i--; /* not enough short ones */
  }
}

/* A list of maps with the same keys, and mostly the same types. */
static inline void fill_like_maps(model *m, generator *g, int depth) {
  m->count = 1 + below(g->seed, 5);
  m->kids = calloc(m->count, sizeof *m->kids);
  const uint32_t width = 1 + below(g->seed, 5);
  const model *first = NULL;
  for (uint32_t i = 0; i < m->count; i++) {
    if (g->known_count > 0 && below(g->seed, 20) == 0) {
      m->kids[i] = g->known[below(g->seed, g->known_count)];
      continue;
    }
    model *row = m->kids[i] = calloc(1, sizeof *row);
    *row = (model){.type = ZTC_TYPE_MAP, .shared = -1, .count = width};
    row->kids = calloc(width, sizeof *row->kids);
    if (below(g->seed, 3) == 0 && g->known_count < 4096)
      g->known[g->known_count++] = row;
    fill_keys(row, g->seed);
    for (uint32_t k = 0; k < width; k++) {
      const bool same = first != NULL && below(g->seed, 20) != 0 && !is_container(first->kids[k]);
      row->kids[k] = same ? first->kids[k] : generate(g, depth + 2);
    }
    if (first == NULL)
      first = row;
  }
}

static inline void fill_children(model *m, generator *g, int depth) {
  if (m->type == ZTC_TYPE_LIST && depth < 7 && below(g->seed, 3) == 0) {
    fill_like_maps(m, g, depth);
    return;
  }
  m->count = m->type == ZTC_TYPE_EXT ? 1 : below(g->seed, below(g->seed, 10) == 0 ? 60 : 7);
  if (m->type == ZTC_TYPE_MAP)
    fill_keys(m, g->seed);
  m->kids = calloc(m->count + 1, sizeof *m->kids);
  const bool uniform = below(g->seed, 3) == 0;
  for (uint32_t i = 0; i < m->count; i++) {
    m->kids[i] = generate(g, uniform && i > 0 ? 100 : depth + 1);
  }
}

/* A value; of containers only references to known ones where depth is 100. */
static inline model *generate(generator *g, int depth) {
  if (g->known_count > 0 && below(g->seed, 12) == 0) {
    return g->known[below(g->seed, g->known_count)];
  }
  if (g->shared_count > 0 && below(g->seed, 10) == 0 && depth > 0) {
    return g->shared[below(g->seed, g->shared_count)];
  }
  static const ztc_type types[] = {
      ZTC_TYPE_NULL, ZTC_TYPE_BOOL, ZTC_TYPE_I8,    ZTC_TYPE_I16,    ZTC_TYPE_I32,    ZTC_TYPE_I64,
      ZTC_TYPE_F32,  ZTC_TYPE_F64,  ZTC_TYPE_BYTES, ZTC_TYPE_STRING, ZTC_TYPE_STRING, ZTC_TYPE_MAP,
      ZTC_TYPE_MAP,  ZTC_TYPE_LIST, ZTC_TYPE_LIST,  ZTC_TYPE_EXT,    ZTC_TYPE_ARRAY};
  uint32_t kinds = depth >= 9 || --g->budget < 0 ? 11 : 17;
  ztc_type type = types[below(g->seed, kinds)];
  if (depth == 0 && below(g->seed, 4) != 0)
    type = ZTC_TYPE_MAP;
  model *m = type == ZTC_TYPE_STRING || type == ZTC_TYPE_BYTES
                 ? random_string(g->seed, below(g->seed, 10) == 0 ? 300 : 20)
                 : calloc(1, sizeof *m);
  m->type = type;
  m->shared = -1;
  if (type == ZTC_TYPE_BYTES) {
    for (uint32_t i = 0; i < m->size; i++)
      m->points[i] &= 255;
  }
  if (type == ZTC_TYPE_BOOL)
    m->i = below(g->seed, 2);
  if (type >= ZTC_TYPE_I8 && type <= ZTC_TYPE_I64)
    m->i = random_int(g->seed, type);
  if (type == ZTC_TYPE_F32 || type == ZTC_TYPE_F64) {
    m->f = random_float(g->seed, type == ZTC_TYPE_F32);
  }
  if (is_container(m) && g->known_count < 4096) {
    g->known[g->known_count++] = depth == 0 && g->shell != NULL ? g->shell : m;
  }
  if (type == ZTC_TYPE_ARRAY)
    fill_array(m, g->seed);
  if (type == ZTC_TYPE_EXT)
    m->i = below(g->seed, 30);
  if (is_container(m) && type != ZTC_TYPE_ARRAY)
    fill_children(m, g, depth);
  return m;
}

/* ------------------------------------------------------------------------------- typed text -- */

static inline void print_float(FILE *out, double value, bool narrow) {
  char digits[64], text[64];
  const char *suffix = narrow ? "f32" : "f64";
  if (value != value || value - value != 0) {
    fprintf(out, "%s%s", value != value ? "nan" : value > 0 ? "inf" : "-inf", suffix);
    return;
  }
  for (int precision = 0; precision < 17; precision++) {
    snprintf(digits, sizeof digits, "%.*e", precision, value);
    const bool same = narrow ? strtof(digits, NULL) == (float)value : strtod(digits, NULL) == value;
    if (same)
      break;
  }
  char *e = strchr(digits, 'e');
  const int exponent = atoi(e + 1);
  *e = 0;
  size_t length = strlen(digits);
  if (strchr(digits, '.') != NULL) {
    while (digits[length - 1] == '0')
      digits[--length] = 0;
    if (digits[length - 1] == '.')
      digits[--length] = 0;
  }
  snprintf(text, sizeof text, "%se%d", digits, exponent);
  fprintf(out, "%s%s", text, suffix);
}

static inline void print_utf8(FILE *out, uint32_t c) {
  if (c < 0x80) {
    fputc((int)c, out);
  } else if (c < 0x800) {
    fprintf(out, "%c%c", (int)(0xC0 | c >> 6), (int)(0x80 | (c & 63)));
  } else if (c < 0x10000) {
    fprintf(out, "%c%c%c", (int)(0xE0 | c >> 12), (int)(0x80 | (c >> 6 & 63)),
            (int)(0x80 | (c & 63)));
  } else {
    fprintf(out, "%c%c%c%c", (int)(0xF0 | c >> 18), (int)(0x80 | (c >> 12 & 63)),
            (int)(0x80 | (c >> 6 & 63)), (int)(0x80 | (c & 63)));
  }
}

static inline void print_string(FILE *out, const model *m) {
  fputc('"', out);
  for (uint32_t i = 0; i < m->size; i++) {
    const uint32_t c = m->points[i];
    if (c == '"' || c == '\\')
      fputc('\\', out);
    if (c < 0x20 || c == 0x7F) {
      fprintf(out, "\\u%04x", c);
    } else {
      print_utf8(out, c);
    }
  }
  fputc('"', out);
}

static inline void count_reached(model *m) {
  m->reached++;
  if (!is_container(m) || m->visited)
    return;
  m->visited = true;
  for (uint32_t i = 0; i < m->count; i++)
    count_reached(m->kids[i]);
}

static inline void clear_marks(model *m) {
  const bool more = m->visited || m->reached || m->label || m->printed;
  m->visited = false;
  m->reached = m->label = m->printed = 0;
  for (uint32_t i = 0; more && i < m->count; i++)
    clear_marks(m->kids[i]);
}

static inline void print_array(FILE *out, const model *m) {
  static const char *const names[] = {"i8", "i16", "i32", "i64", "f32", "f64"};
  fprintf(out, "%s[", names[m->element - ZTC_TYPE_I8]);
  for (uint32_t i = 0; i < m->size; i++) {
    if (i > 0)
      fputc(',', out);
    if (m->element < ZTC_TYPE_F32) {
      fprintf(out, "%lld", (long long)m->ints[i]);
      continue;
    }
    char *text = NULL;
    size_t size = 0;
    FILE *number = open_memstream(&text, &size);
    print_float(number, m->floats[i], m->element == ZTC_TYPE_F32);
    fclose(number);
    fwrite(text, 1, size - 3, out); /* without the width */
    free(text);
  }
  fputc(']', out);
}

static inline void print_model(FILE *out, model *m, uint32_t *next) {
  if (is_container(m) && m->printed > 0) {
    fprintf(out, "*%u", m->printed);
    return;
  }
  if (is_container(m) && m->reached > 1) {
    m->printed = (*next)++;
    fprintf(out, "&%u", m->printed);
  }
  const bool map = m->type == ZTC_TYPE_MAP;
  switch (m->type) {
    case ZTC_TYPE_NULL:
      fputs("null", out);
      break;
    case ZTC_TYPE_BOOL:
      fputs(m->i ? "true" : "false", out);
      break;
    case ZTC_TYPE_F32:
    case ZTC_TYPE_F64:
      print_float(out, m->f, m->type == ZTC_TYPE_F32);
      break;
    case ZTC_TYPE_STRING:
      print_string(out, m);
      break;
    case ZTC_TYPE_BYTES:
      fputs("x\"", out);
      for (uint32_t i = 0; i < m->size; i++)
        fprintf(out, "%02x", m->points[i]);
      fputc('"', out);
      break;
    case ZTC_TYPE_ARRAY:
      print_array(out, m);
      break;
    case ZTC_TYPE_EXT:
      fprintf(out, "ext(%lld,", (long long)m->i);
      print_model(out, m->kids[0], next);
      fputc(')', out);
      break;
    case ZTC_TYPE_LIST:
    case ZTC_TYPE_MAP:
      fputc(map ? '{' : '[', out);
      for (uint32_t i = 0; i < m->count; i++) {
        if (i > 0)
          fputc(',', out);
        if (map)
          print_string(out, m->keys[i]);
        if (map)
          fputc(':', out);
        print_model(out, m->kids[i], next);
      }
      fputc(map ? '}' : ']', out);
      break;
    default:
      fprintf(out, "%lldi%d", (long long)m->i, 8 << (m->type - ZTC_TYPE_I8));
  }
}

/* The typed text of a record; freed by the caller. */
static inline char *model_text(model *root) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  uint32_t next = 1;
  clear_marks(root);
  count_reached(root);
  print_model(out, root, &next);
  fclose(out);
  clear_marks(root);
  return text;
}

#endif
