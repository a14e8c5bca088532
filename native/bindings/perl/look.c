/* Looking at live data without touching it: what it is, and where it is. */
#include "zt.h"

/* Magic that says nothing about the value: caches, positions, back references. */
static bool harmless(const MAGIC *mg) {
  switch (mg->mg_type) {
    case PERL_MAGIC_utf8:         /* lengths and offsets of a UTF-8 string */
    case PERL_MAGIC_regex_global: /* pos() */
    case PERL_MAGIC_backref:      /* who refers weakly */
    case PERL_MAGIC_arylen_p:     /* somebody asked for $#array */
    case PERL_MAGIC_rhash:        /* number of placeholders of a restricted hash */
    case PERL_MAGIC_taint:
    case PERL_MAGIC_vstring:      /* copied by those who know it */
    case PERL_MAGIC_collxfrm:     /* how a locale sorts it */
    case PERL_MAGIC_bm:           /* how it is searched for */
    case PERL_MAGIC_nonelem:      /* an element that does not exist yet */
    case PERL_MAGIC_envelem:      /* a change is passed on to the environment */
      return true;
    default:
      return false;
  }
}

/* The number that Hash::Util::FieldHash keeps on what it knows: an id of that very value, which its copy
   has no use for. It is told as that module does. */
enum { FIELDHASH_ID = 0x4944 };

static bool is_fieldhash_id(const MAGIC *mg) {
  return mg->mg_type == PERL_MAGIC_ext && mg->mg_private == FIELDHASH_ID && mg->mg_virtual == NULL &&
         mg->mg_ptr == NULL;
}

static const char *magical(const SV *sv) {
  for (const MAGIC *mg = SvMAGIC(sv); mg != NULL; mg = mg->mg_moremagic) {
    if (harmless(mg) || is_fieldhash_id(mg)) continue;
    switch (mg->mg_type) {
      case PERL_MAGIC_tied:
      case PERL_MAGIC_tiedelem:
      case PERL_MAGIC_tiedscalar:
        return "a tied value";
      case PERL_MAGIC_ext:
        return "an object that holds data of a C library";
      default:
        return "a magical value";
    }
  }
  return NULL;
}

const char *zt_refusal(pTHX_ SV *sv) {
  switch (SvTYPE(sv)) {
    case SVt_NULL:
    case SVt_IV:
    case SVt_NV:
    case SVt_PV:
    case SVt_PVIV:
    case SVt_PVNV:
      return NULL;
    case SVt_PVMG:
    case SVt_PVAV:
    case SVt_PVHV:
    case SVt_REGEXP:
      break;
    case SVt_PVCV:
      return "a code reference";
    case SVt_PVGV:
      return isGV_with_GP(sv) ? "a glob" : "an internal value of perl";
    case SVt_PVIO:
      return "a file handle";
    case SVt_PVFM:
      return "a format";
    case SVt_PVLV:
      return isREGEXP(sv) || isGV(sv) ? "a glob" : "a magical value";
    default:
      return "an internal value of perl";
  }
  if (SvTYPE(sv) == SVt_PVHV && HvHasAUX((HV *)sv) && HvNAME_HEK((HV *)sv) != NULL) {
    return "a symbol table";
  }
  return SvMAGIC(sv) != NULL ? magical(sv) : NULL;
}

SV *zt_existing(pTHX_ SV *sv) {
  if (SvTYPE(sv) == SVt_PVMG) {
    return SvSMAGICAL(sv) && mg_find(sv, PERL_MAGIC_nonelem) != NULL ? NULL : sv;
  }
  if (SvTYPE(sv) != SVt_PVLV || LvTYPE(sv) != 'y') return sv;
  SV *const target = LvTARG(sv); /* the element, or its container while it does not exist */
  if (target == NULL || LvTARGLEN(sv) == 0) return target;
  const MAGIC *const mg = mg_find(sv, PERL_MAGIC_defelem);
  if (mg == NULL || zt_refusal(aTHX_ target) != NULL) return sv;
  if (mg->mg_obj != NULL) {
    HE *const found = hv_fetch_ent((HV *)target, mg->mg_obj, 0, 0);
    return found != NULL ? HeVAL(found) : NULL;
  }
  const SSize_t index = (SSize_t)LvSTARGOFF(sv);
  return index >= 0 && index <= AvFILLp((AV *)target) ? AvARRAY((AV *)target)[index] : NULL;
}

bool zt_has_backrefs(SV *sv) {
  if (SvTYPE(sv) == SVt_PVHV) {
    return HvHasAUX((HV *)sv) && HvAUX((HV *)sv)->xhv_backreferences != NULL;
  }
  if (SvTYPE(sv) < SVt_PVMG) return false;
  for (const MAGIC *mg = SvMAGIC(sv); mg != NULL; mg = mg->mg_moremagic) {
    if (mg->mg_type == PERL_MAGIC_backref) return true;
  }
  return false;
}

/* --------------------------------------------------------------------------------- paths -- */

const char *zt_path_of(pTHX_ SV *sv, const char *function) {
  STRLEN size;
  const char *const path = SvPV_const(sv, size);
  const size_t seen = strlen(path);
  if (seen != size) {
    croak("ZeroTouch%s: a path cannot have a NUL byte, and this one has one behind '%s'", function,
          path);
  }
  return path;
}

static bool plain_name(const char *key, STRLEN size) {
  if (size == 0 || !(isALPHA_A(key[0]) || key[0] == '_')) return false;
  for (STRLEN i = 1; i < size; i++) {
    if (!isALNUM_A(key[i]) && key[i] != '_' && key[i] != '-') return false;
  }
  return true;
}

void zt_path_add_key(pTHX_ SV *path, const char *key, STRLEN size, bool utf8) {
  if (plain_name(key, size)) {
    sv_catpvs(path, ".");
    sv_catpvn(path, key, size);
    return;
  }
  SV *quoted = newSVpvs_flags("[\"", SVs_TEMP);
  if (utf8) SvUTF8_on(quoted);
  for (STRLEN i = 0; i < size; i++) {
    const U8 c = (U8)key[i];
    if (c == '"' || c == '\\') {
      sv_catpvf(quoted, "\\%c", c);
    } else if (c < 0x20 || c == 0x7f) {
      sv_catpvf(quoted, "\\u%04x", c);
    } else {
      sv_catpvn_nomg(quoted, key + i, 1);
    }
  }
  sv_catpvs(quoted, "\"]");
  sv_catsv_nomg(path, quoted);
}

void zt_path_add_index(pTHX_ SV *path, size_t index) {
  sv_catpvf(path, "[%" UVuf "]", (UV)index);
}

/* A container on the way down, and how far it was looked through. */
typedef struct step {
  SV *sv;
  SSize_t next; /* element, or bucket */
  HE *entry;    /* of a hash: the one being looked into */
} step;

/* The next value inside, or NULL. */
static SV *advance(step *s) {
  if (SvTYPE(s->sv) == SVt_PVAV) {
    AV *av = (AV *)s->sv;
    while (s->next <= AvFILLp(av)) {
      SV *element = AvARRAY(av)[s->next++];
      if (element != NULL) return element;
    }
    return NULL;
  }
  if (SvTYPE(s->sv) == SVt_PVHV) {
    HV *hv = (HV *)s->sv;
    if (HvARRAY(hv) == NULL) return NULL;
    if (s->entry != NULL) s->entry = HeNEXT(s->entry);
    while (s->entry == NULL && s->next <= (SSize_t)HvMAX(hv)) {
      s->entry = HvARRAY(hv)[s->next++];
    }
    return s->entry != NULL ? HeVAL(s->entry) : NULL;
  }
  return SvROK(s->sv) && s->next++ == 0 ? SvRV(s->sv) : NULL;
}

static SV *print_steps(pTHX_ const step *steps, size_t depth) {
  SV *path = newSVpvs_flags("$", SVs_TEMP);
  for (size_t i = 0; i < depth; i++) {
    if (SvTYPE(steps[i].sv) == SVt_PVAV) {
      zt_path_add_index(aTHX_ path, (size_t)steps[i].next - 1);
    } else if (SvTYPE(steps[i].sv) == SVt_PVHV) {
      HEK *key = HeKEY_hek(steps[i].entry);
      zt_path_add_key(aTHX_ path, HEK_KEY(key), (STRLEN)HEK_LEN(key), HEK_UTF8(key) != 0);
    }
  }
  return path;
}

SV *zt_path_find(pTHX_ SV *root, SV *target) {
  zt_seen seen;
  ztb_seen_init(&seen);
  size_t depth = 1, room = 64;
  step *steps;
  Newx(steps, room, step);
  steps[0] = (step){.sv = root};
  SV *path = NULL;
  if (root == target) depth = 0;
  while (depth > 0) {
    SV *inner = advance(&steps[depth - 1]);
    if (inner == NULL) {
      depth--;
    } else if (inner == target) {
      break;
    } else if (SvTYPE(inner) == SVt_PVAV || SvTYPE(inner) == SVt_PVHV || SvROK(inner)) {
      if (ztb_seen_find(&seen, inner) != NULL) continue;
      zt_seen_add(&seen, inner, NULL);
      if (depth == room) {
        room *= 2;
        Renew(steps, room, step);
      }
      steps[depth++] = (step){.sv = inner};
    }
  }
  path = print_steps(aTHX_ steps, depth);
  Safefree(steps);
  ztb_seen_free(&seen);
  return path;
}
