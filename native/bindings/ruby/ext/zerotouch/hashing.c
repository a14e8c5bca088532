/*
 * What hashing may cost. Ruby hashes an array with all that is in it, as often as that is met,
 * where a copy holds it once: 60 arrays, each twice in the next, would be hashed for ever. So the
 * steps are counted first. Ruby ends at the first value that lies in itself; so does the count.
 */
#include "decode.h"

#include <ruby/st.h>

enum { NEAR = 16 };

typedef struct count {
  zt_decoder *d;
  bool inside; /* something lies in itself: Ruby looks no further */
  uint32_t depth;
  VALUE near[NEAR]; /* what encloses the value that is looked at */
  st_table *far;    /* and more of that; NULL: there is none */
} count;

static bool steps(zt_decoder *d, uint64_t many) {
  if (many > d->hashes) {
    return zt_fail(d, ZTC_TOO_LARGE,
                   "it holds a set or a map whose elements or keys would take too long to be"
                   " hashed") != Qundef;
  }
  d->hashes -= many;
  return true;
}

/* A BigDecimal is hashed with all its digits, each time. */
static uint64_t steps_of(VALUE value) {
  static ID digits;
  if (digits == 0)
    digits = rb_intern("n_significant_digits");
  return 1 + (rb_respond_to(value, digits) ? NUM2ULL(rb_funcall(value, digits, 0)) / 128 : 0);
}

static bool charge(count *c, VALUE value);

static int charge_pair(VALUE key, VALUE item, VALUE argument) {
  count *c = (count *)argument;
  return charge(c, key) && !c->inside && charge(c, item) && !c->inside ? ST_CONTINUE : ST_STOP;
}

/* Of a Set that is written in Ruby; 0: of no other value, and not of a core class as in Ruby 3.5.
 */
static VALUE hash_of_set(VALUE set) {
  const VALUE hash = rb_ivar_get(set, rb_intern("@hash"));
  return RB_TYPE_P(hash, T_HASH) ? hash : 0;
}

static bool is_core_set(VALUE value) {
  return RTEST(rb_obj_is_kind_of(value, zt_set_class)) && hash_of_set(value) == 0;
}

static void charge_inside(count *c, VALUE value) {
  if (RB_TYPE_P(value, T_ARRAY)) {
    for (long i = 0; i < RARRAY_LEN(value) && !c->inside; i++) {
      if (!charge(c, RARRAY_AREF(value, i)))
        return;
    }
  } else if (RB_TYPE_P(value, T_HASH)) {
    rb_hash_foreach(value, charge_pair, (VALUE)c);
  } else if (RB_TYPE_P(value, T_STRUCT)) {
    for (long i = 0; i < RSTRUCT_LEN(value) && !c->inside; i++) {
      if (!charge(c, RSTRUCT_GET(value, (int)i)))
        return;
    }
  } else if (hash_of_set(value) != 0) {
    charge(c, hash_of_set(value));
  } else if (is_core_set(value)) {
    charge(c, rb_funcall(value, rb_intern("to_a"), 0));
  }
}

static bool encloses(const count *c, VALUE value) {
  for (uint32_t i = 0; i < c->depth && i < NEAR; i++) {
    if (c->near[i] == value)
      return true;
  }
  return c->depth > NEAR && st_lookup(c->far, value, NULL);
}

static void enter(count *c, VALUE value) {
  if (c->depth < NEAR) {
    c->near[c->depth] = value;
  } else {
    if (c->far == NULL)
      c->far = st_init_numtable();
    st_insert(c->far, value, 0);
  }
  c->depth++;
}

static void leave(count *c, VALUE value) {
  st_data_t key = value;
  if (--c->depth >= NEAR)
    st_delete(c->far, &key, NULL);
}

/* False: it costs too much. */
static bool charge(count *c, VALUE value) {
  if (RB_SPECIAL_CONST_P(value))
    return steps(c->d, 1);
  switch (RB_BUILTIN_TYPE(value)) {
    case T_STRING:
      return steps(c->d, 1 + (uint64_t)RSTRING_LEN(value) / 64);
    case T_BIGNUM:
      return steps(c->d, 1 + rb_absint_size(value, NULL) / 64);
    case T_ARRAY:
    case T_HASH:
    case T_STRUCT:
    case T_OBJECT:
      break;
    default:
      if (is_core_set(value))
        break;
      return steps(c->d, steps_of(value));
  }
  if (!steps(c->d, 1))
    return false;
  if (ruby_stack_check())
    return zt_too_deep(c->d) != Qundef;
  if (encloses(c, value)) {
    c->inside = true;
    return true;
  }
  enter(c, value);
  charge_inside(c, value);
  leave(c, value);
  return c->d->status == ZTC_OK;
}

bool zt_can_hash(zt_decoder *d, VALUE value) {
  count c = {.d = d};
  const uint64_t before = d->hashes;
  const bool fine = charge(&c, value);
  if (c.far != NULL)
    st_free_table(c.far);
  if (!fine)
    return false;
  /* All that lie in themselves have one hash, and are compared each with each. */
  return !c.inside || steps(d, d->cycles++ * (before - d->hashes));
}

static int can_hash_key(VALUE key, VALUE item, VALUE argument) {
  return zt_can_hash((zt_decoder *)argument, key) ? ST_CONTINUE : ST_STOP;
}

bool zt_can_hash_again(zt_decoder *d, VALUE one) {
  const VALUE hash = RB_TYPE_P(one, T_HASH) ? one : hash_of_set(one);
  if (hash != 0) {
    rb_hash_foreach(hash, can_hash_key, (VALUE)d);
  } else if (is_core_set(one)) {
    VALUE elements = rb_funcall(one, rb_intern("to_a"), 0);
    for (long i = 0; i < RARRAY_LEN(elements) && zt_can_hash(d, RARRAY_AREF(elements, i)); i++) {
    }
    RB_GC_GUARD(elements);
  }
  return d->status == ZTC_OK;
}
